//! The outcome of a row, and what of it is written.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{batch_record, codes::RecordStatus, finding, unmatched_record};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    format::write::json_record,
    kind::{Decision, PushKind, Suggestion, Work},
    raw::RawRecord,
    record::Record,
};
use crate::{
    access::Area,
    db::{among_keys, unseen},
    error::Result,
    messages::{Code, Fault, Message},
};

/// What became of one row, with all that is to be told and kept of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Where the row stands.
    pub place: Place,
    /// The sender's reference where it could be read.
    pub reference: Option<String>,
    /// Outcome.
    pub status: RecordStatus,
    /// The record stored, the one that was there, or the one that waits.
    pub record_id: Option<Uuid>,
    /// What the row adds to the sum of the push, VND.
    pub amount: i64,
    /// Doubts.
    pub findings: Vec<Message>,
    /// Why it was refused or waits.
    pub errors: Vec<Fault>,
    /// Who might be meant.
    pub suggestions: Vec<Suggestion>,
    hash: Option<Vec<u8>>,
    unit_id: Option<Uuid>,
    content: Option<RawRecord>,
    settles: Option<Uuid>,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The push.
    pub batch_id: Uuid,
    /// Place in it, from 0.
    pub position: i32,
}

/// A row that was sent before.
#[derive(Clone, Debug)]
pub struct Earlier {
    hash: Option<Vec<u8>>,
    record_id: Option<Uuid>,
    waits: bool,
}

/// Rows that were sent before, by reference.
pub type Known = HashMap<String, Earlier>;

impl Earlier {
    /// The row that still waits, if it says the same: it is decided anew, for whom it means may be known by now.
    pub fn waiting(&self, hash: &[u8]) -> Option<Uuid> {
        self.record_id.filter(|_| self.waits && self.hash.as_deref() == Some(hash))
    }
}

impl Outcome {
    fn new(place: Place, reference: Option<String>, status: RecordStatus) -> Self {
        Self {
            place,
            reference,
            status,
            record_id: None,
            amount: 0,
            findings: Vec::new(),
            errors: Vec::new(),
            suggestions: Vec::new(),
            hash: None,
            unit_id: None,
            content: None,
            settles: None,
        }
    }

    /// A row that could not be read.
    pub fn rejected(place: Place, reference: Option<String>, faults: Vec<Fault>) -> Self {
        Self { errors: faults, ..Self::new(place, reference, RecordStatus::Rejected) }
    }

    /// A row whose reference is known from an earlier push.
    pub fn repeat(place: Place, reference: String, hash: &[u8], earlier: &Earlier) -> Self {
        Self::again(place, reference, earlier.hash.as_deref() == Some(hash), earlier.record_id)
    }

    /// A row whose reference stands earlier in the same push.
    pub fn repeat_here(place: Place, reference: String, first: Option<&Self>, same: bool) -> Self {
        match first {
            Some(first) if first.status == RecordStatus::Rejected => {
                Self::rejected(place, Some(reference), first.errors.clone())
            }
            first => Self::again(place, reference, same, first.and_then(|first| first.record_id)),
        }
    }

    fn again(place: Place, reference: String, same: bool, record_id: Option<Uuid>) -> Self {
        let status = if same { RecordStatus::Duplicate } else { RecordStatus::Conflict };
        let errors = if same { Vec::new() } else { vec![Fault::at("reference", Code::ReferenceConflict)] };
        Self { record_id, errors, ..Self::new(place, Some(reference), status) }
    }

    /// A row that its kind decided on.
    pub fn decided<K: PushKind>(
        work: &Work<'_>,
        place: Place,
        reference: String,
        hash: Vec<u8>,
        record: &K::Record,
        decision: Decision,
    ) -> Self {
        let new = |status| Self { hash: Some(hash), ..Self::new(place, Some(reference), status) };
        match decision {
            Decision::Accepted { id, unit_id, findings, .. } => Self {
                record_id: Some(id),
                unit_id: Some(unit_id),
                amount: K::amount(record),
                findings,
                ..new(RecordStatus::Accepted)
            },
            Decision::Unmatched { reason, suggestions } => Self {
                record_id: Some(work.env.ids.next()),
                errors: vec![Fault::whole(reason)],
                suggestions,
                content: Some(record.canonical()),
                ..new(RecordStatus::Unmatched)
            },
            Decision::Rejected(errors) | Decision::Taken { faults: errors, .. } => {
                Self { errors, ..new(RecordStatus::Rejected) }
            }
        }
    }

    /// The same for a row that waited: it is settled when the record is stored now, and else goes on waiting.
    #[must_use]
    pub fn of_waiting(self, waiting: Uuid) -> Self {
        match self.status {
            RecordStatus::Accepted => Self { settles: Some(waiting), ..self },
            RecordStatus::Unmatched => {
                Self { record_id: Some(waiting), ..Self::new(self.place, self.reference, RecordStatus::Duplicate) }
            }
            _ => self,
        }
    }

    /// Whether a row leaves the work list because its record is stored now.
    pub fn settles(&self) -> bool {
        self.settles.is_some()
    }

    /// The row as it is kept.
    pub fn row(&self, client_id: &str, kind: &str) -> batch_record::Model {
        batch_record::Model {
            batch_id: self.place.batch_id,
            position: self.place.position,
            client_id: client_id.to_owned(),
            kind: kind.to_owned(),
            reference: self.reference.clone(),
            content_hash: self.hash.clone(),
            status: self.status,
            record_id: self.record_id,
            errors: (!self.errors.is_empty())
                .then(|| json!({ "errors": self.errors, "suggestions": self.suggestions })),
        }
    }
}

