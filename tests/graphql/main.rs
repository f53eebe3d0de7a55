//! The GraphQL schema, executed without a server around it.

mod contract;
mod fixture;
mod limits;
mod mutations;
mod pages;
mod queries;
mod refusals;
mod subscriptions;
