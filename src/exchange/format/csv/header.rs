//! The header of a table: which field stands in which column.

use unicode_normalization::UnicodeNormalization;

use super::{
    super::{Shape, value::echo},
    rows::Row,
};
use crate::{
    error::Error,
    messages::{Code, Fault, Message},
};

/// Wrong columns told at once.
const MAX_FAULTS: usize = 20;

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Column {
    /// The field it holds.
    pub(in super::super) name: &'static str,
    /// Whether the field belongs to the nested record of the row.
    pub(in super::super) nested: bool,
    /// Whether a cell holds a list.
    pub(super) list: bool,
}

/// Reads the header; every unknown or doubled column is named.
pub(super) fn read(header: &Row<'_>, shape: &Shape) -> Result<Vec<Column>, Error> {
    let mut names: Vec<String> = (0..header.len()).map(|index| name(&header.cell(index))).collect();
    // Spreadsheets write the empty columns to the right of a table too.
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    let known = columns(shape);
    let mut columns: Vec<Column> = Vec::with_capacity(names.len());
    let mut faults = Vec::new();
    for (index, name) in names.iter().enumerate() {
        match known.iter().find(|column| column.name == name) {
            Some(column) if columns.contains(column) => faults.push(Fault::at(column.name, Code::DuplicateField)),
            Some(column) => columns.push(*column),
            None => {
                let allowed: Vec<&str> = known.iter().map(|column| column.name).collect();
                let message = Message::new(Code::UnknownField).with("allowed", allowed.join(", "));
                let shown = if name.is_empty() { format!("column {}", index + 1) } else { echo(name) };
                faults.push(Fault::at(shown, message));
            }
        }
        if faults.len() == MAX_FAULTS {
            break;
        }
    }
    if faults.is_empty() { Ok(columns) } else { Err(Error::faulty(faults)) }
}

/// The columns a kind may have: the field that holds the nested records is itself none.
pub(in super::super) fn columns(shape: &Shape) -> Vec<Column> {
    let (list, nested) = shape.nested.as_ref().map_or((None, &[][..]), |(list, nested)| (Some(*list), nested));
    let column = |name, nested| Column { name, nested, list: shape.lists.contains(&name) };
    let own = shape.fields.iter().filter(|name| Some(**name) != list).map(|name| column(*name, false));
    own.chain(nested.iter().map(|name| column(*name, true))).collect()
}

/// A name as it is meant: without the white space around it, a stray byte order mark, or decomposed letters.
fn name(cell: &str) -> String {
    cell.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}').nfc().collect()
}
