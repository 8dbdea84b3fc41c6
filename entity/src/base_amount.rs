//! A national amount that others are computed from: base salary, electricity price.

use sea_orm::entity::prelude::*;

/// One amount for a time.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "base_amount")]
pub struct Model {
    /// Slug, as `base_salary`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    /// First day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub valid_from: Date,
    /// The amount, VND.
    pub amount: i64,
    /// Decree or decision.
    pub legal_basis: String,
}

impl ActiveModelBehavior for ActiveModel {}
