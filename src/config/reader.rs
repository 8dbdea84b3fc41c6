//! Reads settings one by one and remembers everything that is wrong with them, so that one start tells it all.

use std::{cell::RefCell, collections::BTreeMap, fmt, ops::RangeInclusive, time::Duration};

use config::{Value, ValueKind};

/// One setting that cannot be used: which, what it is, where it stands and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Path of the key, as `database.pool`.
    pub key: String,
    /// Where the value was found: a file, the environment or the command line.
    pub origin: String,
    /// The value as written; none where it must not be shown.
    pub value: Option<String>,
    /// What would be right.
    pub allowed: String,
    foreign: bool,
}

impl Fault {
    /// Whether it is a variable of the environment that names no key of ours.
    pub(super) fn is_foreign(&self) -> bool {
        self.foreign
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.key, self.origin)?;
        if let Some(value) = &self.value {
            write!(f, " is {value:?}")?;
        }
        write!(f, "; allowed: {}", self.allowed)
    }
}

/// The keys of one table of the settings. What stays unread at the end is unknown and refused.
pub(super) struct Section<'f> {
    path: String,
    table: BTreeMap<String, Value>,
    known: Vec<&'static str>,
    faults: &'f RefCell<Vec<Fault>>,
}

impl<'f> Section<'f> {
    /// The outermost table.
    pub fn root(table: impl IntoIterator<Item = (String, Value)>, faults: &'f RefCell<Vec<Fault>>) -> Self {
        Self { path: String::new(), table: table.into_iter().collect(), known: Vec::new(), faults }
    }

    /// The table under a key; empty when it is absent.
    pub fn section(&mut self, key: &'static str) -> Self {
        let path = self.path_of(key);
        let table = self.take(key).map_or_else(BTreeMap::new, |value| self.table_of(&path, value));
        Self { path, table, known: Vec::new(), faults: self.faults }
    }

    /// The tables of a list.
    pub fn sections(&mut self, key: &'static str) -> Vec<Self> {
        let path = self.path_of(key);
        let Some(value) = self.take(key) else { return Vec::new() };
        let ValueKind::Array(items) = value.kind else {
            self.refuse(&path, &value, Some(shown(&value)), "a list of tables ([[...]] in the file)");
            return Vec::new();
        };
        items
            .into_iter()
            .enumerate()
            .map(|(at, item)| {
                let path = format!("{path}.{at}");
                let table = self.table_of(&path, item);
                Self { path, table, known: Vec::new(), faults: self.faults }
            })
            .collect()
    }

    /// A map of text to text with free keys.
    pub fn map(&mut self, key: &'static str, allowed: &[&str]) -> BTreeMap<String, String> {
        let mut section = self.section(key);
        let mut map = BTreeMap::new();
        for (name, value) in std::mem::take(&mut section.table) {
            let text = shown(&value);
            if allowed.contains(&text.as_str()) {
                map.insert(name, text);
            } else {
                self.refuse(&section.path_of(&name), &value, Some(text), &allowed.join(", "));
            }
        }
        map
    }

