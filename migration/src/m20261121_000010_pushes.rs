//! What makes many small pushes cheap on PostgreSQL: no check of what the same transaction has just written, and a mark that
//! tells whether the rules have changed since they were last read. SQLite keeps its references, which cost it little, and
//! reads the rules each time, from the same process.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::columns::*;

/// The change.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// The tables of the rules.
const RULES: [&str; 4] = ["programme", "programme_rate", "base_amount", "poverty_standard"];

const REFERENCES: [(&str, &str, &str); 2] =
    [("batch_record", "batch_id", "batch"), ("change_event", "unit_id", "administrative_unit")];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        for (table, column, _) in REFERENCES {
            plain(manager, &format!("ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_fkey")).await?;
        }
        plain(manager, "CREATE TABLE rules_version (version uuid NOT NULL)").await?;
        plain(manager, "INSERT INTO rules_version VALUES (gen_random_uuid())").await?;
        plain(
            manager,
            "CREATE FUNCTION rules_changed() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN UPDATE rules_version SET version = gen_random_uuid(); RETURN NULL; END'",
        )
        .await?;
        for table in RULES {
            plain(
                manager,
                &format!(
                    "CREATE TRIGGER rules_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} \
                     FOR EACH STATEMENT EXECUTE FUNCTION rules_changed()"
                ),
            )
            .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        for table in RULES {
            plain(manager, &format!("DROP TRIGGER rules_changed ON {table}")).await?;
        }
        plain(manager, "DROP FUNCTION rules_changed()").await?;
        plain(manager, "DROP TABLE rules_version").await?;
        for (table, column, to) in REFERENCES {
            plain(manager, &format!("ALTER TABLE {table} ADD FOREIGN KEY ({column}) REFERENCES {to} (id)")).await?;
        }
        Ok(())
    }
}
