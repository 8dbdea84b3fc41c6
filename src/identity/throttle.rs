//! How often one client may fail to prove itself.
//!
//! A secret of 256 random bits cannot be guessed at any rate, and a client's id is public. So the limit slows only
//! failures: a right secret passes even while someone else floods the same client with wrong ones, or anyone could
//! lock the bank out.

use std::{num::NonZeroU32, time::Duration};

use super::buckets::Buckets;
use crate::clock::Clock;

/// Failures that are answered at once.
const BURST: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// One more failure is answered after each of these.
const REFILL: Duration = Duration::from_secs(6);

/// Places for the clients that fail, real and made up.
const PLACES: u32 = 1 << 14;

/// The failures of each client.
#[derive(Debug)]
pub struct Throttle(Buckets);

impl Throttle {
    /// Nobody has failed yet.
    pub fn new(clock: Clock) -> Self {
        Self(Buckets::new(clock, BURST, REFILL, PLACES))
    }

    /// Notes a failure; gives the seconds to wait where there were too many.
    pub fn fail(&self, client_id: &str) -> Option<u64> {
        self.0.take(client_id).err()
    }
}
