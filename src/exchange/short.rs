//! Short pushes, read whole before anything is stored, and stored together in one transaction.

use std::sync::Arc;

use entity::batch;
use sea_orm::DbBackend;

use super::{
    batches::{BatchAnswer, RowResult},
    decide::decide,
    format::Envelope,
    keys,
    kind::{PushKind, Sent, Work},
    look_up::{LookedUp, Rows},
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

/// A push of few rows that none of its control data will refuse.
pub(super) struct Short<K: PushKind> {
    caller: Caller,
    batch: batch::Model,
    rows: Vec<Row<K::Record>>,
}

impl<K: PushKind> Short<K> {
    /// Reads a push; none where it needs a transaction of its own: it is long, only tried, all or nothing, of a kind whose
    /// rows look at their neighbours, or something is wrong with the whole of it.
    pub(super) fn of(env: &Env, caller: &Caller, push: &Push) -> Option<Self> {
        if !K::INDEPENDENT || push.dry_run {
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
pub(super) async fn store<K: PushKind>(env: &Env, pushes: &mut [Short<K>]) -> Result<Vec<BatchAnswer>> {
    let Some(first) = pushes.first() else { return Ok(Vec::new()) };
    let caller = first.caller.clone();
    let outcomes = if env.db.backend() == DbBackend::Postgres {
        // Each look-up sees what is committed when it is made, within a transaction or without, and what is written is one
        // statement, which is a transaction by itself. Without one the look-ups go side by side.
        let conn = Conn::Alone(env.db.write());
        let rows = rows_of(pushes);
        let (rules, looked_up) = prepare::<K>(env, &conn, &caller, &rows).await?;
        let mut work = Work::new(&conn, env, &caller, &rules);
        let outcomes = decided::<K>(&mut work, looked_up, rows, pushes).await?;
        write_alone::<K>(env, &mut work, &outcomes, pushes).await?;
        outcomes
    } else {
        let txn = env.db.begin().await?;
        let conn = Conn::Transaction(&txn);
        let rows = rows_of(pushes);
        let (rules, looked_up) = prepare::<K>(env, &conn, &caller, &rows).await?;
        let mut work = Work::new(&conn, env, &caller, &rules);
        let outcomes = decided::<K>(&mut work, looked_up, rows, pushes).await?;
        outcome::settle(&txn, work.now, &outcomes).await?;
        work.flush().await?;
        txn.commit().await?;
        outcomes
    };
    Ok(answers(pushes, outcomes))
}

/// The rules, and what is known of the rows.
async fn prepare<K: PushKind>(
    env: &Env,
    conn: &Conn<'_>,
    caller: &Caller,
    rows: &Rows<K>,
) -> Result<(Arc<Rules>, LookedUp<K>)> {
    let rules = async { Ok(env.rules.read(conn).await?) };
    tokio::try_join!(rules, LookedUp::of(conn, caller, rows))
}

/// Decides the rows, and notes all that is to be written: the pushes with their counts, their rows and entries.
async fn decided<K: PushKind>(
    work: &mut Work<'_>,
    looked_up: LookedUp<K>,
    rows: Rows<K>,
    pushes: &mut [Short<K>],
) -> Result<Vec<Outcome>> {
    let outcomes = decide::<K>(work, looked_up, rows).await?;
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
async fn write_alone<K: PushKind>(
    env: &Env,
    work: &mut Work<'_>,
    outcomes: &[Outcome],
    pushes: &[Short<K>],
) -> Result<()> {
    let is_keyed = pushes.iter().any(|push| push.batch.idempotency_key.is_some());
    if !is_keyed && !outcomes.iter().any(Outcome::settles) {
        return work.flush().await;
    }
    let txn = env.db.begin_impatient().await?;
    hold_keys(&txn, pushes).await?;
    outcome::settle(&txn, work.now, outcomes).await?;
    work.flush_to(&txn).await?;
    Ok(txn.commit().await?)
}

/// On PostgreSQL another replica may be at work with one of the keys.
async fn hold_keys<K: PushKind>(txn: &Transaction, pushes: &[Short<K>]) -> Result<()> {
    for push in pushes {
        keys::hold(txn, &push.batch).await?;
    }
    Ok(())
}

fn rows_of<K: PushKind>(pushes: &mut [Short<K>]) -> Rows<K> {
    let sent = |push: &mut Short<K>| {
        let batch_id = push.batch.id;
        std::mem::take(&mut push.rows).into_iter().map(move |record| Sent { batch_id, record })
    };
    pushes.iter_mut().flat_map(sent).collect()
}

fn answers<K: PushKind>(pushes: &[Short<K>], outcomes: Vec<Outcome>) -> Vec<BatchAnswer> {
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
