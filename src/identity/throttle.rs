//! How often one client may fail to prove itself.
//!
//! A secret of 256 random bits cannot be guessed at any rate, and a client's id is public. So the limit slows only
//! failures: a right secret passes even while someone else floods the same client with wrong ones, or anyone could
//! lock the bank out.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::Clock;

/// Failures that are answered at once.
const BURST: i32 = 10;

/// One more failure is answered after each of these.
const REFILL: TimeDelta = TimeDelta::seconds(6);

/// Most clients that are remembered.
const MOST: usize = 10_000;

/// Failures of each client, as the time at which the last of them is paid off.
pub struct Throttle {
    clock: Clock,
    paid_off: Mutex<HashMap<String, DateTime<Utc>>>,
}

impl Throttle {
    /// Nobody has failed yet.
    pub fn new(clock: Clock) -> Self {
        Self { clock, paid_off: Mutex::default() }
    }

    /// Notes a failure; gives the seconds to wait where there were too many.
    pub fn fail(&self, client_id: &str) -> Option<u64> {
        let now = self.clock.now();
        let mut paid_off = self.paid_off.lock().unwrap_or_else(PoisonError::into_inner);
        if paid_off.len() >= MOST && !paid_off.contains_key(client_id) {
            paid_off.retain(|_, at| *at > now);
            if paid_off.len() >= MOST {
                // That many at once are made-up names: they share one bucket.
                return Self::charge(&mut paid_off, "", now);
            }
        }
        Self::charge(&mut paid_off, client_id, now)
    }

    fn charge(paid_off: &mut HashMap<String, DateTime<Utc>>, client_id: &str, now: DateTime<Utc>) -> Option<u64> {
        let at = paid_off.entry(client_id.to_owned()).or_insert(now);
        let charged = (*at).max(now) + REFILL;
        let over = charged - now - REFILL * BURST;
        if over > TimeDelta::zero() {
            return Some(u64::try_from(over.num_seconds()).unwrap_or_default().max(1));
        }
        *at = charged;
        None
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Throttle")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    use super::*;

    #[test]
    fn ten_failures_are_answered_at_once_and_then_one_in_six_seconds() {
        let seconds = Arc::new(AtomicI64::new(1_800_000_000));
        let shown = Arc::clone(&seconds);
        let clock = Clock::from_fn(move || DateTime::from_timestamp(shown.load(Ordering::Relaxed), 0).unwrap());
        let throttle = Throttle::new(clock);

        assert!((0..10).all(|_| throttle.fail("bank").is_none()));
        assert_eq!(throttle.fail("bank"), Some(6));
        assert_eq!(throttle.fail("school"), None);
        seconds.fetch_add(6, Ordering::Relaxed);
        assert_eq!(throttle.fail("bank"), None);
        assert_eq!(throttle.fail("bank"), Some(6));
    }

    #[test]
    fn made_up_names_do_not_fill_the_memory() {
        let throttle = Throttle::new(Clock::from_fn(|| "2026-01-01T00:00:00Z".parse().unwrap()));
        for number in 0..2 * MOST {
            throttle.fail(&number.to_string());
        }
        assert!(throttle.paid_off.lock().unwrap().len() <= MOST + 1);
        assert!(throttle.fail("another").is_some());
    }
}
