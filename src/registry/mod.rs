//! Who lives where with whom, and how poor each household is on each day.

pub mod elsewhere;
mod enrolment;
pub mod household_pull;
pub mod household_roll;
pub mod households;
mod insurance_numbers;
pub mod matching;
pub mod naming;
pub mod people;
pub mod persons;
pub mod resolving;
pub mod review_pull;
pub mod review_roll;
pub mod reviews;
pub mod standing;
