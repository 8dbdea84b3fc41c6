//! Education subsidies: semester rolls as the education office pushes them, and what is read of them.

pub mod subsidies;
pub mod subsidy_pull;
pub mod subsidy_push;
