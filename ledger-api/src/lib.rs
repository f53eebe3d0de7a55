//! The interfaces of a budget ledger: command line, GraphQL server and posting files. They open the
//! book of [`projections::book`].

// The root of questions merges more groups than the default allows.
#![recursion_limit = "256"]

pub mod access;
pub mod cli;
pub mod graphql;
pub mod postings;
pub mod sample;
pub mod server;
pub mod text;

pub use projections::book::clock;

/// Chosen because one thread allocates a posting and another frees it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
