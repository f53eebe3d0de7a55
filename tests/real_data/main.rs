//! Data published by others: the book's totals equal the publishers' figures and independent sums.
#![expect(clippy::expect_used, clippy::panic, reason = "a failing helper fails its test")]

mod book;
mod major_projects;
mod merkle_vectors;
mod organisations;
mod spend;
