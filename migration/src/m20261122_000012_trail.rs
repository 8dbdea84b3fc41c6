//! What makes the rows cheaper that tell of others: change events, audit entries and findings, of which one or more stand beside
//! every record. Nobody looks up an event by its record, or a read by a push. On PostgreSQL the keys that are told outside,
//! made here and found by no one, and the references of a finding to the push and the unit of the record that the same
//! transaction has just written, are no longer checked; SQLite could drop them only with the table, and they cost it little.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Indexes that nobody asks, or that now leave out what has no push.
const DROPPED: &[(&str, &str, &[&str], bool)] = &[
    ("ix_change_event_record_id", "change_event", &["record_id"], false),
    ("ix_audit_entry_batch_id", "audit_entry", &["batch_id"], false),
];

/// Tables whose key is `seq`, and which have an `id` beside it.
const TOLD_BY_ID: [&str; 2] = ["change_event", "audit_entry"];

const REFERENCES: [(&str, &str); 2] = [("batch_id", "batch"), ("unit_id", "administrative_unit")];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_indexes(manager, DROPPED).await?;
        plain(manager, "CREATE INDEX ix_audit_entry_batch ON audit_entry (batch_id) WHERE batch_id IS NOT NULL")
            .await?;
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        for table in TOLD_BY_ID {
            plain(manager, &format!("ALTER TABLE {table} DROP CONSTRAINT {table}_id_key")).await?;
        }
        for (column, _) in REFERENCES {
            plain(manager, &format!("ALTER TABLE finding DROP CONSTRAINT finding_{column}_fkey")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        plain(manager, "DROP INDEX ix_audit_entry_batch").await?;
        indexes(manager, DROPPED).await?;
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        for table in TOLD_BY_ID {
            plain(manager, &format!("ALTER TABLE {table} ADD UNIQUE (id)")).await?;
        }
        for (column, to) in REFERENCES {
            plain(manager, &format!("ALTER TABLE finding ADD FOREIGN KEY ({column}) REFERENCES {to} (id)")).await?;
        }
        Ok(())
    }
}
