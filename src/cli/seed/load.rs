//! Pushes the steps of a scenario in pieces, each once: what was interrupted goes on where it stopped.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;
use entity::batch;
use indicatif::ProgressBar;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    access::{Actor, Role},
    cli::{
        context::{self, Told, language},
        progress,
    },
    env::Env,
    exchange::{batches::BatchAnswer, format::Envelope, push::Push, raw::RawRecord, record::raw_hash, source::Source},
    kinds::Kind,
    scenario::Step,
};

/// Records in one push.
const PIECE: usize = 5000;

/// What is to be loaded, under which name, and as whom.
pub struct Load<'a> {
    /// Database, time, new keys.
    pub env: &'a Env,
    /// Stands in the idempotency keys.
    pub name: &'a str,
    /// Who pushes in a role.
    pub actor: &'a (dyn Fn(Role) -> Actor + Sync),
}

impl Load<'_> {
    /// Pushes every step. A piece that was pushed before is passed over by its idempotency key.
    pub async fn run(&self, steps: Vec<Step>) -> anyhow::Result<()> {
        let done = keys(self.env, self.name).await?;
        for (at, step) in steps.into_iter().enumerate() {
            self.step(at, step, &done).await?;
        }
        Ok(())
    }

    async fn step(&self, at: usize, step: Step, done: &HashSet<String>) -> anyhow::Result<()> {
        let kind = Kind::find(step.kind).with_context(|| format!("unknown kind {}", step.kind))?;
        let role = step.role.parse::<Role>().map_err(anyhow::Error::msg)?;
        let actor = (self.actor)(role);
        let bar = progress::records(step.kind, step.count);
        let mut tally = Tally::default();
        let records = Arc::new(Mutex::new(step.records));
        for piece in 0_usize.. {
            let records = piece_of(&records).await?;
            if records.is_empty() {
                break;
            }
            let count = records.len() as u64;
            let key = format!("seed-{}-{at}-{piece:05}", self.name);
            if done.contains(&key) {
                tally.there += count;
            } else {
                let answer = push(self.env, kind, actor.clone(), key, records).await?;
                tally.add(&answer, &bar);
            }
            bar.inc(count);
        }
        progress::done(&bar, &tally.line(step.kind, step.count));
        Ok(())
    }
}

/// The next records; making them is work for a thread of its own.
async fn piece_of(records: &Arc<Mutex<Box<dyn Iterator<Item = RawRecord> + Send>>>) -> anyhow::Result<Vec<RawRecord>> {
    let records = Arc::clone(records);
    let next = move || {
        let mut records = records.lock().unwrap_or_else(PoisonError::into_inner);
        records.by_ref().take(PIECE).collect()
    };
    Ok(tokio::task::spawn_blocking(next).await?)
}

async fn push(
    env: &Env,
    kind: Kind,
    actor: Actor,
    key: String,
    records: Vec<RawRecord>,
) -> anyhow::Result<BatchAnswer> {
    let envelope =
        Envelope { declared_count: Some(records.len() as u64), idempotency_key: Some(key), ..Envelope::default() };
    let body_hash = raw_hash(&records);
    let push = Push { source: Source::Records(Arc::new(records)), envelope, body_hash, dry_run: false };
    kind.push(env, &context::of(actor), &push).await.told().with_context(|| kind.slug)
}

/// Whether some of what bears the name was pushed.
pub async fn begun(env: &Env, name: &str) -> anyhow::Result<bool> {
    Ok(!keys(env, name).await?.is_empty())
}

/// The keys of a name that were pushed.
async fn keys(env: &Env, name: &str) -> anyhow::Result<HashSet<String>> {
    let prefix = format!("seed-{name}-");
    let keys: Vec<Option<String>> = batch::Entity::find()
        .select_only()
        .column(batch::Column::IdempotencyKey)
        .filter(batch::Column::IdempotencyKey.starts_with(&prefix))
        .into_tuple()
        .all(env.db.read())
        .await?;
    Ok(keys.into_iter().flatten().collect())
}

#[derive(Default)]
struct Tally {
    there: u64,
    accepted: i64,
    findings: usize,
    refused: i64,
}

impl Tally {
    fn add(&mut self, answer: &BatchAnswer, bar: &ProgressBar) {
        let batch = &answer.batch;
        self.accepted += i64::from(batch.accepted);
        let rows = answer.results.iter().flatten();
        self.findings += rows.clone().filter(|row| !row.findings.is_empty()).count();
        let refused = batch.conflict + batch.unmatched + batch.rejected;
        if self.refused == 0 && refused > 0 {
            let first = rows.clone().find_map(|row| Some((row, row.errors.first()?)));
            if let Some((row, fault)) = first {
                let field = fault.field.as_deref().unwrap_or("-");
                let reference = row.reference.as_deref().unwrap_or("-");
                bar.suspend(|| eprintln!("{reference} {field}: {}", fault.message.text(language())));
            }
        }
        self.refused += i64::from(refused);
    }

    fn line(&self, kind: &str, count: u64) -> String {
        if self.there == count {
            return format!("{kind}: {count} records, there already");
        }
        let refused = if self.refused == 0 { String::new() } else { format!(", {} not accepted", self.refused) };
        format!("{kind}: {count} records, {} new, {} with doubts{refused}", self.accepted, self.findings)
    }
}
