//! An Sinh: the exchange of poverty-reduction records between agencies. `ARCHITECTURE.md` is the map.

pub mod config;
pub mod error;
pub mod exchange;
pub mod messages;
pub mod rest;
pub mod server;
pub mod telemetry;
