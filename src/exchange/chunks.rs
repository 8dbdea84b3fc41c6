//! The rows of a push, chunk by chunk. On PostgreSQL those of the next chunk are looked up on a second connection while those of
//! the one before are written: the server and a second processor of the database work meanwhile, instead of after it.

use sea_orm::DbBackend;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    format::Envelope,
    kind::{RecordKind, Sent},
    looked::{Looked, Rows, references},
    outcome::Outcome,
    sieve::Sieve,
    source::{Part, Source, rows},
};
use crate::{
    access::Caller,
    db::Conn,
    env::Env,
    error::{Error, Result},
};

/// The chunks of one push.
pub(super) struct Chunks<'a, K: RecordKind> {
    env: &'a Env,
    caller: &'a Caller,
    batch_id: Uuid,
    parts: mpsc::Receiver<Result<Part<K::Record>>>,
    /// The references that this push has stored, which another connection does not see.
    own: Sieve,
}

/// What comes next.
pub(super) enum Next<K: RecordKind> {
    /// Some rows.
    Chunk(Chunk<K>),
    /// The end, with the control data that stood in the body.
    End(Envelope),
}

/// Some rows, with what was looked up ahead of them.
pub(super) struct Chunk<K: RecordKind> {
    /// The rows.
    pub(super) rows: Rows<K>,
    ahead: Option<Looked<K>>,
}

impl<'a, K: RecordKind> Chunks<'a, K> {
    /// Begins to read a source.
    pub(super) fn of(env: &'a Env, caller: &'a Caller, batch_id: Uuid, source: &Source) -> Self {
        Self { env, caller, batch_id, parts: rows::<K>(source), own: Sieve::default() }
    }

    /// The next rows, not looked up yet.
    pub(super) async fn next(&mut self) -> Result<Next<K>> {
        Ok(match self.parts.recv().await.ok_or_else(Error::unavailable)?? {
            Part::Rows(rows) => {
                let sent = |record| Sent { batch_id: self.batch_id, record };
                Next::Chunk(Chunk { rows: rows.into_iter().map(sent).collect(), ahead: None })
            }
            Part::End(envelope) => Next::End(envelope),
        })
    }

    /// The next rows while those with these outcomes are being written, looked up where that may be done and a second
    /// connection is to be had.
    pub(super) async fn next_beside(&mut self, written: &[Outcome]) -> Result<Next<K>> {
        // A row that looks at its neighbours must see them stored. On SQLite it stays with the one that writes.
        let may_look_ahead = K::ROWS_STAND_ALONE && self.env.db.backend() == DbBackend::Postgres;
        let mut next = self.next().await?;
        if let Next::Chunk(chunk) = &mut next
            && may_look_ahead
        {
            self.own.add(written.iter().filter_map(|outcome| outcome.reference.as_deref()));
            chunk.ahead = self.look_ahead(&chunk.rows).await;
        }
        Ok(next)
    }

    /// None where there is no second connection, or it fails: then the transaction, which may do better, is asked.
    async fn look_ahead(&self, rows: &Rows<K>) -> Option<Looked<K>> {
        let beside = self.env.db.beside().await?;
        let looked = Looked::up(&beside, self.caller, rows).await;
        looked.inspect_err(|cause| tracing::debug!(%cause, "rows are looked up on the transaction of their push")).ok()
    }

    /// What is known of rows, now that all before them are written.
    pub(super) async fn looked_up(&self, txn: &Conn<'_>, chunk: &mut Chunk<K>) -> Result<Looked<K>> {
        let Some(mut looked) = chunk.ahead.take() else {
            return Looked::up(txn, self.caller, &chunk.rows).await;
        };
        let mut maybe_own = references::<K>(&chunk.rows);
        maybe_own.retain(|reference| self.own.may_hold(reference));
        looked.again(txn, self.caller, maybe_own).await?;
        Ok(looked)
    }
}
