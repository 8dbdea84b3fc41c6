//! The questions, made from the table that the bench reads too: every filter, order and way of paging.

use serde::Deserialize;
use serde_json::Value;

/// The table.
const TABLE: &str = include_str!("../../../bench/questions.json");

/// Names with their example values, in the order of the file.
pub type Examples = serde_json::Map<String, Value>;

/// What stands in the table.
#[derive(Debug, Deserialize)]
pub struct Table {
    /// Root fields that give pages.
    pub lists: std::collections::BTreeMap<String, List>,
    /// The other root fields, with arguments as name and text.
    pub single: std::collections::BTreeMap<String, Vec<(String, String)>>,
    /// Types: the document that reaches them, then the fields that read something more.
    pub types: std::collections::BTreeMap<String, Vec<String>>,
    /// REST lists with their parameters.
    pub pulls: std::collections::BTreeMap<String, Examples>,
    /// Single questions whose answer is made of all rows of a table, which is best read from end to end then.
    pub whole: Vec<(String, String)>,
    /// Tables that must not be read from end to end.
    pub large: Vec<String>,
}

/// What a list takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct List {
    /// Fields of its filter.
    #[serde(default)]
    pub filter: Examples,
    /// Arguments that narrow it beside the filter.
    #[serde(default)]
    pub arguments: Examples,
    /// Its orders.
    #[serde(default)]
    pub order_by: Vec<String>,
    /// Whether it can be turned round.
    #[serde(default)]
    pub descending: bool,
}

/// A list asked in one way; `pages` says how to ask for a page of it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The root field.
    pub field: String,
    /// Its arguments but for the page.
    pub arguments: String,
    /// What decides how its cursors look.
    pub order: String,
}

impl Table {
    /// Reads the table.
    pub fn read() -> Self {
        serde_json::from_str(TABLE).unwrap()
    }
}

/// The values of each name.
fn values(examples: &Examples) -> impl Iterator<Item = (&str, &str)> {
    examples.iter().flat_map(|(name, values)| {
        let values = values.as_array().unwrap_or_else(|| panic!("{name} wants a list of values"));
        values.iter().map(move |value| (name.as_str(), value.as_str().unwrap()))
    })
}

impl List {
    /// No filter, each alone, and all together.
    fn narrowings(&self) -> Vec<String> {
        let mut found = vec![String::new()];
        found.extend(values(&self.filter).map(|(name, value)| format!("filter:{{{name}:{value}}}")));
        found.extend(values(&self.arguments).map(|(name, value)| format!("{name}:{value}")));
        if self.filter.len() > 1 {
            let all: Vec<String> =
                self.filter.iter().map(|(name, values)| format!("{name}:{}", values[0].as_str().unwrap())).collect();
            found.push(format!("filter:{{{}}}", all.join(",")));
        }
        found
    }

    /// Every way in which it can be asked.
    pub fn ways(&self, field: &str) -> Vec<Asked> {
        let orders: Vec<String> = match self.order_by.as_slice() {
            [] => vec![String::new()],
            orders => orders.iter().map(|order| format!("orderBy:{order}")).collect(),
        };
        let turns: &[&str] = if self.descending { &["", "descending:true"] } else { &[""] };
        let mut found = Vec::new();
        for narrowing in self.narrowings() {
            for order in &orders {
                for turn in turns {
                    let parts = [&narrowing, order.as_str(), turn];
                    let arguments: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                    found.push(Asked { field: field.to_owned(), arguments: arguments.join(","), order: order.clone() });
                }
            }
        }
        found
    }
}

impl Asked {
    /// The document that asks for a page.
    pub fn page(&self, page: &str) -> String {
        let comma = if self.arguments.is_empty() { "" } else { "," };
        format!("{{{}({}{comma}{page}){{nodes{{id}} pageInfo{{endCursor}}}}}}", self.field, self.arguments)
    }

    /// The document that asks how many there are.
    pub fn count(&self) -> String {
        let given = if self.arguments.is_empty() { String::new() } else { format!("({})", self.arguments) };
        format!("{{{}{given}{{totalCount}}}}", self.field)
    }
}

/// The query strings of a REST list: each parameter alone, with and without a time, both ways.
pub fn pulls(parameters: &Examples) -> Vec<String> {
    let mut found = Vec::new();
    for since in ["", "updatedSince=2022-01-01T00:00:00Z"] {
        for turn in ["", "descending=true"] {
            let alone = values(parameters).map(|(name, value)| format!("{name}={value}"));
            for narrowing in std::iter::once(String::new()).chain(alone) {
                let parts = [narrowing.as_str(), since, turn, "first=5"];
                let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                found.push(parts.join("&"));
            }
        }
    }
    found
}
