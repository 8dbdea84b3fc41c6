//! No English word in a Vietnamese sentence: of every sentence, and of every filling that the source writes out.

use std::{collections::BTreeSet, fs, path::Path};

use super::*;
use crate::messages::{Code, Lang, Message};

/// Names that are the same in every language: formats, protocols, headers, and words of GraphQL.
const NAMES: &str = "ASCII Ansinh Authorization Bearer CSV DD Excel FEMALE GET GraphQL HN HTTP Idempotency JSON Key MALE MM NUL \
    POST UTF UUID Unicode VND YYYY administrativeUnits administrator after auditor birthDate birthYear byte \
    commune connection_init declaredAmount declaredCount education false first fragment graphql health \
    introspection json labour leadership mutation null openapi policy_bank schema search subscription true \
    unitCode";

/// Vietnamese syllables that are written without a mark.
const SYLLABLES: &str = "ai an chi chia cho con danh dung ghi hai in khai khi lai lao mang may nam nhau quy sai sau sinh tham thao thay \
    theo thu tin tra trang trong trung truy vai web";

/// Words that are neither a name nor a syllable known here.
fn english(text: &str) -> Vec<String> {
    let known: BTreeSet<&str> = NAMES.split_whitespace().chain(SYLLABLES.split_whitespace()).collect();
    let without_gaps = text.split('{').enumerate().map(|(at, part)| match part.split_once('}') {
        Some((_, rest)) if at > 0 => rest,
        _ => part,
    });
    let text = without_gaps.collect::<Vec<_>>().join(" ");
    text.split(|c: char| !c.is_alphabetic() && c != '_')
        .filter(|word| word.len() > 1 && word.is_ascii() && !known.contains(word))
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_sentence_holds_an_english_word() {
    let found: Vec<_> = Code::ALL
        .iter()
        .map(|code| (code, english(&Message::new(*code).text(Lang::Vi))))
        .filter(|(_, words)| !words.is_empty())
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// The text of every source file, without tests, without invented records, and without the close frames of sockets, whose words
/// their protocol gives.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["tests", "scenario", "ws"].contains(&&*name) {
                    walk(&path, found);
                }
            } else if path.extension().is_some_and(|kind| kind == "rs") && !name.contains("tests") && name != "terms.rs"
            {
                let text = fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
                found.push((path.display().to_string(), text));
            }
        }
    }
    let mut found = Vec::new();
    walk(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    found
}

/// The texts that stand in quotation marks right behind a mark, and behind `format!(` after it.
fn quoted<'t>(text: &'t str, mark: &str) -> Vec<&'t str> {
    let literal = |rest: &'t str| {
        let rest = rest.trim_start();
        let rest = rest.strip_prefix("format!(").unwrap_or(rest).trim_start();
        rest.strip_prefix('&').unwrap_or(rest).strip_prefix('"')?.split('"').next()
    };
    text.split(mark).skip(1).filter_map(literal).collect()
}

/// The fillings of our gaps that the source writes out.
fn fillings(text: &str) -> Vec<&str> {
    let gaps = GAPS.iter().flat_map(|gap| quoted(text, &format!(".with(\"{gap}\",")));
    // Those that a function hands on.
    let marks = [
        "unauthenticated(",
        "not_found(",
        "too_complex(",
        "wrong(",
        "unexpected(",
        "text_of(cell,",
        "number_of(cell,",
        "reason: ",
        "read(",
        "self.expect(b',',",
        "self.expect(b':',",
        "mismatch(",
        "number(text,",
        "form(value,",
    ];
    gaps.chain(marks.into_iter().flat_map(|mark| quoted(text, mark))).collect()
}

#[test]
fn no_filling_of_ours_stays_english() {
    let mut seen = 0;
    let mut left = BTreeSet::new();
    for (path, text) in sources() {
        for filling in fillings(&text) {
            seen += 1;
            let words = english(&vietnamese(&filling.replace("{MOST}", "10000")));
            if !words.is_empty() {
                left.insert(format!("{path}: {filling:?} has {words:?}"));
            }
        }
    }
    assert!(seen > 60, "the sources are not read: {seen} fillings");
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn words_with_numbers_and_lists_are_told_too() {
    assert_eq!(vietnamese("MALE, 1990"), "nam, 1990");
    assert_eq!(vietnamese("POOR, NEAR_POOR"), "hộ nghèo, hộ cận nghèo");
    assert_eq!(vietnamese("expected name, or selection_set"), "cần name hoặc selection_set");
    assert_eq!(vietnamese("use Query.loans"), "dùng Query.loans");
    assert_eq!(vietnamese("Nguyễn, Văn"), "Nguyễn, Văn");
}
