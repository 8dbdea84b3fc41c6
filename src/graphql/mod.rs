//! The GraphQL door: what it measures before it runs a document, and how it speaks HTTP.

pub mod document;
pub mod http;
