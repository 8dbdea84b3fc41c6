//! Inserts many rows at once. On PostgreSQL each column is one array, so that a statement reads alike for any number of rows
//! and is prepared once, and nobody parses thousands of parameters; SQLite binds each value.

use std::fmt::Write;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityName, EntityTrait, IdenStatic,
    IntoActiveModel, Iterable, QueryTrait, Statement, Value,
    sea_query::{ArrayType, ColumnType},
};

/// The most values that SQLite binds in one statement, with some to spare.
const SQLITE_VALUES: usize = 32_000;

/// Inserts any number of rows of one table. All must set the same columns; what they leave out, the database fills in.
///
/// # Errors
/// As of [`Inserts::execute`].
pub async fn insert_all<A>(conn: &impl ConnectionTrait, rows: Vec<A>) -> Result<(), DbErr>
where
    A: ActiveModelTrait + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    let mut inserts = Inserts::new(conn.get_database_backend());
    inserts.add(rows)?;
    inserts.execute(conn).await
}

/// Rows of several tables, to be inserted in the order in which they were added.
#[derive(Debug)]
pub struct Inserts {
    backend: DbBackend,
    unnested: Vec<Unnested>,
    statements: Vec<Statement>,
}

/// An insert whose columns are arrays.
#[derive(Debug)]
struct Unnested {
    /// `INSERT INTO "loan" ("id", "term_months") SELECT`
    head: String,
    /// What follows each placeholder: `::uuid[])`.
    types: Vec<String>,
    values: Vec<Value>,
}

impl Inserts {
    /// Nothing yet.
    pub fn new(backend: DbBackend) -> Self {
        Self { backend, unnested: Vec::new(), statements: Vec::new() }
    }

    /// Adds rows of one table. All must set the same columns.
    ///
    /// # Errors
    /// A column is set in some rows and must not be missing in others.
    pub fn add<A>(&mut self, rows: Vec<A>) -> Result<(), DbErr>
    where
        A: ActiveModelTrait + Send,
    {
        let nulls = if rows.len() < MANY { Nulls::Vary } else { Nulls::Stay };
        self.add_with(rows, nulls)
    }

    /// The same for rows in which nearly always the same columns are null, however few they are.
    ///
    /// # Errors
    /// As of [`Inserts::add`].
    pub fn add_alike<A>(&mut self, rows: Vec<A>) -> Result<(), DbErr>
    where
        A: ActiveModelTrait + Send,
    {
        self.add_with(rows, Nulls::Stay)
    }

    fn add_with<A>(&mut self, rows: Vec<A>, nulls: Nulls) -> Result<(), DbErr>
    where
        A: ActiveModelTrait + Send,
    {
        if rows.is_empty() {
            return Ok(());
        }
        if self.backend == DbBackend::Postgres {
            self.unnested.push(unnested(rows, nulls)?);
            return Ok(());
        }
        let columns = <A::Entity as EntityTrait>::Column::iter().count().max(1);
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some: Vec<A> = rows.by_ref().take(SQLITE_VALUES / columns).collect();
            self.statements.push(A::Entity::insert_many(some).build(self.backend));
        }
        Ok(())
    }

    /// Inserts what was added. On PostgreSQL it is one statement; on SQLite one a table, and more where a table's rows hold
    /// more values than it binds: who needs all or nothing there gives a transaction.
    ///
    /// # Errors
    /// What the database says.
    pub async fn execute(mut self, conn: &impl ConnectionTrait) -> Result<(), DbErr> {
        self.flush(conn).await
    }

    /// The same, and more can be added afterwards.
    ///
    /// # Errors
    /// As of [`Inserts::execute`].
    pub async fn flush(&mut self, conn: &impl ConnectionTrait) -> Result<(), DbErr> {
        let together = joined(std::mem::take(&mut self.unnested))?;
        for statement in together.into_iter().chain(std::mem::take(&mut self.statements)) {
            conn.execute_raw(statement).await?;
        }
        Ok(())
    }
}

