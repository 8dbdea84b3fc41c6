//! A health-insurance card (thẻ BHYT) and the time it covers.

use sea_orm::entity::prelude::*;

/// One card for one time.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "health_insurance_card")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who is insured.
    pub person_id: Uuid,
    /// Commune of the person when the card was recorded.
    pub unit_id: Uuid,
    /// The issuer's own reference.
    pub reference: String,
    /// Number on the card: 10, 12 or 15 characters (Decision 1351/QĐ-BHXH).
    pub card_no: String,
    /// Group code, two letters: HN poor, CN near-poor, TE child under 6 …
    pub group_code: String,
    /// Benefit level 1 to 5.
    pub benefit_level: Option<i16>,
    /// First day covered.
    pub valid_from: Date,
    /// Last day covered.
    pub valid_to: Date,
    /// Day of issue.
    pub issued_on: Option<Date>,
    /// Code of the facility of first visit.
    pub facility_code: Option<String>,
    /// The push that brought it.
    pub batch_id: Uuid,
    /// Recorded at.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
