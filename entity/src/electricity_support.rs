//! Electricity support paid to a household for a quarter (Decision 28/2014/QĐ-TTg).

use crate::codes::ElectricityGroup;
use sea_orm::entity::prelude::*;

/// One household, one quarter: one turn (lượt) of the report.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "electricity_support")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The household.
    pub household_id: Uuid,
    /// Its commune on the day.
    pub unit_id: Uuid,
    /// The sender's own reference.
    pub reference: String,
    /// Year.
    pub year: i16,
    /// Quarter 1 to 4.
    pub quarter: i16,
    /// Consumption supported, kWh.
    pub kwh: Option<i32>,
    /// Amount, VND.
    pub amount: i64,
    /// Why it is paid.
    pub support_group: Option<ElectricityGroup>,
    /// Day of payment.
    pub paid_on: Option<Date>,
    /// The push that brought it.
    pub batch_id: Uuid,
    /// Recorded at.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
