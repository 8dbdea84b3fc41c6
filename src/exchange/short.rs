//! Short pushes, read whole before anything is stored, and stored together in one transaction.

use entity::batch;
use sea_orm::DatabaseTransaction;

use super::{
    batches::{BatchAnswer, RowResult},
    decide::decide,
    format::Envelope,
    kind::{RecordKind, Sent, Work},
    outcome::{self, Outcome},
    push::{self, Push},
    source::{Row, few},
    tally::{self, Tally},
};
use crate::{access::Caller, audit::Entry, env::Env, error::Result};

/// Most rows of a short push.
const ROWS: usize = 100;

/// A push of few rows that none of its control data will refuse.
pub(super) struct Short<K: RecordKind> {
    caller: Caller,
    batch: batch::Model,
    rows: Vec<Row<K::Record>>,
}

impl<K: RecordKind> Short<K> {
    /// Reads a push; none where it needs a transaction of its own: it is long, only tried, all or nothing, of a kind whose
    /// rows look at their neighbours, or something is wrong with the whole of it.
    pub(super) fn of(env: &Env, caller: &Caller, push: &Push) -> Option<Self> {
        if !K::ROWS_STAND_ALONE || push.dry_run {
            return None;
        }
        let (rows, body) = few::<K>(&push.source, ROWS)?;
        push::check_body_key(&push.envelope, &body).ok()?;
        let envelope = push::merged(&push.envelope, &body);
        let batch = push::begin_batch::<K>(env, caller, push);
        let short = Self { caller: caller.stating(envelope.purpose.as_deref()), batch, rows };
        short.stands(&envelope).then_some(short)
    }

    /// Whether it holds rows, and its control data agree with them.
    fn stands(&self, envelope: &Envelope) -> bool {
        let mut tally = Tally::default();
        tally.received::<K>(&self.rows);
        let received = batch::Model { received: i32::try_from(self.len()).unwrap_or(i32::MAX), ..self.batch.clone() };
        let refused = tally.refusal(&received, envelope).is_some();
        !self.rows.is_empty() && !refused && envelope.atomic != Some(true)
    }

    /// How many rows it has.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The references of its rows.
    pub(super) fn references(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().filter_map(|row| row.reference.as_deref())
    }
}

/// Stores pushes of one client in one transaction: all of them or, on an error, none.
pub(super) async fn store<K: RecordKind>(env: &Env, pushes: &mut [Short<K>]) -> Result<Vec<BatchAnswer>> {
    let Some(first) = pushes.first() else { return Ok(Vec::new()) };
    let caller = first.caller.clone();
    let txn = env.db.begin().await?;
    hold_keys(&txn, pushes).await?;
    let rules = env.rules.read(&txn).await?;
    let mut work = Work::new(&txn, env, &caller, &rules);
    let lengths: Vec<usize> = pushes.iter().map(Short::len).collect();
    let outcomes = decide::<K>(&mut work, rows_of(pushes)).await?;
    let mut rest = &outcomes[..];
    for (push, length) in pushes.iter_mut().zip(lengths) {
        let (own, others) = rest.split_at(length.min(rest.len()));
        for outcome in own {
            tally::count(&mut push.batch, outcome);
        }
        rest = others;
    }
    work.insert(pushes.iter().map(|push| batch::ActiveModel::from(push.batch.clone())).collect())?;
    outcome::store::<K>(&mut work, &outcomes).await?;
    let entries = pushes.iter().map(|push| push::log::<K>(env, &push.caller, &push.batch));
    work.insert(Entry::rows(entries))?;
    work.flush().await?;
    txn.commit().await?;
    Ok(answers(pushes, outcomes))
}

/// On PostgreSQL another replica may be at work with one of the keys.
async fn hold_keys<K: RecordKind>(txn: &DatabaseTransaction, pushes: &[Short<K>]) -> Result<()> {
    for push in pushes {
        push::hold_key(txn, &push.batch).await?;
    }
    Ok(())
}

fn rows_of<K: RecordKind>(pushes: &mut [Short<K>]) -> Vec<Sent<Row<K::Record>>> {
    let sent = |push: &mut Short<K>| {
        let batch_id = push.batch.id;
        std::mem::take(&mut push.rows).into_iter().map(move |record| Sent { batch_id, record })
    };
    pushes.iter_mut().flat_map(sent).collect()
}

fn answers<K: RecordKind>(pushes: &[Short<K>], outcomes: Vec<Outcome>) -> Vec<BatchAnswer> {
    let mut results = outcomes.into_iter().map(|outcome| (outcome.place.batch_id, RowResult::from(outcome))).peekable();
    let answer = |push: &Short<K>| {
        let mut own = Vec::new();
        while let Some((_, result)) = results.next_if(|(batch_id, _)| *batch_id == push.batch.id) {
            own.push(result);
        }
        BatchAnswer { batch: push.batch.clone(), results: Some(own) }
    };
    pushes.iter().map(answer).collect()
}
