//! Lets the sums of a unit be made from an index alone: the index of its payments by day also holds what is counted and added up.
//! The page of a unit by day uses it as before.

use sea_orm_migration::prelude::*;

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// The index of payments by unit and day, without what they amount to.
const BARE: &[(&str, &str, &[&str], bool)] =
    &[("ix_loan_disbursement_unit_id_disbursed_on_id", "loan_disbursement", &["unit_id", "disbursed_on", "id"], false)];

/// The same with it. PostgreSQL could keep the last three beside the key, SQLite could not; behind `id` they sort nothing.
const SUMMED: &[(&str, &str, &[&str], bool)] = &[(
    "ix_loan_disbursement_unit_id_disbursed_on_sums",
    "loan_disbursement",
    &["unit_id", "disbursed_on", "id", "programme", "household_id", "amount"],
    false,
)];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_indexes(manager, BARE).await?;
        indexes(manager, SUMMED).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_indexes(manager, SUMMED).await?;
        indexes(manager, BARE).await
    }
}
