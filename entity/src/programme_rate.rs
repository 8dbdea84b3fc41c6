//! An amount, rate or limit of a programme, for a time.

use crate::codes::Measure;
use sea_orm::entity::prelude::*;

/// One figure of one programme.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "programme_rate")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The programme.
    pub programme: String,
    /// What the figure is.
    pub measure: Measure,
    /// The figure, in the unit that the measure names.
    pub value: i64,
    /// First day.
    pub valid_from: Date,
    /// Last day; none while in force.
    pub valid_to: Option<Date>,
    /// Decree or decision.
    pub legal_basis: String,
}

impl ActiveModelBehavior for ActiveModel {}
