//! A doubt about a stored record, for people to look at: facts are stored, doubts are flagged.

use sea_orm::entity::prelude::*;

/// One doubt.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "finding")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The push.
    pub batch_id: Uuid,
    /// Row in it.
    pub position: i32,
    /// Kind of record.
    pub kind: String,
    /// The record.
    pub record_id: Uuid,
    /// Commune of the record.
    pub unit_id: Uuid,
    /// What is doubted, as `NOT_ON_POOR_LIST`.
    pub code: String,
    /// Parameters of the sentence.
    pub params: Json,
    /// Raised at.
    pub created_at: DateTimeUtc,
    /// Settled at.
    pub resolved_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
