//! The trail: who did or saw what. A write and its entry are one transaction; an answer that shows personal data leaves
//! only when its entry is on disk.

mod recorder;

pub use recorder::Recorder;

use entity::{audit_entry, codes::AuditOutcome};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use uuid::Uuid;

use crate::{
    access::{Area, Caller, Disclosure},
    env::Env,
    error::Result,
};

/// What is to be written, before it has its place in the order.
#[derive(Clone, Debug)]
pub struct Entry(audit_entry::ActiveModel);

impl Entry {
    /// An entry for what a caller did (`loan-disbursements.push`) or saw (`graphql: households`).
    pub fn new(env: &Env, caller: &Caller, action: &str, outcome: AuditOutcome, disclosure: &Disclosure) -> Self {
        let unit_code = match &caller.actor.area {
            Area::Country => None,
            Area::Unit { code, .. } => Some(code.clone()),
        };
        let mut subjects = disclosure.subjects.clone();
        subjects.sort_unstable();
        subjects.dedup();
        Self(audit_entry::ActiveModel {
            id: Set(env.ids.next()),
            at: Set(env.clock.now()),
            client_id: Set(caller.actor.client_id.clone()),
            role: Set(caller.actor.role.as_str().to_owned()),
            unit_code: Set(unit_code),
            action: Set(action.chars().take(200).collect()),
            outcome: Set(outcome),
            disclosed: Set(serde_json::json!(disclosure.counts)),
            record_count: Set(i32::try_from(disclosure.total()).unwrap_or(i32::MAX)),
            subjects: Set(subjects.iter().flat_map(|id| *id.as_bytes()).collect()),
            purpose: Set(caller.purpose.as_deref().map(str::to_owned)),
            request_id: Set(caller.request_id.to_string()),
            batch_id: Set(None),
            ..Default::default()
        })
    }

    /// The same, for the push it tells of.
    #[must_use]
    pub fn of_batch(mut self, batch_id: Uuid) -> Self {
        self.0.batch_id = Set(Some(batch_id));
        self
    }

    /// Entries as rows, for who writes them with others.
    pub fn rows(entries: impl Iterator<Item = Self>) -> Vec<audit_entry::ActiveModel> {
        entries.map(|entry| entry.0).collect()
    }

    /// Writes it within the caller's transaction.
    pub async fn write(self, conn: &impl ConnectionTrait) -> Result<()> {
        // Without RETURNING: nobody asks for the number.
        audit_entry::Entity::insert(self.0).exec_without_returning(conn).await?;
        Ok(())
    }
}
