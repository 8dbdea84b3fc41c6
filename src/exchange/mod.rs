//! The exchange pipeline: one way in for every kind of record, whichever door it came through.

pub mod format;
pub mod raw;
pub mod record;
pub mod values;
