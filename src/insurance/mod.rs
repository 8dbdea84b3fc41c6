//! Health insurance: cards as the insurance pushes them, and who is covered on a day.

pub mod card_pull;
pub mod card_push;
pub mod cards;
pub mod coverage;
pub mod summary;
