//! What became of a push: its answer, its rows page by page, its errors as a file to work through.

use std::collections::HashMap;

use entity::{
    batch, batch_record,
    codes::{BatchStatus, RecordStatus},
    finding,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use uuid::Uuid;

use super::{kind::Suggestion, outcome::Outcome};
use crate::{
    access::Caller,
    env::Env,
    error::{Class, Error, Result},
    messages::{Code, Fault, Message},
};

/// Most rows whose results stand in the answer itself; a longer push is asked for its results page by page.
pub const MOST_RESULTS: usize = 10_000;

/// A push with the results of its rows.
#[derive(Clone, Debug)]
pub struct BatchAnswer {
    /// The push.
    pub batch: batch::Model,
    /// Its rows in order; none where there are too many for one answer.
    pub results: Option<Vec<RowResult>>,
    /// Whether it was answered before, under the same key.
    pub replayed: bool,
}

impl BatchAnswer {
    /// The first answer to a push.
    pub fn new(batch: batch::Model, results: Option<Vec<RowResult>>) -> Self {
        Self { batch, results, replayed: false }
    }
}

/// What became of a row, as it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct RowResult {
    /// Place in the push, from 0.
    pub index: i32,
    /// The sender's reference where it could be read.
    pub reference: Option<String>,
    /// Outcome.
    pub status: RecordStatus,
    /// The record stored, the one that was there, or the one that waits.
    pub id: Option<Uuid>,
    /// Doubts.
    pub findings: Vec<Message>,
    /// Why it was refused or waits.
    pub errors: Vec<Fault>,
    /// Who might be meant.
    pub suggestions: Vec<Suggestion>,
}

impl From<Outcome> for RowResult {
    fn from(outcome: Outcome) -> Self {
        Self {
            index: outcome.place.position,
            reference: outcome.reference,
            status: outcome.status,
            id: outcome.record_id,
            findings: outcome.findings,
            errors: outcome.errors,
            suggestions: outcome.suggestions,
        }
    }
}

/// How a row's errors and suggestions are kept.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Kept {
    /// Why it was refused or waits.
    pub errors: Vec<Fault>,
    /// Who might be meant.
    pub suggestions: Vec<Suggestion>,
}

impl Kept {
    /// Reads what was kept; nothing kept is nothing to tell.
    pub fn of_json(json: Option<&serde_json::Value>) -> Self {
        json.and_then(|json| Self::deserialize(json).ok()).unwrap_or_default()
    }

    fn of(row: &batch_record::Model) -> Self {
        Self::of_json(row.errors.as_ref())
    }
}

/// A push the caller sent; those of others are not found.
pub async fn own(env: &Env, caller: &Caller, id: Uuid) -> Result<batch::Model> {
    caller.require("Query", "batch")?;
    let found = batch::Entity::find_by_id(id).one(env.db.read()).await?;
    found.filter(|batch| batch.client_id == caller.actor.client_id).ok_or_else(|| Error::not_found("batch"))
}

/// The answer to a push that was carried out before. A refused push is refused again.
pub async fn answer(env: &Env, batch: batch::Model) -> Result<BatchAnswer> {
    if batch.status == BatchStatus::Refused {
        let rows = page_of(env, batch.id, None, MOST_RESULTS as u64, &[]).await?;
        let message = batch.refusal.clone().and_then(|json| serde_json::from_value(json).ok());
        let message = message.unwrap_or_else(|| Code::BadUserInput.into());
        return Err(refusal(message, faults_of(&rows), Some(batch.id)).replayed());
    }
    Ok(BatchAnswer { replayed: true, ..looked_up(env, batch).await? })
}

/// A push as it is looked up: of a refused one the rows that were kept, of any other all rows where they are few.
pub async fn looked_up(env: &Env, batch: batch::Model) -> Result<BatchAnswer> {
    let few = usize::try_from(batch.received).is_ok_and(|received| received <= MOST_RESULTS);
    let results = if few { Some(results(env, batch.id, None, MOST_RESULTS as u64).await?) } else { None };
    Ok(BatchAnswer::new(batch, results))
}

