//! Tokens whose signature was verified before, so that the next request with the same token costs microseconds.
//!
//! An entry cannot be stale. Its key is the SHA-256 of the whole token, so other bytes are another entry; what the bytes
//! say and whether the signature fits them never changes. What can change is checked at each use, by the caller: the
//! times against the clock, and that the key which signed is still published. Areas of other issuers' tokens come from a
//! table that can be loaded anew, so those entries end after a minute.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use super::claims::Times;
use crate::access::Actor;

/// Most entries of one generation. An agency's system uses one token for 15 minutes; two generations are far more than
/// a country's systems, and a few megabytes.
const GENERATION: usize = 8192;

/// Whose key verified a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Ours.
    Own {
        /// Name of the key.
        kid: String,
    },
    /// That of another issuer.
    Other {
        /// Its place in the configuration.
        issuer: usize,
        /// Name of the key.
        kid: String,
        /// Until when the entry may be used, in seconds since 1970.
        until: i64,
    },
}

/// A token whose signature and claims were found good.
#[derive(Debug)]
pub struct Verified {
    /// The client that it names.
    pub actor: Arc<Actor>,
    /// Its times, to be checked again at each use.
    pub times: Times,
    /// Longest time its issuer gives, seconds.
    pub lifetime: i64,
    /// Whose key verified it.
    pub source: Source,
}

/// What an entry is found by.
pub type Fingerprint = [u8; 32];

/// The fingerprint of a token.
pub fn fingerprint(token: &str) -> Fingerprint {
    Sha256::digest(token).into()
}

#[derive(Default)]
struct Generations {
    young: HashMap<Fingerprint, Arc<Verified>>,
    old: HashMap<Fingerprint, Arc<Verified>>,
}

/// Tokens that were verified before. When the young generation is full, the old one, unused since, is dropped.
#[derive(Default)]
pub struct VerifiedTokens(Mutex<Generations>);

impl VerifiedTokens {
    /// What was verified under that fingerprint.
    pub fn get(&self, of: &Fingerprint) -> Option<Arc<Verified>> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = generations.young.get(of) {
            return Some(Arc::clone(entry));
        }
        let entry = generations.old.remove(of)?;
        generations.insert(*of, Arc::clone(&entry));
        Some(entry)
    }

    /// Remembers a token.
    pub fn put(&self, of: Fingerprint, entry: Arc<Verified>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(of, entry);
    }
}

impl Generations {
    fn insert(&mut self, of: Fingerprint, entry: Arc<Verified>) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(of, entry);
    }
}

impl fmt::Debug for VerifiedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifiedTokens")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Area, Role};

    #[test]
    fn the_cache_is_bounded_and_keeps_what_is_used() {
        let entry = Arc::new(Verified {
            actor: Arc::new(Actor {
                client_id: "bank".to_owned(),
                role: Role::PolicyBank,
                area: Area::Country,
                scopes: vec![],
            }),
            times: Times { issued: 0, from: 0, until: 1 },
            lifetime: 1,
            source: Source::Own { kid: "k".to_owned() },
        });
        let tokens = VerifiedTokens::default();
        let used = fingerprint("used");
        tokens.put(used, Arc::clone(&entry));

        for number in 0..5 * GENERATION {
            tokens.put(fingerprint(&number.to_string()), Arc::clone(&entry));
            if number % 1000 == 0 {
                assert!(tokens.get(&used).is_some());
            }
        }

        let generations = tokens.0.lock().unwrap();
        assert!(generations.young.len() + generations.old.len() <= 2 * GENERATION);
        assert!(!generations.old.contains_key(&fingerprint("0")) && !generations.young.contains_key(&fingerprint("0")));
    }
}
