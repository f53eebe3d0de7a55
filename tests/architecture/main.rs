//! The shape of the codebase: dependencies between crates, imports of the domain, and house rules
//! that no compiler checks.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a failing helper fails its test"
)]

mod codebase;
mod command_line;
mod contributing;
mod domain;
mod house_rules;
mod layout;
mod manifests;