/// The rows that this client has sent before under some references.
pub async fn sent_before<K: PushKind>(
    conn: &impl ConnectionTrait,
    client_id: &str,
    references: Vec<&str>,
) -> Result<Known> {
    if references.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(Option<String>, Option<Vec<u8>>, Option<Uuid>, RecordStatus)> = batch_record::Entity::find()
        .select_only()
        .columns([batch_record::Column::Reference, batch_record::Column::ContentHash, batch_record::Column::RecordId])
        .column(batch_record::Column::Status)
        .filter(Expr::col(batch_record::Column::ClientId).eq(unseen(client_id)))
        .filter(Expr::col(batch_record::Column::Kind).eq(unseen(K::SLUG)))
        .filter(among_keys(conn, batch_record::Column::Reference, references))
        // Word for word the condition of the index, which is of no use to a statement that binds the values.
        .filter(Expr::cust("status IN ('ACCEPTED', 'UNMATCHED')"))
        .into_tuple()
        .all(conn)
        .await?;
    let mut known: Known = HashMap::with_capacity(found.len());
    for (reference, hash, record_id, status) in found {
        let Some(reference) = reference else { continue };
        let waits = status == RecordStatus::Unmatched;
        // A row that waited and was settled stands twice; what was stored counts.
        if !waits || !known.contains_key(&reference) {
            known.insert(reference, Earlier { hash, record_id, waits });
        }
    }
    Ok(known)
}

/// Notes the rows of a chunk with their doubts and those that wait, for [`Work::flush`] to write.
pub fn note<K: PushKind>(work: &mut Work<'_>, outcomes: &[Outcome]) -> Result<()> {
    let actor = &work.caller.actor;
    let rows = outcomes.iter().map(|outcome| outcome.row(&actor.client_id, K::SLUG).into()).collect();
    work.insert_alike::<batch_record::ActiveModel>(rows)?;
    let mut findings: Vec<_> = outcomes.iter().flat_map(|outcome| findings_of::<K>(work, outcome)).collect();
    // Keys of one instant come in any order; sorted, they bring the findings back in the order they were told in.
    let mut ids: Vec<Uuid> = findings.iter().map(|_| work.env.ids.next()).collect();
    ids.sort_unstable();
    for (finding, id) in findings.iter_mut().zip(ids) {
        finding.id = Set(id);
    }
    work.insert::<finding::ActiveModel>(findings)?;
    let waiting = outcomes.iter().filter_map(|outcome| waiting_row::<K>(work, outcome)).collect();
    work.insert::<unmatched_record::ActiveModel>(waiting)
}

fn findings_of<K: PushKind>(work: &Work<'_>, outcome: &Outcome) -> Vec<finding::ActiveModel> {
    let (Some(record_id), Some(unit_id)) = (outcome.record_id, outcome.unit_id) else { return Vec::new() };
    let row = |message: &Message| finding::ActiveModel {
        id: NotSet,
        batch_id: Set(outcome.place.batch_id),
        position: Set(outcome.place.position),
        kind: Set(K::SLUG.to_owned()),
        record_id: Set(record_id),
        unit_id: Set(unit_id),
        code: Set(message.code.to_string()),
        params: Set(json!(message.params)),
        created_at: Set(work.now),
        resolved_at: Set(None),
    };
    outcome.findings.iter().map(row).collect()
}

/// Takes rows off the work list whose record is stored now.
pub async fn settle(conn: &impl ConnectionTrait, now: DateTime<Utc>, outcomes: &[Outcome]) -> Result<()> {
    for outcome in outcomes {
        let Some(waiting) = outcome.settles else { continue };
        unmatched_record::Entity::update_many()
            .col_expr(unmatched_record::Column::ResolvedAt, Expr::value(now))
            .col_expr(unmatched_record::Column::RecordId, Expr::value(outcome.record_id))
            .filter(unmatched_record::Column::Id.eq(waiting))
            .exec(conn)
            .await?;
    }
    Ok(())
}

fn waiting_row<K: PushKind>(work: &Work<'_>, outcome: &Outcome) -> Option<unmatched_record::ActiveModel> {
    let content = outcome.content.as_ref()?;
    let unit_id = match &work.caller.actor.area {
        Area::Country => None,
        Area::Unit { id, .. } => Some(*id),
    };
    Some(unmatched_record::ActiveModel {
        id: Set(outcome.record_id?),
        batch_id: Set(outcome.place.batch_id),
        position: Set(outcome.place.position),
        client_id: Set(work.caller.actor.client_id.clone()),
        kind: Set(K::SLUG.to_owned()),
        unit_id: Set(unit_id),
        content: Set(as_json(content)),
        reason: Set(json!({ "errors": outcome.errors, "suggestions": outcome.suggestions })),
        created_at: Set(work.now),
        resolved_at: Set(None),
        record_id: Set(None),
    })
}

/// The record as it is kept while it waits.
fn as_json(content: &RawRecord) -> serde_json::Value {
    let mut text = String::new();
    json_record(&mut text, content);
    // What the writer writes is JSON, as its own tests show; a null would still leave the row in the list.
    serde_json::from_str(&text).unwrap_or_default()
}
