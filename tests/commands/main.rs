//! Every command's effect on the book, and all its refusals and warnings.
//!
//! A case names the rule it guards. It posts to a small book ([`book`]) through the writer, in the
//! form of posting files, and states the expected result in words ([`case`]).
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing helper fails its test"
)]

mod batches;
mod book;
mod budget;
mod cancelling;
mod case;
mod chains;
mod correcting;
mod forecasting;
mod full_book;
mod funding;
mod investing;
mod kinds;
mod late_spending;
mod periods;
mod policy;
mod proposals;
mod publishing;
mod registering;
mod reversing;
mod signing;
mod spending;
mod systems;
mod words;