/// `WITH a AS (INSERT …), b AS (INSERT …) INSERT …`: one round trip, and foreign keys are checked when all is there.
fn joined(mut inserts: Vec<Unnested>) -> Result<Option<Statement>, DbErr> {
    let Some(last) = inserts.pop() else { return Ok(None) };
    let mut sql = String::new();
    let mut values = Vec::new();
    for (place, insert) in inserts.into_iter().enumerate() {
        let before = if place == 0 { "WITH" } else { "," };
        write!(sql, "{before} part_{place} AS (").map_err(unwritten)?;
        insert.write(&mut sql, &mut values)?;
        sql.push(')');
    }
    last.write(&mut sql, &mut values)?;
    Ok(Some(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)))
}

impl Unnested {
    fn write(self, sql: &mut String, values: &mut Vec<Value>) -> Result<(), DbErr> {
        sql.push_str(&self.head);
        for (place, kind) in self.types.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(sql, "{comma} unnest(${}{kind}", values.len() + place + 1).map_err(unwritten)?;
        }
        values.extend(self.values);
        Ok(())
    }
}

/// Rows from which a statement takes so long that it may be prepared anew for what happens to be null in them.
const MANY: usize = 100;

/// Whether the columns that are null differ from statement to statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nulls {
    /// They do: a statement reads alike whatever is null, so that it is prepared once.
    Vary,
    /// They hardly do: a statement reads as is best for what is null in it.
    Stay,
}

/// `INSERT INTO loan (id, term_months) SELECT unnest($1::uuid[]), unnest($2::text::int2[])`: all arrays are of one length, and
/// their elements go row by row into the table, while `FROM unnest($1, $2)` would first put all of them aside. Where nulls
/// [stay](Nulls::Stay), a column that is null throughout is left out, as none has a default beside.
fn unnested<A: ActiveModelTrait>(mut rows: Vec<A>, nulls: Nulls) -> Result<Unnested, DbErr> {
    let mut head = format!("INSERT INTO \"{}\" (", A::Entity::default().table_name());
    let mut types = Vec::new();
    let mut values = Vec::new();
    for column in <A::Entity as EntityTrait>::Column::iter() {
        if rows.iter().all(|row| row.get(column).is_not_set()) {
            continue;
        }
        let definition = column.def();
        let (name, array) = array_of(definition.get_column_type())
            .ok_or_else(|| DbErr::Type(format!("no array is known for the column {}", column.as_str())))?;
        let cells: Vec<Option<Value>> = rows.iter_mut().map(|row| row.take(column).into_value()).collect();
        let empty = cells.iter().filter(|cell| cell.as_ref().is_some_and(is_null)).count();
        if nulls == Nulls::Stay && empty == rows.len() {
            continue;
        }
        let comma = if types.is_empty() { "" } else { ", " };
        write!(head, "{comma}\"{}\"", column.as_str()).map_err(unwritten)?;
        if empty > 0 || (nulls == Nulls::Vary && definition.is_null()) {
            // Arrays hold no nulls where they are bound. Their text does, which takes PostgreSQL twenty times as long to read.
            types.push(format!("::text::{name}[])"));
            values.push(Value::from(literal(cells.into_iter())?));
            continue;
        }
        // JSON has no array, and travels as the texts it is read from.
        types.push(if name == JSON { format!("::text[])::{name}") } else { format!("::{name}[])") });
        let cells = cells.into_iter().map(|cell| cell.map(unjson).ok_or_else(|| missing(column.as_str())));
        values.push(Value::Array(array, Some(Box::new(cells.collect::<Result<_, _>>()?))));
    }
    head.push_str(") SELECT");
    Ok(Unnested { head, types, values })
}

fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

fn unjson(value: Value) -> Value {
    match value {
        Value::Json(Some(json)) => Value::from(json.to_string()),
        other => other,
    }
}

fn missing(column: &str) -> DbErr {
    DbErr::AttrNotSet(column.to_owned())
}

fn unwritten(cause: std::fmt::Error) -> DbErr {
    DbErr::Custom(cause.to_string())
}

