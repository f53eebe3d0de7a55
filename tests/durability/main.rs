//! Acknowledged entries survive kills, power cuts, full disks and failing syncs; changed bytes are
//! found and named.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing helper fails its test"
)]

mod answered;
mod claims;
mod faults;
mod flipped_bits;
mod in_memory;
mod index;
mod kept_book;
mod kills;
mod long_blocks;
mod power_cuts;
mod simulated_run;
mod store_contract;
mod torn_or_damaged;
