//! The rules of the ledger. No files, clock, randomness or threads.
//!
//! Reading order: [`money`], [`calendar`], [`code`], [`text`] and [`line`](mod@line) define the
//! values. [`movement`], [`claim`], [`event`] and [`command`] build on them. [`policy`],
//! [`rejection`] and [`warning`] state the rules. [`ledger`] is the current state, and [`decide`]
//! judges a command against it.
#![warn(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::float_arithmetic,
    clippy::iter_over_hash_type
)]

pub mod actor;
pub mod calendar;
pub mod claim;
pub mod code;
pub mod command;
pub mod date_or_time;
pub mod decide;
pub mod event;
pub mod ledger;
pub mod line;
pub mod money;
pub mod movement;
pub mod policy;
pub mod position;
pub mod posting;
pub mod profile;
pub mod rejection;
pub mod scope;
pub(crate) mod short;
pub mod sign_off;
pub mod text;
mod unique;
pub mod warning;
