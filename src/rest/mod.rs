//! The REST door: it translates between HTTP and the services, and holds no rules.

pub mod authenticate;
pub mod batches;
pub mod context;
pub mod coverage;
pub mod docs;
pub mod edge;
pub mod etag;
pub mod oauth;
pub mod openapi;
pub mod ops;
pub mod problem;
pub mod push;
pub mod rates;
pub mod records;
pub mod strict;
pub mod trace;
pub mod trail;

#[cfg(test)]
mod oauth_tests;

#[cfg(test)]
mod tests;
