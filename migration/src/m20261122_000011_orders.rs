//! Indexes of orders that had none of their own: subsidies and supports by year, in the country and in a unit; households and
//! persons of a unit by name, persons by year of birth; and the households of pupils, by which a school is narrowed to those
//! it may see.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Name, table, columns, whether unique.
const INDEXES: &[(&str, &str, &[&str], bool)] = &[
    ("ix_education_subsidy_household_id", "education_subsidy", &["household_id"], false),
    ("ix_education_subsidy_school_year_id", "education_subsidy", &["school_year", "id"], false),
    ("ix_education_subsidy_unit_id_school_year_id", "education_subsidy", &["unit_id", "school_year", "id"], false),
    ("ix_electricity_support_year_id", "electricity_support", &["year", "id"], false),
    ("ix_electricity_support_unit_id_year_id", "electricity_support", &["unit_id", "year", "id"], false),
    ("ix_household_unit_id_head_name_folded_id", "household", &["unit_id", "head_name_folded", "id"], false),
    ("ix_person_unit_id_name_folded_id", "person", &["unit_id", "name_folded", "id"], false),
    ("ix_person_unit_id_birth_year_id", "person", &["unit_id", "birth_year", "id"], false),
];

/// Indexes by which it is asked of each of many whether it has a class or a card on a day, and what its number of a kind is.
/// They hold all that is asked, so that the rows need not be read.
const COVERING: &[(&str, &str, &[&str], bool)] = &[
    (
        "ix_household_review_household_id_valid_from_valid_to_class",
        "household_review",
        &["household_id", "valid_from", "valid_to", "decided_class"],
        false,
    ),
    (
        "ix_health_insurance_card_person_id_valid_to_valid_from",
        "health_insurance_card",
        &["person_id", "valid_to", "valid_from"],
        false,
    ),
];

/// The numbers of a person. Without the kind beside the person SQLite takes the index that begins with the kind, and goes
/// through all numbers there are; with the value behind it, it looks for each of many values under each person of an area.
fn numbers(backend: DbBackend) -> [(&'static str, &'static str, &'static [&'static str], bool); 1] {
    let (name, columns): (_, &[&str]) = if backend == DbBackend::Postgres {
        ("ix_person_identifier_person_id_kind_value", &["person_id", "kind", "value"])
    } else {
        ("ix_person_identifier_person_id_kind", &["person_id", "kind"])
    };
    [(name, "person_identifier", columns, false)]
}

/// Those that were there before.
const COVERED: &[(&str, &str, &[&str], bool)] = &[
    ("ix_person_identifier_person_id", "person_identifier", &["person_id"], false),
    (
        "ix_household_review_household_id_valid_from_valid_to",
        "household_review",
        &["household_id", "valid_from", "valid_to"],
        false,
    ),
    ("ix_health_insurance_card_person_id_valid_to", "health_insurance_card", &["person_id", "valid_to"], false),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        indexes(manager, INDEXES).await?;
        indexes(manager, COVERING).await?;
        indexes(manager, &numbers(manager.get_database_backend())).await?;
        drop_indexes(manager, COVERED).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        indexes(manager, COVERED).await?;
        drop_indexes(manager, &numbers(manager.get_database_backend())).await?;
        drop_indexes(manager, COVERING).await?;
        drop_indexes(manager, INDEXES).await
    }
}
