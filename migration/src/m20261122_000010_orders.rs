//! Indexes of orders that had none of their own: subsidies and supports by year, in the country and in a unit; persons of a
//! unit by name; and the households of pupils, by which a school is narrowed to those it may see.

use sea_orm_migration::prelude::*;

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
    ("ix_person_unit_id_name_folded_id", "person", &["unit_id", "name_folded", "id"], false),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        indexes(manager, INDEXES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_indexes(manager, INDEXES).await
    }
}
