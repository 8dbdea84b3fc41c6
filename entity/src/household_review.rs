//! The yearly classification of a household (Decision 24/2021/QĐ-TTg).

use crate::codes::{Area, PovertyClass};
use sea_orm::entity::prelude::*;

/// One review.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_review")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The household reviewed.
    pub household_id: Uuid,
    /// Its commune at the review.
    pub unit_id: Uuid,
    /// Year of the review.
    pub year: i16,
    /// Rural or urban sheet.
    pub area: Area,
    /// Points of sheet B1 (estimates income).
    pub score_b1: Option<i16>,
    /// Points of sheet B2 (10 for each deprived indicator).
    pub score_b2: Option<i16>,
    /// Deprived indicators, one bit each; the bits are those of `domain::poverty::Indicator`.
    pub deprivations: i32,
    /// Class that follows from the scores; none where a score is missing.
    pub computed_class: Option<PovertyClass>,
    /// Class decided by the chairman.
    pub decided_class: PovertyClass,
    /// Number of the decision.
    pub decision_no: Option<String>,
    /// Date of the decision.
    pub decided_on: Option<Date>,
    /// First day the class governs support.
    pub valid_from: Date,
    /// Last day.
    pub valid_to: Date,
    /// The push that brought it.
    pub batch_id: Option<Uuid>,
    /// Recorded at.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
