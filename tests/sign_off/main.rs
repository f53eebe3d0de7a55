//! Sign-off across commands: concurrent approvers, an oracle that knows only the log, and one
//! person's attempts alone.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failing helper fails its test")]

mod alone;
mod history;
mod oracle;
mod policies;
mod raced;
mod room;
mod world;
