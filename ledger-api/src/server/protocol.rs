//! The messages of graphql-transport-ws, and why a socket is closed.

use serde::Deserialize;
use serde_json::{Map, Value};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::request::GraphQlRequest;

/// The subprotocol's name.
pub(super) const PROTOCOL: &str = "graphql-transport-ws";

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ClientMessage {
    /// It wishes to begin.
    ConnectionInit {
        /// Who it is.
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    /// It wishes to hear a pong.
    Ping {
        /// Anything.
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    /// It is there.
    Pong {
        /// Anything.
        #[serde(default, rename = "payload")]
        _payload: Option<Map<String, Value>>,
    },
    /// It asks something.
    Subscribe {
        /// What it calls the operation.
        id: String,
        /// The operation.
        payload: GraphQlRequest,
    },
    /// It wishes to hear no more of an operation.
    Complete {
        /// What it called it.
        id: String,
    },
}

/// Why the server closes a socket.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// The server is stopping.
    GoingAway,
    /// A message that the protocol does not have.
    InvalidMessage(String),
    /// It asked before it had begun.
    Unauthorized,
    /// It may not begin.
    Forbidden(String),
    /// It is signed in no more: its time is over, or its key was changed or revoked.
    SignedOut,
    /// It does not speak the protocol.
    Subprotocol,
    /// It did not begin in time.
    InitialisationTimeout,
    /// An operation of that id is under way.
    SubscriberExists(String),
    /// It began twice.
    TooManyInitialisations,
    /// It has said nothing for too long.
    Silent,
}

/// What a close frame's reason may have.
const REASON_BYTES_MAX: usize = 123;

impl Closing {
    pub(super) fn frame(&self) -> CloseFrame {
        let (code, reason) = match self {
            Closing::GoingAway => (1001, "The server is stopping".to_owned()),
            Closing::InvalidMessage(what) => (4400, format!("Invalid message: {what}")),
            Closing::Unauthorized => (4401, "Unauthorized".to_owned()),
            Closing::Forbidden(why) => (4403, format!("Forbidden: {why}")),
            Closing::SignedOut => (4403, "Forbidden: signed in no more".to_owned()),
            Closing::Subprotocol => (4406, "Subprotocol not acceptable".to_owned()),
            Closing::InitialisationTimeout => {
                (4408, "Connection initialisation timeout".to_owned())
            }
            Closing::SubscriberExists(id) => (4409, format!("Subscriber for {id} already exists")),
            Closing::TooManyInitialisations => {
                (4429, "Too many initialisation requests".to_owned())
            }
            Closing::Silent => (4408, "No pong came".to_owned()),
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
        let frame = Closing::SubscriberExists(format!("x{}", "£".repeat(100))).frame();
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
