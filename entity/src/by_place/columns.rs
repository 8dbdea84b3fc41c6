//! Some of the columns of a record.

use std::{borrow::Cow, marker::PhantomData};

use sea_orm::{DbErr, QueryResult};

use super::{ByPlace, Cell};

/// Which columns of a record are read. What is left out is empty in the record (no text, zero, nothing) and must not be looked at:
/// only who knows all that will be shown of a record may leave columns out.
#[derive(Debug)]
pub struct Columns<M> {
    /// A bit for each column, the first lowest.
    bits: u32,
    of: PhantomData<fn() -> M>,
}

impl<M> Clone for Columns<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Columns<M> {}

impl<M: ByPlace> Columns<M> {
    /// Every column.
    #[must_use]
    pub fn all() -> Self {
        Self { bits: (1 << M::COLUMNS.len()) - 1, of: PhantomData }
    }

    /// The same without a column, by its place in the record.
    #[must_use]
    pub fn without(self, place: usize) -> Self {
        Self { bits: self.bits & !(1 << place), ..self }
    }

    /// The same with a column, by its name.
    #[must_use]
    pub fn with(self, name: &str) -> Self {
        let place = M::COLUMNS.iter().position(|column| *column == name);
        place.map_or(self, |place| Self { bits: self.bits | 1 << place, ..self })
    }

    /// How many they are.
    #[must_use]
    pub fn count(self) -> usize {
        self.bits.count_ones() as usize
    }

    /// Whether none is left out.
    #[must_use]
    pub fn is_all(self) -> bool {
        self.count() == M::COLUMNS.len()
    }

    /// As a statement names them: `"loan"."id", "loan"."purpose"`.
    #[must_use]
    pub fn selected(self) -> Cow<'static, str> {
        if self.is_all() {
            return Cow::Borrowed(M::SELECTED);
        }
        let mut text = String::with_capacity(M::SELECTED.len());
        for (place, column) in M::NAMED.iter().enumerate() {
            if self.bits & 1 << place != 0 {
                text.push_str(if text.is_empty() { "" } else { ", " });
                text.push_str(column);
            }
        }
        Cow::Owned(text)
    }
}

/// Reads columns one after the other.
pub(super) struct Places {
    bits: u32,
    at: usize,
}

impl Places {
    pub(super) fn of<M>(columns: Columns<M>, at: usize) -> Self {
        Self { bits: columns.bits, at }
    }

    /// The next column, empty if it is left out.
    pub(super) fn cell<T: Cell>(&mut self, row: &QueryResult) -> Result<T, DbErr> {
        let is_selected = self.bits & 1 == 1;
        self.bits >>= 1;
        if !is_selected {
            return T::empty().ok_or_else(|| DbErr::Type("a column that is always read was left out".to_owned()));
        }
        self.at += 1;
        T::cell(row, self.at - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::{Column, Model};

    #[test]
    fn all_columns_are_selected_unless_some_are_left_out() {
        assert_eq!(Columns::<Model>::all().selected(), Model::SELECTED);

        let some = Columns::<Model>::all().without(Column::Id as usize).without(Column::UpdatedAt as usize);

        let whole = Model::NAMED;
        assert_eq!(some.selected(), whole[1..whole.len() - 1].join(", "));
        assert_eq!(some.count(), whole.len() - 2);
        assert_eq!(some.with("id").with("updated_at").selected(), Model::SELECTED);
    }
}
