//! Loans of the social-policy bank: disbursements as the bank pushes them, and what is read of them.

pub mod disbursement_push;
