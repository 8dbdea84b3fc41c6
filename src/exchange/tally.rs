//! What adds up while the chunks of a push go by: counts, sums, results, and why the whole must be refused.

use entity::{batch, batch_record, codes::RecordStatus};

use super::{
    batches::{BatchAnswer, MOST_RESULTS, RowResult},
    format::Envelope,
    kind::PushKind,
    outcome::Outcome,
    source::Row,
};
use crate::{
    access::Caller,
    messages::{Code, Message},
};

/// What adds up while the chunks go by.
pub(super) struct Tally {
    declared_sum: i128,
    pub(super) results: Option<Vec<RowResult>>,
    refused: Vec<Outcome>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { declared_sum: 0, results: Some(Vec::new()), refused: Vec::new() }
    }
}

/// Counts an outcome in its push.
pub(super) fn count(batch: &mut batch::Model, outcome: &Outcome) {
    batch.received += 1;
    match outcome.status {
        RecordStatus::Accepted => {
            batch.accepted += 1;
            batch.amount = batch.amount.saturating_add(outcome.amount);
        }
        RecordStatus::Duplicate => batch.duplicate += 1,
        RecordStatus::Conflict => batch.conflict += 1,
        RecordStatus::Unmatched => batch.unmatched += 1,
        RecordStatus::Rejected => batch.rejected += 1,
    }
}

/// Counts what is left of a push that is refused as a whole: nothing of it was stored, so nothing waits either.
pub(super) fn nothing_stored(batch: &mut batch::Model) {
    batch.rejected += batch.unmatched;
    (batch.accepted, batch.unmatched, batch.amount) = (0, 0, 0);
}

/// Most refused rows of an atomic push that are kept and told.
const MOST_REFUSED: usize = 1000;

impl Tally {
    /// Takes the amounts of rows as they were received, for the control total.
    pub(super) fn received<'a, K: PushKind>(&mut self, rows: impl IntoIterator<Item = &'a Row<K::Record>>) {
        let amounts = rows.into_iter().filter_map(|row| row.record.as_ref().ok());
        self.declared_sum += amounts.map(|(record, _)| i128::from(K::amount(record))).sum::<i128>();
    }

    /// Counts outcomes, and keeps what the answer and a refusal tell of them.
    pub(super) fn add(&mut self, batch: &mut batch::Model, outcomes: Vec<Outcome>) {
        for outcome in outcomes {
            count(batch, &outcome);
            let stored = matches!(outcome.status, RecordStatus::Accepted | RecordStatus::Duplicate);
            if !stored && self.refused.len() < MOST_REFUSED {
                self.refused.push(outcome.clone());
            }
            match &mut self.results {
                Some(results) if results.len() < MOST_RESULTS => results.push(outcome.into()),
                results => *results = None,
            }
        }
    }

    /// Why the push as a whole must be refused.
    pub(super) fn refusal(&self, batch: &batch::Model, envelope: &Envelope) -> Option<Message> {
        let received = u64::try_from(batch.received).unwrap_or_default();
        if let Some(declared) = envelope.declared_count.filter(|count| *count != received) {
            return Some(Message::new(Code::ControlCountMismatch).with("declared", declared).with("found", received));
        }
        if let Some(declared) = envelope.declared_amount.filter(|amount| i128::from(*amount) != self.declared_sum) {
            let message = Message::new(Code::ControlAmountMismatch);
            return Some(message.with("declared", declared).with("found", self.declared_sum));
        }
        let refused = batch.conflict + batch.unmatched + batch.rejected;
        (batch.atomic && refused > 0)
            .then(|| Message::new(Code::AtomicRefused).with("count", refused).with("received", received))
    }

    /// The answer to a push that is only tried. Nobody can look its rows up later, so of many those that want work are
    /// told at once.
    pub(super) fn tried(self, batch: batch::Model) -> BatchAnswer {
        let results = self.results.unwrap_or_else(|| self.refused.into_iter().map(RowResult::from).collect());
        BatchAnswer::new(batch, Some(results))
    }

    /// The rows that an atomic push is refused for, as they are kept.
    pub(super) fn refused_rows(&self, caller: &Caller, batch: &batch::Model) -> Vec<batch_record::Model> {
        self.refused
            .iter()
            .map(|outcome| {
                let mut row = outcome.row(&caller.actor.client_id, &batch.kind);
                // Nothing was stored, so nothing waits either.
                row.status = if row.status == RecordStatus::Unmatched { RecordStatus::Rejected } else { row.status };
                row.record_id = None;
                row
            })
            .collect()
    }
}
