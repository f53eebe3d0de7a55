//! Who may do what: keys, roles and how far they reach, and the log of who was there.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what stands in the way of a test ends it"
)]

mod desk;
mod keys;
mod lapsing;
mod matrix;
mod mergers;
mod overseers;
#[path = "../server/process.rs"]
#[expect(dead_code, reason = "this suite needs little of it")]
mod process;
mod proposing;
mod questions;
mod restricted;
mod scopes;
mod sessions;
mod tokens;
mod trails;
