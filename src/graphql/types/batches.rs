//! Pushes and their rows.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{batch, unmatched_record};
use uuid::Uuid;

use crate::{
    domain::vnd::Vnd,
    error::Error,
    exchange::{
        batches::{self, BatchAnswer, Kept, RowResult},
        kind,
    },
    graphql::{
        codes::{BatchStatus, RecordStatus},
        context::Asking,
        http::ApiError,
        lists::weight,
        plain::plain,
        shown::shown,
        unfinished::Unfinished,
        written::Rows,
    },
    messages::{Code, Fault, Lang, Message},
};

/// Most rows of a push in one answer.
const MOST: usize = 1000;

/// A push: what an agency sent in one request, and what became of it.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Batch {
    /// Key.
    id: ID,
    /// Kind of record, as `loan-disbursements`.
    kind: String,
    /// What became of it.
    status: BatchStatus,
    /// Rows received.
    received: i32,
    /// Rows stored.
    accepted: i32,
    /// Rows stored before.
    duplicate: i32,
    /// Rows whose reference names other content.
    conflict: i32,
    /// Rows that wait in the work list.
    unmatched: i32,
    /// Rows refused.
    rejected: i32,
    /// Sum of the accepted rows, VND.
    amount: Vnd,
    /// When it was received.
    received_at: DateTime<Utc>,
    #[graphql(skip)]
    key: Uuid,
    #[graphql(skip)]
    refusal: Option<serde_json::Value>,
    #[graphql(skip)]
    told: Option<Vec<RowResult>>,
}

#[ComplexObject]
impl Batch {
    /// Why the push as a whole was refused; null where it was not.
    async fn refusal(&self, ctx: &Context<'_>) -> Option<Notice> {
        let message = self.refusal.clone().and_then(|json| serde_json::from_value::<Message>(json).ok());
        message.map(|message| Notice::of(&message, ctx.lang()))
    }

    /// Rows in order, after the row of an index: the first 1,000 unless `first` says otherwise, at most 1,000. Where more follow, the
    /// answer's extension `unfinished` tells what to give as `after`.
    #[graphql(complexity = "weight(first, 5) * child_complexity")]
    async fn results(
        &self,
        ctx: &Context<'_>,
        after: Option<i32>,
        #[graphql(default = 1000)] first: Option<i32>,
    ) -> Result<Rows<RecordResult>, ApiError> {
        let first = usize::try_from(first.unwrap_or(1000)).ok().filter(|first| (1..=MOST).contains(first));
        let range = || Error::field("first", Message::new(Code::NumberRange).with("from", 1).with("to", MOST));
        let first = first.ok_or_else(range)?;
        // One more tells whether there is more.
        let mut rows: Vec<RowResult> = match (&self.told, after) {
            (Some(told), None) => told.iter().take(first + 1).cloned().collect(),
            _ => batches::results(ctx.env(), self.key, after, first as u64 + 1).await?,
        };
        if rows.len() > first {
            rows.truncate(first);
            rows.last().iter().for_each(|last| Unfinished::note(ctx, last.index));
        }
        batches::disclose(ctx.caller(), &rows);
        Ok(Rows(rows.into_iter().map(|row| RecordResult::new(row, ctx.lang())).collect()))
    }
}

impl Batch {
    fn new(batch: batch::Model, told: Option<Vec<RowResult>>) -> Self {
        Self {
            id: batch.id.into(),
            kind: batch.kind,
            status: batch.status.into(),
            received: batch.received,
            accepted: batch.accepted,
            duplicate: batch.duplicate,
            conflict: batch.conflict,
            unmatched: batch.unmatched,
            rejected: batch.rejected,
            amount: Vnd(batch.amount),
            received_at: batch.created_at,
            key: batch.id,
            refusal: batch.refusal,
            told,
        }
    }
}

impl From<BatchAnswer> for Batch {
    fn from(answer: BatchAnswer) -> Self {
        Self::new(answer.batch, answer.results)
    }
}

impl From<batch::Model> for Batch {
    fn from(batch: batch::Model) -> Self {
        Self::new(batch, None)
    }
}

