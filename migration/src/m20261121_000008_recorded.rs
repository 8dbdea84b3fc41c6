//! Indexes by the time of recording, by which copies elsewhere are kept up, and the order of the list of reviews.

use sea_orm_migration::prelude::*;

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Name, table, columns, whether unique.
const INDEXES: &[(&str, &str, &[&str], bool)] = &[
    ("ix_household_updated_at_id", "household", &["updated_at", "id"], false),
    ("ix_household_review_created_at_id", "household_review", &["created_at", "id"], false),
    ("ix_household_review_year_id", "household_review", &["year", "id"], false),
    ("ix_loan_disbursement_created_at_id", "loan_disbursement", &["created_at", "id"], false),
    ("ix_health_insurance_card_created_at_id", "health_insurance_card", &["created_at", "id"], false),
    ("ix_education_subsidy_created_at_id", "education_subsidy", &["created_at", "id"], false),
    ("ix_electricity_support_created_at_id", "electricity_support", &["created_at", "id"], false),
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
