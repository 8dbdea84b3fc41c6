//! Statements that stand alone, without a second way to the database and back: the pool asks each connection that returns to it
//! for a sign of life, which for a short statement costs as much as the statement. On PostgreSQL some connections are therefore
//! kept from one statement to the next for a few seconds, and then given back, so that the pool goes on testing and replacing them.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement, TransactionOptions, TransactionTrait,
    sqlx::{self, PgPool, Postgres, pool::PoolConnection, query::Query},
};
use sea_query_sqlx::SqlxValues;

use super::{Transaction, pulse::Pulse, storage::Storage};
use crate::error::is_lost;

/// How long a connection is kept away from the pool.
const KEPT_FOR: Duration = Duration::from_secs(10);

/// A database, for statements that need no transaction around them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Alone {
    pool: DatabaseConnection,
    kept: Option<Arc<Kept>>,
    pulse: Pulse,
    storage: Storage,
}

/// Connections between two statements.
#[derive(Debug)]
struct Kept {
    pool: PgPool,
    /// Most that are kept.
    most: usize,
    idle: Mutex<Vec<Lease>>,
    /// How many wait for the pool, which would not hear of a connection that is kept.
    waiting: AtomicUsize,
    /// Statements sent so far.
    statements: Arc<AtomicU64>,
}

/// A connection, and since when the pool has not seen it.
#[derive(Debug)]
struct Lease {
    connection: PoolConnection<Postgres>,
    since: Instant,
}

impl Alone {
    /// Through a pool of SQLite, which has no way to save.
    pub(super) fn through(pool: DatabaseConnection, storage: Storage) -> Self {
        Self { pool, kept: None, pulse: Pulse::none(), storage }
    }

    /// Through a pool of PostgreSQL of so many connections, of which up to half are kept.
    pub(super) fn keeping(
        pool: DatabaseConnection,
        size: u32,
        statements: Arc<AtomicU64>,
        pulse: Pulse,
        storage: Storage,
    ) -> Self {
        let kept = Kept {
            pool: pool.get_postgres_connection_pool().clone(),
            most: usize::try_from(size / 2).unwrap_or_default(),
            idle: Mutex::default(),
            waiting: AtomicUsize::new(0),
            statements,
        };
        Self { pool, kept: Some(Arc::new(kept)), pulse, storage }
    }

    /// Its sign of life.
    pub(super) fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// The pool as such.
    pub fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// Begins a transaction. The connections kept go back to the pool if it has none left for it.
    pub(super) async fn begin(&self, options: TransactionOptions) -> Result<Transaction, DbErr> {
        let begun = self.storage.watch(self.pulse.during(self.begun(options))).await?;
        Ok(Transaction::new(begun, self.pulse.clone(), self.storage.clone()))
    }

    async fn begun(&self, options: TransactionOptions) -> Result<DatabaseTransaction, DbErr> {
        let _waiting = self.kept.as_ref().map(|kept| {
            let waiting = Wait::on(&kept.waiting);
            if !kept.has_free() {
                kept.idle().clear();
            }
            waiting
        });
        self.pool.begin_with_options(options).await
    }

    /// Waits for a statement as long as the database answers, and notes what its failure says of the others.
    async fn watched<T>(&self, statement: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        let done = self.storage.watch(self.pulse.during(statement)).await;
        done.inspect_err(|error| {
            if let Some(kept) = &self.kept {
                kept.doubt(error);
            }
        })
    }

    /// Ends all connections.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        if let Some(kept) = &self.kept {
            kept.idle().clear();
        }
        self.pool.close_by_ref().await
    }
}

impl Kept {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Lease>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the pool has a connection left, or may open one.
    fn has_free(&self) -> bool {
        self.pool.num_idle() > 0 || self.pool.size() < self.pool.options().get_max_connections()
    }

    async fn take(&self) -> Result<Lease, sqlx::Error> {
        // What is too old goes back to the pool when it is dropped.
        let kept = self.idle().pop().filter(|lease| lease.since.elapsed() < KEPT_FOR);
        if let Some(lease) = kept {
            return Ok(lease);
        }
        let _waiting = Wait::on(&self.waiting);
        Ok(Lease { connection: self.pool.acquire().await?, since: Instant::now() })
    }

    /// Keeps a connection that has answered well, unless somebody waits for one. Any other, and one whose user has gone away, is
    /// dropped, so that the pool looks after it.
    fn keep(&self, lease: Lease) {
        let mut idle = self.idle();
        let is_wanted = self.waiting.load(Ordering::Relaxed) > 0;
        if idle.len() < self.most && !is_wanted && !self.pool.is_closed() {
            idle.push(lease);
        }
    }

    /// Where one connection is lost the database may have gone away, and the others are for the pool to test.
    fn doubt(&self, error: &DbErr) {
        if is_lost(error) {
            self.idle().clear();
        }
    }

    async fn all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let mut lease = self.take().await.map_err(not_acquired)?;
        let rows = prepared(statement).fetch_all(&mut *lease.connection).await;
        let rows = rows.map_err(unread)?;
        self.keep(lease);
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let mut lease = self.take().await.map_err(not_acquired)?;
        let done = prepared(statement).execute(&mut *lease.connection).await;
        let done = done.map_err(undone)?;
        self.keep(lease);
        Ok(done.into())
    }
}

/// Counts somebody who waits, for as long as it does.
struct Wait<'a>(&'a AtomicUsize);

impl<'a> Wait<'a> {
    fn on(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn prepared(statement: Statement) -> Query<'static, Postgres, SqlxValues> {
    let values = SqlxValues(statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new())));
    sqlx::query_with(sqlx::AssertSqlSafe(statement.sql), values)
}

fn not_acquired(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::ConnectionClosed),
        other => DbErr::Conn(RuntimeErr::SqlxError(other.into())),
    }
}

fn unread(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

fn undone(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

#[async_trait::async_trait]
impl ConnectionTrait for Alone {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.kept {
            None => self.watched(self.pool.execute_raw(statement)).await,
            Some(kept) => self.watched(Box::pin(kept.execute(statement))).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.watched(self.pool.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.kept {
            None => self.watched(self.pool.query_one_raw(statement)).await,
            Some(_) => Ok(self.query_all_raw(statement).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.kept {
            None => self.watched(self.pool.query_all_raw(statement)).await,
            Some(kept) => self.watched(Box::pin(kept.all(statement))).await,
        }
    }
}
