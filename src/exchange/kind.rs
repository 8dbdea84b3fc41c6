//! What a kind of record adds to the pipeline: its shape, and how rows are decided and stored.

use std::{ops::Deref, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};
use entity::{change_event, codes::Operation};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{record::Record, told::Told};
use crate::{
    access::Caller,
    db::{Conn, Inserts},
    env::Env,
    error::Result,
    messages::{Code, Fault, Message},
    rules::Rules,
};

/// A kind of record that agencies push.
pub trait RecordKind: Send + Sync + 'static {
    /// What one record says.
    type Record: Record;
    /// What is found for a chunk of rows where no push of this kind ever writes.
    type Found: Send + Sync;
    /// What of the rows is held already where a push of this kind may have written it, as far as the rows alone tell what to
    /// ask; `()` where they do not.
    type Held: Held<Self::Record>;
    /// Name in paths, as `loan-disbursements`.
    const SLUG: &'static str;
    /// Type of the stored record in GraphQL, change events and the access table.
    const SUBJECT: &'static str;
    /// Name of the mutation; the right to push is the right to it, at every door.
    const MUTATION: &'static str;

    /// Whether a row is decided alike, be those before it of the same push or of one just before, and is stored by nothing but
    /// [`Work::insert`]. Short pushes of such a kind share a transaction.
    const ROWS_STAND_ALONE: bool;

    /// The sender's own reference.
    fn reference(record: &Self::Record) -> &str;

    /// What the record adds to the control total, VND.
    fn amount(record: &Self::Record) -> i64;

    /// Looks up for a chunk of rows what no push of this kind writes, such as whom they mean. Since nothing of the push itself
    /// can be among it, rows that stand alone may be looked up on any connection, before those in front of them are stored.
    fn look_up(
        conn: &impl ConnectionTrait,
        caller: &Caller,
        rows: &[&Self::Record],
    ) -> impl Future<Output = Result<Self::Found>> + Send;

    /// Decides a chunk of rows and stores those that are accepted: one decision a row, in order. What is held already, maybe from
    /// rows of the same push, is looked up here unless it is in `held`. Look-ups are made for the chunk as a whole, so that their
    /// number does not grow with the rows.
    fn store(
        work: &mut Work<'_>,
        found: &Self::Found,
        held: Self::Held,
        rows: &[Sent<Self::Record>],
    ) -> impl Future<Output = Result<Vec<Decision>>> + Send;
}

/// What is held already of what rows name. It is asked for after all rows before them are stored, and of short pushes, where
/// nothing is before them, together with the rest.
pub trait Held<R>: Send + Sized {
    /// Looks up for a chunk of rows, or more rows than will be decided.
    fn look_up(conn: &impl ConnectionTrait, rows: &[&R]) -> impl Future<Output = Result<Self>> + Send;
}

impl<R: Sync> Held<R> for () {
    async fn look_up(_: &impl ConnectionTrait, _: &[&R]) -> Result<()> {
        Ok(())
    }
}

/// A record, or a row of which one is read, with the push that brought it.
#[derive(Clone, Debug)]
pub struct Sent<R> {
    /// The push.
    pub batch_id: Uuid,
    /// What it brought.
    pub record: R,
}

impl<R> Deref for Sent<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.record
    }
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Stored, perhaps with doubts.
    Accepted {
        /// The record.
        id: Uuid,
        /// Its commune.
        unit_id: Uuid,
        /// Doubts.
        findings: Vec<Message>,
    },
    /// Nobody is known whom it could mean.
    Unmatched {
        /// Why.
        reason: Message,
        /// Who might be meant.
        suggestions: Vec<Suggestion>,
    },
    /// Unreadable or contradictory.
    Rejected(Vec<Fault>),
}

impl Decision {
    /// Refused for one field.
    pub fn reject(field: &str, message: impl Into<Message>) -> Self {
        Self::Rejected(vec![Fault::at(field, message)])
    }

    /// Waits, with nobody to suggest.
    pub fn unmatched(reason: impl Into<Message>) -> Self {
        Self::Unmatched { reason: reason.into(), suggestions: Vec::new() }
    }
}

/// Who might be meant by a row that fits nobody: enough to tell people of one name apart, no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// Key of the person.
    pub person_id: Uuid,
    /// Full name.
    pub full_name: String,
    /// Year of birth.
    pub birth_year: i16,
    /// Personal ID with its middle hidden.
    pub personal_id: Option<String>,
}

/// The transaction of a push, or of some that share one, with what the rows need and the change events they leave.
#[derive(Debug)]
pub struct Work<'a> {
    /// The transaction, and everything goes through it. Rows of kinds that stand alone may be looked up on any connection, since
    /// all that they write is written afterwards, by one statement.
    pub txn: &'a Conn<'a>,
    /// Who pushes.
    pub caller: &'a Caller,
    /// The law as it is loaded.
    pub rules: &'a Rules,
    /// New keys.
    pub env: &'a Env,
    /// When it began.
    pub now: DateTime<Utc>,
    /// What the sender is told of records beside its own.
    pub told: Told,
    inserts: Inserts,
    events: Vec<change_event::ActiveModel>,
}

impl<'a> Work<'a> {
    /// Begins the work of a push, or of some that share a transaction.
    pub fn new(txn: &'a Conn<'a>, env: &'a Env, caller: &'a Caller, rules: &'a Rules) -> Self {
        Self {
            txn,
            caller,
            rules,
            env,
            now: env.clock.now(),
            told: Told::default(),
            inserts: Inserts::new(env.db.backend()),
            events: Vec::new(),
        }
    }

    /// Notes that a push made or changed a record.
    pub fn changed(&mut self, batch_id: Uuid, subject: &str, record_id: Uuid, unit_id: Uuid, operation: Operation) {
        self.events.push(change_event::ActiveModel {
            id: Set(self.env.ids.next()),
            subject: Set(subject.to_owned()),
            record_id: Set(record_id),
            unit_id: Set(unit_id),
            operation: Set(operation),
            batch_id: Set(Some(batch_id)),
            at: Set(self.now),
            ..Default::default()
        });
    }

    /// The doubt about a payment that is told before its day has come.
    pub fn doubt_future(&self, day: impl Into<Option<NaiveDate>>) -> Option<Message> {
        day.into().filter(|day| *day > self.env.clock.today()).map(|_| Code::FutureDate.into())
    }

    /// Notes rows that are to be inserted. They are when the chunk is decided, or at the next [`Work::flush`].
    pub fn insert<A: ActiveModelTrait + Send>(&mut self, rows: Vec<A>) -> Result<()> {
        Ok(self.inserts.add(rows)?)
    }

    /// Notes rows in which nearly always the same columns are null, such as those that every push leaves.
    pub fn insert_alike<A: ActiveModelTrait + Send>(&mut self, rows: Vec<A>) -> Result<()> {
        Ok(self.inserts.add_alike(rows)?)
    }

    /// Makes the inserts give up when another transaction is in their way for so long.
    pub fn give_up_after(&mut self, patience: Duration) {
        self.inserts.give_up_after(patience);
    }

    /// Inserts the rows and change events noted so far.
    pub async fn flush(&mut self) -> Result<()> {
        self.flush_to(self.txn).await
    }

    /// The same through another connection: a transaction that was begun after all was decided.
    pub async fn flush_to(&mut self, conn: &impl ConnectionTrait) -> Result<()> {
        self.inserts.add_alike(std::mem::take(&mut self.events))?;
        Ok(self.inserts.flush(conn).await?)
    }
}
