//! The database: SQLite for one office, PostgreSQL for a province, behind the same calls.

mod alone;
mod bulk;
mod conn;
mod open;
mod parameters;
mod period;
mod pulse;
mod storage;
mod together;
mod transaction;

pub use alone::Alone;
pub use bulk::{Inserts, insert_all};
pub use conn::Conn;
pub use open::Settings;
pub use period::{contains_day, contains_day_of};
pub use together::Together;
pub use transaction::Transaction;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use entity::by_place::{ByPlace, Columns};
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, Value,
    sea_query::{ArrayType, Expr, ExprTrait, Query, SelectStatement, extension::postgres::PgFunc},
};

pub use parameters::with_limits;
use pulse::Pulse;
use storage::Storage;

/// How long connections may take to end.
const FAREWELL: Duration = Duration::from_secs(5);

/// What a SQLite file with room can do, asked after there was none: take some pages and give them back.
const SQLITE_PROOF: &str =
    "CREATE TABLE proof_of_storage AS SELECT zeroblob(1048576) AS filling; DROP TABLE proof_of_storage";

/// The same for PostgreSQL, beside the tables, where no right to change them is needed.
const POSTGRES_PROOF: &str = "CREATE TEMPORARY TABLE proof_of_storage ON COMMIT DROP AS \
                              SELECT md5(n::text) FROM generate_series(1, 20000) n";

/// Connections to one database. Cheap to clone.
///
/// SQLite takes one writer at a time, so writes queue for a connection of their own instead of failing as busy, while
/// reads go on beside them in WAL mode. On PostgreSQL both are the same.
#[derive(Clone, Debug)]
pub struct Db {
    read: Alone,
    together: Together,
    write: Alone,
    settings: Settings,
    storage: Storage,
    statements: Arc<AtomicU64>,
}

impl Db {
    /// Connects with the usual limits; `pool` is the most connections held.
    pub async fn connect(url: &str, pool: u32) -> Result<Self, DbErr> {
        Self::open(&Settings::new(url, pool)).await
    }

    /// Connects.
    pub async fn open(settings: &Settings) -> Result<Self, DbErr> {
        let (statements, storage) = (Arc::new(AtomicU64::new(0)), Storage::default());
        let (read, write) = if settings.is_sqlite() {
            let write = Alone::through(open::sqlite_writer(settings, &statements).await?, storage.clone());
            let read = Alone::through(open::sqlite_readers(settings, &statements).await?, storage.clone());
            (read, write)
        } else {
            let pool = open::postgres(settings, &statements).await?;
            let server = pool.get_postgres_connection_pool().connect_options();
            let pulse = Pulse::of(server.as_ref().clone(), settings.client_limit());
            let both = Alone::keeping(pool, settings.pool, Arc::clone(&statements), pulse, storage.clone());
            (both.clone(), both)
        };
        Ok(Self {
            together: Together::over(read.clone()),
            read,
            write,
            settings: settings.clone(),
            storage,
            statements,
        })
    }

    /// For reads outside a transaction.
    pub fn read(&self) -> &Alone {
        &self.read
    }

    /// For short questions that many ask at the same time of different records.
    pub fn together(&self) -> &Together {
        &self.together
    }

    /// For single writes outside a transaction.
    pub fn write(&self) -> &Alone {
        &self.write
    }

    /// A transaction that will write, and waits for what others hold as long as a statement may take.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        let txn = self.begin_impatient().await?;
        if !self.settings.is_sqlite() {
            txn.execute_unprepared("SET LOCAL lock_timeout = 0").await?;
        }
        Ok(txn)
    }

    /// A transaction that will write, and fails when another is in its way for a second, as single statements do; on SQLite it takes
    /// the write lock at once, for which it waits in either case.
    pub async fn begin_impatient(&self) -> Result<Transaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.write.begin(options).await
    }

    /// Which database it is.
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// How many statements were sent so far; tests count with it.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Brings the schema to the newest change.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        self.change(async |db| Migrator::up(db, None).await).await
    }

    /// Takes the newest changes of the schema back.
    pub async fn migrate_down(&self, steps: u32) -> Result<(), DbErr> {
        self.change(async |db| Migrator::down(db, Some(steps)).await).await
    }

    /// Changes the schema, which on PostgreSQL may take longer than any statement of a request: on a connection without a limit.
    async fn change(&self, work: impl AsyncFnOnce(&DatabaseConnection) -> Result<(), DbErr>) -> Result<(), DbErr> {
        if self.settings.is_sqlite() {
            return work(self.write.pool()).await;
        }
        let patient = open::postgres_without_limit(&self.settings, &self.statements).await?;
        let done = work(&patient).await;
        patient.close().await.and(done)
    }

    /// Whether every change known to this program is applied.
    pub async fn is_migrated(&self) -> Result<bool, DbErr> {
        let pending = Migrator::get_pending_migrations_read_only(self.read.pool());
        Ok(self.read.pulse().during(pending).await?.is_empty())
    }

    /// Whether it can store. After a write failed for want of room it is tried, on disk.
    pub async fn can_store(&self) -> Result<(), DbErr> {
        let is_sqlite = self.settings.is_sqlite();
        if !is_sqlite {
            let only_reads = "SELECT current_setting('transaction_read_only')::bool AS only_reads";
            let row = self.read.query_one_raw(Statement::from_string(DbBackend::Postgres, only_reads)).await?;
            if row.map_or(Ok(false), |row| row.try_get("", "only_reads"))? {
                return Err(DbErr::Custom("the server only reads".to_owned()));
            }
        }
        if !self.storage.is_doubted() {
            return Ok(());
        }
        let txn = self.begin().await?;
        txn.execute_unprepared(if is_sqlite { SQLITE_PROOF } else { POSTGRES_PROOF }).await?;
        txn.commit().await?;
        self.storage.is_proven();
        Ok(())
    }

    /// Ends all connections; for SQLite this folds the WAL back into the file. Those that do not end soon are left.
    pub async fn close(&self) -> Result<(), DbErr> {
        let all = async {
            self.read.close().await?;
            self.write.close().await
        };
        let late = |_| Err(DbErr::Custom(format!("connections did not end within {FAREWELL:?}")));
        tokio::time::timeout(FAREWELL, all).await.unwrap_or_else(late)
    }
}

