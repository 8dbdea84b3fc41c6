//! Who may do and see what. One table says it ([`policy`]), every door asks it.

mod actor;
mod caller;
pub mod policy;

pub use actor::{Actor, Area, Role, Scope};
pub use caller::{Caller, Disclosure};
pub use policy::{Grant, Reach};
