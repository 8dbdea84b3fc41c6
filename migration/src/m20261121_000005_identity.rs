//! Clients of the agencies, their used assertions, and the keys that tokens are signed with.

use sea_orm_migration::prelude::*;

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["agency_client", "used_assertion", "signing_key"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("agency_client")
                    .col(key())
                    .col(string("client_id").unique_key())
                    .col(string("name"))
                    .col(code(
                        "role",
                        &[
                            "labour",
                            "health",
                            "education",
                            "policy_bank",
                            "commune",
                            "leadership",
                            "auditor",
                            "administrator",
                        ],
                    ))
                    .col(uuid_null("unit_id"))
                    .col(string("scopes"))
                    .col(binary_null("secret_hash"))
                    .col(binary_null("previous_secret_hash"))
                    .col(timestamp_with_time_zone_null("previous_secret_until"))
                    .col(json_null("jwks"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("revoked_at"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("used_assertion")
                    .col(string("client_id"))
                    .col(string("jti"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .primary_key(Index::create().col("client_id").col("jti"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("signing_key")
                    .col(string("kid").primary_key())
                    .col(code("algorithm", &["EdDSA", "ES256"]))
                    .col(json("public_jwk"))
                    .col(binary("private_sealed"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("active_from"))
                    .col(timestamp_with_time_zone_null("active_until"))
                    .col(timestamp_with_time_zone_null("published_until"))
                    .to_owned(),
            )
            .await?;
        indexes(manager, &[("ix_used_assertion_expires_at", "used_assertion", &["expires_at"], false)]).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
