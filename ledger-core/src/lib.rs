//! The ledger's rules, and the durable log that keeps its entries.
//!
//! [`domain`] decides what may be posted and applies what was posted. It does no input or output.

pub mod canonical;
pub mod clock;
pub mod domain;
pub mod keys;
pub mod log;
pub mod projection;
pub mod replay;
pub mod snapshot;
pub mod state;
pub mod writer;
