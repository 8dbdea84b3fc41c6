//! What a kind of record adds to the pipeline: its shape, and how rows are decided and stored.

use std::{collections::BTreeMap, ops::Deref};

use chrono::{DateTime, NaiveDate, Utc};
use entity::{change_event, codes::Operation};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    elsewhere::{self, Refusals},
    record::Record,
    told::Told,
};
use crate::{
    access::Caller,
    db::{Conn, Inserts},
    env::Env,
    error::Result,
    messages::{Code, Fault, Message},
    rules::Rules,
};

/// A kind of record that agencies push, as the pipeline needs it. Kinds whose rows stand for themselves implement [`RecordKind`] instead.
pub trait PushKind: Send + Sync + 'static {
    /// What one record says.
    type Record: Record;
    /// What the rows of a chunk need to know.
    type State: Send;
    /// Name in paths, as `loan-disbursements`.
    const SLUG: &'static str;
    /// Type of the stored record in GraphQL, change events and the access table.
    const SUBJECT: &'static str;
    /// Name of the mutation; the right to push is the right to it, at every door.
    const MUTATION: &'static str;

    /// Whether a row is decided without regard to other rows that are being stored at the same time, and is stored by nothing but
    /// inserts. Short pushes of such a kind share a transaction.
    const INDEPENDENT: bool;

    /// The sender's own reference.
    fn reference(record: &Self::Record) -> &str;

    /// What the record adds to the control total, VND.
    fn amount(record: &Self::Record) -> i64;

    /// Loads what the rows of a chunk, or a superset of them, need to know. The number of statements does not grow with the rows.
    fn load(
        conn: &impl ConnectionTrait,
        caller: &Caller,
        rows: &[&Self::Record],
    ) -> impl Future<Output = Result<Self::State>> + Send;

    /// Decides the rows of a chunk and stores those that are accepted: one decision a row, in order.
    fn store(
        work: &mut Work<'_>,
        state: Self::State,
        rows: &[Sent<Self::Record>],
    ) -> impl Future<Output = Result<Vec<Decision>>> + Send;
}

/// A kind of record of which each row stands for itself. Two questions: what do the rows of a chunk need to know, and what becomes
/// of one of them. The pipeline does the rest: it finds duplicates, inserts, and notes events and findings.
pub trait RecordKind: Send + Sync + 'static {
    /// What one record says.
    type Record: Record;
    /// What the rows of a chunk need to know, and what its earlier rows have changed of it.
    type State: Send;
    /// What is stored of an accepted row: the model of its table.
    type Row: Insert;
    /// As of [`PushKind::SLUG`].
    const SLUG: &'static str;
    /// As of [`PushKind::SUBJECT`].
    const SUBJECT: &'static str;
    /// As of [`PushKind::MUTATION`].
    const MUTATION: &'static str;

    /// As of [`PushKind::reference`].
    fn reference(record: &Self::Record) -> &str;

    /// As of [`PushKind::amount`].
    fn amount(_: &Self::Record) -> i64 {
        0
    }

    /// As of [`PushKind::load`].
    fn load(
        conn: &impl ConnectionTrait,
        caller: &Caller,
        rows: &[&Self::Record],
    ) -> impl Future<Output = Result<Self::State>> + Send;

    /// What becomes of one row. The state holds what earlier rows of the chunk have left in it.
    fn decide(state: &mut Self::State, row: &Self::Record, at: &Moment<'_>) -> Decision<Self::Row>;
}

impl<K: RecordKind> PushKind for K {
    type Record = K::Record;
    type State = K::State;
    const SLUG: &'static str = K::SLUG;
    const SUBJECT: &'static str = K::SUBJECT;
    const MUTATION: &'static str = K::MUTATION;
    const INDEPENDENT: bool = true;

    fn reference(record: &K::Record) -> &str {
        K::reference(record)
    }

    fn amount(record: &K::Record) -> i64 {
        K::amount(record)
    }

    async fn load(conn: &impl ConnectionTrait, caller: &Caller, rows: &[&K::Record]) -> Result<K::State> {
        K::load(conn, caller, rows).await
    }

