//! Records in the shape of the wire.

use chrono::NaiveDate;

use crate::exchange::raw::{Cell, RawRecord};

/// A record in the making. The names are those of the public contract.
#[derive(Debug, Default)]
pub struct Fields(Vec<(String, Cell)>);

impl Fields {
    /// No field yet.
    pub fn new() -> Self {
        Self(Vec::with_capacity(12))
    }

    /// With any value.
    #[must_use]
    pub fn cell(mut self, name: &str, value: Cell) -> Self {
        self.0.push((name.to_owned(), value));
        self
    }

    /// With text.
    #[must_use]
    pub fn text(self, name: &str, value: impl Into<String>) -> Self {
        self.cell(name, Cell::Text(value.into()))
    }

    /// With a whole number.
    #[must_use]
    pub fn int(self, name: &str, value: i64) -> Self {
        self.cell(name, Cell::Int(value))
    }

    /// With a day.
    #[must_use]
    pub fn day(self, name: &str, value: NaiveDate) -> Self {
        self.text(name, value.to_string())
    }

    /// With a number of halves: 9 is 4.5.
    #[must_use]
    pub fn halves(self, name: &str, halves: i64) -> Self {
        if halves % 2 == 0 {
            return self.int(name, halves / 2);
        }
        self.cell(name, Cell::Number(format!("{}.5", halves / 2)))
    }

    /// With a number of hundredths: 660 is 6.6.
    #[must_use]
    pub fn hundredths(self, name: &str, hundredths: i64) -> Self {
        if hundredths % 100 == 0 {
            return self.int(name, hundredths / 100);
        }
        let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        self.cell(name, Cell::Number(text.trim_end_matches('0').to_owned()))
    }

    /// The same with more, where a value is there.
    #[must_use]
    pub fn maybe<T>(self, value: Option<T>, add: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => add(self, value),
            None => self,
        }
    }

    /// The record.
    pub fn build(self) -> RawRecord {
        RawRecord { fields: self.0, ..RawRecord::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_written_as_people_write_them() {
        let record = Fields::new().halves("a", 9).halves("b", 8).hundredths("c", 660).hundredths("d", 900).build();
        let cells: Vec<_> = record.fields.into_iter().map(|(_, cell)| cell).collect();
        let number = |text: &str| Cell::Number(text.to_owned());
        assert_eq!(cells, [number("4.5"), Cell::Int(4), number("6.6"), Cell::Int(9)]);
    }
}
