//! Keys, roles, the reach of a role, and the access log.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing helper fails its test"
)]

mod dates;
mod desk;
mod ids;
mod keys;
mod lapsing;
mod matrix;
mod mergers;
mod overseers;
#[path = "../server/process.rs"]
#[expect(dead_code, reason = "this suite uses a part of it")]
mod process;
mod proposing;
mod questions;
mod reach;
mod restricted;
mod scopes;
mod search;
mod sessions;
mod small_book;
mod tokens;
mod trails;
mod two_books;
