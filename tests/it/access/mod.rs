//! Who may ask, see and push what, and whose records: the access table against what comes out of both doors.

mod area;
mod doors;
mod reach;
pub mod schema;
mod walk;
pub mod world;
