//! The gate: the one place that judges what a caller may do.
//!
//! Reading order: `denied` has the refusals; `required_role` says who may post a command; `delegation` and `lookup` are the gate's view of the book; `lapsing` refuses
//! signatures under lapsed delegations; `rights` has a function for each right.

mod delegation;
mod denied;
mod lapsing;
mod lookup;
mod required_role;
mod rights;

pub use delegation::OpenDelegation;
pub use denied::Denied;
pub use lapsing::actor;
pub use lookup::{BookLookup, Reversal};
pub use rights::*;
