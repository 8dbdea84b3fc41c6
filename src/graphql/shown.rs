//! Which columns a question needs of the records that it finds. A column that only one field of a type shows is read where that
//! field is asked for. What is not listed here is always read: keys, and what records are found, sorted and dated by.

use async_graphql::Lookahead;
use entity::by_place::{ByPlace, Columns};

/// A type of the schema that shows a record.
pub trait Shown {
    /// The record.
    type Row: ByPlace;

    /// Fields, each with the place of a column that no other field shows.
    const ONCE: &'static [(&'static str, usize)];

    /// The places of columns that no field shows.
    const NEVER: &'static [usize];

    /// The columns for the fields that are asked for, under any alias and in any fragment.
    fn columns(asked: &[Lookahead<'_>]) -> Columns<Self::Row> {
        let is_asked = |field: &str| asked.iter().any(|asked| asked.field(field).exists());
        let known = Self::NEVER.iter().fold(Columns::all(), |columns, place| columns.without(*place));
        let unasked = Self::ONCE.iter().filter(|(field, _)| !is_asked(field));
        unasked.fold(known, |columns, (_, place)| columns.without(*place))
    }
}

/// `shown!(Loan of loan { "purpose": Purpose } never [CreatedAt])`
macro_rules! shown {
    ($name:ident of $entity:ident { $($field:literal: $column:ident),* $(,)? } never [$($hidden:ident),*]) => {
        impl $crate::graphql::shown::Shown for $name {
            type Row = entity::$entity::Model;

            const ONCE: &'static [(&'static str, usize)] = &[$(($field, entity::$entity::Column::$column as usize)),*];

            const NEVER: &'static [usize] = &[$(entity::$entity::Column::$hidden as usize),*];
        }
    };
}
pub(crate) use shown;
