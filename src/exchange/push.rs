//! A push from end to end: parse → validate → match → check → store → log → publish, in one transaction, so that a crash at
//! any instant leaves it whole or absent. A push that is sent again is answered with what became of the first.

use std::sync::Arc;

use entity::{
    batch, batch_record,
    codes::{AuditOutcome, BatchStatus},
};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait};
use uuid::Uuid;

use super::{
    batches::{self, BatchAnswer},
    decide::decide,
    format::Envelope,
    group,
    keys::{self, Before},
    kind::{PushKind, Sent, Work},
    look_up::{LookedUp, Rows},
    outcome,
    source::{Part, Source, rows},
    tally::{self, Tally},
};
use crate::{
    access::{Caller, Disclosure},
    audit::Entry,
    db::{Conn, Transaction, insert_all},
    env::Env,
    error::{Error, Result},
    messages::{Code, Message},
};

/// What a client sent in one request.
#[derive(Clone, Debug)]
pub struct Push {
    /// The rows.
    pub source: Source,
    /// Control data given beside the body.
    pub envelope: Envelope,
    /// SHA-256 of what was received.
    pub body_hash: Vec<u8>,
    /// Whether it is only tried: all is done and decided as always, and nothing of it stays.
    pub dry_run: bool,
}

/// How often a push that collided with another is begun anew.
const TRIES: usize = 4;

/// Receives a push of one kind.
pub async fn push<K: PushKind>(env: &Env, caller: &Caller, push: &Push) -> Result<BatchAnswer> {
    caller.require("Mutation", K::MUTATION)?;
    env.elsewhere.as_ref().map_or(Ok(()), |limit| limit.check(&caller.actor.client_id))?;
    match under_key::<K>(env, caller, push).await {
        // The key stood in the body, where it is found late: all is begun anew under it.
        Err(Stop::Keyed(key)) => {
            let mut keyed = push.clone();
            keyed.envelope.idempotency_key = Some(key);
            under_key::<K>(env, caller, &keyed).await
        }
        done => done,
    }
    .map_err(|stop| match stop {
        Stop::Failed(error) => error,
        Stop::Refused(refusal) => refusal.error(),
        Stop::Keyed(_) => Error::internal("the key of the body was asked for twice"),
    })
}

async fn under_key<K: PushKind>(env: &Env, caller: &Caller, push: &Push) -> Result<BatchAnswer, Stop> {
    let key = push.envelope.idempotency_key.as_deref();
    let claim = match key {
        Some(key) => {
            keys::check(key)?;
            Some(Arc::new(env.claim(&caller.actor.client_id, key).ok_or_else(keys::still_running)?))
        }
        None => None,
    };
    let mut tries = 0;
    loop {
        let refused = match keys::before::<K>(env, caller, key, push).await? {
            Before::Answered(first) => return batches::answer(env, first).await.map_err(Stop::Failed),
            Before::Refused(refused) => Some(refused),
            Before::Nothing => None,
        };
        if tries == 0
            && refused.is_none()
            && let Some(answer) = group::share::<K>(env, caller, push, claim.clone()).await
        {
            return Ok(answer);
        }
        tries += 1;
        let done = match attempt::<K>(env, caller, push, refused, tries > 1).await {
            Err(Stop::Refused(refusal)) if !push.dry_run => {
                keep_refusal::<K>(env, caller, *refusal, refused).await.and_then(Err).map_err(Stop::Failed)
            }
            done => done,
        };
        match done {
            // Another push stored one of the same references meanwhile, or each waited for the other: the next try
            // sees what it stored.
            Err(Stop::Failed(error)) if error.is_contended() && tries < TRIES => {}
            done => return done,
        }
    }
}

/// Why an attempt stored nothing.
pub(super) enum Stop {
    /// The push as a whole is refused; the refusal is kept.
    Refused(Box<Refusal>),
    /// The body names an idempotency key, and nothing beside it does.
    Keyed(String),
    /// Something failed.
    Failed(Error),
}

pub(super) struct Refusal {
    batch: batch::Model,
    message: Message,
    rows: Vec<batch_record::Model>,
    /// What it tells of records beside those of the push.
    told: Disclosure,
}