const JSON: &str = "json";

/// What a column's type is called, and as what its values are bound.
fn array_of(column: &ColumnType) -> Option<(&'static str, ArrayType)> {
    Some(match column {
        ColumnType::Uuid => ("uuid", ArrayType::Uuid),
        ColumnType::Text | ColumnType::String(_) | ColumnType::Char(_) => ("text", ArrayType::String),
        ColumnType::SmallInteger => ("int2", ArrayType::SmallInt),
        ColumnType::Integer => ("int4", ArrayType::Int),
        ColumnType::BigInteger => ("int8", ArrayType::BigInt),
        ColumnType::Boolean => ("bool", ArrayType::Bool),
        ColumnType::Date => ("date", ArrayType::ChronoDate),
        ColumnType::TimestampWithTimeZone => ("timestamptz", ArrayType::ChronoDateTimeUtc),
        ColumnType::Blob | ColumnType::Binary(_) | ColumnType::VarBinary(_) => ("bytea", ArrayType::Bytes),
        ColumnType::Json | ColumnType::JsonBinary => (JSON, ArrayType::String),
        _ => return None,
    })
}

/// An array as PostgreSQL reads it from text: `{a,NULL,"b, c"}`.
fn literal(cells: impl Iterator<Item = Option<Value>>) -> Result<String, DbErr> {
    let mut text = String::from("{");
    for cell in cells {
        if text.len() > 1 {
            text.push(',');
        }
        element(&mut text, cell)?;
    }
    text.push('}');
    Ok(text)
}

fn element(text: &mut String, cell: Option<Value>) -> Result<(), DbErr> {
    match cell {
        Some(Value::String(Some(value))) => quote(text, &value),
        Some(Value::Json(Some(value))) => quote(text, &value.to_string()),
        Some(Value::Uuid(Some(value))) => write!(text, "{value}").map_err(unwritten)?,
        Some(Value::SmallInt(Some(value))) => write!(text, "{value}").map_err(unwritten)?,
        Some(Value::Int(Some(value))) => write!(text, "{value}").map_err(unwritten)?,
        Some(Value::BigInt(Some(value))) => write!(text, "{value}").map_err(unwritten)?,
        Some(Value::Bool(Some(value))) => write!(text, "{value}").map_err(unwritten)?,
        Some(Value::ChronoDate(Some(value))) => write!(text, "{value}").map_err(unwritten)?,
        Some(Value::ChronoDateTimeUtc(Some(value))) => write!(text, "\"{}\"", value.to_rfc3339()).map_err(unwritten)?,
        Some(Value::Bytes(Some(value))) => hexadecimal(text, &value),
        None
        | Some(
            Value::String(None)
            | Value::Json(None)
            | Value::Uuid(None)
            | Value::SmallInt(None)
            | Value::Int(None)
            | Value::BigInt(None)
            | Value::Bool(None)
            | Value::ChronoDate(None)
            | Value::ChronoDateTimeUtc(None)
            | Value::Bytes(None),
        ) => text.push_str("NULL"),
        Some(other) => return Err(DbErr::Type(format!("no array is known for {other:?}"))),
    }
    Ok(())
}

fn quote(text: &mut String, value: &str) {
    text.push('"');
    for sign in value.chars() {
        if matches!(sign, '"' | '\\') {
            text.push('\\');
        }
        text.push(sign);
    }
    text.push('"');
}

