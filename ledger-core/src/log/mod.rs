//! The log: entries as canonical bytes, sealed into blocks and kept by a store.
//!
//! Reading order: [`entry`], [`merkle`], [`block`], [`store`]; then the [`index`]; then the stores,
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
