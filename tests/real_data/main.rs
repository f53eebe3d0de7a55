//! Real data, written by no one on this project: what the book makes of it is what its publishers
//! and independent arithmetic say.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a helper that finds the data other than described fails the test that called it"
)]

mod book;
mod major_projects;
mod merkle_vectors;
mod organisations;
mod spend;
