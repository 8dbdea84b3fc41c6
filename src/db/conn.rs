//! Where the statements of a piece of work go.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::{Alone, Transaction};

/// A transaction, or the database itself where each statement stands alone.
#[derive(Clone, Copy, Debug)]
pub enum Conn<'a> {
    /// All within one transaction.
    Transaction(&'a Transaction),
    /// Each by itself.
    Alone(&'a Alone),
}

#[async_trait::async_trait]
impl ConnectionTrait for Conn<'_> {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Transaction(conn) => conn.get_database_backend(),
            Self::Alone(conn) => conn.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Transaction(conn) => conn.execute_raw(statement).await,
            Self::Alone(conn) => conn.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Transaction(conn) => conn.execute_unprepared(sql).await,
            Self::Alone(conn) => conn.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Transaction(conn) => conn.query_one_raw(statement).await,
            Self::Alone(conn) => conn.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Transaction(conn) => conn.query_all_raw(statement).await,
            Self::Alone(conn) => conn.query_all_raw(statement).await,
        }
    }
}
