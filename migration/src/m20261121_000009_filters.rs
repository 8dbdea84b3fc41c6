//! Indexes of the filters that had none of their own: group of a card, year of birth, day of payment, group of electricity
//! support, and the work list of a sender.

use sea_orm_migration::prelude::*;

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Name, table, columns, whether unique.
const INDEXES: &[(&str, &str, &[&str], bool)] = &[
    (
        "ix_health_insurance_card_group_code_valid_to_id",
        "health_insurance_card",
        &["group_code", "valid_to", "id"],
        false,
    ),
    ("ix_person_birth_year_id", "person", &["birth_year", "id"], false),
    ("ix_education_subsidy_paid_on", "education_subsidy", &["paid_on"], false),
    ("ix_electricity_support_support_group_year_id", "electricity_support", &["support_group", "year", "id"], false),
    ("ix_unmatched_record_client_id_id", "unmatched_record", &["client_id", "id"], false),
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