impl Refusal {
    fn error(self) -> Error {
        let faults = batches::faults_of(&self.rows);
        batches::refusal(self.message, faults, None)
    }
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// `refused` is the push whose key this one takes over.
async fn attempt<K: PushKind>(
    env: &Env,
    caller: &Caller,
    push: &Push,
    refused: Option<Uuid>,
    again: bool,
) -> Result<BatchAnswer, Stop> {
    let txn = env.db.begin().await?;
    if again {
        queue_up(&txn).await?;
    }
    let mut batch = begin_batch::<K>(env, caller, push);
    keys::hold(&txn, &batch).await?;
    keys::release(&txn, refused).await?;
    batch::Entity::insert(batch::ActiveModel::from(batch.clone())).exec_without_returning(&txn).await?;
    let rules = env.rules.read(&txn).await?;
    let conn = Conn::Transaction(&txn);
    let mut work = Work::new(&conn, env, caller, &rules);
    let (tally, envelope) = store_all::<K>(&mut work, &push.source, &mut batch).await?;
    check_body_key(&push.envelope, &envelope)?;
    let envelope = merged(&push.envelope, &envelope);
    batch.atomic = envelope.atomic.unwrap_or(false);
    if batch.received == 0 {
        return Err(Error::invalid(Code::NoRecords).into());
    }
    let told = work.told;
    if let Some(message) = tally.refusal(&batch, &envelope) {
        txn.rollback().await?;
        let (rows, told) = (tally.refused_rows(caller, &batch), told.by_all(batch.id));
        let refusal = Box::new(Refusal { batch, message, rows, told });
        if push.dry_run {
            tried::<K>(env, caller, refusal.told.clone()).await?;
        }
        return Err(Stop::Refused(refusal));
    }
    batch::Entity::update(batch::ActiveModel::from(batch.clone()).reset_all()).exec(&txn).await?;
    if push.dry_run {
        txn.rollback().await?;
        tried::<K>(env, caller, told.by_all(batch.id)).await?;
        return Ok(tally.tried(batch));
    }
    let entry = log::<K>(env, &caller.stating(envelope.purpose.as_deref()), &batch, told.by_refusals(batch.id));
    entry.write(&txn).await?;
    txn.commit().await?;
    Ok(BatchAnswer::new(batch, tally.results))
}

/// Stores the chunks of a push one after the other: what adds up of them, and the control data that stood in the body.
async fn store_all<K: PushKind>(
    work: &mut Work<'_>,
    source: &Source,
    batch: &mut batch::Model,
) -> Result<(Tally, Envelope)> {
    let mut tally = Tally::default();
    let mut parts = rows::<K>(source);
    loop {
        let chunk = match parts.recv().await.ok_or_else(Error::unavailable)?? {
            Part::Rows(chunk) => chunk,
            Part::End(envelope) => return Ok((tally, envelope)),
        };
        tally.received::<K>(&chunk);
        let chunk: Rows<K> = chunk.into_iter().map(|record| Sent { batch_id: batch.id, record }).collect();
        let looked_up = LookedUp::of(work.txn, work.caller, &chunk).await?;
        let outcomes = decide::<K>(work, looked_up, chunk).await?;
        outcome::note::<K>(work, &outcomes)?;
        outcome::settle(work.txn, work.now, &outcomes).await?;
        work.flush().await?;
        tally.add(batch, outcomes);
    }
}

pub(super) fn begin_batch<K: PushKind>(env: &Env, caller: &Caller, push: &Push) -> batch::Model {
    batch::Model {
        id: env.ids.next(),
        client_id: caller.actor.client_id.clone(),
        kind: K::SLUG.to_owned(),
        status: BatchStatus::Completed,
        idempotency_key: push.envelope.idempotency_key.clone(),
        body_hash: push.fingerprint(),
        received: 0,
        accepted: 0,
        duplicate: 0,
        conflict: 0,
        unmatched: 0,
        rejected: 0,
        amount: 0,
        atomic: false,
        refusal: None,
        request_id: caller.request_id.to_string(),
        created_at: env.clock.now(),
    }
}

/// Pushes that collided go on one after the other, since side by side they would collide again. SQLite takes one writer
/// at a time as it is.
async fn queue_up(txn: &Transaction) -> Result<()> {
    if txn.get_database_backend() == DbBackend::Postgres {
        txn.execute_unprepared("SELECT pg_advisory_xact_lock(hashtext('push'), hashtext('collided'))").await?;
    }
    Ok(())
}

/// A key may stand in the body or beside it; in both it must be the same.
pub(super) fn check_body_key(beside: &Envelope, body: &Envelope) -> Result<(), Stop> {
    match (&beside.idempotency_key, &body.idempotency_key) {
        (None, Some(key)) => Err(Stop::Keyed(key.clone())),
        (Some(beside), Some(body)) if beside != body => {
            Err(Error::field("idempotencyKey", Code::IdempotencyKeysDiffer).into())
        }
        _ => Ok(()),
    }
}

/// Control data of the body go before those given beside it.
pub(super) fn merged(beside: &Envelope, body: &Envelope) -> Envelope {
    Envelope {
        declared_count: body.declared_count.or(beside.declared_count),
        declared_amount: body.declared_amount.or(beside.declared_amount),
        atomic: body.atomic.or(beside.atomic),
        purpose: body.purpose.clone().or_else(|| beside.purpose.clone()),
        ..Envelope::default()
    }
}

/// The entry of a push: how many records of which type it stored, and what it told of others.
pub(super) fn log<K: PushKind>(env: &Env, caller: &Caller, batch: &batch::Model, mut told: Disclosure) -> Entry {
    *told.counts.entry(K::SUBJECT).or_default() += u32::try_from(batch.accepted).unwrap_or_default();
    Entry::new(env, caller, &format!("{}.push", K::SLUG), AuditOutcome::Done, &told).of_batch(batch.id)
}

/// Writes the entry of a push that is only tried: nothing of it stays but what its sender was told.
async fn tried<K: PushKind>(env: &Env, caller: &Caller, told: Disclosure) -> Result<()> {
    let action = format!("{}.try", K::SLUG);
    Entry::new(env, caller, &action, AuditOutcome::Done, &told).write(env.db.write()).await
}

/// Keeps what was refused as a whole, so that it can be looked up and a repeat is answered alike; gives the error to answer.
async fn keep_refusal<K: PushKind>(
    env: &Env,
    caller: &Caller,
    refusal: Refusal,
    refused: Option<Uuid>,
) -> Result<Error> {
    let Refusal { mut batch, message, rows, told } = refusal;
    batch.status = BatchStatus::Refused;
    batch.refusal = Some(serde_json::to_value(&message).map_err(Error::internal)?);
    tally::nothing_stored(&mut batch);
    let faults = batches::faults_of(&rows);
    let txn = env.db.begin().await?;
    keys::release(&txn, refused).await?;
    batch::Entity::insert(batch::ActiveModel::from(batch.clone())).exec_without_returning(&txn).await?;
    insert_all(&txn, rows.into_iter().map(batch_record::ActiveModel::from).collect()).await?;
    log::<K>(env, caller, &batch, told).write(&txn).await?;
    txn.commit().await?;
    Ok(batches::refusal(message, faults, Some(batch.id)))
}
