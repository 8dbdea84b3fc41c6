//! [`Period`](crate::domain::period::Period) as the condition of a statement.

use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Alias, Expr, ExprTrait, IntoIden},
};

/// Rows whose period contains a day, by the columns of its first and last day.
pub fn contains_day<C: ColumnTrait>(from: C, to: C, day: NaiveDate) -> Condition {
    contains_day_of(Alias::new(from.entity_name().to_string()), from, to, day)
}

/// The same of a table under another name.
pub fn contains_day_of<C: ColumnTrait>(table: impl IntoIden, from: C, to: C, day: NaiveDate) -> Condition {
    let table = table.into_iden();
    let bound = |column: C, within: fn(Expr, NaiveDate) -> Expr| {
        let value = Expr::col((table.clone(), column));
        let bound = Condition::any().add(within(value.clone(), day));
        // An end that may be open is null.
        if column.def().is_null() { bound.add(value.is_null()) } else { bound }
    };
    Condition::all().add(bound(from, ExprTrait::lte)).add(bound(to, ExprTrait::gte))
}
