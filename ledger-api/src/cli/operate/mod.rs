//! Verbs about the program and its files, one file each: serving, keys, checks and exports.

pub(crate) mod access_log;
pub(crate) mod completions;
pub(crate) mod export;
pub(crate) mod init;
pub(crate) mod keys;
pub(crate) mod man;
pub(crate) mod progress;
pub(crate) mod replay;
pub(crate) mod schema;
pub(crate) mod serve;
pub(crate) mod verify;
