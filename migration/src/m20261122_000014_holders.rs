//! Who holds a number is answered from the index of the numbers alone, on PostgreSQL: the health office asks of ten thousand at once,
//! and on a large register each of them lies in a page of its own. The number stands first in it, since it tells almost every
//! entry from another; before, each step of a search compared the kind, which is the same in millions of them.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

const BY_KIND: &[(&str, &str, &[&str], bool)] =
    &[("uq_person_identifier_kind_value", "person_identifier", &["kind", "value"], true)];

const BY_VALUE: &str = "uq_person_identifier_value_kind";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite keeps nothing beside the key of a unique index.
        let beside = if manager.get_database_backend() == DbBackend::Postgres { " INCLUDE (person_id)" } else { "" };
        plain(manager, &format!("CREATE UNIQUE INDEX {BY_VALUE} ON person_identifier (value, kind){beside}")).await?;
        drop_indexes(manager, BY_KIND).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        indexes(manager, BY_KIND).await?;
        plain(manager, &format!("DROP INDEX {BY_VALUE}")).await
    }
}
