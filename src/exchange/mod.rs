//! The exchange pipeline: one way in for every kind of record, whichever door it came through.

pub mod batches;
mod decide;
pub mod elsewhere;
pub mod findings;
pub mod format;
pub mod group;
pub mod keys;
pub mod kind;
mod look_up;
pub mod outcome;
pub mod pull;
pub mod push;
pub mod raw;
pub mod record;
pub mod shape;
mod short;
pub mod source;
pub mod spool;
mod tally;
pub mod told;
pub mod unmatched;
pub mod values;
