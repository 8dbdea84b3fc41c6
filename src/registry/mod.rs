//! Who lives where with whom, and how poor each household is on each day.

pub mod household_roll;
pub mod matching;
pub mod resolving;
pub mod review_roll;
pub mod standing;
