//! One change of one record, in the order of writing: what feeds and webhooks are built on.

use crate::codes::Operation;
use sea_orm::entity::prelude::*;

/// One change.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change_event")]
pub struct Model {
    /// Order of writing. On PostgreSQL a smaller number may commit later: read up to `transaction_id`'s horizon.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// Public key, UUIDv7.
    #[sea_orm(unique)]
    pub id: Uuid,
    /// PostgreSQL transaction that wrote it; none on SQLite, where one writer keeps the order.
    pub transaction_id: Option<i64>,
    /// Type of the record, as `LoanDisbursement`.
    pub subject: String,
    /// The record.
    pub record_id: Uuid,
    /// Commune of the record.
    pub unit_id: Uuid,
    /// What happened.
    pub operation: Operation,
    /// The push that did it.
    pub batch_id: Option<Uuid>,
    /// When.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
