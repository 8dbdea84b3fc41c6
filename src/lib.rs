//! An Sinh: the exchange of poverty-reduction records between agencies. `ARCHITECTURE.md` is the map.

// The types of the schema refer to each other in circles, which the compiler walks far to see that all may cross threads.
#![recursion_limit = "256"]

pub mod access;
pub mod app;
pub mod audit;
pub mod cli;
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
pub mod private;
pub mod registry;
pub mod rest;
pub mod rules;
pub mod scenario;
pub mod server;
pub mod summing;
pub mod telemetry;
pub mod units;
