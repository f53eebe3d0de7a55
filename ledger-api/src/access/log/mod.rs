//! The access log: who signed in, who was refused, and what auditors read.
//!
//! Reading order: [`record`] has the kinds of record; [`trail`] stores them tamper-evidently; the
//! [`Recorder`] writes a server's records in batches: `sums` counts equal ones together, and [`room`]
//! keeps back disk space for the book.

pub mod record;
mod recorder;
pub mod room;
mod sums;
pub mod trail;

pub use recorder::{Recorder, read};
