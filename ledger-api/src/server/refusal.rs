//! Refusals of the transport: each with its status, its code, and what to do.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

use super::document::DocumentError;
use super::negotiate::Form;
use crate::access::gate::Denied;
use crate::access::sign_in::Refused;

/// Why a request was not executed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("this server is not reached as {0}: use localhost, or start it with --host {0}")]
    Misdirected(String),
    #[error("pages of {0} may not open sockets here: start the server with --origin {0}")]
    ForeignOrigin(String),
    #[error(transparent)]
    SignIn(#[from] Refused),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("the book is being opened: ask again in a moment")]
    Opening,
    #[error(
        "the answer can be application/graphql-response+json, application/json or text/event-stream: accept one of them"
    )]
    NotAcceptable,
    #[error("{method} is not understood here: use POST, or GET for queries")]
    Method { method: String },
    #[error("a mutation changes the book, and GET may not: use POST")]
    MutationByGet,
    #[error("the body must be application/json in UTF-8")]
    MediaType,
    #[error("the body is over {0} bytes: send less at a time")]
    TooLarge(usize),
    #[error("the body did not come within {} seconds", .0.as_secs())]
    Slow(Duration),
    #[error("the body could not be read: {0}")]
    Unread(String),
    #[error("{0}")]
    Malformed(String),
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error(
        "a subscription is a stream: ask for text/event-stream, or use graphql-transport-ws on the same path"
    )]
    SubscriptionByPost,
    #[error("{0} operations are under way on this socket: complete one, or open another socket")]
    TooManyOperations(usize),
    #[error("you have asked for more than your share: ask again in {} seconds", seconds(*.0))]
    RateLimited(Duration),
    #[error("this took longer than {} seconds and was given up: ask for less", .0.as_secs())]
    QueryTimeout(Duration),
    #[error(
        "this took longer than {} seconds, and it is not known whether it was posted: post it again with the same key, and it is posted once",
        .0.as_secs()
    )]
    MutationTimeout(Duration),
    #[error(
        "something went wrong that is not your mistake: the log has it under this request's id"
    )]
    Fault,
}

/// A wait in whole seconds, at least one.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

impl Refusal {
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Refusal::Misdirected(_) => StatusCode::MISDIRECTED_REQUEST,
            Refusal::ForeignOrigin(_) | Refusal::Denied(_) => StatusCode::FORBIDDEN,
            Refusal::SignIn(_) => StatusCode::UNAUTHORIZED,
            Refusal::Opening => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::NotAcceptable | Refusal::SubscriptionByPost => StatusCode::NOT_ACCEPTABLE,
            Refusal::Method { .. } | Refusal::MutationByGet => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Slow(_) => StatusCode::REQUEST_TIMEOUT,
            Refusal::Unread(_) | Refusal::Malformed(_) | Refusal::Document(_) => {
                StatusCode::BAD_REQUEST
            }
            Refusal::TooManyOperations(_) | Refusal::RateLimited(_) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Refusal::QueryTimeout(_) | Refusal::MutationTimeout(_) => StatusCode::GATEWAY_TIMEOUT,
            Refusal::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The refusal's stable name, for programs.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Refusal::Misdirected(_) => "MISDIRECTED",
            Refusal::ForeignOrigin(_) => "FOREIGN_ORIGIN",
            Refusal::SignIn(refused) => refused.code(),
            Refusal::Denied(denied) => denied.code(),
            Refusal::Opening => "OPENING",
            Refusal::NotAcceptable => "NOT_ACCEPTABLE",
            Refusal::Method { .. } | Refusal::MutationByGet => "METHOD_NOT_ALLOWED",
            Refusal::MediaType => "UNSUPPORTED_MEDIA_TYPE",
            Refusal::TooLarge(_) => "PAYLOAD_TOO_LARGE",
            Refusal::Slow(_) => "REQUEST_TIMEOUT",
            Refusal::Unread(_) | Refusal::Malformed(_) => "BAD_REQUEST",
            Refusal::Document(error) => error.code(),
            Refusal::SubscriptionByPost => "SUBSCRIPTION_NEEDS_A_STREAM",
            Refusal::TooManyOperations(_) => "TOO_MANY_OPERATIONS",
            Refusal::RateLimited(_) => "RATE_LIMITED",
            Refusal::QueryTimeout(_) => "TIMEOUT",
            Refusal::MutationTimeout(_) => "OUTCOME_UNKNOWN",
            Refusal::Fault => "INTERNAL_SERVER_ERROR",
        }
    }

    /// The refusal as GraphQL errors.
    pub(super) fn errors(&self) -> serde_json::Value {
        let (message, code) = (self.to_string(), self.code());
        let mut error = json!({ "message": message, "extensions": { "code": code } });
        if let (Refusal::Document(DocumentError::Syntax(syntax)), Some(error)) =
            (self, error.as_object_mut())
        {
            error.insert("locations".to_owned(), json!(syntax.locations));
        }
        json!([error])
    }

    /// The refusal as an answer. What is wrong with a document is answered with 200 to clients
    /// that want plain JSON: to them, other statuses mean that no GraphQL server was reached.
    pub(super) fn answer(&self, form: Form) -> Response<Body> {
        let well_formed = matches!(self, Refusal::Document(_)) && form == Form::Json;
        let status = if well_formed { StatusCode::OK } else { self.status() };
        let body = json!({ "errors": self.errors() }).to_string();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, form.content_type());
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let more = match self.status() {
            StatusCode::METHOD_NOT_ALLOWED => {
                let allowed =
                    if matches!(self, Refusal::MutationByGet) { "POST" } else { "GET, POST" };
                Some((header::ALLOW, allowed))
            }
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
            StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, "1")),
            // The rest of the body is not read, so nothing more can follow on this connection.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
                Some((header::CONNECTION, "close"))
            }
            _ => None,
        };
        if let Refusal::RateLimited(wait) = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds(*wait)));
        }
        if let Some((name, value)) = more {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}
