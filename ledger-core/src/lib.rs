//! The book: the rules of a budget ledger, and the durable log that keeps its entries.
//!
//! [`domain`] is pure: it decides what may be posted and applies what was.

pub mod canonical;
pub mod domain;
pub mod keys;
pub mod log;
pub mod projection;
pub mod replay;
pub mod snapshot;
pub mod state;
pub mod writer;
