//! Who lives where with whom, and how poor each household is on each day.

pub mod household_roll;
pub mod households;
pub mod matching;
pub mod persons;
pub mod resolving;
pub mod review_roll;
pub mod standing;
