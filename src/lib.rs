//! An Sinh: the exchange of poverty-reduction records between agencies. `ARCHITECTURE.md` is the map.

pub mod access;
pub mod clock;
pub mod db;
pub mod domain;
pub mod error;
pub mod exchange;
pub mod messages;
pub mod rules;
pub mod scenario;
pub mod units;
