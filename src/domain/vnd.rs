//! Money: whole Vietnamese dong.

use serde::{Deserialize, Serialize};

/// An amount in VND. There is no minor unit; sums travel as 64-bit integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Vnd(pub i64);

impl Vnd {
    /// Largest amount of one record: 10¹⁵ VND, below 2⁵³, so that every JSON reader keeps it exact.
    pub const MOST: i64 = 1_000_000_000_000_000;
}
