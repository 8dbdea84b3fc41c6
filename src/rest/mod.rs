//! The REST door: it translates between HTTP and the services, and holds no rules.

pub mod authenticate;
pub mod context;
pub mod docs;
pub mod edge;
pub mod oauth;
pub mod ops;
pub mod problem;
pub mod trace;

#[cfg(test)]
mod oauth_tests;
