//! Visits to a doctor that health insurance paid for.

use sea_orm_migration::prelude::*;

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let part = |name: &'static str| big_integer_null(name).check(Expr::col(name).gte(0)).take();
        manager
            .create_table(
                Table::create()
                    .table("medical_visit")
                    .col(key())
                    .col(uuid("person_id"))
                    .col(uuid("unit_id"))
                    .col(string("reference"))
                    .col(date("visited_on"))
                    .col(string("facility_code"))
                    .col(boolean_null("inpatient"))
                    .col(big_integer("cost").check(Expr::col("cost").gt(0)))
                    .col(part("paid_by_insurance"))
                    .col(part("paid_by_fund"))
                    .col(part("paid_by_patient"))
                    .col(string_null("card_no"))
                    .col(uuid("batch_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut references("person_id", "person"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .to_owned(),
            )
            .await?;
        indexes(
            manager,
            &[
                // The visits of a chunk's patients on its days, with what tells two of them apart.
                (
                    "ix_medical_visit_person_id_visited_on_facility_code",
                    "medical_visit",
                    &["person_id", "visited_on", "facility_code"],
                    false,
                ),
                ("ix_medical_visit_unit_id_visited_on_id", "medical_visit", &["unit_id", "visited_on", "id"], false),
                ("ix_medical_visit_visited_on_id", "medical_visit", &["visited_on", "id"], false),
                (
                    "ix_medical_visit_facility_code_visited_on_id",
                    "medical_visit",
                    &["facility_code", "visited_on", "id"],
                    false,
                ),
                ("ix_medical_visit_created_at_id", "medical_visit", &["created_at", "id"], false),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["medical_visit"]).await
    }
}
