//! An Sinh: the exchange of poverty-reduction records between agencies. `ARCHITECTURE.md` is the map.

pub mod error;
pub mod exchange;
pub mod graphql;
pub mod messages;
