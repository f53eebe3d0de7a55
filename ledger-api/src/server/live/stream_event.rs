//! Stream events: the responses of an operation, in order, on a socket or event stream.

use std::sync::{Arc, OnceLock};

use ledger_core::domain::position::Position;
use serde_json::json;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::server::http::refusal::Refusal;
use crate::server::http::response::QueryResponse;
use crate::server::shares::Holding;

/// One event of an operation. After the last, the operation is complete.
#[derive(Clone)]
pub(crate) enum StreamEvent {
    /// A GraphQL response.
    Next(Arc<Payload>),
    /// The errors of a refused operation. No event follows.
    Refused(Arc<Payload>),
}

/// The JSON of an event, shared by all its receivers.
pub(crate) struct Payload {
    json: Utf8Bytes,
    /// The position of the event in the log, for clients that resume.
    id: Option<Position>,
    /// The socket message for the first operation id that needed one. Clients number their operations
    /// alike, so most receivers share it.
    message: OnceLock<(Box<str>, Utf8Bytes)>,
    /// The memory of the JSON, held until the last receiver has written it.
    _holding: Option<Holding>,
}

impl StreamEvent {
    pub(crate) fn next(response: QueryResponse, id: Option<Position>) -> Self {
        let json = Utf8Bytes::try_from(axum::body::Bytes::from(response.json));
        let Ok(json) = json else { return StreamEvent::refused(&Refusal::Fault) };
        let payload = |json| {
            Arc::new(Payload { json, id, message: OnceLock::new(), _holding: response.holding })
        };
        if response.executed {
            return StreamEvent::Next(payload(json));
        }
        // The payload of a refusal is the list of errors alone.
        match serde_json::from_str::<serde_json::Value>(json.as_str()) {
            Ok(response) => StreamEvent::Refused(payload(response["errors"].to_string().into())),
            Err(_) => StreamEvent::refused(&Refusal::Fault),
        }
    }

    pub(crate) fn refused(refusal: &Refusal) -> Self {
        let json = refusal.errors().to_string().into();
        let message = OnceLock::new();
        StreamEvent::Refused(Arc::new(Payload { json, id: None, message, _holding: None }))
    }

    /// The event as a GraphQL response.
    pub(crate) fn response(&self) -> Utf8Bytes {
        match self {
            StreamEvent::Next(payload) => payload.json.clone(),
            StreamEvent::Refused(payload) => {
                format!("{{\"errors\":{}}}", payload.json.as_str()).into()
            }
        }
    }

    /// The position of the event in the log; None for a query, a mutation and a refusal.
    pub(crate) fn id(&self) -> Option<Position> {
        match self {
            StreamEvent::Next(payload) | StreamEvent::Refused(payload) => payload.id,
        }
    }

    /// The event as a message of graphql-transport-ws.
    pub(crate) fn message(&self, id: &str) -> Utf8Bytes {
        let (kind, payload) = match self {
            StreamEvent::Next(payload) => ("next", payload),
            StreamEvent::Refused(payload) => ("error", payload),
        };
        let make = || -> Utf8Bytes {
            let json = payload.json.as_str();
            format!("{{\"id\":{},\"type\":\"{kind}\",\"payload\":{json}}}", json!(id)).into()
        };
        let (first, message) = payload.message.get_or_init(|| (id.into(), make()));
        if **first == *id { message.clone() } else { make() }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{Response, Value};

    use super::*;

    #[test]
    fn each_operation_gets_its_own_id() {
        let event = StreamEvent::next(
            QueryResponse::new(Response::new(Value::from(1)), false).unwrap(),
            None,
        );
        let message = |id, data| {
            format!("{{\"id\":\"{id}\",\"type\":\"next\",\"payload\":{{\"data\":{data}}}}}")
        };
        for id in ["a", "b", "a"] {
            assert_eq!(event.message(id).as_str(), message(id, 1));
        }
        assert_eq!(event.message("\"").as_str(), message("\\\"", 1));
    }

    #[test]
    fn equal_messages_share_one_buffer() {
        let event = StreamEvent::next(
            QueryResponse::new(Response::new(Value::from(1)), false).unwrap(),
            None,
        );
        assert_eq!(event.message("a").as_str().as_ptr(), event.message("a").as_str().as_ptr());
    }
}
