//! What a push tells its sender of records beside its own: whom its refusals name, and whom its rows mean. It stands in the
//! entry of the push, also where nothing of the push is stored.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use uuid::Uuid;

use crate::{
    access::Disclosure,
    clock::Clock,
    error::{Class, Error, Result},
    identity::buckets::Buckets,
    messages::{Code, Message},
};

/// Most persons and households that the entry of one push names; the others are counted.
const MOST: usize = 10_000;

/// What is told while rows are decided.
#[derive(Debug, Default)]
pub struct Told {
    /// By the refusals of each push.
    refusals: BTreeMap<Uuid, Disclosure>,
    /// By rows that are not refused.
    meant: Disclosure,
}

impl Told {
    /// Notes that a refusal in a push tells of a record of a type, which concerns a household or person.
    pub fn refused(&mut self, batch_id: Uuid, of: &'static str, subject: Uuid) {
        note(self.refusals.entry(batch_id).or_default(), of, subject);
    }

    /// Notes that a row which could be stored means a household or person.
    pub fn meant(&mut self, of: &'static str, subject: Uuid) {
        note(&mut self.meant, of, subject);
    }

    /// What the refusals of a push tell. What its other rows mean stands in what they have stored.
    pub(super) fn by_refusals(&self, batch_id: Uuid) -> Disclosure {
        self.refusals.get(&batch_id).cloned().unwrap_or_default()
    }

    /// What a push of which nothing stays has told: that its other rows are not refused tells of whom they mean.
    pub(super) fn by_all(&self, batch_id: Uuid) -> Disclosure {
        let mut disclosure = self.by_refusals(batch_id);
        for (of, count) in &self.meant.counts {
            *disclosure.counts.entry(of).or_default() += count;
        }
        disclosure.subjects.extend_from_slice(&self.meant.subjects);
        disclosure
    }
}

fn note(disclosure: &mut Disclosure, of: &'static str, subject: Uuid) {
    *disclosure.counts.entry(of).or_default() += 1;
    if disclosure.subjects.len() < MOST {
        disclosure.subjects.push(subject);
    }
}

/// Places for the clients that push.
const CLIENTS: u32 = 1 << 16;

/// How often refusals may tell a client of records outside its reach, so that numbers cannot be tried by the thousand.
pub struct Elsewhere {
    buckets: Buckets,
    clock: Clock,
    /// Until when a client that was told enough pushes nothing: an answer to its next push would tell as much as a refusal.
    exhausted: Mutex<HashMap<String, Duration>>,
}

impl Elsewhere {
    /// So often an hour; none where 0 limits nobody.
    pub fn new(clock: Clock, an_hour: u32) -> Option<Self> {
        let capacity = NonZeroU32::new(an_hour)?;
        let buckets = Buckets::new(clock.clone(), capacity, Duration::from_hours(1) / an_hour, CLIENTS);
        Some(Self { buckets, clock, exhausted: Mutex::default() })
    }

    /// Refuses the push of a client that was told enough.
    pub(super) fn check(&self, client_id: &str) -> Result<()> {
        let mut exhausted = self.exhausted.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = exhausted.get(client_id) else { return Ok(()) };
        if let Some(wait) = until.checked_sub(self.clock.steady()).filter(|wait| !wait.is_zero()) {
            return Err(enough(wait.as_secs().max(1)));
        }
        exhausted.remove(client_id);
        Ok(())
    }

    /// Counts refusals that are about to be told to a client; where they are too many, none of them is.
    pub fn count(&self, client_id: &str, refusals: usize) -> Result<()> {
        for _ in 0..refusals {
            if let Err(seconds) = self.buckets.take(client_id) {
                let until = self.clock.steady() + Duration::from_secs(seconds);
                self.exhausted.lock().unwrap_or_else(PoisonError::into_inner).insert(client_id.to_owned(), until);
                return Err(enough(seconds));
            }
        }
        Ok(())
    }
}

fn enough(seconds: u64) -> Error {
    Error::new(Class::RateLimited, Message::new(Code::ElsewhereLimit).with("seconds", seconds)).retry_after(seconds)
}

impl fmt::Debug for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Elsewhere")
    }
}
