//! The two tables that tell what happened: change events and audit entries, in the order of writing.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &["change_event", "audit_entry"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("change_event")
                    .col(big_integer("seq").auto_increment().primary_key())
                    .col(uuid("id").unique_key())
                    .col(big_integer_null("transaction_id"))
                    .col(string("subject"))
                    .col(uuid("record_id"))
                    .col(uuid("unit_id"))
                    .col(code("operation", &["CREATED", "UPDATED"]))
                    .col(uuid_null("batch_id"))
                    .col(timestamp_with_time_zone("at"))
                    .foreign_key(&mut references("unit_id", "administrative_unit"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("audit_entry")
                    .col(big_integer("seq").auto_increment().primary_key())
                    .col(uuid("id").unique_key())
                    .col(big_integer_null("transaction_id"))
                    .col(timestamp_with_time_zone("at"))
                    .col(string("client_id"))
                    .col(string("role"))
                    .col(string_null("unit_code"))
                    .col(string("action"))
                    .col(code("outcome", &["DONE", "REFUSED"]))
                    .col(json("disclosed"))
                    .col(integer("record_count"))
                    .col(binary("subjects"))
                    .col(string_null("purpose"))
                    .col(string("request_id"))
                    .col(uuid_null("batch_id"))
                    .to_owned(),
            )
            .await?;
        indexes(
            manager,
            &[
                ("ix_change_event_record_id", "change_event", &["record_id"], false),
                ("ix_audit_entry_client_id_seq", "audit_entry", &["client_id", "seq"], false),
                ("ix_audit_entry_batch_id", "audit_entry", &["batch_id"], false),
            ],
        )
        .await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            // Sequence numbers are handed out before commits; the transaction tells which are final for a reader.
            for table in TABLES {
                plain(
                    manager,
                    &format!(
                        "ALTER TABLE {table} ALTER transaction_id SET DEFAULT (pg_current_xact_id()::text::bigint)"
                    ),
                )
                .await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
