//! The work list of rows that fit nobody.

use entity::unmatched_record::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    access::Caller,
    error::Result,
    listing::{Listing, Order},
};

/// Rows the caller sent that wait, in the order received.
pub fn list(caller: &Caller, kind: Option<&str>) -> Result<Listing<Entity>> {
    caller.require("Query", "unmatchedRecords")?;
    let mut select =
        Entity::find().filter(Column::ClientId.eq(&caller.actor.client_id)).filter(Column::ResolvedAt.is_null());
    if let Some(kind) = kind {
        select = select.filter(Column::Kind.eq(kind));
    }
    let order = Order::by_id(Column::Id, |row: &Model| row.id);
    Ok(Listing { of: "UnmatchedRecord", subject: |row| row.id, select, places: None, order })
}
