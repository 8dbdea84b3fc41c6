//! A number that names a person: personal ID, old CMND, social-insurance number.

use crate::codes::IdentifierKind;
use sea_orm::entity::prelude::*;

/// One identifier.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person_identifier")]
pub struct Model {
    /// Key, UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whom it names.
    pub person_id: Uuid,
    /// Which number it is.
    pub kind: IdentifierKind,
    /// The digits.
    pub value: String,
    /// First day, where known.
    pub valid_from: Option<Date>,
    /// Last day; none while valid.
    pub valid_to: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}
