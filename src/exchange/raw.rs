//! A record as it came in, before anyone knows what its fields mean: what the formats make and the kinds read.

use crate::messages::Fault;

/// One value of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing: JSON `null`, an empty CSV field.
    Null,
    /// `true` or `false`; JSON only.
    Bool(bool),
    /// A whole number that fits 64 bits; JSON only.
    Int(i64),
    /// Any other JSON number, as it was written.
    Number(String),
    /// Text as received; a CSV field is always text.
    Text(String),
    /// A list.
    List(Vec<Cell>),
    /// A nested record.
    Record(RawRecord),
}

/// The fields of one record in the order received, with what was already wrong with its form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawRecord {
    /// Name and value; a name stands once.
    pub fields: Vec<(String, Cell)>,
    /// Faults of form: a name that stands twice, a ragged row, bytes that are no text.
    pub faults: Vec<Fault>,
    /// Line of the file where the record begins, from 1; none where lines mean nothing.
    pub line: Option<u64>,
}
