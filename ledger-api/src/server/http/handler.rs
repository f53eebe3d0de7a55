//! `/graphql`: the GraphQL over HTTP specification.
//!
//! A mutation must be a POST of JSON, which a page of another site cannot send without permission.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, Response, header};
use futures_util::StreamExt;
use ledger_core::domain::position::Position;

use super::caller;
use super::listener::ConnectionPermit;
use super::negotiate::{Form, is_json};
use super::refusal::Refusal;
use super::response::RequestInfo;
use crate::server::document::{GraphQlRequest, Kind, Operation};
use crate::server::{BODY_BYTES_MAX, Server};

/// The header by which an event stream resumes.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The time limit of reading a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A body that is too large is read and discarded up to this size: a client that is still writing
/// would not see the response.
const DISCARDED_BYTES_MAX: usize = 8 << 20;

/// Answers a request to `/graphql`.
pub(crate) async fn graphql(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    if request.headers().contains_key(header::UPGRADE) {
        return server.upgrade(request).unwrap_or_else(|refusal| refusal.answer(Form::Json));
    }
    let Some(form) = Form::negotiate(request.headers()) else {
        return Refusal::NotAcceptable.answer(Form::Json);
    };
    match answer(server, form, request).await {
        Ok(response) => response,
        Err(refusal) => refusal.answer(form),
    }
}

async fn answer(
    server: Arc<Server>,
    form: Form,
    request: Request,
) -> Result<Response<Body>, Refusal> {
    let caller = caller::of_request(&server.authenticator, request.headers())?;
    let info = RequestInfo {
        is_get: request.method() == Method::GET,
        if_none_match: request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect(),
    };
    let permit = ConnectionPermit::of(request.extensions());
    let headers = request.headers().clone();
    let request = read(request).await?;
    let ready = Arc::clone(server.ready.get().ok_or(Refusal::Opening)?);
    let operation = Operation::new(request)?;
    let kind = operation.kind;
    if info.is_get && kind == Kind::Mutation {
        return Err(Refusal::MutationByGet);
    }
    match (form, kind) {
        (Form::Events, _) => {
            let principal = Arc::clone(&caller.principal);
            let after = match kind {
                Kind::Subscription { .. } => last_event_id(&headers)?,
                Kind::Query { .. } | Kind::Mutation => None,
            };
            let events = server.events(&ready, operation, caller, after);
            Ok(server.event_stream(events, principal, permit))
        }
        (Form::Json | Form::GraphQl, Kind::Subscription { .. }) => Err(Refusal::SubscriptionByPost),
        (Form::Json | Form::GraphQl, Kind::Query { .. } | Kind::Mutation) => {
            let answer = server.execute(&ready, operation, caller).await?;
            Ok(answer.into_http(form, &info))
        }
    }
}

/// The event that a reconnecting client of an event stream received last.
fn last_event_id(headers: &HeaderMap) -> Result<Option<Position>, Refusal> {
    let Some(id) = headers.get(LAST_EVENT_ID) else { return Ok(None) };
    let text = id.to_str().unwrap_or_default().trim();
    if id.is_empty() {
        return Ok(None);
    }
    let position = text.parse().map_err(|_| {
        Refusal::Malformed(
            "Last-Event-ID is not the id of an event: send an id from this stream, or leave it out"
                .to_owned(),
        )
    })?;
    Ok(Some(Position::new(position)))
}

/// The parameters of a request, from its query string or body.
async fn read(request: Request) -> Result<GraphQlRequest, Refusal> {
    match *request.method() {
        Method::GET => Ok(GraphQlRequest::from_query(request.uri().query().unwrap_or_default())?),
        Method::POST => {
            let (parts, body) = request.into_parts();
            if !is_json(&parts.headers) {
                return Err(Refusal::MediaType);
            }
            let body = tokio::time::timeout(BODY_TIMEOUT, read_body(&parts.headers, body));
            Ok(GraphQlRequest::from_body(&body.await.map_err(|_| Refusal::Slow(BODY_TIMEOUT))??)?)
        }
        ref other => Err(Refusal::Method { method: other.to_string() }),
    }
}

async fn read_body(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refusal> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let announced: usize = announced.and_then(|length| length.parse().ok()).unwrap_or(0);
    if announced > DISCARDED_BYTES_MAX {
        return Err(Refusal::TooLarge(BODY_BYTES_MAX));
    }
    let mut read = Vec::with_capacity(announced.min(BODY_BYTES_MAX));
    let mut chunks = body.into_data_stream();
    let mut length = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| Refusal::Unread(error.to_string()))?;
        length = length.saturating_add(chunk.len());
        if length <= BODY_BYTES_MAX {
            read.extend_from_slice(&chunk);
        } else if length > DISCARDED_BYTES_MAX {
            break;
        }
    }
    if length > BODY_BYTES_MAX { Err(Refusal::TooLarge(BODY_BYTES_MAX)) } else { Ok(read) }
}
