//! What makes the rows cheaper that a push leaves beside its records. Indexes that no question uses go; one comes back with the
//! question that needs it. The references that were sent stand first in their index, since they tell almost every entry from
//! another; before, each step of a search compared the sender and the kind, which are the same in all of them. On PostgreSQL the
//! codes in these rows are checked by domains, whose condition a connection reads once; that of a table it reads again for every
//! statement, which for four of them took as long as to write three such rows. SQLite keeps its checks.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Indexes that nobody asks.
const UNASKED: &[(&str, &str, &[&str], bool)] = &[
    ("ix_batch_client_id_id", "batch", &["client_id", "id"], false),
    ("ix_audit_entry_client_id_seq", "audit_entry", &["client_id", "seq"], false),
];

/// Table, column and the codes it takes.
const CODES: [(&str, &str, &str); 4] = [
    ("batch", "status", "'COMPLETED', 'REFUSED'"),
    ("batch_record", "status", "'ACCEPTED', 'DUPLICATE', 'CONFLICT', 'UNMATCHED', 'REJECTED'"),
    ("change_event", "operation", "'CREATED', 'UPDATED'"),
    ("audit_entry", "outcome", "'DONE', 'REFUSED'"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_indexes(manager, UNASKED).await?;
        plain(manager, "DROP INDEX ix_audit_entry_batch").await?;
        plain(manager, "DROP INDEX uq_batch_record_reference").await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            for (table, column, codes) in CODES {
                let domain = format!("{table}_{column}");
                plain(manager, &format!("CREATE DOMAIN {domain} AS varchar CHECK (VALUE IN ({codes}))")).await?;
                plain(
                    manager,
                    &format!("ALTER TABLE {table} DROP CONSTRAINT {domain}_check, ALTER {column} TYPE {domain}"),
                )
                .await?;
            }
        }
        plain(manager, &by_reference("reference, client_id, kind, status")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        plain(manager, "DROP INDEX uq_batch_record_reference").await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            for (table, column, codes) in CODES {
                let domain = format!("{table}_{column}");
                plain(
                    manager,
                    &format!(
                        "ALTER TABLE {table} ALTER {column} TYPE varchar, \
                         ADD CONSTRAINT {domain}_check CHECK ({column} IN ({codes}))"
                    ),
                )
                .await?;
                plain(manager, &format!("DROP DOMAIN {domain}")).await?;
            }
        }
        plain(manager, &by_reference("client_id, kind, reference, status")).await?;
        plain(manager, "CREATE INDEX ix_audit_entry_batch ON audit_entry (batch_id) WHERE batch_id IS NOT NULL")
            .await?;
        indexes(manager, UNASKED).await
    }
}

/// Each reference of a sender once among the rows that are stored or wait.
fn by_reference(columns: &str) -> String {
    format!(
        "CREATE UNIQUE INDEX uq_batch_record_reference ON batch_record ({columns}) WHERE status IN ('ACCEPTED', 'UNMATCHED')"
    )
}
