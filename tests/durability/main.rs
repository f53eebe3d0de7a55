//! What was acknowledged is kept: through kills, power cuts, full disks and failing syncs; and what
//! is not what was written is found and named.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what helps the tests may fail them as they do"
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
