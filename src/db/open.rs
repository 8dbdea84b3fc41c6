//! Opens connections, with what holds for each of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr,
    sqlx::{
        self, Connection, Executor,
        pool::PoolOptions,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

/// How long a connection is waited for.
const ACQUIRE: Duration = Duration::from_secs(10);

/// How long a write on SQLite waits for the one before it: a long push holds the one writer, and what comes after it waits rather
/// than fails.
const WRITER_QUEUE: Duration = Duration::from_mins(2);

/// How long a connection that is given back may take to show that it is well. Longer, and its server is not there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// How long a statement waits for a lock that another transaction holds, unless its own transaction says otherwise.
const LOCK: Duration = Duration::from_secs(1);

/// How much longer than the server's limit a statement is waited for, so that the server is the one to say so.
const GRACE: Duration = Duration::from_secs(5);

/// Where the database is, and what its connections may take.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `sqlite:` or `postgres:`.
    pub url: String,
    /// Most connections.
    pub pool: u32,
    /// How long one statement may take. PostgreSQL alone.
    pub statement_timeout: Duration,
}

impl Settings {
    /// The usual limits.
    pub fn new(url: &str, pool: u32) -> Self {
        Self { url: url.to_owned(), pool, statement_timeout: Duration::from_mins(1) }
    }

    /// Whether it is a file of SQLite.
    pub(super) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    /// How long a statement is waited for at most.
    pub(super) fn client_limit(&self) -> Duration {
        self.statement_timeout + GRACE
    }
}

/// The one connection that writes.
pub(super) async fn sqlite_writer(
    settings: &Settings,
    statements: &Arc<AtomicU64>,
) -> Result<DatabaseConnection, DbErr> {
    let mut options = sqlite(settings, 1);
    options.acquire_timeout(WRITER_QUEUE);
    open(options, statements).await
}

/// Those that read beside it.
pub(super) async fn sqlite_readers(
    settings: &Settings,
    statements: &Arc<AtomicU64>,
) -> Result<DatabaseConnection, DbErr> {
    open(sqlite(settings, settings.pool), statements).await
}

/// All connections to a server.
///
/// The server frees by itself what a client held that has vanished: it ends a statement after its limit, and a transaction whose
/// client says nothing for as long or does not acknowledge what it is sent.
pub(super) async fn postgres(settings: &Settings, statements: &Arc<AtomicU64>) -> Result<DatabaseConnection, DbErr> {
    let limit = settings.statement_timeout.as_millis();
    let session = format!(
        "SET statement_timeout = {limit}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {limit}; \
         SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
         SET tcp_user_timeout = '25s'",
        LOCK.as_millis()
    );
    let mut options = options(settings, settings.pool);
    options.map_sqlx_postgres_pool_opts(move |pool| {
        // Statements, and not parameters of the start: poolers between refuse those.
        let session = session.clone();
        tested(pool).after_connect(move |connection, _| {
            let session = sqlx::AssertSqlSafe(session.clone());
            Box::pin(async move { connection.execute(session).await.map(drop) })
        })
    });
    open(options, statements).await
}

/// A connection for what may take its time.
pub(super) async fn postgres_without_limit(
    settings: &Settings,
    statements: &Arc<AtomicU64>,
) -> Result<DatabaseConnection, DbErr> {
    open(options(settings, 1), statements).await
}

fn options(settings: &Settings, pool: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(&settings.url);
    options
        .max_connections(pool)
        .acquire_timeout(ACQUIRE)
        .sqlx_logging(false)
        .test_before_acquire_if_idle_for(Duration::from_secs(30));
    options
}

fn sqlite(settings: &Settings, pool: u32) -> ConnectOptions {
    let mut options = options(settings, pool);
    options.min_connections(1).map_sqlx_sqlite_pool_opts(tested).map_sqlx_sqlite_opts(move |file| {
        file.create_if_missing(true)
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

/// A connection that is given back is used again only if it answers and its transaction has really ended. After a commit or a
/// rollback that failed, as on a full disk, the driver counts a transaction that SQLite no longer has, or the other way round:
/// what is written afterwards would be acknowledged and never committed. And one that stands still would keep its place for ever.
fn tested<DB: sqlx::Database>(pool: PoolOptions<DB>) -> PoolOptions<DB> {
    pool.after_release(|connection, _| {
        Box::pin(async move {
            let late = |_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()));
            tokio::time::timeout(SIGN_OF_LIFE, connection.ping()).await.unwrap_or_else(late)?;
            Ok(!connection.is_in_transaction())
        })
    })
}

async fn open(options: ConnectOptions, statements: &Arc<AtomicU64>) -> Result<DatabaseConnection, DbErr> {
    let mut connection = Database::connect(options).await?;
    let counter = Arc::clone(statements);
    connection.set_metric_callback(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    Ok(connection)
}
