//! Steps of an answer: what a socket or an event stream is told, one after another.

use std::sync::{Arc, OnceLock};

use serde_json::json;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::answer::Answer;
use super::refusal::Refusal;

/// One step of an answer. After the last, the operation is complete.
#[derive(Clone)]
pub(super) enum Step {
    /// A GraphQL response.
    Next(Arc<Payload>),
    /// The operation was refused, by these errors; nothing follows.
    Refused(Arc<Payload>),
}

/// The JSON of a step, shared by all who get the same.
pub(super) struct Payload {
    json: Utf8Bytes,
    /// The message that holds it for the operation id that asked first. Clients number their
    /// operations alike, so it is often the id that others ask for too.
    framed: OnceLock<(Box<str>, Utf8Bytes)>,
}

impl Step {
    pub(super) fn next(answer: Answer) -> Self {
        let json = Utf8Bytes::try_from(axum::body::Bytes::from(answer.json));
        let Ok(json) = json else { return Step::refused(&Refusal::Fault) };
        let payload = |json| Arc::new(Payload { json, framed: OnceLock::new() });
        if answer.executed {
            return Step::Next(payload(json));
        }
        // A refusal's payload is the errors alone.
        match serde_json::from_str::<serde_json::Value>(json.as_str()) {
            Ok(response) => Step::Refused(payload(response["errors"].to_string().into())),
            Err(_) => Step::refused(&Refusal::Fault),
        }
    }

    pub(super) fn refused(refusal: &Refusal) -> Self {
        let json = refusal.errors().to_string().into();
        Step::Refused(Arc::new(Payload { json, framed: OnceLock::new() }))
    }

    /// The step as the GraphQL response it is, or is the reason for there being none.
    pub(super) fn response(&self) -> Utf8Bytes {
        match self {
            Step::Next(payload) => payload.json.clone(),
            Step::Refused(payload) => format!("{{\"errors\":{}}}", payload.json.as_str()).into(),
        }
    }

    /// The step as a message of graphql-transport-ws.
    pub(super) fn message(&self, id: &str) -> Utf8Bytes {
        let (kind, payload) = match self {
            Step::Next(payload) => ("next", payload),
            Step::Refused(payload) => ("error", payload),
        };
        let message = || -> Utf8Bytes {
            let json = payload.json.as_str();
            format!("{{\"id\":{},\"type\":\"{kind}\",\"payload\":{json}}}", json!(id)).into()
        };
        let (first, framed) = payload.framed.get_or_init(|| (id.into(), message()));
        if **first == *id { framed.clone() } else { message() }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{Response, Value};

    use super::*;

    #[test]
    fn each_operation_gets_its_own_id() {
        let step = Step::next(Answer::new(Response::new(Value::from(1)), false).unwrap());
        let message = |id, told| {
            format!("{{\"id\":\"{id}\",\"type\":\"next\",\"payload\":{{\"data\":{told}}}}}")
        };
        for id in ["a", "b", "a"] {
            assert_eq!(step.message(id).as_str(), message(id, 1));
        }
        assert_eq!(step.message("\"").as_str(), message("\\\"", 1));
    }

    #[test]
    fn the_same_message_is_kept_once() {
        let step = Step::next(Answer::new(Response::new(Value::from(1)), false).unwrap());
        assert_eq!(step.message("a").as_str().as_ptr(), step.message("a").as_str().as_ptr());
    }
}
