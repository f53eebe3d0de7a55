//! The log: entries as canonical bytes, sealed into blocks, kept by a store.
//!
//! Reading order: [`entry`], [`merkle`], [`block`], [`store`]; the [`index`] behind it; the stores,
//! [`memory`] and [`segments`].

pub mod block;
pub mod check;
pub mod entry;
pub mod index;
pub mod memory;
pub mod merkle;
pub mod read;
pub mod segments;
pub mod store;
