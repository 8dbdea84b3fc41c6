//! Shapes that the changes share: keys, references, code lists, indexes.

pub use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, binary_null, boolean, boolean_null, date, date_null, integer, integer_null,
    json, json_null, small_integer, small_integer_null, string, string_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// A `UUIDv7` key.
pub fn key() -> ColumnDef {
    let mut column = uuid("id");
    column.primary_key();
    column
}

/// A text column that takes only the listed values.
pub fn code(name: &'static str, values: &'static [&'static str]) -> ColumnDef {
    let mut column = string(name);
    column.check(Expr::col(name).is_in(values.iter().copied()));
    column
}

/// The same, where the value may be missing.
pub fn code_null(name: &'static str, values: &'static [&'static str]) -> ColumnDef {
    let mut column = string_null(name);
    column.check(Expr::col(name).is_in(values.iter().copied()));
    column
}

/// A foreign key to the `id` of another table.
pub fn references(column: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    references_column(column, table, "id")
}

/// A foreign key to a named column of another table.
pub fn references_column(column: &'static str, table: &'static str, target: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from_col(column).to(table, target).to_owned()
}

/// Makes the listed indexes: name, table, columns, whether unique.
pub async fn indexes(
    manager: &SchemaManager<'_>,
    list: &[(&'static str, &'static str, &'static [&'static str], bool)],
) -> Result<(), DbErr> {
    for &(name, table, columns, unique) in list {
        let mut index = Index::create();
        index.name(name).table(table);
        for &column in columns {
            index.col(column);
        }
        if unique {
            index.unique();
        }
        manager.create_index(index).await?;
    }
    Ok(())
}

/// Drops the listed indexes.
pub async fn drop_indexes(
    manager: &SchemaManager<'_>,
    list: &[(&'static str, &'static str, &'static [&'static str], bool)],
) -> Result<(), DbErr> {
    for &(name, table, ..) in list {
        manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
    }
    Ok(())
}

/// Drops the listed tables, the last made first.
pub async fn drop_all(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for &table in tables.iter().rev() {
        manager.drop_table(Table::drop().table(table).to_owned()).await?;
    }
    Ok(())
}

/// Runs a statement that both databases read alike and that the builder has no words for (partial indexes).
pub async fn plain(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(statement).await.map(|_| ())
}

/// Gives columns on PostgreSQL the order of bytes that SQLite uses, so that a prefix search is a range of the index and
/// pages come in the same order on both.
pub async fn bytewise(manager: &SchemaManager<'_>, columns: &[(&str, &str)]) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    for (table, column) in columns {
        plain(manager, &format!("ALTER TABLE {table} ALTER {column} TYPE varchar COLLATE \"C\"")).await?;
    }
    Ok(())
}

/// Rural or urban.
pub const AREA: &[&str] = &["RURAL", "URBAN"];
/// Class of a household.
pub const POVERTY_CLASS: &[&str] = &["POOR", "NEAR_POOR", "AVERAGE_LIVING_STANDARD", "NOT_POOR"];
