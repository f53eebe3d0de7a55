//! Published figures. Start with `figure`, a published figure compared with the ledger.
//! `scope` is the named total it refers to.

pub(crate) mod figure;
pub(crate) mod scope;
