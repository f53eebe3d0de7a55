//! Responses: the result of an execution, as JSON and as an HTTP response.

use async_graphql::{Response, ServerError, Value};
use axum::body::{Body, Bytes};
use axum::http::{self, HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tracing::error;

use super::negotiate::Form;
use super::refusal::VARY;
use crate::graphql::kit::scalars;
use crate::server::shares::Holding;
use crate::text::hex::hex;

/// The result of an execution.
pub(crate) struct QueryResponse {
    /// The GraphQL response, without `data` if nothing was executed.
    pub(crate) json: Vec<u8>,
    /// Whether the operation was executed. If not, validation found errors.
    pub(crate) executed: bool,
    /// Whether the caller was denied everything the request asked.
    pub(crate) denied: bool,
    /// Whether the response depends on named positions alone, and so never changes.
    pub(crate) fixed: bool,
    /// The memory of `json`, held until it is written.
    pub(crate) holding: Option<Holding>,
}

/// Bytes with the memory they hold.
struct Held {
    bytes: Vec<u8>,
    _holding: Option<Holding>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[derive(Serialize)]
struct ErrorResponse<'e> {
    errors: &'e [ServerError],
}

impl QueryResponse {
    /// Writes a GraphQL response as JSON.
    ///
    /// # Errors
    ///
    /// The error of the JSON writer.
    pub(crate) fn new(response: Response, fixed: bool) -> serde_json::Result<Self> {
        let fixed = fixed && response.is_ok();
        let denied = response.data == Value::Null && response.errors.iter().any(is_denial);
        match not_executed(response) {
            Ok(response) => Ok(QueryResponse {
                json: serde_json::to_vec(&response)?,
                executed: true,
                fixed,
                denied,
                holding: None,
            }),
            Err(errors) => {
                let json = serde_json::to_vec(&ErrorResponse { errors: &errors })?;
                Ok(QueryResponse { json, executed: false, fixed, denied, holding: None })
            }
        }
    }

    /// The HTTP response to a request.
    pub(crate) fn into_http(self, form: Form, request: &RequestInfo) -> http::Response<Body> {
        let QueryResponse { json, executed, fixed, denied, holding } = self;
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, form.content_type());
        headers.insert(header::VARY, VARY);
        let caching = if fixed { IMMUTABLE } else { "no-store" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        let mut status = StatusCode::OK;
        if denied {
            status = StatusCode::FORBIDDEN;
        } else if !executed && form == Form::GraphQl {
            status = StatusCode::BAD_REQUEST;
        }
        let mut body = Bytes::from_owner(Held { bytes: json, _holding: holding });
        if fixed && let Some(tag) = etag(&body) {
            if request.is_get && matches_tag(&request.if_none_match, &tag) {
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

/// The caching of a fixed response. Entries never change, but other callers may read other parts.
const IMMUTABLE: &str = "private, max-age=31536000, immutable";

/// The parts of an HTTP request that decide the response's headers.
pub(crate) struct RequestInfo {
    pub(crate) is_get: bool,
    /// The tags of `If-None-Match`.
    pub(crate) if_none_match: Vec<HeaderValue>,
}

fn etag(body: &[u8]) -> Option<HeaderValue> {
    let digest = Sha256::digest(body);
    HeaderValue::try_from(format!("\"{}\"", hex(digest.get(..16)?))).ok()
}

fn matches_tag(known: &[HeaderValue], tag: &HeaderValue) -> bool {
    let tags = known.iter().filter_map(|value| value.to_str().ok());
    let mut tags = tags.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// Whether an error is a denial.
fn is_denial(error: &ServerError) -> bool {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    matches!(code, Some(Value::String(code)) if code.starts_with("FORBIDDEN"))
}

/// Separates a request that was not executed: none of its errors has a path.
fn not_executed(mut response: Response) -> Result<Response, Vec<ServerError>> {
    let refused = response.data == Value::Null
        && response.is_err()
        && response.errors.iter().all(|error| error.path.is_empty());
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", code(refused, &error.message));
            error.message.push_str(&scalar_example(&error.message).unwrap_or_default());
        }
    }
    if refused { Err(response.errors) } else { Ok(response) }
}

/// The code of an error from the library. Errors of our resolvers have codes.
fn code(refused: bool, message: &str) -> &'static str {
    // The library says this of arguments that pass validation but not their type, such as numbers
    // out of range.
    let of_input = ["Failed to parse \"", "Expected input type \""];
    if refused {
        "GRAPHQL_VALIDATION_FAILED"
    } else if of_input.iter().any(|begins| message.starts_with(begins)) {
        "BAD_USER_INPUT"
    } else {
        error!(%message, "a resolver's error has no code");
        "INTERNAL_SERVER_ERROR"
    }
}

/// An example of the scalar that an error message expected.
fn scalar_example(message: &str) -> Option<String> {
    let (_, expected) = message.rsplit_once("expected type \"")?;
    let example = scalars::example_of(expected.strip_suffix('"')?)?;
    Some(format!(": write it as a string, such as \"{example}\""))
}
