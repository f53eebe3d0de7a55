//! Refusals of the transport, each with its status, code and message.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

use super::negotiate::Form;
use crate::access::gate::Denied;
use crate::access::sign_in::Refused;
use crate::server::document::{DocumentError, MalformedRequest};

/// Why a request is not executed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("this server does not answer as {0}: use localhost, or start it with --host {0}")]
    Misdirected(String),
    #[error("pages of {0} may not open sockets here: start the server with --origin {0}")]
    ForeignOrigin(String),
    #[error(transparent)]
    SignIn(#[from] Refused),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("the book is being opened: try again in a moment")]
    Opening,
    #[error(
        "this server answers in application/graphql-response+json, application/json or text/event-stream: accept one of them"
    )]
    NotAcceptable,
    #[error("{method} is not supported here: use POST, or GET for queries")]
    Method { method: String },
    #[error("{method} is not understood here: POST lines of JSON, a posting each")]
    UploadMethod { method: String },
    #[error("the body must be application/jsonl: a posting a line")]
    UploadMediaType,
    #[error("a mutation changes the book, so it cannot be sent by GET: use POST")]
    MutationByGet,
    #[error("the body must be application/json in UTF-8: set Content-Type to application/json")]
    MediaType,
    #[error("the body is longer than {0} bytes: send less at a time")]
    TooLarge(usize),
    #[error("the body took longer than {} seconds: send it again", .0.as_secs())]
    Slow(Duration),
    #[error("the body could not be read ({0}): send it again")]
    Unread(String),
    #[error("{0}")]
    Malformed(String),
    #[error(transparent)]
    Request(#[from] MalformedRequest),
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error(
        "a subscription is a stream: accept text/event-stream, or use graphql-transport-ws on the same path"
    )]
    SubscriptionByPost,
    #[error("this socket already has {0} active operations: complete one, or open another socket")]
    TooManyOperations(usize),
    #[error(
        "your requests and answers under way take all that one caller may hold: wait until some have ended"
    )]
    TooMuchAtOnce,
    #[error("the server is busy: try again in a moment")]
    Busy,
    #[error("you have used your share of the server: try again in {} seconds", seconds(*.0))]
    RateLimited(Duration),
    #[error("this took longer than {} seconds and was stopped: ask for less", .0.as_secs())]
    QueryTimeout(Duration),
    #[error(
        "this took longer than {} seconds, and may or may not have been posted: post it again with the same key, and it is posted only once",
        .0.as_secs()
    )]
    MutationTimeout(Duration),
    #[error("the server failed: ask its operator to look up this request's id in the log")]
    Fault,
}

/// The request headers that a response of `/graphql` depends on.
pub(crate) const VARY: HeaderValue = HeaderValue::from_static("accept, authorization");

/// A wait in whole seconds, rounded up, at least one.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

impl Refusal {
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Refusal::Misdirected(_) => StatusCode::MISDIRECTED_REQUEST,
            Refusal::ForeignOrigin(_) | Refusal::Denied(_) => StatusCode::FORBIDDEN,
            Refusal::SignIn(_) => StatusCode::UNAUTHORIZED,
            Refusal::Opening | Refusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::NotAcceptable | Refusal::SubscriptionByPost => StatusCode::NOT_ACCEPTABLE,
            Refusal::Method { .. } | Refusal::UploadMethod { .. } | Refusal::MutationByGet => {
                StatusCode::METHOD_NOT_ALLOWED
            }
            Refusal::MediaType | Refusal::UploadMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Slow(_) => StatusCode::REQUEST_TIMEOUT,
            Refusal::Unread(_)
            | Refusal::Malformed(_)
            | Refusal::Request(_)
            | Refusal::Document(_) => StatusCode::BAD_REQUEST,
            Refusal::TooManyOperations(_) | Refusal::TooMuchAtOnce | Refusal::RateLimited(_) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Refusal::QueryTimeout(_) | Refusal::MutationTimeout(_) => StatusCode::GATEWAY_TIMEOUT,
            Refusal::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The refusal's stable code, for programs.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Refusal::Misdirected(_) => "MISDIRECTED",
            Refusal::ForeignOrigin(_) => "FOREIGN_ORIGIN",
            Refusal::SignIn(refused) => refused.code(),
            Refusal::Denied(denied) => denied.code(),
            Refusal::Opening => "OPENING",
            Refusal::NotAcceptable => "NOT_ACCEPTABLE",
            Refusal::Method { .. } | Refusal::UploadMethod { .. } | Refusal::MutationByGet => {
                "METHOD_NOT_ALLOWED"
            }
            Refusal::MediaType | Refusal::UploadMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Refusal::TooLarge(_) => "PAYLOAD_TOO_LARGE",
            Refusal::Slow(_) => "REQUEST_TIMEOUT",
            Refusal::Unread(_) | Refusal::Malformed(_) | Refusal::Request(_) => "BAD_REQUEST",
            Refusal::Document(error) => error.code(),
            Refusal::SubscriptionByPost => "SUBSCRIPTION_NEEDS_A_STREAM",
            Refusal::TooManyOperations(_) => "TOO_MANY_OPERATIONS",
            Refusal::TooMuchAtOnce => "TOO_MUCH_AT_ONCE",
            Refusal::Busy => "BUSY",
            Refusal::RateLimited(_) => "RATE_LIMITED",
            Refusal::QueryTimeout(_) => "TIMEOUT",
            Refusal::MutationTimeout(_) => "OUTCOME_UNKNOWN",
            Refusal::Fault => "INTERNAL_SERVER_ERROR",
        }
    }

    /// The refusal as GraphQL errors.
    pub(crate) fn errors(&self) -> serde_json::Value {
        let (message, code) = (self.to_string(), self.code());
        let mut error = json!({ "message": message, "extensions": { "code": code } });
        if let (Refusal::Document(DocumentError::Syntax(syntax)), Some(error)) =
            (self, error.as_object_mut())
        {
            error.insert("locations".to_owned(), json!(syntax.locations));
        }
        json!([error])
    }

    /// The refusal as an HTTP response. A document error gets 200 in plain JSON: older clients take
    /// any other status as no GraphQL server.
    pub(crate) fn answer(&self, form: Form) -> Response<Body> {
        let well_formed = matches!(self, Refusal::Document(_)) && form == Form::Json;
        let status = if well_formed { StatusCode::OK } else { self.status() };
        let body = json!({ "errors": self.errors() }).to_string();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, form.content_type());
        headers.insert(header::VARY, VARY);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let more = match self.status() {
            StatusCode::METHOD_NOT_ALLOWED => {
                let allowed =
                    if matches!(self, Refusal::Method { .. }) { "GET, POST" } else { "POST" };
                Some((header::ALLOW, allowed))
            }
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
            StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, "1")),
            // The rest of the body is unread, so the connection cannot be reused.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
                Some((header::CONNECTION, "close"))
            }
            _ => None,
        };
        if let Refusal::RateLimited(wait) = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds(*wait)));
        }
        if matches!(self, Refusal::TooMuchAtOnce | Refusal::Busy) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            // The rest of the body may be unread.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some((name, value)) = more {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}
