//! Flows: payments between parties. Start with `list`, the flows of a year, then `flow`, one payer
//! and one receiver. `party`, `figures` and `origin` are their parts.

pub(crate) mod figures;
pub(crate) mod flow;
pub(crate) mod list;
pub(crate) mod origin;
pub(crate) mod party;
