//! A transaction that is committed only if all of it succeeded.

use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};

use super::{pulse::Pulse, storage::Storage};

/// Several statements that are stored together or not at all. Dropped without [`Transaction::commit`], it leaves nothing.
#[derive(Debug)]
pub struct Transaction {
    inner: DatabaseTransaction,
    pulse: Pulse,
    storage: Storage,
    /// Whether a statement failed. After some failures, such as a full disk, SQLite has rolled back by itself, so that the next
    /// statement would stand alone; and PostgreSQL answers `COMMIT` after a failure with a rollback that looks like success.
    failed: AtomicBool,
}

impl Transaction {
    pub(super) fn new(inner: DatabaseTransaction, pulse: Pulse, storage: Storage) -> Self {
        Self { inner, pulse, storage, failed: AtomicBool::new(false) }
    }

    /// Commits. Only after `Ok` is anything of it known to be stored; after an error it may be, where the connection broke before
    /// the answer came.
    pub async fn commit(self) -> Result<(), DbErr> {
        if self.failed.load(Ordering::Relaxed) {
            return Err(DbErr::Exec(RuntimeErr::Internal("a statement of the transaction failed".to_owned())));
        }
        let Self { inner, pulse, storage, .. } = self;
        storage.watch(pulse.during(inner.commit())).await
    }

    /// Takes all of it back.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.pulse.during(self.inner.rollback()).await
    }

    async fn note<T>(&self, statement: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        let done = self.storage.watch(self.pulse.during(statement)).await;
        done.inspect_err(|_| self.failed.store(true, Ordering::Relaxed))
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.note(self.inner.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.note(self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.note(self.inner.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.note(self.inner.query_all_raw(statement)).await
    }
}
