//! A visit to a doctor that health insurance paid for.

use sea_orm::entity::prelude::*;

/// One visit: one turn (lượt khám) of the report.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "medical_visit")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The patient.
    pub person_id: Uuid,
    /// Commune of the patient on the day.
    pub unit_id: Uuid,
    /// The sender's own reference.
    pub reference: String,
    /// Day of the visit.
    pub visited_on: Date,
    /// Code of the facility.
    pub facility_code: String,
    /// Whether the patient stayed; none where it was not said.
    pub inpatient: Option<bool>,
    /// What the visit cost, VND.
    pub cost: i64,
    /// What the insurance paid of it, VND.
    pub paid_by_insurance: Option<i64>,
    /// What a fund paid of it, VND.
    pub paid_by_fund: Option<i64>,
    /// What the patient paid of it, VND.
    pub paid_by_patient: Option<i64>,
    /// Number of the card that was shown.
    pub card_no: Option<String>,
    /// The push that brought it.
    pub batch_id: Uuid,
    /// Recorded at.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
