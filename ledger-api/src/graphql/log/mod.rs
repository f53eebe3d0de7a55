//! The log. Start with `entry`, one posting, and `event`, what the posting records. `filter` reads
//! entries from the log, and `ledger` describes the whole book.

pub(crate) mod entry;
pub(crate) mod event;
pub(crate) mod filter;
pub(crate) mod ledger;
