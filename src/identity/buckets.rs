//! How often each of many may do something: a bucket for each, which refills as time passes.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    num::NonZeroU32,
    time::Duration,
};

use governor::{Quota, RateLimiter, middleware::StateInformationMiddleware, state::keyed::DashMapStateStore};

use crate::clock::Clock;

/// Buckets by name.
///
/// A name is not kept: it falls into one of so many places, by a hash that nobody outside can foresee. So names of any length
/// and number cost no more than the places do. Two names that fall into one share its bucket.
pub struct Buckets {
    limiter: RateLimiter<u64, DashMapStateStore<u64>, Steady, StateInformationMiddleware>,
    clock: Steady,
    hasher: RandomState,
    places: u64,
}

/// The clock as the buckets read it: steady, or they would stay empty for an hour when the machine's clock is set back by one.
#[derive(Clone)]
struct Steady(Clock);

impl governor::clock::Clock for Steady {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.steady()
    }
}

impl Buckets {
    /// Buckets that hold so many and get one back after each `refill`.
    pub fn new(clock: Clock, capacity: NonZeroU32, refill: Duration, places: u32) -> Self {
        // A refill of no time at all is none; the shortest there is refills as good as at once.
        let quota = Quota::with_period(refill.max(Duration::from_nanos(1)));
        let quota = quota.unwrap_or_else(|| Quota::per_second(capacity)).allow_burst(capacity);
        let clock = Steady(clock);
        let limiter = RateLimiter::new(quota, DashMapStateStore::default(), clock.clone());
        Self { limiter, clock, hasher: RandomState::new(), places: u64::from(places.max(1)) }
    }

    /// Takes one out of a name's bucket and tells how many are left; from an empty one nothing is taken, and it is told how
    /// many seconds it will be so.
    pub fn take(&self, name: &str) -> Result<u32, u64> {
        let place = self.hasher.hash_one(name) % self.places;
        self.limiter.check_key(&place).map(|state| state.remaining_burst_capacity()).map_err(|until| {
            let wait = until.wait_time_from(governor::clock::Clock::now(&self.clock));
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0 || wait.is_zero())
        })
    }

    /// Places that somebody has used.
    #[cfg(test)]
    pub(super) fn used(&self) -> usize {
        self.limiter.len()
    }
}

impl fmt::Debug for Buckets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Buckets")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    use chrono::DateTime;

    use super::*;

    const THREE: NonZeroU32 = NonZeroU32::new(3).unwrap();

    #[test]
    fn a_bucket_is_emptied_and_refills_with_time() {
        let seconds = Arc::new(AtomicI64::new(1_800_000_000));
        let shown = Arc::clone(&seconds);
        let clock = Clock::from_fn(move || DateTime::from_timestamp(shown.load(Ordering::Relaxed), 0).unwrap());
        let buckets = Buckets::new(clock, THREE, Duration::from_secs(6), 1 << 20);

        assert_eq!([(); 4].map(|()| buckets.take("bank")), [Ok(2), Ok(1), Ok(0), Err(6)]);
        assert_eq!(buckets.take("school"), Ok(2));
        seconds.fetch_add(4, Ordering::Relaxed);
        assert_eq!(buckets.take("bank"), Err(2));
        seconds.fetch_add(2, Ordering::Relaxed);
        assert_eq!([(); 2].map(|()| buckets.take("bank")), [Ok(0), Err(6)]);
        seconds.fetch_add(3600, Ordering::Relaxed);
        assert_eq!(buckets.take("bank"), Ok(2));
    }

    #[test]
    fn names_of_any_length_and_number_share_the_places() {
        let clock = Clock::from_fn(|| "2026-01-01T00:00:00Z".parse().unwrap());
        let buckets = Buckets::new(clock, THREE, Duration::from_secs(6), 64);
        for number in 0..10_000 {
            let _ = buckets.take(&format!("{number}{}", "x".repeat(number % 500)));
        }
        assert_eq!(buckets.used(), 64);
        assert!(buckets.take("another").is_err());
    }
}