    /// Values that `parse` understands: a list in the file, or one text with commas between.
    pub fn list<T>(&mut self, key: &'static str, allowed: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let texts: Vec<String> = match &value.kind {
            ValueKind::Array(items) => items.iter().map(shown).collect(),
            _ => shown(&value).split(',').map(str::to_owned).collect(),
        };
        let texts = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
        let parsed = texts.map(|text| {
            let parsed = parse(text);
            if parsed.is_none() {
                self.refuse(&self.path_of(key), &value, Some(text.to_owned()), allowed);
            }
            parsed
        });
        parsed.flatten().collect()
    }

    /// A value that `parse` understands; none when the key is absent or wrong.
    pub fn optional<T>(
        &mut self,
        key: &'static str,
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        self.scalar(key, allowed, true, parse)
    }

    /// The same for a value that no message may show.
    pub fn hidden<T>(&mut self, key: &'static str, allowed: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.scalar(key, allowed, false, parse)
    }

    /// A text that must be there.
    pub fn required(&mut self, key: &'static str, allowed: &str, accept: impl FnOnce(&str) -> bool) -> String {
        if !self.table.contains_key(key) {
            self.known.push(key);
            self.fault(self.path_of(key), "missing".to_owned(), None, allowed);
            return String::new();
        }
        self.optional(key, allowed, |text| accept(text).then(|| text.to_owned())).unwrap_or_default()
    }

    /// A whole number within a range.
    pub fn number<N>(&mut self, key: &'static str, default: N, range: RangeInclusive<N>) -> N
    where
        N: std::str::FromStr + PartialOrd + fmt::Display,
    {
        let allowed = format!("a whole number from {} to {}", range.start(), range.end());
        self.optional(key, &allowed, |text| text.parse().ok().filter(|number| range.contains(number)))
            .unwrap_or(default)
    }

    /// A time in whole seconds, from 1 to a day.
    pub fn seconds(&mut self, key: &'static str, default: u64) -> Duration {
        Duration::from_secs(self.number(key, default, 1..=86_400))
    }

    /// `true` or `false`.
    pub fn switch(&mut self, key: &'static str, default: bool) -> bool {
        self.optional(key, "true, false", |text| text.parse().ok()).unwrap_or(default)
    }

    /// One of a few words; the first is the default.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> T {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let find = |text: &str| choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
        self.optional(key, &names.join(", "), find).unwrap_or(choices[0].1)
    }

    /// Refuses the keys that nobody asked for.
    pub fn finish(mut self) {
        for (key, value) in std::mem::take(&mut self.table) {
            let near: Vec<&str> = nearest(&key, &self.known);
            let allowed = if near.is_empty() { self.known.join(", ") } else { near.join(", ") };
            self.faults.borrow_mut().push(Fault {
                key: self.path_of(&key),
                origin: format!("{}, unknown key", origin(&value)),
                value: None,
                allowed,
                foreign: is_of_environment(&value),
            });
        }
    }

    /// Records a fault found by a rule over several keys.
    pub fn fault(&self, key: String, origin: String, value: Option<String>, allowed: &str) {
        self.faults.borrow_mut().push(Fault { key, origin, value, allowed: allowed.to_owned(), foreign: false });
    }

    fn scalar<T>(
        &mut self,
        key: &'static str,
        allowed: &str,
        show: bool,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(key)?;
        let text = shown(&value);
        let plain = !matches!(value.kind, ValueKind::Table(_) | ValueKind::Array(_) | ValueKind::Nil);
        let parsed = plain.then(|| parse(&text)).flatten();
        if parsed.is_none() {
            self.refuse(&self.path_of(key), &value, show.then_some(text), allowed);
        }
        parsed
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        self.table.remove(key)
    }

    fn table_of(&self, path: &str, value: Value) -> BTreeMap<String, Value> {
        if let ValueKind::Table(table) = value.kind {
            return table.into_iter().collect();
        }
        self.refuse(path, &value, Some(shown(&value)), "a table of keys");
        BTreeMap::new()
    }

    fn refuse(&self, path: &str, value: &Value, text: Option<String>, allowed: &str) {
        self.fault(path.to_owned(), origin(value), text, allowed);
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

fn shown(value: &Value) -> String {
    match &value.kind {
        ValueKind::Table(_) => "a table".to_owned(),
        ValueKind::Array(_) => "a list".to_owned(),
        ValueKind::Nil => "nothing".to_owned(),
        _ => value.clone().into_string().unwrap_or_default(),
    }
}

/// Where a value stands. A merged table stands nowhere itself, so its first value tells.
fn origin(value: &Value) -> String {
    match (&value.kind, value.origin()) {
        (_, Some(origin)) => format!("in {origin}"),
        (ValueKind::Table(table), None) if !table.is_empty() => table.values().next().map_or_else(String::new, origin),
        _ => "on the command line".to_owned(),
    }
}

/// Whether all of a value stands in the environment, and none of it in the file or on the command line.
fn is_of_environment(value: &Value) -> bool {
    match &value.kind {
        ValueKind::Table(table) if !table.is_empty() => table.values().all(is_of_environment),
        _ => value.origin() == Some("the environment"),
    }
}

/// The known names that a mistyped one may have meant: up to a third of its letters differ.
fn nearest<'k>(key: &str, known: &[&'k str]) -> Vec<&'k str> {
    let mut near: Vec<(usize, &str)> = known
        .iter()
        .map(|name| (edits(key, name), *name))
        .filter(|(distance, name)| *distance <= (name.len() / 3).max(1))
        .collect();
    near.sort_unstable();
    near.into_iter().map(|(_, name)| name).collect()
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