fn hexadecimal(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    text.push_str("\"\\\\x");
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn nulls_quotes_and_bytes_stand_in_the_text_of_an_array() {
        let cells = [
            Value::from("a"),
            Value::String(None),
            Value::from("NULL"),
            Value::from("b, {c} \"d\" \\e"),
            Value::from(json!({ "k": "\"" })),
            Value::from(vec![0_u8, 255]),
            Value::from(7_i16),
            Value::from(Uuid::nil()),
        ];

        let text = literal(cells.into_iter().map(Some).chain([None])).unwrap();

        assert_eq!(
            text,
            r#"{"a",NULL,"NULL","b, {c} \"d\" \\e","{\"k\":\"\\\"\"}","\\x00ff",7,00000000-0000-0000-0000-000000000000,NULL}"#
        );
    }

    #[test]
    fn a_statement_reads_alike_for_any_number_of_rows() {
        let one = loans(&[Some(12)], Nulls::Stay);
        let two = loans(&[Some(36), Some(24)], Nulls::Stay);

        assert_eq!(
            one.sql,
            "INSERT INTO \"loan\" (\"id\", \"contract_no\", \"term_months\") \
             SELECT unnest($1::uuid[]), unnest($2::text[]), unnest($3::int2[])"
        );
        assert_eq!(one.sql, two.sql);
        assert_eq!(two.values.unwrap().0[2], Value::from(vec![36_i16, 24]));
    }

    #[test]
    fn nulls_travel_in_a_text_or_their_column_is_left_out() {
        let some = loans(&[Some(36), None], Nulls::Stay);
        let all = loans(&[None, None], Nulls::Stay);

        assert!(some.sql.ends_with("unnest($3::text::int2[])"), "{}", some.sql);
        assert_eq!(some.values.unwrap().0[2], Value::from("{36,NULL}"));
        assert_eq!(
            all.sql,
            "INSERT INTO \"loan\" (\"id\", \"contract_no\") SELECT unnest($1::uuid[]), unnest($2::text[])"
        );
    }

    #[test]
    fn a_statement_reads_alike_whatever_is_null_where_that_varies() {
        let [none, some, all] =
            [&[Some(36), Some(24)], &[Some(36), None], &[None, None]].map(|terms| loans(terms, Nulls::Vary));

        assert!(none.sql.ends_with("unnest($3::text::int2[])"), "{}", none.sql);
        assert_eq!((&none.sql, &none.sql), (&some.sql, &all.sql));
        assert_eq!(all.values.unwrap().0[2], Value::from("{NULL,NULL}"));
    }

    #[test]
    fn json_travels_as_the_texts_it_is_read_from() {
        let finding =
            entity::finding::ActiveModel { params: sea_orm::Set(json!({ "limit": 7 })), ..Default::default() };

        let statement = joined(vec![unnested(vec![finding], Nulls::Vary).unwrap()]).unwrap().unwrap();

        assert_eq!(statement.sql, "INSERT INTO \"finding\" (\"params\") SELECT unnest($1::text[])::json");
        assert_eq!(statement.values.unwrap().0, [Value::from(vec![r#"{"limit":7}"#.to_owned()])]);
    }

    fn loans(terms: &[Option<i16>], nulls: Nulls) -> Statement {
        let loan = |term: &Option<i16>| entity::loan::ActiveModel {
            id: sea_orm::Set(Uuid::nil()),
            contract_no: sea_orm::Set("HD-1".to_owned()),
            term_months: sea_orm::Set(*term),
            ..Default::default()
        };
        joined(vec![unnested(terms.iter().map(loan).collect(), nulls).unwrap()]).unwrap().unwrap()
    }

    #[test]
    fn rows_of_several_tables_are_one_statement() {
        let standard = entity::unit_scope::ActiveModel {
            unit_id: sea_orm::Set(Uuid::nil()),
            within_id: sea_orm::Set(Uuid::nil()),
        };
        let mut inserts = Inserts::new(DbBackend::Postgres);
        inserts.add(vec![standard.clone()]).unwrap();
        inserts.add(Vec::<entity::loan::ActiveModel>::new()).unwrap();
        inserts.add(vec![standard]).unwrap();

        let statement = joined(inserts.unnested).unwrap().unwrap();

        assert_eq!(
            statement.sql,
            "WITH part_0 AS (INSERT INTO \"unit_scope\" (\"unit_id\", \"within_id\") \
             SELECT unnest($1::uuid[]), unnest($2::uuid[]))\
             INSERT INTO \"unit_scope\" (\"unit_id\", \"within_id\") SELECT unnest($3::uuid[]), unnest($4::uuid[])"
        );
    }
}
