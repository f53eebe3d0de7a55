//! The GraphQL schema, executed without a server around it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what stands in the way of a test, such as a disk, ends it"
)]

mod analyses;
mod bodies;
mod bridges;
mod claims;
mod contract;
mod desk;
mod documents;
mod fixture;
mod flows;
mod limits;
mod mutations;
mod pages;
mod previews;
mod queries;
mod refusals;
mod restated;
mod resuming;
mod sign_off;
mod subscriptions;
mod what_if;