/// Reads the records that a question finds; its columns are those of the record, in their order.
pub async fn all<M: ByPlace>(conn: &impl ConnectionTrait, question: &SelectStatement) -> Result<Vec<M>, DbErr> {
    some(conn, question, Columns::all()).await
}

/// As [`all`], where the question selects some of the columns.
pub async fn some<M: ByPlace>(
    conn: &impl ConnectionTrait,
    question: &SelectStatement,
    columns: Columns<M>,
) -> Result<Vec<M>, DbErr> {
    read(conn, with_limits(conn.get_database_backend().build(question)), columns).await
}

/// As [`some`], where one way to the rows is the best whatever the values: PostgreSQL looks for it once, and not for each of them.
pub async fn some_by_one_plan<M: ByPlace>(
    conn: &impl ConnectionTrait,
    question: &SelectStatement,
    columns: Columns<M>,
) -> Result<Vec<M>, DbErr> {
    read(conn, parameters::unseen(conn.get_database_backend().build(question)), columns).await
}

async fn read<M: ByPlace>(
    conn: &impl ConnectionTrait,
    statement: Statement,
    columns: Columns<M>,
) -> Result<Vec<M>, DbErr> {
    let rows = conn.query_all_raw(statement).await?;
    rows.iter().map(|row| M::by_place(row, 0, columns)).collect()
}

/// Rows whose column holds one of some values.
///
/// A single one is compared as such, so that an index that begins with the column gives the order of its others. On
/// PostgreSQL a few are listed, the last one again up to the next power of two: it then sees how few they are without planning
/// anew for each request, and prepares the statement for four lengths only. Many are one array, which reads alike for any
/// number of them. SQLite binds each.
pub fn among<V: Into<Value>>(
    conn: &impl ConnectionTrait,
    column: impl ColumnTrait,
    values: impl IntoIterator<Item = V>,
) -> Expr {
    let mut values: Vec<Value> = values.into_iter().map(Into::into).collect();
    let Some(last) = values.last().cloned() else { return column.is_in(values) };
    if conn.get_database_backend() != DbBackend::Postgres {
        return column.is_in(values);
    }
    match values.len() {
        1 => column.eq(last),
        few @ ..=FEW => {
            values.resize(few.next_power_of_two(), last);
            column.is_in(values)
        }
        _ => {
            let array = Value::Array(last.array_type(), Some(Box::new(values)));
            Expr::col(column.as_column_ref()).eq(PgFunc::any(Expr::val(array)))
        }
    }
}

/// Most values that are listed one by one. PostgreSQL takes an array whose length it does not know for one of ten.
const FEW: usize = 16;

/// As [`among`], for columns of which each value names few rows, such as keys. On PostgreSQL the planner cannot look into the
/// array, so that the statement is planned once, and not each time anew because there are fewer values than it would guess.
pub fn among_keys<V: Into<Value>>(
    conn: &impl ConnectionTrait,
    column: impl ColumnTrait,
    values: impl IntoIterator<Item = V>,
) -> Expr {
    let values: Vec<Value> = values.into_iter().map(Into::into).collect();
    let kind = values.first().filter(|_| conn.get_database_backend() == DbBackend::Postgres).map(Value::array_type);
    let (kind, template) = match kind {
        Some(kind @ ArrayType::Uuid) => (kind, "$1 = ANY((SELECT $2)::uuid[])"),
        Some(kind @ ArrayType::String) => (kind, "$1 = ANY((SELECT $2)::text[])"),
        _ => return among(conn, column, values),
    };
    let array = Expr::val(Value::Array(kind, Some(Box::new(values))));
    Expr::cust_with_exprs(template, [Expr::col(column.as_column_ref()), array])
}

/// A text that PostgreSQL's planner cannot look at. Of a sender whose rows are younger than its statistics it believes that there
/// are none, and would read them all to find a few by their reference.
pub fn unseen(text: &str) -> Expr {
    Query::select().expr(Expr::val(text)).to_owned().into()
}
