//! The area of each unit, spread out: the unit itself, all below it, and the predecessors that went into them. Computed by the unit loader; rights and unit filters read it.

use sea_orm::entity::prelude::*;

/// One unit that lies within another.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit_scope")]
pub struct Model {
    /// The unit whose area is meant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub unit_id: Uuid,
    /// A unit within that area.
    #[sea_orm(primary_key, auto_increment = false)]
    pub within_id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
