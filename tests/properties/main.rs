//! Properties of any postings, tested over random streams and against an oracle that shares no code
//! with the program.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a failing helper fails its test"
)]

mod analyses;
mod balances;
mod behind;
mod bridges;
mod canonical_bytes;
mod claims;
mod coverage;
mod dense_years;
mod every_payload;
mod figures;
mod flows;
mod investing;
mod keys;
mod live_book;
mod long_books;
mod mergers;
mod oracle;
mod prefixes;
mod proposals;
mod recorded_times;
mod refusals;
mod rules;
mod snapshots;
mod stream;
mod stream_commands;
mod stream_sign_off;
mod what_if;
