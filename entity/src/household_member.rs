//! Membership of a person in a household, dated.

use crate::codes::FamilyRelation;
use sea_orm::entity::prelude::*;

/// One membership.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_member")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The household.
    pub household_id: Uuid,
    /// The member.
    pub person_id: Uuid,
    /// Relation to the head.
    pub relation: FamilyRelation,
    /// First day, where known.
    pub valid_from: Option<Date>,
    /// Last day; none while a member.
    pub valid_to: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}
