//! What every service needs from outside: the database, the time, new keys.

use std::{
    collections::HashSet,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    clock::{Clock, Ids},
    db::Db,
    exchange::group::Groups,
    rules::CurrentRules,
};

/// Cheap to clone, with one count for all of it; handed to services by reference.
#[derive(Clone, Debug)]
pub struct Env(Arc<Needs>);

/// What an [`Env`] holds.
#[derive(Debug)]
pub struct Needs {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// New keys.
    pub ids: Ids,
    /// The rules as pushes need them.
    pub rules: CurrentRules,
    /// Short pushes that are about to share a transaction.
    pub groups: Groups,
    running: Arc<Mutex<HashSet<(String, String)>>>,
}

impl Deref for Env {
    type Target = Needs;

    fn deref(&self) -> &Needs {
        &self.0
    }
}

impl Env {
    /// Puts the three together.
    pub fn new(db: Db, clock: Clock, ids: Ids) -> Self {
        let (rules, groups, running) = (CurrentRules::default(), Groups::default(), Arc::default());
        Self(Arc::new(Needs { db, clock, ids, rules, groups, running }))
    }

    /// Claims a client's idempotency key for as long as the claim is held; none while somebody else holds it here.
    pub fn claim(&self, client_id: &str, key: &str) -> Option<Claim> {
        let entry = (client_id.to_owned(), key.to_owned());
        let fresh = self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.clone());
        fresh.then(|| Claim { entry, running: Arc::clone(&self.running) })
    }
}

/// A claimed idempotency key; dropping it gives it back.
#[derive(Debug)]
pub struct Claim {
    entry: (String, String),
    running: Arc<Mutex<HashSet<(String, String)>>>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.entry);
    }
}
