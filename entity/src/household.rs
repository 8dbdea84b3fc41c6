//! A household as its commune registered it: the unit that is poor or not.

use crate::codes::Area;
use sea_orm::entity::prelude::*;

/// One household.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Local code (mã hộ), given by the commune and unique only in it.
    pub code: String,
    /// Commune of registration.
    pub unit_id: Uuid,
    /// Village (thôn, bản, tổ dân phố) as written; villages have no national code.
    pub village: Option<String>,
    /// Address below the village.
    pub address: Option<String>,
    /// Rural or urban; decides the poverty line.
    pub residence_type: Area,
    /// Full name of the head (chủ hộ), who names the household on every list.
    pub head_name: String,
    /// Head name folded for search.
    pub head_name_folded: String,
    /// First recorded.
    pub created_at: DateTimeUtc,
    /// Last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
