//! Writes the entries of reads. Entries that arrive while a commit is under way share the next one, so that a thousand
//! readers a second cost a few commits, and none of them gets its answer before its own entry is on disk.

use tokio::{
    sync::{mpsc, oneshot},
    task::yield_now,
};

use super::Entry;
use crate::{
    db::{Db, insert_all},
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
        // Readers were answered in groups, so entries come in groups too: those a moment behind share the commit.
        yield_now().await;
        if !queue.is_empty() {
            let room = MOST - waiting.len();
            queue.recv_many(&mut waiting, room).await;
        }
        let (entries, waiters): (Vec<_>, Vec<_>) = waiting.drain(..).map(|(entry, done)| (entry.0, done)).unzip();
        // One statement, which is one commit.
        let result = insert_all(db.write(), entries).await.map_err(|cause| {
            tracing::error!(%cause, "reads could not be logged and were refused");
            Error::unavailable().caused_by(cause)
        });
        for waiter in waiters {
            // A reader who has gone away has no answer to wait for.
            let _ = waiter.send(result.clone());
        }
    }
}
