//! What every service needs from outside: the database, the time, new keys.

use std::{
    collections::HashSet,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    clock::{Clock, Ids},
    db::Db,
    exchange::{group::Groups, told::Elsewhere},
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
    /// How many refusals may tell each client of records outside its reach; as many as there are where nobody is counted.
    pub elsewhere: Option<Elsewhere>,
    running: Arc<Mutex<HashSet<(String, String)>>>,
}

impl Deref for Env {
    type Target = Needs;

    fn deref(&self) -> &Needs {
        &self.0
    }
}

impl Env {
    /// Puts the three together, for the operator, whom no limit of clients holds.
    pub fn new(db: Db, clock: Clock, ids: Ids) -> Self {
        Self::for_clients(db, clock, ids, 0)
    }

    /// The same for clients, each of which may be told so often an hour of records outside its reach; 0 limits nobody.
    pub fn for_clients(db: Db, clock: Clock, ids: Ids, elsewhere: u32) -> Self {
        let (rules, groups, running) = (CurrentRules::default(), Groups::default(), Arc::default());
        let elsewhere = Elsewhere::new(clock.clone(), elsewhere);
        Self(Arc::new(Needs { db, clock, ids, rules, groups, elsewhere, running }))
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
