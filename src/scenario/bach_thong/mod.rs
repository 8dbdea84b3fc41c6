//! The district Bạch Thông in the first half of 2022: the lines of its printed report for loans, cards, education and
//! electricity, taken apart into records of invented people whose counts and sums are the printed ones exactly.

pub mod cards;
pub mod education;
pub mod electricity;
pub mod examples;
pub mod loans;
pub mod plan;
pub mod population;
pub mod reviews;
mod scenario;

pub use scenario::Scenario;

#[cfg(test)]
mod tests;
