//! Benchmarks of the book without its interfaces, and generators and measuring that the tests
//! share.

pub mod fill;
pub mod generate;
pub mod measure;

/// The number of rounds of a test or benchmark: `full` with `LEDGER_FULL=1`, otherwise `few`.
pub fn rounds(full: u64, few: u64) -> u64 {
    if std::env::var_os("LEDGER_FULL").is_some_and(|full| full == "1") { full } else { few }
}