    async fn store(work: &mut Work<'_>, mut state: K::State, rows: &[Sent<K::Record>]) -> Result<Vec<Decision>> {
        let mut accepted = Vec::new();
        let mut taken: BTreeMap<&'static str, Refusals> = BTreeMap::new();
        let mut decisions = Vec::with_capacity(rows.len());
        for row in rows {
            let at = Moment { rules: work.rules, env: work.env, now: work.now, batch_id: row.batch_id };
            decisions.push(match K::decide(&mut state, &row.record, &at) {
                Decision::Accepted { id, unit_id, about, row: stored, findings } => {
                    work.changed(row.batch_id, K::SUBJECT, id, unit_id, Operation::Created);
                    work.told.meant(about.0, about.1);
                    accepted.push(stored);
                    Decision::Accepted { id, unit_id, about, row: (), findings }
                }
                Decision::Unmatched { reason, suggestions } => Decision::Unmatched { reason, suggestions },
                Decision::Rejected(faults) => Decision::Rejected(faults),
                Decision::Taken { of, household_id, faults } => {
                    taken.entry(of).or_default().push((row.batch_id, household_id));
                    Decision::Taken { of, household_id, faults }
                }
            });
        }
        K::Row::insert_all(accepted, work)?;
        for (of, refusals) in taken {
            elsewhere::of_households(work, of, refusals).await?;
        }
        Ok(decisions)
    }
}

/// What is stored of accepted rows.
pub trait Insert: Sized + Send {
    /// Notes the rows of a chunk for the next insert.
    ///
    /// # Errors
    /// A row lacks a column that others have.
    fn insert_all(rows: Vec<Self>, work: &mut Work<'_>) -> Result<()>;
}

impl<M> Insert for M
where
    M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + Send,
    <M::Entity as EntityTrait>::ActiveModel: Send,
{
    fn insert_all(rows: Vec<Self>, work: &mut Work<'_>) -> Result<()> {
        work.insert(rows.into_iter().map(IntoActiveModel::into_active_model).collect())
    }
}

/// When and by which rules a row is decided.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The law as it is loaded.
    pub rules: &'a Rules,
    /// When the push began.
    pub now: DateTime<Utc>,
    /// The push that brought the row.
    pub batch_id: Uuid,
    env: &'a Env,
}

impl Moment<'_> {
    /// A new key.
    pub fn id(&self) -> Uuid {
        self.env.ids.next()
    }

    /// The day.
    pub fn today(&self) -> NaiveDate {
        self.env.clock.today()
    }

    /// The finding about a payment that is told before its day has come.
    pub fn future_date(&self, day: impl Into<Option<NaiveDate>>) -> Option<Message> {
        day.into().filter(|day| *day > self.today()).map(|_| Code::FutureDate.into())
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

/// What becomes of a row, with what is stored of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision<R = ()> {
    /// Stored, perhaps with findings.
    Accepted {
        /// Key of the record.
        id: Uuid,
        /// Its commune.
        unit_id: Uuid,
        /// Type and key of whom the row means, as a push of which nothing stays must log it.
        about: (&'static str, Uuid),
        /// What is stored.
        row: R,
        /// What is doubtful about it.
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
    /// Contradicts a record of another household, of which the refusal tells.
    Taken {
        /// Type of the record.
        of: &'static str,
        /// The household.
        household_id: Uuid,
        /// What is wrong.
        faults: Vec<Fault>,
    },
}

/// Why a row is not stored.
#[derive(Clone, Debug, PartialEq)]
pub enum Unstored {
    /// Nobody is known whom it could mean.
    Waits(Message),
    /// It contradicts itself or the register.
    Refused(Fault),
    /// As of [`Decision::Taken`].
    Taken {
        /// Type of the record.
        of: &'static str,
        /// The household.
        household_id: Uuid,
        /// What is wrong.
        fault: Fault,
    },
}

impl<R> From<Unstored> for Decision<R> {
    fn from(why: Unstored) -> Self {
        match why {
            Unstored::Waits(reason) => Self::unmatched(reason),
            Unstored::Refused(fault) => Self::Rejected(vec![fault]),
            Unstored::Taken { of, household_id, fault } => Self::Taken { of, household_id, faults: vec![fault] },
        }
    }
}

impl<R> Decision<R> {
    /// Refused for one field.
    pub fn reject(field: &str, message: impl Into<Message>) -> Self {
        Self::Rejected(vec![Fault::at(field, message)])
    }

    /// The same with who might be meant, where it waits.
    #[must_use]
    pub fn suggesting(self, suggestions: impl FnOnce() -> Vec<Suggestion>) -> Self {
        match self {
            Self::Unmatched { reason, .. } => Self::Unmatched { reason, suggestions: suggestions() },
            other => other,
        }
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
    /// The transaction. Of independent rows it may be the database itself, since all that they write is one statement.
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

    /// Notes rows that are to be inserted. They are when the chunk is decided, or at the next [`Work::flush`].
    pub fn insert<A: ActiveModelTrait + Send>(&mut self, rows: Vec<A>) -> Result<()> {
        Ok(self.inserts.add(rows)?)
    }

    /// Notes rows in which nearly always the same columns are null, such as those that every push leaves.
    pub fn insert_alike<A: ActiveModelTrait + Send>(&mut self, rows: Vec<A>) -> Result<()> {
        Ok(self.inserts.add_alike(rows)?)
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
