//! The server as its clients meet it: a process on a port, real HTTP, real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing helper fails its test"
)]

mod bounds;
mod caching;
mod clocks;
#[path = "../access/desk.rs"]
#[expect(dead_code, reason = "this suite uses a part of it")]
mod desk;
mod encrypted;
mod explorer;
mod faults;
mod following;
mod hostile;
mod http;
mod modes;
mod negotiation;
mod observing;
mod pressed;
mod process;
mod rates;
mod resuming;
mod settings;
mod socket;
mod stopping;
mod uploads;
