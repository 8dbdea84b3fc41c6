//! A push: what an agency sent in one request, and what became of it.

use crate::codes::BatchStatus;
use sea_orm::entity::prelude::*;

/// One push.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "batch")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who sent it.
    pub client_id: String,
    /// Kind of record, as `loan-disbursements`.
    pub kind: String,
    /// What became of it.
    pub status: BatchStatus,
    /// Key against repeats, of the header or the input.
    pub idempotency_key: Option<String>,
    /// SHA-256 of what was received.
    pub body_hash: Vec<u8>,
    /// Rows received.
    pub received: i32,
    /// Rows stored.
    pub accepted: i32,
    /// Rows stored before.
    pub duplicate: i32,
    /// Rows whose reference names other content.
    pub conflict: i32,
    /// Rows that wait in the work list.
    pub unmatched: i32,
    /// Rows refused.
    pub rejected: i32,
    /// Sum of the accepted rows, VND.
    pub amount: i64,
    /// Whether one refused row refuses all.
    pub atomic: bool,
    /// Why the whole push was refused.
    pub refusal: Option<Json>,
    /// Request it came with.
    pub request_id: String,
    /// Received at.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
