//! Which unit took over from which, and whether whole or in part.

use crate::codes::SuccessionKind;
use sea_orm::entity::prelude::*;

/// One step of succession.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit_succession")]
pub struct Model {
    /// The unit that ended.
    #[sea_orm(primary_key, auto_increment = false)]
    pub old_id: Uuid,
    /// The unit that followed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub new_id: Uuid,
    /// Whole or part of the old unit.
    pub kind: SuccessionKind,
    /// Of several parts, the one that took the larger share.
    pub is_default: bool,
    /// First day under the new unit.
    pub effective_on: Date,
    /// Resolution or decision.
    pub legal_basis: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
