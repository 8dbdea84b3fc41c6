//! A province, district or commune with the time it is or was valid. A code alone names no territory: codes live on after mergers (Decision 19/2025/QĐ-TTg).

use crate::codes::UnitLevel;
use sea_orm::entity::prelude::*;

/// One unit of one era.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "administrative_unit")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Level in the hierarchy.
    pub level: UnitLevel,
    /// Statistics-office code: 2 digits for a province, 3 for a district, 5 for a commune.
    pub code: String,
    /// Official name with its type, in Vietnamese.
    pub name: String,
    /// Name folded for search: no accents, lower case.
    pub name_folded: String,
    /// Type as the list prints it: tỉnh, thành phố, huyện, xã, phường, thị trấn, đặc khu.
    pub kind: String,
    /// The unit above; none for a province.
    pub parent_id: Option<Uuid>,
    /// First day; 1900-01-01 where the list gives none.
    pub valid_from: Date,
    /// Last day; none while it is in force.
    pub valid_to: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}
