//! Households, persons, their identifiers and memberships, and the yearly reviews.

use sea_orm_migration::prelude::*;

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["household", "person", "person_identifier", "household_member", "household_review"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("household")
                    .col(key())
                    .col(string("code"))
                    .col(uuid("unit_id"))
                    .col(string_null("village"))
                    .col(string_null("address"))
                    .col(code("residence_type", AREA))
                    .col(string("head_name"))
                    .col(string("head_name_folded"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("person")
                    .col(key())
                    .col(uuid("unit_id"))
                    .col(string("full_name"))
                    .col(string("name_folded"))
                    .col(date_null("birth_date"))
                    .col(small_integer("birth_year"))
                    .col(code("sex", &["MALE", "FEMALE"]))
                    .col(string_null("ethnicity_code"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("person_identifier")
                    .col(key())
                    .col(uuid("person_id"))
                    .col(code("kind", &["PERSONAL_ID", "CMND", "INSURANCE_NO"]))
                    .col(string("value"))
                    .col(date_null("valid_from"))
                    .col(date_null("valid_to"))
                    .foreign_key(&mut references("person_id", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("household_member")
                    .col(key())
                    .col(uuid("household_id"))
                    .col(uuid("person_id"))
                    .col(code(
                        "relation",
                        &["HEAD", "SPOUSE", "CHILD", "PARENT", "GRANDCHILD", "GRANDPARENT", "SIBLING", "OTHER"],
                    ))
                    .col(date_null("valid_from"))
                    .col(date_null("valid_to"))
                    .foreign_key(&mut references("household_id", "household"))
                    .foreign_key(&mut references("person_id", "person"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("household_review")
                    .col(key())
                    .col(uuid("household_id"))
                    .col(uuid("unit_id"))
                    .col(small_integer("year"))
                    .col(code("area", AREA))
                    .col(small_integer_null("score_b1"))
                    .col(small_integer_null("score_b2"))
                    .col(integer("deprivations"))
                    .col(code_null("computed_class", POVERTY_CLASS))
                    .col(code("decided_class", POVERTY_CLASS))
                    .col(string_null("decision_no"))
                    .col(date_null("decided_on"))
                    .col(date("valid_from"))
                    .col(date("valid_to"))
                    .col(uuid_null("batch_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut references("household_id", "household"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .check(Expr::col("valid_to").gte(Expr::col("valid_from")))
                    .to_owned(),
            )
            .await?;
        bytewise(manager, &[("household", "code"), ("household", "head_name_folded"), ("person", "name_folded")])
            .await?;
        indexes(
            manager,
            &[
                ("uq_household_unit_id_code", "household", &["unit_id", "code"], true),
                ("ix_household_code_id", "household", &["code", "id"], false),
                ("ix_household_head_name_folded", "household", &["head_name_folded", "id"], false),
                ("ix_household_unit_id_id", "household", &["unit_id", "id"], false),
                ("ix_person_unit_id_id", "person", &["unit_id", "id"], false),
                ("ix_person_name_folded_birth_year", "person", &["name_folded", "birth_year"], false),
                ("uq_person_identifier_kind_value", "person_identifier", &["kind", "value"], true),
                ("ix_person_identifier_person_id", "person_identifier", &["person_id"], false),
                ("ix_household_member_household_id", "household_member", &["household_id"], false),
                ("ix_household_member_person_id", "household_member", &["person_id"], false),
                ("uq_household_review_household_id_year", "household_review", &["household_id", "year"], true),
                (
                    "ix_household_review_unit_id_year_decided_class",
                    "household_review",
                    &["unit_id", "year", "decided_class"],
                    false,
                ),
                (
                    "ix_household_review_household_id_valid_from_valid_to",
                    "household_review",
                    &["household_id", "valid_from", "valid_to"],
                    false,
                ),
            ],
        )
        .await?;
        plain(
            manager,
            "CREATE UNIQUE INDEX uq_household_member_open ON household_member (person_id) WHERE valid_to IS NULL",
        )
        .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
