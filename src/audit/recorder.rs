//! Writes the entries of reads. Entries that arrive while a commit is under way share the next one, so that a thousand
//! readers a second cost a few commits, and none of them gets its answer before its own entry is on disk.

use entity::audit_entry::{self, ActiveModel, Column};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DbBackend, DbErr, EntityTrait, Statement, Value,
    sea_query::ArrayType,
};
use tokio::sync::{mpsc, oneshot};

use super::Entry;
use crate::{
    db::Db,
    error::{Error, Result},
};

/// Most entries in one commit: 256 × 14 values stay below SQLite's limit of bound values.
const MOST: usize = 256;

type Waiting = (Entry, oneshot::Sender<Result<()>>);

/// Hands entries to the one task that writes them. Cheap to clone; the task ends with the last clone.
#[derive(Clone, Debug)]
pub struct Recorder(mpsc::Sender<Waiting>);

impl Recorder {
    /// Starts the task.
    pub fn start(db: Db) -> Self {
        let (sender, receiver) = mpsc::channel(4 * MOST);
        tokio::spawn(write_all(db, receiver));
        Self(sender)
    }

    /// Returns when the entry is on disk. A read that cannot be logged fails.
    pub async fn record(&self, entry: Entry) -> Result<()> {
        let (done, answer) = oneshot::channel();
        self.0.send((entry, done)).await.map_err(|_| Error::unavailable())?;
        answer.await.map_err(|_| Error::unavailable())?
    }
}

async fn write_all(db: Db, mut queue: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::with_capacity(MOST);
    while queue.recv_many(&mut waiting, MOST).await > 0 {
        let (entries, waiters): (Vec<_>, Vec<_>) = waiting.drain(..).map(|(entry, done)| (entry.0, done)).unzip();
        let result = write(&db, entries).await.map_err(|cause| {
            tracing::error!(%cause, "reads could not be logged and were refused");
            Error::unavailable().caused_by(cause)
        });
        for waiter in waiters {
            // A reader who has gone away has no answer to wait for.
            let _ = waiter.send(result.clone());
        }
    }
}

/// Writes entries in one statement, which is one commit.
async fn write(db: &Db, entries: Vec<ActiveModel>) -> Result<(), DbErr> {
    if db.backend() != DbBackend::Postgres {
        return audit_entry::Entity::insert_many(entries).exec_without_returning(db.write()).await.map(drop);
    }
    let values = COLUMNS.map(|(column, kind)| array(&entries, column, kind));
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, INSERT, values);
    db.write().execute_raw(statement).await.map(drop)
}

/// On PostgreSQL each column is one array, so that the statement reads alike for any number of entries and is prepared once.
/// An array holds no nulls here, so a missing text is an empty one; a read belongs to no push.
const INSERT: &str = "INSERT INTO audit_entry (id, at, client_id, role, unit_code, action, outcome, disclosed, \
    record_count, subjects, purpose, request_id) \
    SELECT id, at, client_id, role, nullif(unit_code, ''), action, outcome, disclosed::json, record_count, subjects, \
    nullif(purpose, ''), request_id FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], \
    $6::text[], $7::text[], $8::text[], $9::int4[], $10::bytea[], $11::text[], $12::text[]) \
    AS entry (id, at, client_id, role, unit_code, action, outcome, disclosed, record_count, subjects, purpose, request_id)";

const COLUMNS: [(Column, ArrayType); 12] = [
    (Column::Id, ArrayType::Uuid),
    (Column::At, ArrayType::ChronoDateTimeUtc),
    (Column::ClientId, ArrayType::String),
    (Column::Role, ArrayType::String),
    (Column::UnitCode, ArrayType::String),
    (Column::Action, ArrayType::String),
    (Column::Outcome, ArrayType::String),
    (Column::Disclosed, ArrayType::String),
    (Column::RecordCount, ArrayType::Int),
    (Column::Subjects, ArrayType::Bytes),
    (Column::Purpose, ArrayType::String),
    (Column::RequestId, ArrayType::String),
];

fn array(entries: &[ActiveModel], column: Column, kind: ArrayType) -> Value {
    let values = entries.iter().map(|entry| match entry.get(column) {
        ActiveValue::Set(Value::Json(Some(json))) => Value::from(json.to_string()),
        ActiveValue::Set(Value::String(None)) | ActiveValue::NotSet => Value::from(String::new()),
        ActiveValue::Set(value) | ActiveValue::Unchanged(value) => value,
    });
    Value::Array(kind, Some(Box::new(values.collect())))
}
