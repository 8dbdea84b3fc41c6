//! The types of the schema, a file a subject: each translates a record and asks services for what belongs to it.

pub mod batches;
pub mod education;
pub mod electricity;
pub mod findings;
pub mod households;
pub mod insurance;
pub mod loans;
pub mod persons;
pub mod programmes;
pub mod reviews;
pub mod units;