/// Notes the persons that an answer suggests to the caller.
pub fn disclose(caller: &Caller, results: &[RowResult]) {
    let persons: Vec<Uuid> =
        results.iter().flat_map(|row| row.suggestions.iter().map(|suggestion| suggestion.person_id)).collect();
    caller.disclose("Person", persons.len(), persons);
}

/// Rows of a push after a place, in order.
pub async fn results(env: &Env, batch_id: Uuid, after: Option<i32>, most: u64) -> Result<Vec<RowResult>> {
    let rows = page_of(env, batch_id, after, most, &[]).await?;
    with_findings(env, batch_id, rows).await
}

/// Rows that want work: refused, in conflict or waiting.
pub async fn errors(env: &Env, batch_id: Uuid, after: Option<i32>, most: u64) -> Result<Vec<RowResult>> {
    let wanting = [RecordStatus::Rejected, RecordStatus::Conflict, RecordStatus::Unmatched];
    let rows = page_of(env, batch_id, after, most, &wanting).await?;
    with_findings(env, batch_id, rows).await
}

async fn page_of(
    env: &Env,
    batch_id: Uuid,
    after: Option<i32>,
    most: u64,
    statuses: &[RecordStatus],
) -> Result<Vec<batch_record::Model>> {
    let mut select = batch_record::Entity::find()
        .filter(batch_record::Column::BatchId.eq(batch_id))
        .filter(batch_record::Column::Position.gt(after.unwrap_or(-1)));
    if !statuses.is_empty() {
        select = select.filter(batch_record::Column::Status.is_in(statuses.iter().copied()));
    }
    Ok(select.order_by_asc(batch_record::Column::Position).limit(most).all(env.db.read()).await?)
}

async fn with_findings(env: &Env, batch_id: Uuid, rows: Vec<batch_record::Model>) -> Result<Vec<RowResult>> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
    let found = finding::Entity::find()
        .filter(finding::Column::BatchId.eq(batch_id))
        .filter(finding::Column::Position.between(first.position, last.position))
        .order_by_asc(finding::Column::Id)
        .all(env.db.read())
        .await?;
    let mut findings: HashMap<i32, Vec<Message>> = HashMap::new();
    for finding in found {
        if let Some(message) = message_of(&finding) {
            findings.entry(finding.position).or_default().push(message);
        }
    }
    let result = |row: batch_record::Model| {
        let kept = Kept::of(&row);
        RowResult {
            index: row.position,
            findings: findings.remove(&row.position).unwrap_or_default(),
            reference: row.reference,
            status: row.status,
            id: row.record_id,
            errors: kept.errors,
            suggestions: kept.suggestions,
        }
    };
    Ok(rows.into_iter().map(result).collect())
}

/// The sentence of a stored doubt.
pub fn message_of(finding: &finding::Model) -> Option<Message> {
    let params = serde_json::from_value(finding.params.clone()).unwrap_or_default();
    Code::parse(&finding.code).map(|code| Message { code, params })
}

/// Faults of refused rows under their place, as `records.3.amount`.
pub(super) fn faults_of(rows: &[batch_record::Model]) -> Vec<Fault> {
    let under = |position: i32, fault: Fault| {
        let field = fault.field.map_or_else(String::new, |field| format!(".{field}"));
        Fault { field: Some(format!("records.{position}{field}")), message: fault.message }
    };
    rows.iter().flat_map(|row| Kept::of(row).errors.into_iter().map(|fault| under(row.position, fault))).collect()
}

/// The error that answers a push refused as a whole.
pub(super) fn refusal(message: Message, faults: Vec<Fault>, batch_id: Option<Uuid>) -> Error {
    let error = Error::new(Class::BadUserInput, message).with_status(422).with_faults(faults);
    match batch_id {
        Some(batch_id) => error.about_batch(batch_id),
        None => error,
    }
}
