//! Live answers: subscriptions over sockets and event streams.
//!
//! Reading order: [`stream_event`] is one event of an operation; [`groups`] shares an execution among
//! equal subscriptions; `signed_out` ends a stream whose key was revoked; `sse` writes event streams;
//! `protocol`, `websocket` and `socket` implement graphql-transport-ws.

pub(crate) mod groups;
mod protocol;
pub(crate) mod signed_out;
mod socket;
mod sse;
pub(crate) mod stream_event;
mod websocket;
