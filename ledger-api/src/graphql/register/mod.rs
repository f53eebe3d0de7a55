//! The records that lines and movements name. Start with `fund`, where money comes from, and
//! `programme` and `body`, where it goes. `policy` holds the rules and limits in force. `system`
//! lists the provider overspends that put an integrated care system under a regime.

pub(crate) mod body;
pub(crate) mod fund;
pub(crate) mod policy;
pub(crate) mod programme;
pub(crate) mod system;
