//! The REST door: it translates between HTTP and the services, and holds no rules.

pub mod context;
pub mod docs;
pub mod edge;
pub mod ops;
pub mod problem;
pub mod trace;
