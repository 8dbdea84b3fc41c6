//! Loans of the social-policy bank: disbursements as the bank pushes them, and what is read of them.

pub mod disbursement_pull;
pub mod disbursement_push;
pub mod disbursements;
#[expect(clippy::module_inception, reason = "the area and its main record bear the same name")]
pub mod loans;
