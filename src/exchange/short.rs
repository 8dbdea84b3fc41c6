//! Short pushes, read whole before anything is stored, and stored together in one transaction.

use std::{sync::Arc, time::Duration};

use entity::batch;
use sea_orm::DbBackend;

use super::{
    batches::{BatchAnswer, RowResult},
    decide::decide,
    format::Envelope,
    keys,
    kind::{RecordKind, Sent, Work},
    looked::{Looked, Rows},
    outcome::{self, Outcome},
    push::{self, Push},
    source::{Row, few},
    tally::{self, Tally},
};
use crate::{
    access::Caller,
    audit::Entry,
    db::{Conn, Transaction},
    env::Env,
    error::Result,
    rules::Rules,
};

/// Most rows of a short push.
const ROWS: usize = 100;

/// How long some pushes wait together for a transaction that holds what one of them needs, such as a long push of the same
/// references. By themselves, only that one waits on.
const PATIENCE: Duration = Duration::from_secs(1);

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
    let outcomes = if env.db.backend() == DbBackend::Postgres {
        // Each look-up sees what is committed when it is made, within a transaction or without, and what is written is one
        // statement, which is a transaction by itself. Without one the look-ups go side by side.
        let conn = Conn::Alone(env.db.write());
        let rows = rows_of(pushes);
        let (rules, looked) = prepare::<K>(env, &conn, &caller, &rows).await?;
        let mut work = Work::new(&conn, env, &caller, &rules);
        work.give_up_after(PATIENCE);
        let outcomes = decided::<K>(&mut work, looked, rows, pushes).await?;
        write_alone::<K>(env, &mut work, &outcomes, pushes).await?;
        outcomes
    } else {
        let txn = env.db.begin().await?;
        let conn = Conn::Transaction(&txn);
        let rows = rows_of(pushes);
        let (rules, looked) = prepare::<K>(env, &conn, &caller, &rows).await?;
        let mut work = Work::new(&conn, env, &caller, &rules);
        let outcomes = decided::<K>(&mut work, looked, rows, pushes).await?;
        outcome::settle(&txn, work.now, &outcomes).await?;
        work.flush().await?;
        txn.commit().await?;
        outcomes
    };
    Ok(answers(pushes, outcomes))
}

/// The rules, and what is known of the rows.
async fn prepare<K: RecordKind>(
    env: &Env,
    conn: &Conn<'_>,
    caller: &Caller,
    rows: &Rows<K>,
) -> Result<(Arc<Rules>, Looked<K>)> {
    let rules = async { Ok(env.rules.read(conn).await?) };
    tokio::try_join!(rules, Looked::up_at_once(conn, caller, rows))
}

/// Decides the rows, and notes all that is to be written: the pushes with their counts, their rows and entries.
async fn decided<K: RecordKind>(
    work: &mut Work<'_>,
    looked: Looked<K>,
    rows: Rows<K>,
    pushes: &mut [Short<K>],
) -> Result<Vec<Outcome>> {
    let outcomes = decide::<K>(work, looked, rows).await?;
    let mut own = outcomes.iter().peekable();
    for push in pushes.iter_mut() {
        while let Some(outcome) = own.next_if(|outcome| outcome.place.batch_id == push.batch.id) {
            tally::count(&mut push.batch, outcome);
        }
    }
    work.insert_alike(pushes.iter().map(|push| batch::ActiveModel::from(push.batch.clone())).collect())?;
    outcome::note::<K>(work, &outcomes)?;
    let entries = pushes
        .iter()
        .map(|push| push::log::<K>(work.env, &push.caller, &push.batch, work.told.by_refusals(push.batch.id)));
    let rows = Entry::rows(entries);
    work.insert_alike(rows)?;
    Ok(outcomes)
}

/// Writes what was noted in one statement; in a transaction where something goes beside it.
async fn write_alone<K: RecordKind>(
    env: &Env,
    work: &mut Work<'_>,
    outcomes: &[Outcome],
    pushes: &[Short<K>],
) -> Result<()> {
    let is_keyed = pushes.iter().any(|push| push.batch.idempotency_key.is_some());
    if !is_keyed && !outcomes.iter().any(Outcome::settles) {
        return work.flush().await;
    }
    let txn = env.db.begin().await?;
    hold_keys(&txn, pushes).await?;
    outcome::settle(&txn, work.now, outcomes).await?;
    work.flush_to(&txn).await?;
    Ok(txn.commit().await?)
}

/// On PostgreSQL another replica may be at work with one of the keys.
async fn hold_keys<K: RecordKind>(txn: &Transaction, pushes: &[Short<K>]) -> Result<()> {
    for push in pushes {
        keys::hold(txn, &push.batch).await?;
    }
    Ok(())
}

fn rows_of<K: RecordKind>(pushes: &mut [Short<K>]) -> Rows<K> {
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
        BatchAnswer::new(push.batch.clone(), Some(own))
    };
    pushes.iter().map(answer).collect()
}
