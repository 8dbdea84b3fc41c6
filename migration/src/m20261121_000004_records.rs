//! The records that agencies push: loans with disbursements, cards, subsidies, electricity support.

use sea_orm_migration::prelude::*;

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] =
    &["loan", "loan_disbursement", "health_insurance_card", "education_subsidy", "electricity_support"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("loan")
                    .col(key())
                    .col(string("contract_no").unique_key())
                    .col(string("programme"))
                    .col(uuid("household_id"))
                    .col(uuid_null("person_id"))
                    .col(uuid("unit_id"))
                    .col(date("granted_on"))
                    .col(small_integer_null("term_months"))
                    .col(integer_null("annual_rate_bp"))
                    .col(string_null("group_code"))
                    .col(string_null("purpose"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut references_column("programme", "programme", "slug"))
                    .foreign_key(&mut references("household_id", "household"))
                    .foreign_key(&mut references("person_id", "person"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("loan_disbursement")
                    .col(key())
                    .col(uuid("loan_id"))
                    .col(uuid("household_id"))
                    .col(uuid_null("person_id"))
                    .col(uuid("unit_id"))
                    .col(string("programme"))
                    .col(string("reference"))
                    .col(big_integer("amount").check(Expr::col("amount").gt(0)))
                    .col(date("disbursed_on"))
                    .col(code_null("class_on_date", POVERTY_CLASS))
                    .col(uuid("batch_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut references("loan_id", "loan"))
                    .foreign_key(&mut references("household_id", "household"))
                    .foreign_key(&mut references("person_id", "person"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .foreign_key(&mut references_column("programme", "programme", "slug"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("health_insurance_card")
                    .col(key())
                    .col(uuid("person_id"))
                    .col(uuid("unit_id"))
                    .col(string("reference"))
                    .col(string("card_no"))
                    .col(string("group_code"))
                    .col(small_integer_null("benefit_level"))
                    .col(date("valid_from"))
                    .col(date("valid_to"))
                    .col(date_null("issued_on"))
                    .col(string_null("facility_code"))
                    .col(uuid("batch_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut references("person_id", "person"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .check(Expr::col("valid_to").gte(Expr::col("valid_from")))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("education_subsidy")
                    .col(key())
                    .col(uuid("person_id"))
                    .col(uuid_null("household_id"))
                    .col(uuid("unit_id"))
                    .col(string("reference"))
                    .col(string("programme"))
                    .col(string("school_year"))
                    .col(small_integer_null("semester"))
                    .col(small_integer_null("half_months"))
                    .col(big_integer_null("monthly_rate"))
                    .col(big_integer_null("amount"))
                    .col(big_integer_null("rice_grams"))
                    .col(string_null("legal_basis"))
                    .col(string_null("school_code"))
                    .col(date_null("paid_on"))
                    .col(uuid("batch_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut references("person_id", "person"))
                    .foreign_key(&mut references("household_id", "household"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .foreign_key(&mut references_column("programme", "programme", "slug"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("electricity_support")
                    .col(key())
                    .col(uuid("household_id"))
                    .col(uuid("unit_id"))
                    .col(string("reference"))
                    .col(small_integer("year"))
                    .col(small_integer("quarter"))
                    .col(integer_null("kwh"))
                    .col(big_integer("amount").check(Expr::col("amount").gt(0)))
                    .col(code_null("support_group", &["POOR", "SOCIAL_POLICY", "OFF_GRID"]))
                    .col(date_null("paid_on"))
                    .col(uuid("batch_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut references("household_id", "household"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .check(Expr::col("quarter").between(1, 4))
                    .to_owned(),
            )
            .await?;
        bytewise(manager, &[("education_subsidy", "school_year")]).await?;
        indexes(
            manager,
            &[
                ("ix_loan_household_id", "loan", &["household_id"], false),
                ("ix_loan_programme_granted_on_id", "loan", &["programme", "granted_on", "id"], false),
                ("ix_loan_unit_id_granted_on_id", "loan", &["unit_id", "granted_on", "id"], false),
                ("ix_loan_granted_on_id", "loan", &["granted_on", "id"], false),
                ("ix_loan_disbursement_loan_id", "loan_disbursement", &["loan_id"], false),
                (
                    "ix_loan_disbursement_household_id_programme",
                    "loan_disbursement",
                    &["household_id", "programme"],
                    false,
                ),
                (
                    "ix_loan_disbursement_programme_disbursed_on_id",
                    "loan_disbursement",
                    &["programme", "disbursed_on", "id"],
                    false,
                ),
                (
                    "ix_loan_disbursement_unit_id_programme_disbursed_on",
                    "loan_disbursement",
                    &["unit_id", "programme", "disbursed_on"],
                    false,
                ),
                (
                    "ix_loan_disbursement_unit_id_disbursed_on_id",
                    "loan_disbursement",
                    &["unit_id", "disbursed_on", "id"],
                    false,
                ),
                ("ix_loan_disbursement_disbursed_on_id", "loan_disbursement", &["disbursed_on", "id"], false),
                (
                    "ix_health_insurance_card_person_id_valid_to",
                    "health_insurance_card",
                    &["person_id", "valid_to"],
                    false,
                ),
                (
                    "ix_health_insurance_card_unit_id_valid_to_id",
                    "health_insurance_card",
                    &["unit_id", "valid_to", "id"],
                    false,
                ),
                ("ix_health_insurance_card_valid_to_id", "health_insurance_card", &["valid_to", "id"], false),
                (
                    "ix_health_insurance_card_unit_id_issued_on",
                    "health_insurance_card",
                    &["unit_id", "issued_on"],
                    false,
                ),
                ("ix_health_insurance_card_card_no", "health_insurance_card", &["card_no"], false),
                (
                    "ix_education_subsidy_person_id_programme_school_year",
                    "education_subsidy",
                    &["person_id", "programme", "school_year"],
                    false,
                ),
                (
                    "ix_education_subsidy_unit_id_programme_school_year",
                    "education_subsidy",
                    &["unit_id", "programme", "school_year"],
                    false,
                ),
                (
                    "ix_education_subsidy_programme_school_year_id",
                    "education_subsidy",
                    &["programme", "school_year", "id"],
                    false,
                ),
                (
                    "ix_electricity_support_household_id_year_quarter",
                    "electricity_support",
                    &["household_id", "year", "quarter"],
                    false,
                ),
                (
                    "ix_electricity_support_unit_id_year_quarter",
                    "electricity_support",
                    &["unit_id", "year", "quarter"],
                    false,
                ),
                ("ix_electricity_support_year_quarter_id", "electricity_support", &["year", "quarter", "id"], false),
            ],
        )
        .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
