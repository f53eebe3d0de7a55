//! Postings outside the log: files of them, the outcome of each, and the figures they would change.

pub mod changes;
pub mod file;
pub mod outcome;
mod posted_files;
pub mod supposing;
pub(crate) mod upload;
