//! Who did or saw what, when and why. Written once, never changed.

use crate::codes::AuditOutcome;
use sea_orm::entity::prelude::*;

/// One entry.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    /// Order of writing; as in `change_event`.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// Public key, UUIDv7.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// PostgreSQL transaction that wrote it; none on SQLite.
    pub transaction_id: Option<i64>,
    /// When.
    pub at: DateTimeUtc,
    /// The client.
    pub client_id: String,
    /// Its role.
    pub role: String,
    /// Its area; none for the whole country.
    pub unit_code: Option<String>,
    /// What was done, as `insurance_coverage.query`.
    pub action: String,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// How many records of each type: an object of type and count.
    pub disclosed: Json,
    /// How many records in all.
    pub record_count: i32,
    /// The households and persons concerned: 16 bytes each, one after the other.
    pub subjects: Vec<u8>,
    /// Purpose stated by the caller.
    pub purpose: Option<String>,
    /// Request it came with.
    pub request_id: String,
    /// The push, for a write.
    pub batch_id: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
