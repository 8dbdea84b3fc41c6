//! Electricity support: quarterly rolls as communes push them, and what is read of them.

pub mod support_pull;
pub mod support_push;
pub mod supports;
