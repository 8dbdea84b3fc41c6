//! An Sinh: the exchange of poverty-reduction records between agencies. `ARCHITECTURE.md` is the map.

pub mod access;
pub mod audit;
pub mod clock;
pub mod config;
pub mod db;
pub mod domain;
pub mod education;
pub mod electricity;
pub mod env;
pub mod error;
pub mod exchange;
pub mod graphql;
pub mod identity;
pub mod insurance;
pub mod kinds;
pub mod listing;
pub mod loans;
pub mod messages;
pub mod registry;
pub mod rest;
pub mod rules;
pub mod scenario;
pub mod server;
pub mod summing;
pub mod telemetry;
pub mod units;
