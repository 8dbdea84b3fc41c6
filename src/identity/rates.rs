//! How many requests one client may make: many at once, and a rate over time.

use std::{num::NonZeroU32, time::Duration};

use super::buckets::Buckets;
use crate::{
    clock::Clock,
    error::{Class, Error, Result},
    messages::{Code, Message},
};

/// Seconds whose requests may come at once.
pub const WINDOW: u32 = 60;

/// Places for the clients. Only who has a good token is counted, so there are no more names than clients.
const PLACES: u32 = 1 << 20;

/// Requests of each client, where they are limited.
#[derive(Debug)]
pub struct Rates(Option<Limit>);

#[derive(Debug)]
struct Limit {
    buckets: Buckets,
    a_second: u32,
}

/// How a client stands after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Most requests that may come at once.
    pub quota: u32,
    /// Requests that may come at once now.
    pub left: u32,
    /// Seconds until all may come again, if none comes meanwhile.
    pub full_in: u32,
}

impl Rates {
    /// So many requests a second of one client, those of [`WINDOW`] seconds at once; 0 limits nobody.
    pub fn new(clock: Clock, a_second: u32) -> Self {
        let capacity = NonZeroU32::new(a_second.saturating_mul(WINDOW));
        Self(capacity.map(|capacity| {
            let refill = Duration::from_secs(1) / a_second;
            Limit { buckets: Buckets::new(clock, capacity, refill, PLACES), a_second }
        }))
    }

    /// Counts a request. The standing is none where nobody is limited, and told of a refused request as well.
    pub fn count(&self, client_id: &str) -> (Option<Standing>, Result<()>) {
        let Some(limit) = &self.0 else { return (None, Ok(())) };
        match limit.buckets.take(client_id) {
            Ok(left) => (Some(limit.standing(left)), Ok(())),
            Err(seconds) => (Some(limit.standing(0)), Err(too_many(seconds))),
        }
    }
}

impl Limit {
    fn standing(&self, left: u32) -> Standing {
        let quota = self.a_second.saturating_mul(WINDOW);
        Standing { quota, left, full_in: quota.saturating_sub(left).div_ceil(self.a_second) }
    }
}

/// The refusal of a request that may be made in so many seconds.
fn too_many(seconds: u64) -> Error {
    Error::new(Class::RateLimited, Message::new(Code::RateLimited).with("seconds", seconds)).retry_after(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn still() -> Clock {
        Clock::from_fn(|| "2026-01-01T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn the_requests_of_a_minute_may_come_at_once() {
        let rates = Rates::new(still(), 2);

        let standings: Vec<_> = (0..120).map(|_| rates.count("bank")).collect();

        assert!(standings.iter().all(|(_, counted)| counted.is_ok()));
        assert_eq!(standings[0].0, Some(Standing { quota: 120, left: 119, full_in: 1 }));
        assert_eq!(standings[119].0, Some(Standing { quota: 120, left: 0, full_in: 60 }));
        let (standing, refused) = rates.count("bank");
        assert_eq!(standing, Some(Standing { quota: 120, left: 0, full_in: 60 }));
        let refused = refused.unwrap_err();
        assert_eq!((refused.status(), refused.seconds_to_retry()), (429, Some(1)));
        assert!(rates.count("school").1.is_ok());
    }

    #[test]
    fn a_rate_of_nothing_limits_nobody() {
        let rates = Rates::new(still(), 0);
        assert!((0..1000).all(|_| matches!(rates.count("bank"), (None, Ok(())))));
    }
}
