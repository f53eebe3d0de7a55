//! The faces of a budget ledger: the command line and files. The book they open is [`book`].

// The root of questions merges more groups than the default allows.
#![recursion_limit = "256"]

pub mod access;
pub mod amount;
pub mod at_risk;
pub mod book;
pub mod changes;
pub mod cli;
pub mod clock;
pub mod describe;
pub mod destination;
pub mod graphql;
pub mod hex;
pub mod postings;
pub mod sample;
pub mod server;
pub mod supposing;
pub mod tls;

/// Postings are made by one thread and freed by another, which this allocator does best.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
