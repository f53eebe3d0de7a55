//! The rules of the ledger, and nothing else: no files, no clock, no randomness, no threads.
//!
//! Reading order: [`money`], [`calendar`], [`code`], [`text`] and [`line`](mod@line) are the words;
//! [`movement`], [`claim`], [`event`] and [`command`] the sentences; [`policy`], [`rejection`] and [`warning`]
//! what is said about them; [`ledger`] is what has been said so far; [`decide`] judges a command
//! against it.
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
pub(crate) mod short;
pub mod sign_off;
pub mod text;
pub mod warning;
