//! Pushes, their rows, doubts about stored records and rows that wait.

use sea_orm_migration::prelude::*;

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["batch", "batch_record", "finding", "unmatched_record"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("batch")
                    .col(key())
                    .col(string("client_id"))
                    .col(string("kind"))
                    .col(code("status", &["COMPLETED", "REFUSED"]))
                    .col(string_null("idempotency_key"))
                    .col(binary("body_hash"))
                    .col(integer("received"))
                    .col(integer("accepted"))
                    .col(integer("duplicate"))
                    .col(integer("conflict"))
                    .col(integer("unmatched"))
                    .col(integer("rejected"))
                    .col(big_integer("amount"))
                    .col(boolean("atomic"))
                    .col(json_null("refusal"))
                    .col(string("request_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("batch_record")
                    .col(uuid("batch_id"))
                    .col(integer("position"))
                    .col(string("client_id"))
                    .col(string("kind"))
                    .col(string_null("reference"))
                    .col(binary_null("content_hash"))
                    .col(code("status", &["ACCEPTED", "DUPLICATE", "CONFLICT", "UNMATCHED", "REJECTED"]))
                    .col(uuid_null("record_id"))
                    .col(json_null("errors"))
                    .foreign_key(&mut references("batch_id", "batch"))
                    .primary_key(Index::create().col("batch_id").col("position"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("finding")
                    .col(key())
                    .col(uuid("batch_id"))
                    .col(integer("position"))
                    .col(string("kind"))
                    .col(uuid("record_id"))
                    .col(uuid("unit_id"))
                    .col(string("code"))
                    .col(json("params"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("resolved_at"))
                    .foreign_key(&mut references("batch_id", "batch"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("unmatched_record")
                    .col(key())
                    .col(uuid("batch_id"))
                    .col(integer("position"))
                    .col(string("client_id"))
                    .col(string("kind"))
                    .col(uuid_null("unit_id"))
                    .col(json("content"))
                    .col(json("reason"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("resolved_at"))
                    .col(uuid_null("record_id"))
                    .foreign_key(&mut references("batch_id", "batch"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .to_owned(),
            )
            .await?;
        indexes(
            manager,
            &[
                ("ix_batch_client_id_id", "batch", &["client_id", "id"], false),
                ("ix_finding_batch_id_position", "finding", &["batch_id", "position"], false),
                ("ix_finding_record_id", "finding", &["record_id"], false),
                ("ix_finding_unit_id_id", "finding", &["unit_id", "id"], false),
                ("ix_unmatched_record_batch_id_position", "unmatched_record", &["batch_id", "position"], false),
                ("ix_unmatched_record_client_id_kind_id", "unmatched_record", &["client_id", "kind", "id"], false),
            ],
        )
        .await?;
        plain(manager, "CREATE UNIQUE INDEX uq_batch_idempotency ON batch (client_id, idempotency_key) WHERE idempotency_key IS NOT NULL").await?;
        plain(manager, "CREATE UNIQUE INDEX uq_batch_record_reference ON batch_record (client_id, kind, reference, status) WHERE status IN ('ACCEPTED', 'UNMATCHED')").await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
