//! The shape of the codebase: who may depend on whom, what the domain may touch, and the house
//! rules that no compiler holds.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a helper that cannot read the codebase fails the test that called it"
)]

mod codebase;
mod domain;
mod house_rules;
mod layout;
mod manifests;
