//! Writes the entries of reads. Entries that arrive while a commit is under way share the next one, so that a thousand
//! readers a second cost a few commits, and none of them gets its answer before its own entry is on disk.

use std::time::Duration;

use sea_orm::DbErr;
use tokio::{
    sync::{mpsc, oneshot},
    task::yield_now,
    time::timeout,
};

use super::Entry;
use crate::{
    db::{Db, insert_all},
    error::{Class, Error, Result},
};

/// Most entries in one commit: 256 × 14 values stay below SQLite's limit of bound values.
const MOST: usize = 256;

/// How long one commit may take. Those who wait for it are then refused, so that the entries behind it get their turn.
const COMMIT: Duration = Duration::from_secs(5);

/// How long a reader waits for its entry: for the commit under way and its own.
const PATIENCE: Duration = Duration::from_secs(12);

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
        let recorded = async {
            self.0.send((entry, done)).await.map_err(|_| Error::unavailable())?;
            answer.await.map_err(|_| Error::unavailable())?
        };
        timeout(PATIENCE, recorded).await.unwrap_or_else(|_| Err(Error::unavailable()))
    }
}

async fn write_all(db: Db, mut queue: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::with_capacity(MOST);
    while queue.recv_many(&mut waiting, MOST).await > 0 {
        // Readers were answered in groups, so entries come in groups too: those a moment behind share the commit.
        yield_now().await;
        if !queue.is_empty() {
            let room = MOST - waiting.len();
            queue.recv_many(&mut waiting, room).await;
        }
        let (entries, waiters): (Vec<_>, Vec<_>) = waiting.drain(..).map(|(entry, done)| (entry.0, done)).unzip();
        // One statement, which is one commit.
        let result = match timeout(COMMIT, insert_all(db.write(), entries)).await {
            Ok(done) => done.map_err(refusal),
            Err(late) => Err(Error::unavailable().caused_by(late)),
        };
        if let Err(error) = &result {
            let cause = error.cause().map(ToString::to_string);
            tracing::error!(cause, "reads could not be logged and were refused");
        }
        for waiter in waiters {
            // A reader who has gone away has no answer to wait for.
            let _ = waiter.send(result.clone());
        }
    }
}

/// Whatever the cause, the reader may come again; a full disk is said to be one.
fn refusal(cause: DbErr) -> Error {
    let error = Error::from(cause.clone());
    if error.class() == Class::Unavailable { error } else { Error::unavailable().caused_by(cause) }
}
