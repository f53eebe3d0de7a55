//! What every command does to the book, and everything it can be refused or warned for.
//!
//! A case names the rule it guards. It posts to a small book ([`book`]) through the writer, in
//! the form that posting files have, and says in words what must have come of it ([`case`]).
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a case that is written down wrongly fails the test that holds it"
)]

mod batches;
mod book;
mod budget;
mod cancelling;
mod case;
mod chains;
mod forecasting;
mod full_book;
mod funding;
mod kinds;
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