/// The outcome of one row.
#[derive(Clone, Debug, SimpleObject)]
pub struct RecordResult {
    /// Place in the push, from 0.
    index: i32,
    /// The sender's reference where it could be read.
    reference: Option<String>,
    /// Outcome.
    status: RecordStatus,
    /// The record stored, the one that was there, or the one that waits.
    id: Option<ID>,
    /// Doubts: the row is stored all the same.
    findings: Vec<Notice>,
    /// Why it was refused or waits: the first 100 faults at most.
    errors: Vec<Notice>,
    /// Who might be meant.
    suggestions: Vec<Suggestion>,
}

plain!(RecordResult: index, reference, status, id);

impl RecordResult {
    fn new(row: RowResult, lang: Lang) -> Self {
        Self {
            index: row.index,
            reference: row.reference,
            status: row.status.into(),
            id: row.id.map(Into::into),
            findings: row.findings.iter().map(|message| Notice::of(message, lang)).collect(),
            errors: row.errors.iter().map(|fault| Notice::at(fault, lang)).collect(),
            suggestions: row.suggestions.into_iter().map(Into::into).collect(),
        }
    }
}

/// Something said about a row.
#[derive(Clone, Debug, SimpleObject)]
pub struct Notice {
    /// What it is about, as `UNKNOWN_PERSON`.
    code: &'static str,
    /// The field, where it is about one.
    field: Option<String>,
    /// The sentence, with its remedy.
    message: String,
}

impl Notice {
    fn of(message: &Message, lang: Lang) -> Self {
        Self { code: message.code.as_str(), field: None, message: message.text(lang) }
    }

    fn at(fault: &Fault, lang: Lang) -> Self {
        Self { field: fault.field.clone(), ..Self::of(&fault.message, lang) }
    }
}

/// Who might be meant by a row that fits nobody.
#[derive(Clone, Debug, SimpleObject)]
pub struct Suggestion {
    /// Key of the person.
    person_id: ID,
    /// Full name.
    full_name: String,
    /// Year of birth.
    birth_year: i16,
    /// Personal ID with its middle hidden.
    personal_id: Option<String>,
}

impl From<kind::Suggestion> for Suggestion {
    fn from(suggestion: kind::Suggestion) -> Self {
        Self {
            person_id: suggestion.person_id.into(),
            full_name: suggestion.full_name,
            birth_year: suggestion.birth_year,
            personal_id: suggestion.personal_id,
        }
    }
}

/// A row whose person or household is unknown: it waits here until a person says whom it means.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct UnmatchedRecord {
    /// Key.
    id: ID,
    /// Kind of record.
    kind: String,
    /// The push that brought it.
    batch_id: ID,
    /// Row in it, from 0.
    index: i32,
    /// When it was received.
    received_at: DateTime<Utc>,
    #[graphql(skip)]
    row: unmatched_record::Model,
}

#[ComplexObject]
impl UnmatchedRecord {
    /// The sender's reference.
    async fn reference(&self) -> Option<&str> {
        self.row.content.get("reference").and_then(serde_json::Value::as_str)
    }

    /// The record as it was received, as JSON text.
    async fn content(&self) -> String {
        self.row.content.to_string()
    }

    /// Why it waits.
    async fn reasons(&self, ctx: &Context<'_>) -> Vec<Notice> {
        Kept::of_json(Some(&self.row.reason)).errors.iter().map(|fault| Notice::at(fault, ctx.lang())).collect()
    }

    /// Who might be meant.
    async fn suggestions(&self, ctx: &Context<'_>) -> Vec<Suggestion> {
        let kept = Kept::of_json(Some(&self.row.reason)).suggestions;
        ctx.caller().disclose("Person", kept.len(), kept.iter().map(|suggestion| suggestion.person_id));
        kept.into_iter().map(Into::into).collect()
    }
}

shown!(UnmatchedRecord of unmatched_record {} never []);

plain!(UnmatchedRecord: id, kind, batch_id, index, received_at, reference(), content());

impl From<unmatched_record::Model> for UnmatchedRecord {
    fn from(row: unmatched_record::Model) -> Self {
        Self {
            id: row.id.into(),
            kind: row.kind.clone(),
            batch_id: row.batch_id.into(),
            index: row.position,
            received_at: row.created_at,
            row,
        }
    }
}
