//! Who holds a number is answered from the index of the numbers alone: the health office asks of ten thousand at once, and on a large
//! register each of them lies in a page of its own. PostgreSQL only; SQLite keeps nothing beside the key of a unique index.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::columns::plain;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEX: &str = "uq_person_identifier_kind_value";

/// Builds the index anew before the old one goes, so that no number is ever held twice.
async fn rebuild(manager: &SchemaManager<'_>, beside: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let new = format!("{INDEX}_new");
    plain(manager, &format!("CREATE UNIQUE INDEX {new} ON person_identifier (kind, value){beside}")).await?;
    plain(manager, &format!("DROP INDEX {INDEX}")).await?;
    plain(manager, &format!("ALTER INDEX {new} RENAME TO {INDEX}")).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rebuild(manager, " INCLUDE (person_id)").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rebuild(manager, "").await
    }
}
