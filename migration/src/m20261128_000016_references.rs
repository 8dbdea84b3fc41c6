//! Brings back the references that an earlier change had taken from PostgreSQL alone, to save their checks. What holds on one
//! database holds on both.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

const REFERENCES: [(&str, &str, &str); 4] = [
    ("batch_record", "batch_id", "batch"),
    ("change_event", "unit_id", "administrative_unit"),
    ("finding", "batch_id", "batch"),
    ("finding", "unit_id", "administrative_unit"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        change(manager, |table, column, to| {
            format!("ALTER TABLE {table} ADD FOREIGN KEY ({column}) REFERENCES {to} (id)")
        })
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        change(manager, |table, column, _| format!("ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_fkey")).await
    }
}

async fn change(
    manager: &SchemaManager<'_>,
    statement: impl Fn(&str, &str, &str) -> String + Send + Sync,
) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        for (table, column, to) in REFERENCES {
            plain(manager, &statement(table, column, to)).await?;
        }
    }
    Ok(())
}
