//! The multidimensional poverty standard of a period, for rural or urban areas.

use crate::codes::Area;
use sea_orm::entity::prelude::*;

/// One standard for one area.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "poverty_standard")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Name of the period, as `2022-2026`.
    pub period: String,
    /// Rural or urban.
    pub area: Area,
    /// Province that set its own line; none for the national one.
    pub unit_id: Option<Uuid>,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_to: Date,
    /// Income line, VND a person and month.
    pub income_line: i64,
    /// Upper line of the two-line standard of 2016–2021, VND a person and month.
    pub upper_income_line: Option<i64>,
    /// Ceiling of the average living standard, VND a person and month.
    pub average_income_line: Option<i64>,
    /// Points of sheet B1 up to which a household counts as under the line.
    pub score_line: i16,
    /// Points of sheet B1 for the upper line (2016–2021).
    pub upper_score_line: Option<i16>,
    /// Points of sheet B2 from which a household counts as deprived.
    pub deprivation_line: i16,
    /// Indicator slugs, comma separated, in the order of the form.
    pub indicators: String,
    /// Decree or decision.
    pub legal_basis: String,
}

impl ActiveModelBehavior for ActiveModel {}
