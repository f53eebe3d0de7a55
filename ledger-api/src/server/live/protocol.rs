//! The messages and close codes of graphql-transport-ws.

use serde::Deserialize;
use serde_json::{Map, Value};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::server::document::GraphQlRequest;

/// The name of the subprotocol.
pub(crate) const PROTOCOL: &str = "graphql-transport-ws";

/// A message from a client.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ClientMessage {
    /// Opens the session.
    ConnectionInit {
        /// The authorization.
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    /// Asks for a pong.
    Ping {
        /// Any content.
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    /// Answers a ping.
    Pong {
        /// Any content.
        #[serde(default, rename = "payload")]
        _payload: Option<Map<String, Value>>,
    },
    /// Starts an operation.
    Subscribe {
        /// The client's id of the operation.
        id: String,
        /// The operation.
        payload: GraphQlRequest,
    },
    /// Ends an operation.
    Complete {
        /// The client's id of the operation.
        id: String,
    },
}

/// Why the server closes a socket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CloseReason {
    /// The server is stopping.
    GoingAway,
    /// A message is not of the protocol.
    InvalidMessage(String),
    /// An operation was sent before `connection_init`.
    Unauthorized,
    /// The sign-in was refused.
    Forbidden(String),
    /// The sign-in has expired, or its key was changed or revoked.
    SignedOut,
    /// The client does not offer the subprotocol.
    Subprotocol,
    /// No `connection_init` came in time.
    InitialisationTimeout,
    /// The operation id is in use.
    SubscriberExists(String),
    /// A second `connection_init` came.
    TooManyInitialisations,
    /// No pong came in time.
    Silent,
}

/// The longest reason of a close frame, in bytes.
const REASON_BYTES_MAX: usize = 123;

impl CloseReason {
    pub(crate) fn frame(&self) -> CloseFrame {
        let (code, reason) = match self {
            CloseReason::GoingAway => (1001, "The server is stopping".to_owned()),
            CloseReason::InvalidMessage(what) => (4400, format!("Invalid message: {what}")),
            CloseReason::Unauthorized => (4401, "Unauthorized".to_owned()),
            CloseReason::Forbidden(why) => (4403, format!("Forbidden: {why}")),
            CloseReason::SignedOut => (4403, "Forbidden: signed out".to_owned()),
            CloseReason::Subprotocol => (4406, "Subprotocol not acceptable".to_owned()),
            CloseReason::InitialisationTimeout => {
                (4408, "Connection initialisation timeout".to_owned())
            }
            CloseReason::SubscriberExists(id) => {
                (4409, format!("Subscriber for {id} already exists"))
            }
            CloseReason::TooManyInitialisations => {
                (4429, "Too many initialisation requests".to_owned())
            }
            CloseReason::Silent => (4408, "No pong came".to_owned()),
        };
        let fits = |end: &usize| reason.is_char_boundary(*end);
        let end = (0..=REASON_BYTES_MAX.min(reason.len())).rev().find(fits).unwrap_or(0);
        let reason = reason.get(..end).map(Utf8Bytes::from).unwrap_or_default();
        CloseFrame { code: code.into(), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_into_its_frame_whatever_the_client_wrote() {
        let frame = CloseReason::SubscriberExists(format!("x{}", "£".repeat(100))).frame();
        assert_eq!((u16::from(frame.code), frame.reason.as_str().len()), (4409, 122));
    }

    #[test]
    fn only_messages_of_the_protocol_are_taken() {
        let cases = [
            (r#"{"type":"connection_init"}"#, true),
            (r#"{"type":"connection_init","payload":{"a":1}}"#, true),
            (r#"{"type":"connection_init","payload":null}"#, true),
            (r#"{"type":"connection_init","payload":""}"#, false),
            (r#"{"type":"ping"}"#, true),
            (r#"{"type":"pong","payload":{}}"#, true),
            (r#"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#, true),
            (
                r#"{"type":"subscribe","payload":{"query":"{a}","variables":{"a":[1]}},"id":"1"}"#,
                true,
            ),
            (r#"{"id":"1","type":"subscribe","payload":{"query":1}}"#, false),
            (r#"{"id":1,"type":"subscribe","payload":{"query":"{a}"}}"#, false),
            (r#"{"type":"subscribe","payload":{"query":"{a}"}}"#, false),
            (r#"{"id":"1","type":"subscribe"}"#, false),
            (r#"{"id":"1","type":"complete"}"#, true),
            (r#"{"type":"complete"}"#, false),
            (r#"{"id":"1","type":"next","payload":{}}"#, false),
            (r#"{"type":1}"#, false),
            ("[]", false),
            ("nonsense", false),
        ];
        for (message, taken) in cases {
            assert_eq!(serde_json::from_str::<ClientMessage>(message).is_ok(), taken, "{message}");
        }
    }
}
