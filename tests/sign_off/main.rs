//! Sign-off beyond single commands: raced by many at once, against an oracle that knows only the
//! log, and by whatever route somebody may try alone.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps the tests may fail them as they do"
)]

mod alone;
mod history;
mod oracle;
mod policies;
mod raced;
mod room;
mod world;
