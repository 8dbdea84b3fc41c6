//! Short questions that read alike and meet. While a statement is under way, those that come with the same text wait for its answer
//! and then go as one, each a row of parameters. Many who ask the same thing of different households cost the database little more
//! than one, and nobody waits when there is no crowd.
//!
//! A statement begins after all who share it have asked, so what each is told is as new as if it had asked alone. PostgreSQL
//! only: SQLite answers in the same process, and there is no way to save.

mod merged;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, Value};
use tokio::{sync::oneshot, task::yield_now, time::timeout};

use super::{Alone, parameters::with_limits};

/// How many wait for each statement under way before another goes beside it. Few and large statements cost least; where many ask,
/// several processors of the database answer.
const CROWD: usize = 16;

/// Most questions of one statement.
const MOST: usize = 32;

/// What a short question takes at most, and how long one waits for those before it. Where the database is slower than this, the way
/// there and back is not what costs, and each goes alone.
const SHORT: Duration = Duration::from_millis(5);

/// A database, for short questions outside a transaction. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Together {
    alone: Alone,
    crowds: Arc<Crowds>,
}

/// The texts under way.
#[derive(Debug, Default)]
struct Crowds(Mutex<HashMap<Arc<str>, Crowd>>);

#[derive(Debug, Default)]
struct Crowd {
    under_way: usize,
    waiting: Vec<Waiter>,
}

/// Somebody who waits, with its parameters.
#[derive(Debug)]
struct Waiter {
    values: Vec<Value>,
    answer: oneshot::Sender<Answer>,
}

#[derive(Debug)]
enum Answer {
    /// The rows.
    Rows(Vec<QueryResult>),
    /// It is this one's turn to ask, for others too.
    Turn(Turn, Vec<Waiter>),
}

/// The right to ask. When it is dropped, whatever has become of who had it, those who wait get it.
#[derive(Debug)]
struct Turn {
    crowds: Arc<Crowds>,
    text: Arc<str>,
    since: Instant,
}

impl Together {
    pub(super) fn over(alone: Alone) -> Self {
        Self { alone, crowds: Arc::default() }
    }

    async fn all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        // PostgreSQL takes no limit from a row.
        let statement = with_limits(statement);
        if !merged::can_be(&statement) {
            return self.alone.query_all_raw(statement).await;
        }
        match self.crowds.join(&statement) {
            Ok(mut turn) => {
                // Answers leave in groups, so the next questions come in groups too: those a moment behind come along.
                yield_now().await;
                let others = turn.begin();
                self.lead(turn, statement, others).await
            }
            Err(answer) => match timeout(SHORT, answer).await {
                Ok(Ok(Answer::Rows(rows))) => Ok(rows),
                Ok(Ok(Answer::Turn(turn, others))) => self.lead(turn, statement, others).await,
                // Those before were not short, or who asked for all has gone away or failed.
                _ => self.alone.query_all_raw(statement).await,
            },
        }
    }

    /// Asks, for others too. What fails for all is tried by each alone, so that nobody fails by another's values.
    async fn lead(&self, turn: Turn, statement: Statement, others: Vec<Waiter>) -> Result<Vec<QueryResult>, DbErr> {
        if others.is_empty() {
            return self.alone.query_all_raw(statement).await;
        }
        let (values, answers): (Vec<_>, Vec<_>) = others.into_iter().map(|other| (other.values, other.answer)).unzip();
        let together = merged::statement(&statement, values);
        let Some(together) = together else { return self.alone.query_all_raw(statement).await };
        let parts = self.alone.query_all_raw(together).await.and_then(|rows| merged::parts(rows, 1 + answers.len()));
        let Ok(mut parts) = parts else {
            drop(answers);
            return self.alone.query_all_raw(statement).await;
        };
        drop(turn);
        for (answer, rows) in answers.into_iter().zip(parts.drain(1..)) {
            // Who has gone away needs no answer.
            let _ = answer.send(Answer::Rows(rows));
        }
        Ok(parts.pop().unwrap_or_default())
    }
}

impl Crowds {
    /// A turn, where nobody asks or enough wait; else word of the answer.
    fn join(self: &Arc<Self>, statement: &Statement) -> Result<Turn, oneshot::Receiver<Answer>> {
        let text: Arc<str> = statement.sql.as_str().into();
        let mut crowds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let crowd = crowds.entry(Arc::clone(&text)).or_default();
        if crowd.waiting.len() >= CROWD * crowd.under_way {
            crowd.under_way += 1;
            return Ok(Turn::now(Arc::clone(self), text));
        }
        let (answer, receiver) = oneshot::channel();
        let values = statement.values.iter().flat_map(|values| values.0.iter().cloned()).collect();
        crowd.waiting.push(Waiter { values, answer });
        Err(receiver)
    }

    /// Those who wait, the first of whom is to ask; nobody where they are to ask each alone, and the turn is over.
    fn next(&self, text: &str, was_short: bool) -> Option<(oneshot::Sender<Answer>, Vec<Waiter>)> {
        let mut crowds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let crowd = crowds.get_mut(text)?;
        crowd.waiting.retain(|waiter| !waiter.answer.is_closed());
        if !was_short {
            crowd.waiting.clear();
        }
        if crowd.waiting.is_empty() {
            crowd.under_way -= 1;
            if crowd.under_way == 0 {
                crowds.remove(text);
            }
            return None;
        }
        let first = crowd.waiting.remove(0);
        Some((first.answer, crowd.others()))
    }
}

impl Crowd {
    /// Those who go with one whose turn it is.
    fn others(&mut self) -> Vec<Waiter> {
        let count = self.waiting.len().min(MOST - 1);
        self.waiting.drain(..count).collect()
    }
}

impl Turn {
    fn now(crowds: Arc<Crowds>, text: Arc<str>) -> Self {
        Self { crowds, text, since: Instant::now() }
    }

    /// Those who have come meanwhile; the statement begins now.
    fn begin(&mut self) -> Vec<Waiter> {
        self.since = Instant::now();
        let mut crowds = self.crowds.0.lock().unwrap_or_else(PoisonError::into_inner);
        crowds.get_mut(&self.text).map(Crowd::others).unwrap_or_default()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let was_short = self.since.elapsed() < SHORT;
        if let Some((first, others)) = self.crowds.next(&self.text, was_short) {
            let turn = Self::now(Arc::clone(&self.crowds), Arc::clone(&self.text));
            // If the first has gone away meanwhile, this turn comes back, is dropped, and goes to who waits now; the others
            // hear that they are to ask alone.
            let _ = first.send(Answer::Turn(turn, others));
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Together {
    fn get_database_backend(&self) -> DbBackend {
        self.alone.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.alone.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.alone.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if self.get_database_backend() == DbBackend::Postgres {
            self.all(statement).await
        } else {
            self.alone.query_all_raw(statement).await
        }
    }
}
