//! How a push and its rows are told.

use axum::{
    Json,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use entity::codes::{BatchStatus, RecordStatus};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    exchange::{
        batches::{BatchAnswer, RowResult},
        kind::Suggestion,
    },
    messages::{Code, Fault, Lang, Message},
    rest::{openapi::codes, problem::REPLAYED},
};

/// What became of a push.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Batch)]
pub struct BatchBody {
    /// Its key.
    pub id: Uuid,
    /// Kind of record, as `loan-disbursements`.
    #[schema(schema_with = codes::kinds)]
    pub kind: String,
    /// `COMPLETED`, or `REFUSED` when nothing of it was stored.
    #[schema(schema_with = codes::batch_status)]
    pub status: BatchStatus,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Rows received.
    #[schema(minimum = 0)]
    pub received: i32,
    /// Rows stored.
    #[schema(minimum = 0)]
    pub accepted: i32,
    /// Rows stored before.
    #[schema(minimum = 0)]
    pub duplicate: i32,
    /// Rows whose reference is stored with other content.
    #[schema(minimum = 0)]
    pub conflict: i32,
    /// Rows that wait for somebody to say whom they mean; 0 in a push that is refused as a whole, where nothing waits.
    #[schema(minimum = 0)]
    pub unmatched: i32,
    /// Rows refused.
    #[schema(minimum = 0)]
    pub rejected: i32,
    /// Sum of the rows stored, VND.
    #[schema(minimum = 0)]
    pub amount: i64,
    /// Why the push as a whole was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Sentence>,
    /// One result a row, in order; left out where there are too many for one answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results: Option<Vec<RowBody>>,
    /// Where the results are, page by page, when they are left out here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results_url: Option<String>,
}

impl BatchBody {
    /// The answer in a language.
    pub fn of(answer: &BatchAnswer, lang: Lang) -> Self {
        let batch = &answer.batch;
        let refusal = batch.refusal.clone().and_then(|json| serde_json::from_value::<Message>(json).ok());
        Self {
            id: batch.id,
            kind: batch.kind.clone(),
            status: batch.status,
            received_at: batch.created_at,
            received: batch.received,
            accepted: batch.accepted,
            duplicate: batch.duplicate,
            conflict: batch.conflict,
            unmatched: batch.unmatched,
            rejected: batch.rejected,
            amount: batch.amount,
            refusal: refusal.map(|message| Sentence::of(&message, lang)),
            results: answer.results.as_ref().map(|rows| rows.iter().map(|row| RowBody::of(row, lang)).collect()),
            results_url: answer.results.is_none().then(|| format!("{}/results", path_of(batch.id))),
        }
    }
}

/// What became of a row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RowResult)]
pub struct RowBody {
    /// Place in the push, from 0.
    #[schema(minimum = 0)]
    pub index: i32,
    /// The sender's reference; null where it could not be read.
    #[schema(required)]
    pub reference: Option<String>,
    /// `ACCEPTED`, `DUPLICATE`, `CONFLICT`, `UNMATCHED` or `REJECTED`.
    #[schema(schema_with = codes::record_status)]
    pub status: RecordStatus,
    /// The record stored, the one that was there, or the one that waits.
    #[schema(required)]
    pub id: Option<Uuid>,
    /// Doubts about a row that is stored all the same.
    pub findings: Vec<Sentence>,
    /// Why it was refused or waits.
    pub errors: Vec<FieldSentence>,
    /// Who might be meant by a row that waits.
    pub suggestions: Vec<SuggestionBody>,
}

impl RowBody {
    /// The result in a language.
    pub fn of(row: &RowResult, lang: Lang) -> Self {
        Self {
            index: row.index,
            reference: row.reference.clone(),
            status: row.status,
            id: row.id,
            findings: row.findings.iter().map(|message| Sentence::of(message, lang)).collect(),
            errors: row.errors.iter().map(|fault| FieldSentence::of(fault, lang)).collect(),
            suggestions: row.suggestions.iter().map(SuggestionBody::of).collect(),
        }
    }
}

/// A stable code with its sentence.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sentence {
    /// Made for programs to branch on.
    pub code: Code,
    /// The sentence in the language asked for.
    pub message: String,
}

impl Sentence {
    fn of(message: &Message, lang: Lang) -> Self {
        Self { code: message.code, message: message.text(lang) }
    }
}

/// What is wrong with a field of a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldSentence {
    /// Made for programs to branch on.
    pub code: Code,
    /// Path of the field within the record; null where it is the record as a whole.
    #[schema(required)]
    pub field: Option<String>,
    /// The sentence in the language asked for.
    pub message: String,
}

impl FieldSentence {
    fn of(fault: &Fault, lang: Lang) -> Self {
        Self { code: fault.message.code, field: fault.field.clone(), message: fault.message.text(lang) }
    }
}

/// Somebody who might be meant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Suggestion)]
pub struct SuggestionBody {
    /// Key of the person.
    pub person_id: Uuid,
    /// Full name.
    pub full_name: String,
    /// Year of birth.
    pub birth_year: i16,
    /// Personal ID with its middle hidden.
    #[schema(required)]
    pub personal_id: Option<String>,
}

impl SuggestionBody {
    fn of(suggestion: &Suggestion) -> Self {
        Self {
            person_id: suggestion.person_id,
            full_name: suggestion.full_name.clone(),
            birth_year: suggestion.birth_year,
            personal_id: suggestion.personal_id.clone(),
        }
    }
}

/// The answer to a push: 200 with the place where it can be looked up again.
pub fn answered(answer: &BatchAnswer, lang: Lang) -> Response {
    let mut response = told(answer, lang);
    if let Ok(place) = HeaderValue::from_str(&path_of(answer.batch.id)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    if answer.replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// The answer to a look-up.
pub fn told(answer: &BatchAnswer, lang: Lang) -> Response {
    ([(header::CONTENT_LANGUAGE, lang.tag())], Json(BatchBody::of(answer, lang))).into_response()
}

/// Where a push is looked up.
pub fn path_of(batch_id: Uuid) -> String {
    format!("/v1/batches/{batch_id}")
}
