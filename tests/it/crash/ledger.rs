//! What the database holds, read beside the service, and what must hold of it.

use std::collections::{HashMap, HashSet};

use ansinh::db::Db;
use entity::{
    audit_entry, batch, batch_record, change_event,
    codes::{BatchStatus, RecordStatus},
    health_insurance_card, loan, loan_disbursement,
};
use sea_orm::{EntityTrait, IsolationLevel, TransactionTrait};
use serde_json::Value;
use uuid::Uuid;

/// A push that was answered.
pub struct Acknowledged {
    client_id: String,
    kind: &'static str,
    key: String,
    batch_id: Uuid,
    /// Reference and key of each record.
    records: Vec<(String, Uuid)>,
}

impl Acknowledged {
    /// As the answer tells it.
    pub fn new(client_id: &str, kind: &'static str, key: &str, answer: &Value) -> Self {
        let id = |value: &Value| value.as_str().unwrap().parse().unwrap();
        let results = answer["results"].as_array().unwrap();
        let records = results.iter().map(|row| (row["reference"].as_str().unwrap().to_owned(), id(&row["id"])));
        Self {
            client_id: client_id.to_owned(),
            kind,
            key: key.to_owned(),
            batch_id: id(&answer["id"]),
            records: records.collect(),
        }
    }
}

/// Everything a push leaves.
pub struct Ledger {
    batches: HashMap<Uuid, batch::Model>,
    rows: Vec<batch_record::Model>,
    events: Vec<change_event::Model>,
    entries: Vec<audit_entry::Model>,
    /// Batch and reference of each record, by kind and key.
    records: HashMap<(&'static str, Uuid), (Uuid, String)>,
    loans: HashSet<Uuid>,
}

impl Ledger {
    /// Reads the database while the service is down.
    pub async fn read(url: &str) -> Self {
        let db = Db::connect(url, 2).await.unwrap();
        // One view of all tables: on PostgreSQL a commit that the killed process had sent may still come in.
        let view = db.read().pool().begin_with_config(Some(IsolationLevel::RepeatableRead), None).await.unwrap();
        let conn = &view;
        let batches = batch::Entity::find().all(conn).await.unwrap();
        let payments = loan_disbursement::Entity::find().all(conn).await.unwrap();
        let cards = health_insurance_card::Entity::find().all(conn).await.unwrap();
        let payments = payments.into_iter().map(|row| (("loan-disbursements", row.id), (row.batch_id, row.reference)));
        let cards = cards.into_iter().map(|row| (("health-insurance-cards", row.id), (row.batch_id, row.reference)));
        let ledger = Self {
            batches: batches.into_iter().map(|batch| (batch.id, batch)).collect(),
            rows: batch_record::Entity::find().all(conn).await.unwrap(),
            events: change_event::Entity::find().all(conn).await.unwrap(),
            entries: audit_entry::Entity::find().all(conn).await.unwrap(),
            records: payments.chain(cards).collect(),
            loans: loan::Entity::find().all(conn).await.unwrap().into_iter().map(|loan| loan.id).collect(),
        };
        view.rollback().await.unwrap();
        db.close().await.unwrap();
        ledger
    }

    /// Nothing is half there: each push has all its rows, records, events and its one entry, and none of these is
    /// without its push.
    pub fn assert_whole(&self) {
        let mut rows: HashMap<Uuid, Vec<&batch_record::Model>> = HashMap::new();
        for row in &self.rows {
            rows.entry(row.batch_id).or_default().push(row);
        }
        assert!(rows.keys().all(|id| self.batches.contains_key(id)), "rows without their push");
        for batch in self.batches.values() {
            assert_eq!(batch.status, BatchStatus::Completed);
            let rows = rows.get(&batch.id).map_or(&[][..], Vec::as_slice);
            let accepted = rows.iter().filter(|row| row.status == RecordStatus::Accepted).count();
            assert_eq!((batch.received, batch.accepted), (as_i32(rows.len()), as_i32(accepted)), "{batch:?}");
            assert_eq!(self.entries_of(batch.id), 1, "{batch:?}");
        }
        self.assert_records_have_rows_and_events();
    }

    fn assert_records_have_rows_and_events(&self) {
        let mut events: HashMap<Uuid, usize> = HashMap::new();
        for event in self.events.iter().filter(|event| event.batch_id.is_some()) {
            *events.entry(event.record_id).or_default() += 1;
        }
        let mut accepted: HashMap<Uuid, usize> = HashMap::new();
        for row in self.rows.iter().filter(|row| row.status == RecordStatus::Accepted) {
            *accepted.entry(row.record_id.unwrap()).or_default() += 1;
        }
        for ((kind, id), (batch_id, reference)) in &self.records {
            assert_eq!((accepted.get(id), events.get(id)), (Some(&1), Some(&1)), "{kind} {reference}");
            assert!(self.batches.contains_key(batch_id), "{kind} {reference}");
        }
        assert!(self.loans.iter().all(|id| events.get(id) == Some(&1)), "loans without an event");
        let ours = self.rows.iter().filter(|row| is_ours(&row.kind) && row.status == RecordStatus::Accepted).count();
        assert_eq!(self.records.len(), ours, "each accepted row is a record");
    }

    /// Every acknowledged row is there once, as it was told, and there is nothing else.
    pub fn assert_holds_exactly(&self, acknowledged: &[Acknowledged]) {
        for push in acknowledged {
            let batch = &self.batches[&push.batch_id];
            assert_eq!((&batch.client_id, batch.kind.as_str()), (&push.client_id, push.kind));
            assert_eq!(batch.idempotency_key.as_ref(), Some(&push.key));
            for (reference, id) in &push.records {
                let held = self.records.get(&(push.kind, *id));
                assert_eq!(held, Some(&(push.batch_id, reference.clone())), "{} {reference}", push.kind);
            }
        }
        let told: usize = acknowledged.iter().map(|push| push.records.len()).sum();
        assert_eq!(self.records.len(), told, "records that nobody was told of");
        let pushes = self.batches.values().filter(|batch| is_ours(&batch.kind)).count();
        assert_eq!(pushes, acknowledged.len(), "one push under each key");
    }

    fn entries_of(&self, batch_id: Uuid) -> usize {
        self.entries.iter().filter(|entry| entry.batch_id == Some(batch_id)).count()
    }
}

fn is_ours(kind: &str) -> bool {
    matches!(kind, "loan-disbursements" | "health-insurance-cards")
}

fn as_i32(count: usize) -> i32 {
    i32::try_from(count).unwrap()
}
