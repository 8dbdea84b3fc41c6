//! Who may do and see what. One table says it ([`policy`]), every door asks it.

mod actor;
mod caller;
mod places;
pub mod policy;

pub use actor::{Actor, Area, Role, Scope};
pub use caller::{Caller, Disclosure};
pub use places::Places;
pub use policy::{Grant, Reach};
