//! Verbs that ask: a document of `cli/documents` and the columns of its answer, one file per verb.

pub(in crate::cli) mod bridge;
pub(in crate::cli) mod budget;
pub(in crate::cli) mod claims;
pub(in crate::cli) mod diff;
pub(in crate::cli) mod exchanges;
pub(in crate::cli) mod flows;
pub(in crate::cli) mod funds;
pub(in crate::cli) mod log;
pub(in crate::cli) mod queue;
pub(in crate::cli) mod register;
pub(in crate::cli) mod show;
pub(in crate::cli) mod systems;
pub(in crate::cli) mod watch;
pub(in crate::cli) mod what_if;
