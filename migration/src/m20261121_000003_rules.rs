//! The law as data: poverty standards, programmes with their rates, base amounts.

use sea_orm_migration::prelude::*;

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["poverty_standard", "programme", "programme_rate", "base_amount"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("poverty_standard")
                    .col(key())
                    .col(string("period"))
                    .col(code("area", AREA))
                    .col(uuid_null("unit_id"))
                    .col(date("valid_from"))
                    .col(date("valid_to"))
                    .col(big_integer("income_line").check(Expr::col("income_line").gt(0)))
                    .col(big_integer_null("upper_income_line"))
                    .col(big_integer_null("average_income_line"))
                    .col(small_integer("score_line"))
                    .col(small_integer_null("upper_score_line"))
                    .col(small_integer("deprivation_line"))
                    .col(string("indicators"))
                    .col(string("legal_basis"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .check(Expr::col("valid_to").gte(Expr::col("valid_from")))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("programme")
                    .col(string("slug").primary_key())
                    .col(code("kind", &["LOAN", "HEALTH_INSURANCE", "EDUCATION", "ELECTRICITY", "BENEFIT"]))
                    .col(string("name_vi"))
                    .col(string("name_en"))
                    .col(string("eligible_classes"))
                    .col(string("legal_basis"))
                    .col(date("valid_from"))
                    .col(date_null("valid_to"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("programme_rate")
                    .col(key())
                    .col(string("programme"))
                    .col(code(
                        "measure",
                        &[
                            "CEILING",
                            "ANNUAL_RATE",
                            "TERM_MONTHS",
                            "MONTHLY_RATE",
                            "MONTHLY_RATE_OF_BASE_SALARY",
                            "MONTHLY_RICE",
                            "MOST_MONTHS",
                            "QUARTERLY_AMOUNT",
                            "QUARTERLY_KWH",
                        ],
                    ))
                    .col(big_integer("value"))
                    .col(date("valid_from"))
                    .col(date_null("valid_to"))
                    .col(string("legal_basis"))
                    .foreign_key(&mut references_column("programme", "programme", "slug"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("base_amount")
                    .col(string("slug"))
                    .col(date("valid_from"))
                    .col(big_integer("amount").check(Expr::col("amount").gt(0)))
                    .col(string("legal_basis"))
                    .primary_key(Index::create().col("slug").col("valid_from"))
                    .to_owned(),
            )
            .await?;
        indexes(
            manager,
            &[
                ("ix_poverty_standard_period_area_unit_id", "poverty_standard", &["period", "area", "unit_id"], false),
                (
                    "uq_programme_rate_programme_measure_valid_from",
                    "programme_rate",
                    &["programme", "measure", "valid_from"],
                    true,
                ),
            ],
        )
        .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
