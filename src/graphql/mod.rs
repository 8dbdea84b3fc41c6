//! The GraphQL door: types and root fields translate, and hold no rules.

pub mod codes;
pub mod cohort;
pub mod connection;
pub mod context;
pub mod document;
pub mod gate;
pub mod http;
pub mod input;
pub mod lists;
pub mod plain;
pub mod push;
pub mod queries;
pub mod scalars;
pub mod schema;
pub mod shown;
pub mod types;
pub mod unfinished;
pub mod weight;
pub mod written;
