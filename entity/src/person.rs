//! A person, member of a household.

use crate::codes::Sex;
use sea_orm::entity::prelude::*;

/// One person.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Commune of the household the person now belongs to.
    pub unit_id: Uuid,
    /// Full name, NFC, as given: family, middle, given.
    pub full_name: String,
    /// Name folded for search and matching.
    pub name_folded: String,
    /// Date of birth where the day is known.
    pub birth_date: Option<Date>,
    /// Year of birth.
    pub birth_year: i16,
    /// Sex.
    pub sex: Sex,
    /// National code of the ethnicity, 01 to 55.
    pub ethnicity_code: Option<String>,
    /// First recorded.
    pub created_at: DateTimeUtc,
    /// Last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
