//! Lets two questions be answered from an index alone: the sums of a unit, as the index of its payments by day also holds what is
//! counted and added up; and who is covered on a day, as the index of the cards of a person also holds their number. Whatever used
//! the indexes uses them as before.

use sea_orm_migration::prelude::*;

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// The indexes as they were.
const BARE: &[(&str, &str, &[&str], bool)] = &[
    ("ix_loan_disbursement_unit_id_disbursed_on_id", "loan_disbursement", &["unit_id", "disbursed_on", "id"], false),
    (
        "ix_health_insurance_card_person_id_valid_to_valid_from",
        "health_insurance_card",
        &["person_id", "valid_to", "valid_from"],
        false,
    ),
];

/// The same with it. PostgreSQL could keep it beside the key, SQLite could not; standing last it sorts nothing.
const COVERING: &[(&str, &str, &[&str], bool)] = &[
    (
        "ix_loan_disbursement_unit_id_disbursed_on_sums",
        "loan_disbursement",
        &["unit_id", "disbursed_on", "id", "programme", "household_id", "amount"],
        false,
    ),
    (
        "ix_health_insurance_card_person_id_coverage",
        "health_insurance_card",
        &["person_id", "valid_to", "valid_from", "card_no"],
        false,
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_indexes(manager, BARE).await?;
        indexes(manager, COVERING).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_indexes(manager, COVERING).await?;
        indexes(manager, BARE).await
    }
}
