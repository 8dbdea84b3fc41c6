//! The service as its callers meet it: over HTTP, with a real database, each test on SQLite and on PostgreSQL.
//!
//! Nothing has to be set up: see `harness::postgres` for how a server is found, started or brought here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod access;
mod bad_input;
mod batches;
mod connections;
mod coverage;
mod crash;
mod files;
mod graphql;
mod harness;
mod limits;
mod oauth;
mod ops;
mod origins;
mod overload;
mod plans;
mod push;
mod records;
mod revoked;
mod schema;
mod silence;
mod strict;
mod together;
