//! Answers: what an execution gave, as JSON and as an HTTP response.

use async_graphql::{Response, ServerError, Value};
use axum::body::{Body, Bytes};
use axum::http::{self, HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tracing::error;

use super::negotiate::Form;
use crate::graphql::scalars;
use crate::hex::hex;

/// What an execution gave.
pub(super) struct Answer {
    /// The GraphQL response, without `data` where nothing was executed.
    pub(super) json: Vec<u8>,
    /// Whether it was executed; if not, the document or its variables do not fit the schema.
    pub(super) executed: bool,
    /// Whether the caller may not do any of what was asked.
    pub(super) denied: bool,
    /// Whether it rests on named positions alone: then it is the same whenever it is asked for.
    pub(super) fixed: bool,
}

#[derive(Serialize)]
struct OnlyErrors<'e> {
    errors: &'e [ServerError],
}

impl Answer {
    /// The answer in a response.
    ///
    /// # Errors
    ///
    /// Where it cannot be written as JSON.
    pub(super) fn new(response: Response, fixed: bool) -> serde_json::Result<Self> {
        let fixed = fixed && response.is_ok();
        let denied = response.data == Value::Null && response.errors.iter().any(is_denial);
        match not_executed(response) {
            Ok(response) => {
                Ok(Answer { json: serde_json::to_vec(&response)?, executed: true, fixed, denied })
            }
            Err(errors) => {
                let json = serde_json::to_vec(&OnlyErrors { errors: &errors })?;
                Ok(Answer { json, executed: false, fixed, denied })
            }
        }
    }

    /// The answer as an HTTP response to a request.
    pub(super) fn into_http(self, form: Form, request: &Asked) -> http::Response<Body> {
        let Answer { json, executed, fixed, denied } = self;
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, form.content_type());
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        let caching = if fixed { FIXED } else { "no-store" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        let mut status = StatusCode::OK;
        if denied {
            status = StatusCode::FORBIDDEN;
        } else if !executed && form == Form::GraphQl {
            status = StatusCode::BAD_REQUEST;
        }
        let mut body = Bytes::from(json);
        if fixed && let Some(tag) = tag(&body) {
            if request.by_get && knows(&request.known, &tag) {
                status = StatusCode::NOT_MODIFIED;
                body = Bytes::new();
                headers.remove(header::CONTENT_TYPE);
            }
            headers.insert(header::ETAG, tag);
        }
        let mut response = http::Response::new(Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

/// Entries are never changed: what was true as at a position stays true. Other callers may see
/// other parts of it.
const FIXED: &str = "private, max-age=31536000, immutable";

/// What of an HTTP request matters for its answer's headers.
pub(super) struct Asked {
    pub(super) by_get: bool,
    /// The answers that the client has, from `If-None-Match`.
    pub(super) known: Vec<HeaderValue>,
}

fn tag(body: &[u8]) -> Option<HeaderValue> {
    let digest = Sha256::digest(body);
    HeaderValue::try_from(format!("\"{}\"", hex(digest.get(..16)?))).ok()
}

fn knows(known: &[HeaderValue], tag: &HeaderValue) -> bool {
    let tags = known.iter().filter_map(|value| value.to_str().ok());
    let mut tags = tags.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// Whether an error says that the caller may not do something.
fn is_denial(error: &ServerError) -> bool {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    matches!(code, Some(Value::String(code)) if code.starts_with("FORBIDDEN"))
}

/// The errors of a request that was not executed: those that name no place in an answer.
fn not_executed(mut response: Response) -> Result<Response, Vec<ServerError>> {
    let refused = response.data == Value::Null
        && response.is_err()
        && response.errors.iter().all(|error| error.path.is_empty());
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", code(refused, &error.message));
            error.message.push_str(&written_as(&error.message).unwrap_or_default());
        }
    }
    if refused { Err(response.errors) } else { Ok(response) }
}

/// The code of an error that has none: our resolvers give theirs.
fn code(refused: bool, message: &str) -> &'static str {
    // Said of arguments that validation takes and their types do not: numbers out of bounds.
    let of_input = ["Failed to parse \"", "Expected input type \""];
    if refused {
        "GRAPHQL_VALIDATION_FAILED"
    } else if of_input.iter().any(|begins| message.starts_with(begins)) {
        "BAD_USER_INPUT"
    } else {
        error!(%message, "an error has no code");
        "INTERNAL_SERVER_ERROR"
    }
}

/// How a scalar is written, where an error says that one was expected.
fn written_as(message: &str) -> Option<String> {
    let (_, expected) = message.rsplit_once("expected type \"")?;
    let example = scalars::example_of(expected.strip_suffix('"')?)?;
    Some(format!(": write it as a string, such as \"{example}\""))
}
