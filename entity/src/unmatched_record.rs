//! A row whose person or household is unknown: it waits here until a person says whom it means, and is never lost.

use sea_orm::entity::prelude::*;

/// One waiting row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unmatched_record")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The push.
    pub batch_id: Uuid,
    /// Row in it.
    pub position: i32,
    /// Who sent it.
    pub client_id: String,
    /// Kind of record.
    pub kind: String,
    /// Area of the sender; none for the whole country.
    pub unit_id: Option<Uuid>,
    /// The record as received, field by field.
    pub content: Json,
    /// Why it waits.
    pub reason: Json,
    /// Recorded at.
    pub created_at: DateTimeUtc,
    /// Settled at.
    pub resolved_at: Option<DateTimeUtc>,
    /// The record it became.
    pub record_id: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
