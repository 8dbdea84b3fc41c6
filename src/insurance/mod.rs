//! Health insurance: cards and visits as the insurance pushes them, and who is covered on a day.

pub mod card_pull;
pub mod card_push;
pub mod cards;
pub mod coverage;
pub mod summary;
pub mod visit_pull;
pub mod visit_push;
pub mod visits;
