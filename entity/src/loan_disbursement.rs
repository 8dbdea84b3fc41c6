//! Money paid out under a loan: one turn (lượt) of the report.

use crate::codes::PovertyClass;
use sea_orm::entity::prelude::*;

/// One disbursement. Never edited; corrected by reversal.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "loan_disbursement")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The loan.
    pub loan_id: Uuid,
    /// The household that borrowed.
    pub household_id: Uuid,
    /// The member who signed, where named.
    pub person_id: Option<Uuid>,
    /// Commune of the household on the day.
    pub unit_id: Uuid,
    /// Slug of the loan programme.
    pub programme: String,
    /// The bank's own reference of the payment.
    pub reference: String,
    /// Amount, VND.
    pub amount: i64,
    /// Day of the payment.
    pub disbursed_on: Date,
    /// Class of the household on that day.
    pub class_on_date: Option<PovertyClass>,
    /// The push that brought it.
    pub batch_id: Uuid,
    /// Recorded at.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
