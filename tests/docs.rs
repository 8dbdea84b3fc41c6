//! The Markdown files keep their word: links lead somewhere, source paths exist, and the tables of codes and settings are
//! complete. Reads files alone, so that it needs neither database nor network.

#![expect(clippy::unwrap_used, reason = "where a file of the repository cannot be read, the test has failed")]

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::{Component, Path, PathBuf},
};

/// Folders that hold other people's or generated files.
const PASSED_OVER: [&str; 3] = ["target", "node_modules", "graphiql"];

/// Beginnings of paths of this repository that a document may name in `code`.
const SOURCES: [&str; 10] = [
    "src/",
    "entity/",
    "migration/",
    "tests/",
    "examples/",
    "data/rules/",
    "data/units/",
    "data/scenarios/",
    "docs/",
    ".ci/",
];

/// A document: its path from the root, and its text.
struct Document {
    path: PathBuf,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<Document> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            if path.is_dir() && !name.starts_with('.') && !PASSED_OVER.contains(&&*name) {
                folders.push(path);
            } else if name.ends_with(".md") {
                let text = fs::read_to_string(&path).unwrap();
                found.push(Document { path: path.strip_prefix(root()).unwrap().to_path_buf(), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The lines outside code blocks.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        (!in_code && !fence).then_some((number + 1, line))
    })
}

/// A line without its `code`; what is in code is no link.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// The pieces of a line that stand in `code`.
fn code(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// What the links of a line lead to.
fn targets(line: &str) -> Vec<String> {
    let plain = without_code(line);
    plain.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()).map(str::to_owned).collect()
}

/// The anchors of a document, as GitHub makes them from its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let headings = prose(text).map(|(_, line)| line).filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let kept = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
            let before = seen.entry(anchor.clone()).or_default();
            *before += 1;
            if *before == 1 { anchor } else { format!("{anchor}-{}", *before - 1) }
        })
        .collect()
}

/// A path without `.` and `..`.
fn resolved(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut whole, part| {
        match part {
            // Above the root nothing is ours: the step stays, and the path is not found.
            Component::ParentDir if whole.pop() => {}
            Component::CurDir => {}
            part => whole.push(part),
        }
        whole
    })
}

/// Why a link leads nowhere.
fn broken(document: &Document, target: &str) -> Option<String> {
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let (path, text) = if file.is_empty() {
        (document.path.clone(), document.text.clone())
    } else {
        let path = resolved(&document.path.parent()?.join(file));
        if path.starts_with("..") || !root().join(&path).exists() {
            return Some(format!("{} is not there", path.display()));
        }
        let is_document = path.extension().is_some_and(|extension| extension == "md");
        let text = if is_document { fs::read_to_string(root().join(&path)).unwrap() } else { String::new() };
        (path, text)
    };
    let anchor = anchor.filter(|_| path.extension().is_some_and(|extension| extension == "md"))?;
    (!anchors(&text).contains(anchor)).then(|| format!("{} has no heading #{anchor}", path.display()))
}

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let mut faults = Vec::new();
    for document in documents() {
        for (number, line) in prose(&document.text) {
            let relative = |target: &String| !target.contains("://") && !target.starts_with("mailto:");
            for target in targets(line).iter().filter(|target| relative(target)) {
                if let Some(why) = broken(&document, target) {
                    faults.push(format!("{}:{number}: {target}: {why}", document.path.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_path_of_the_repository_that_is_named_exists() {
    let mut faults = Vec::new();
    for document in documents() {
        let here = document.path.parent().unwrap().to_path_buf();
        for (number, line) in document.text.lines().enumerate() {
            let in_map = if document.path.ends_with("ARCHITECTURE.md") { line } else { "" };
            let words = code(line).chain(in_map.split_whitespace());
            for word in words.map(|word| word.trim_end_matches([',', ';', ':', '.'])) {
                let is_path = SOURCES.iter().any(|start| word.starts_with(start));
                let is_plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
                if is_path && is_plain && !root().join(word).exists() && !root().join(&here).join(word).exists() {
                    faults.push(format!("{}:{}: {word} is not there", document.path.display(), number + 1));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The first text in quotation marks after each occurrence of a mark.
fn quoted_after<'t>(text: &'t str, mark: &str) -> Vec<&'t str> {
    text.split(mark).skip(1).filter_map(|rest| rest.strip_prefix('"')?.split('"').next()).collect()
}

/// Whether a word has the form of a code: `NOT_UTF8`.
fn is_code(word: &&str) -> bool {
    let is_plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    word.len() > 2 && word.starts_with(|c: char| c.is_ascii_uppercase()) && word.bytes().all(is_plain)
}

#[test]
fn the_list_of_codes_is_that_of_the_messages() {
    let messages = read("src/messages.rs");
    let table = messages.split("\ncodes! {").nth(1).unwrap().split("\n}\n").next().unwrap();
    let known: BTreeSet<&str> = table.lines().filter_map(|line| line.split('"').nth(1)).filter(is_code).collect();
    let pushing = read("docs/pushing.md");
    let list = pushing.split("\n## Codes\n").nth(1).unwrap();
    let listed: BTreeSet<&str> =
        list.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('`').nth(1)).collect();

    let lines = table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    assert_eq!(known.len(), lines.count(), "a line of src/messages.rs is not read: {known:?}");
    assert_eq!(listed, known, "docs/pushing.md and src/messages.rs differ");
}

#[test]
fn every_setting_is_in_the_table_of_the_operators() {
    let sections = read("src/config/sections.rs");
    let table = read("docs/operating.md");
    let mut keys = BTreeSet::new();
    for body in sections.split("\nfn ").skip(1) {
        let name = body.split('(').next().unwrap();
        if !["database", "limits", "graphql", "cors", "token", "log"].contains(&name) {
            continue;
        }
        for reader in ["number(", "seconds(", "switch(", "choice(", "hidden(", "optional(", "list("] {
            keys.extend(quoted_after(body, reader).into_iter().map(|key| format!("{name}.{key}")));
        }
    }

    assert!(keys.len() > 10, "the keys of src/config/sections.rs are not read: {keys:?}");
    let missing: Vec<_> = keys.iter().filter(|key| !table.contains(&format!("| `{key}` |"))).collect();
    assert!(missing.is_empty(), "docs/operating.md lacks {missing:?}");
}

#[test]
fn the_checks_see_what_is_wrong() {
    assert_eq!(targets("see [a](b.md#c) and `[x](y)`, [d](https://e.vn)"), ["b.md#c", "https://e.vn"]);
    let known = anchors("# Who may do?\n```\n# no\n```\n## `a.b`, c\n## `a.b`, c\n");
    assert_eq!(known, ["who-may-do", "ab-c", "ab-c-1"].map(str::to_owned).into());
    let document = Document { path: "docs/x.md".into(), text: "# X\n".to_owned() };
    assert!(broken(&document, "../README.md").is_none() && broken(&document, "#x").is_none());
    assert!(broken(&document, "../NO.md").is_some() && broken(&document, "#y").is_some());
    assert!(broken(&document, "../../outside.md").is_some());
}
