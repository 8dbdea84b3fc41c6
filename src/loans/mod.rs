//! Loans of the social-policy bank: disbursements as the bank pushes them, and what is read of them.

pub mod disbursement_pull;
pub mod disbursement_push;
pub mod disbursements;
#[expect(clippy::module_inception, reason = "the area and its main record bear the same name")]
pub mod loans;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

/// Those of some programmes, of all where none is named. A single one is compared as such, so that its index gives the order too.
fn of_programmes<E: EntityTrait>(select: Select<E>, column: E::Column, programmes: &[String]) -> Select<E> {
    match programmes {
        [] => select,
        [one] => select.filter(column.eq(one)),
        several => select.filter(column.is_in(several)),
    }
}
