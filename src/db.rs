//! The database: SQLite for one office, PostgreSQL for a province, behind the same calls.

mod alone;
mod bulk;
mod conn;
mod parameters;
mod together;

pub use alone::Alone;
pub use bulk::{Inserts, insert_all};
pub use conn::Conn;
pub use together::Together;

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
    ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, Value,
    sea_query::{ArrayType, Expr, ExprTrait, Query, SelectStatement, extension::postgres::PgFunc},
};

use parameters::with_limits;

/// How long a write on SQLite waits for the one before it.
const WRITER_QUEUE: Duration = Duration::from_mins(2);

/// How long a connection that may be had is waited for.
const SOON: Duration = Duration::from_millis(100);

/// Connections to one database. Cheap to clone.
///
/// SQLite takes one writer at a time, so writes queue for a connection of their own instead of failing as busy, while
/// reads go on beside them in WAL mode. On PostgreSQL both are the same.
#[derive(Clone, Debug)]
pub struct Db {
    read: Alone,
    together: Together,
    write: Alone,
    statements: Arc<AtomicU64>,
}

impl Db {
    /// Connects; `pool` is the most connections held.
    pub async fn connect(url: &str, pool: u32) -> Result<Self, DbErr> {
        let statements = Arc::new(AtomicU64::new(0));
        if url.starts_with("sqlite:") {
            let mut queue = sqlite_options(url, 1);
            // A long push holds the one writer; what comes after it waits rather than fails.
            queue.acquire_timeout(WRITER_QUEUE);
            let write = Alone::through(open(queue, &statements).await?);
            let read = Alone::through(open(sqlite_options(url, pool), &statements).await?);
            return Ok(Self { together: Together::over(read.clone()), read, write, statements });
        }
        let both = Alone::keeping(open(options(url, pool), &statements).await?, pool, Arc::clone(&statements));
        Ok(Self { read: both.clone(), together: Together::over(both.clone()), write: both, statements })
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

    /// A transaction that will write; on SQLite it takes the write lock at once.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.write.begin(options).await
    }

    /// A transaction to read in beside one that writes, on a connection of its own. None where there is no connection to spare,
    /// so that of those who hold one already nobody waits for another; and on SQLite, which writes and reads by turns.
    pub async fn beside(&self) -> Option<DatabaseTransaction> {
        if !self.read.has_spare() {
            return None;
        }
        tokio::time::timeout(SOON, self.begin()).await.ok()?.ok()
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
        Migrator::up(self.write.pool(), None).await
    }

    /// Whether every change known to this program is applied.
    pub async fn is_migrated(&self) -> Result<bool, DbErr> {
        Ok(Migrator::get_pending_migrations_read_only(self.read.pool()).await?.is_empty())
    }

    /// Ends all connections; for SQLite this folds the WAL back into the file.
    pub async fn close(&self) -> Result<(), DbErr> {
        self.read.close().await?;
        self.write.close().await
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

fn options(url: &str, pool: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(pool)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .sqlx_logging(false)
        .test_before_acquire_if_idle_for(Duration::from_secs(30));
    options
}

fn sqlite_options(url: &str, pool: u32) -> ConnectOptions {
    let mut options = options(url, pool);
    options.map_sqlx_sqlite_opts(|options| {
        use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
        options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: an acknowledged record is on disk, also after a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(30))
            .foreign_keys(true)
            // 8 MiB for each connection; the file itself is in the memory of the system.
            .pragma("cache_size", "-8192")
            .pragma("temp_store", "memory")
    });
    options
}

async fn open(options: ConnectOptions, statements: &Arc<AtomicU64>) -> Result<DatabaseConnection, DbErr> {
    let mut connection = Database::connect(options).await?;
    let counter = Arc::clone(statements);
    connection.set_metric_callback(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    Ok(connection)
}
