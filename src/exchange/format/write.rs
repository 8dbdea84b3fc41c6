//! Records written out: CSV rows, NDJSON lines, JSON values. What is written here, the readers read back as it was.

use std::borrow::Cow;

use super::{Shape, csv, value::Parser};
use crate::exchange::raw::{Cell, RawRecord};

/// What begins a CSV file so that Excel takes it for UTF-8.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Appends the header of a CSV file (RFC 4180), after a byte order mark when asked for.
pub fn csv_header(out: &mut String, names: &[&str], byte_order_mark: bool) {
    if byte_order_mark {
        out.push_str(BYTE_ORDER_MARK);
    }
    join(out, names.iter().map(|name| Cow::Borrowed(*name)));
}

/// Appends one row of CSV.
///
/// A text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV injection"). A list of
/// plain values is written with semicolons between; what else has no form in a table is written as JSON.
pub fn csv_row(out: &mut String, cells: &[Cell]) {
    join(out, cells.iter().map(csv_text));
}

/// Appends the rows of a record under the columns of its kind ([`Shape::columns`]): one, or one for each record nested
/// in it. What the record lacks is left empty.
pub fn csv_record(out: &mut String, shape: &Shape, record: &RawRecord) {
    let columns = csv::columns(shape);
    let members = match shape.nested.as_ref().map(|(list, _)| find(record, list)) {
        Some(Cell::List(members)) if !members.is_empty() => members.as_slice(),
        _ => &[Cell::Null],
    };
    for member in members {
        let cells = columns.iter().map(|column| match (column.nested, member) {
            (false, _) => csv_text(find(record, column.name)),
            (true, Cell::Record(member)) => csv_text(find(member, column.name)),
            (true, _) => Cow::Borrowed(""),
        });
        join(out, cells);
    }
}

/// Appends one line of NDJSON: an object with the names in the order given. Names and cells go in pairs.
pub fn ndjson(out: &mut String, names: &[&str], cells: &[Cell]) {
    json_object(out, names.iter().copied().zip(cells));
    out.push('\n');
}

/// Appends a cell as a JSON value. A number keeps its form; one that is no number of JSON is written as text.
pub fn json_value(out: &mut String, cell: &Cell) {
    match cell {
        Cell::Null => out.push_str("null"),
        Cell::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Cell::Int(number) => out.push_str(&number.to_string()),
        Cell::Number(literal) if is_number(literal) => out.push_str(literal),
        Cell::Number(text) | Cell::Text(text) => json_text(out, text),
        Cell::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                json_value(out, item);
            }
            out.push(']');
        }
        Cell::Record(record) => json_record(out, record),
    }
}

/// Appends a record as a JSON object.
pub fn json_record(out: &mut String, record: &RawRecord) {
    json_object(out, record.fields.iter().map(|(name, cell)| (name.as_str(), cell)));
}

/// Whether a text beginning with this letter is marked by an apostrophe; the apostrophe itself is, so that the mark can
/// be told from a letter of the text.
pub(super) fn is_marked(first: char) -> bool {
    matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\'')
}

fn find<'r>(record: &'r RawRecord, name: &str) -> &'r Cell {
    record.fields.iter().find(|(held, _)| held == name).map_or(&Cell::Null, |(_, cell)| cell)
}

fn json_object<'a>(out: &mut String, members: impl Iterator<Item = (&'a str, &'a Cell)>) {
    out.push('{');
    for (index, (name, cell)) in members.enumerate() {
        if index > 0 {
            out.push(',');
        }
        json_text(out, name);
        out.push(':');
        json_value(out, cell);
    }
    out.push('}');
}

fn json_text(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|letter| matches!(letter, '"' | '\\' | '\0'..' ')) {
        out.push_str(&rest[..at]);
        let special = rest.as_bytes()[at];
        match special {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => {
                out.push_str("\\u00");
                out.extend(
                    [control / 16, control % 16].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])),
                );
            }
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

fn is_number(literal: &str) -> bool {
    let mut parser = Parser::new(literal.as_bytes(), true);
    literal.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && parser.any().is_ok()
        && parser.at() == literal.len()
}

fn csv_text(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Null => Cow::Borrowed(""),
        Cell::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
        Cell::Int(number) => Cow::Owned(number.to_string()),
        Cell::Number(literal) if is_number(literal) => Cow::Borrowed(literal),
        Cell::Number(text) | Cell::Text(text) => marked(Cow::Borrowed(text)),
        Cell::List(items) if !items.iter().any(|item| matches!(item, Cell::List(_) | Cell::Record(_))) => {
            let items: Vec<Cow<'_, str>> = items
                .iter()
                .map(|item| if let Cell::Text(text) = item { Cow::Borrowed(text.as_str()) } else { csv_text(item) })
                .collect();
            marked(Cow::Owned(items.join(";")))
        }
        Cell::List(_) | Cell::Record(_) => {
            let mut json = String::new();
            json_value(&mut json, cell);
            Cow::Owned(json)
        }
    }
}

fn marked(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.starts_with(is_marked) { Cow::Owned(format!("'{text}")) } else { text }
}

fn join<'a>(out: &mut String, cells: impl Iterator<Item = Cow<'a, str>>) {
    let begun = out.len();
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            out.push(',');
        }
        let quoted = cell.contains([',', ';', '\t', '"', '\r', '\n']) || cell.trim().len() < cell.len();
        if quoted {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&cell);
        }
    }
    if out.len() == begun {
        // A row of one empty cell would be a blank line.
        out.push_str("\"\"");
    }
    out.push_str("\r\n");
}
