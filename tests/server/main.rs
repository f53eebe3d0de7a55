//! The server as its clients meet it: a process on a port, real HTTP, real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing helper fails its test"
)]

mod caching;
mod clocks;
mod encrypted;
mod explorer;
mod faults;
mod following;
mod hostile;
mod http;
mod negotiation;
mod observing;
mod process;
mod rates;
mod resuming;
mod settings;
mod socket;
mod stopping;
mod uploads;
