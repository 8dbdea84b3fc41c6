//! Doubts about stored records, as the records show them.

use entity::finding::{Column, Entity, Model};
use sea_orm::ColumnTrait;

use crate::listing::children::children;

children! {
    /// Doubts about a record that are not settled, the oldest first.
    OF_RECORD of None, by RecordId record_id, sorted by [], descending false, only || Column::ResolvedAt.is_null()
}
