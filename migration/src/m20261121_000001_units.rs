//! Administrative units of both eras, their successions and their areas.

use sea_orm_migration::prelude::*;

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["administrative_unit", "unit_succession", "unit_scope"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("administrative_unit")
                    .col(key())
                    .col(code("level", &["PROVINCE", "DISTRICT", "COMMUNE"]))
                    .col(string("code"))
                    .col(string("name"))
                    .col(string("name_folded"))
                    .col(string("kind"))
                    .col(uuid_null("parent_id"))
                    .col(date("valid_from"))
                    .col(date_null("valid_to"))
                    .foreign_key(&mut references("parent_id", "administrative_unit"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("unit_succession")
                    .col(uuid("old_id"))
                    .col(uuid("new_id"))
                    .col(code("kind", &["WHOLE", "PART"]))
                    .col(boolean("is_default"))
                    .col(date("effective_on"))
                    .col(string_null("legal_basis"))
                    .foreign_key(&mut references("old_id", "administrative_unit"))
                    .foreign_key(&mut references("new_id", "administrative_unit"))
                    .primary_key(Index::create().col("old_id").col("new_id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("unit_scope")
                    .col(uuid("unit_id"))
                    .col(uuid("within_id"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .foreign_key(&mut references("within_id", "administrative_unit"))
                    .primary_key(Index::create().col("unit_id").col("within_id"))
                    .to_owned(),
            )
            .await?;
        bytewise(manager, &[("administrative_unit", "name_folded")]).await?;
        indexes(
            manager,
            &[
                (
                    "uq_administrative_unit_level_code_valid_from",
                    "administrative_unit",
                    &["level", "code", "valid_from"],
                    true,
                ),
                ("ix_administrative_unit_code", "administrative_unit", &["code"], false),
                ("ix_administrative_unit_parent_id", "administrative_unit", &["parent_id"], false),
                ("ix_administrative_unit_name_folded", "administrative_unit", &["name_folded"], false),
                ("ix_unit_succession_new_id", "unit_succession", &["new_id"], false),
                ("ix_unit_scope_within_id", "unit_scope", &["within_id"], false),
            ],
        )
        .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
