//! One row of a push and its outcome.

use crate::codes::RecordStatus;
use sea_orm::entity::prelude::*;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "batch_record")]
pub struct Model {
    /// The push.
    #[sea_orm(primary_key, auto_increment = false)]
    pub batch_id: Uuid,
    /// Place in it, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// Who sent it.
    pub client_id: String,
    /// Kind of record.
    pub kind: String,
    /// The sender's own reference; none where it could not be read.
    pub reference: Option<String>,
    /// SHA-256 of the content, field by field after normalising.
    pub content_hash: Option<Vec<u8>>,
    /// Outcome.
    pub status: RecordStatus,
    /// The record stored, the one that was there, or the one that waits.
    pub record_id: Option<Uuid>,
    /// Why it was refused: a list of code, field and parameters.
    pub errors: Option<Json>,
}

impl ActiveModelBehavior for ActiveModel {}
