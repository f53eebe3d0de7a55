//! The GraphQL schema, executed without a server around it.

#![expect(clippy::expect_used, clippy::panic, reason = "a failing helper fails its test")]

mod analyses;
mod bodies;
mod bridges;
mod calendar;
mod changes;
mod claims;
mod contract;
mod corrections;
mod desk;
mod documents;
mod fixture;
mod flows;
mod limits;
mod meanings;
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
