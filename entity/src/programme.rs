//! A support programme: a rule that pays, lends or gives something.

use crate::codes::ProgrammeKind;
use sea_orm::entity::prelude::*;

/// One programme.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "programme")]
pub struct Model {
    /// Slug, as `loan_poor`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    /// What it gives.
    pub kind: ProgrammeKind,
    /// Name in Vietnamese.
    pub name_vi: String,
    /// Name in English.
    pub name_en: String,
    /// Classes entitled, comma separated; empty where class does not decide.
    pub eligible_classes: String,
    /// Decree or decision.
    pub legal_basis: String,
    /// First day.
    pub valid_from: Date,
    /// Last day; none while in force.
    pub valid_to: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}
