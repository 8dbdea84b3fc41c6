//! A record as it came in, before anyone knows what its fields mean: what the formats make and the kinds read.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use uuid::Uuid;

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

impl RawRecord {
    /// A record of the service's own, its fields in order.
    pub fn of<const N: usize>(fields: [(&str, Cell); N]) -> Self {
        let fields = fields.map(|(name, cell)| (name.to_owned(), cell));
        Self { fields: fields.into(), ..Self::default() }
    }
}

impl<T> From<Option<T>> for Cell
where
    Self: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

macro_rules! whole_numbers {
    ($($type:ty)+) => {$(
        impl From<$type> for Cell {
            fn from(number: $type) -> Self {
                Self::Int(number.into())
            }
        }
    )+};
}

whole_numbers! { i16 i32 i64 }

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Self::Text(day.to_string())
    }
}

impl From<DateTime<Utc>> for Cell {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::Text(instant.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl From<Uuid> for Cell {
    fn from(key: Uuid) -> Self {
        Self::Text(key.to_string())
    }
}
