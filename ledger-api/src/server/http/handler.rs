//! `/graphql`: the GraphQL over HTTP specification.
//!
//! A mutation must be a POST of JSON, which a page of another site cannot send without permission.

use std::future::ready;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, Response, header};
use futures_util::StreamExt;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::ActorId;

use super::address::ClientAddress;
use super::caller;
use super::listener::ConnectionPermit;
use super::negotiate::{Form, is_json};
use super::refusal::Refusal;
use super::response::RequestInfo;
use crate::graphql::Readers;
use crate::server::document::{GraphQlRequest, Kind, Operation};
use crate::server::shares::Holding;
use crate::server::{BODY_BYTES_MAX, Server};

/// The header by which an event stream resumes.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The time limit of reading a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A body that is too large is read and discarded up to this size: a client that is still writing
/// would not see the response.
const DISCARDED_BYTES_MAX: usize = 8 << 20;

/// The time limit of discarding the rest of a body that is refused while it arrives.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(1);

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
    let who = &caller.principal.id;
    server.admit(who)?;
    // The memory of the request is held until its answer is made.
    let address = ClientAddress::of(request.extensions());
    let mut holding = server.bodies.holding(who, address);
    let text = read(request, &mut holding).await?;
    let ready = Arc::clone(server.ready.get().ok_or(Refusal::Opening)?);
    let operation = server.parse(who, address, text).await?;
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

/// The text of a request: its query string, or its body.
enum Text {
    Query(String),
    Body(Vec<u8>),
}

impl Text {
    fn len(&self) -> usize {
        match self {
            Text::Query(text) => text.len(),
            Text::Body(text) => text.len(),
        }
    }

    fn request(self) -> Result<GraphQlRequest, Refusal> {
        Ok(match self {
            Text::Query(text) => GraphQlRequest::from_query(&text)?,
            Text::Body(text) => GraphQlRequest::from_body(&text)?,
        })
    }
}

/// The longest text that is parsed at once. A longer one waits for a turn.
const SHORT_BYTES: usize = 16 << 10;

/// The memory of a token of a parsed document, in bytes.
const TOKEN_BYTES: usize = 650;

/// The memory of a byte of variables, in bytes.
const VARIABLE_BYTES: usize = 8;

impl Server {
    /// Charges for a text, and parses it.
    async fn parse(
        self: &Arc<Self>,
        who: &ActorId,
        address: Option<IpAddr>,
        text: Text,
    ) -> Result<Operation, Refusal> {
        let bytes = text.len();
        self.charge_text(who, bytes);
        if bytes <= SHORT_BYTES {
            return self.hold(who, address, text.request()?, bytes);
        }
        let Readers { runtime, permits } = self.readers(who);
        let turn = permits.acquire_owned().await;
        let (server, who) = (Arc::clone(self), who.clone());
        let parsed = runtime.spawn_blocking(move || {
            let request = text.request();
            let parsed = request.and_then(|request| server.hold(&who, address, request, bytes));
            drop((turn, server));
            parsed
        });
        let parsed = parsed.await.map_err(|_| Refusal::Fault)??;
        Ok(Operation { is_long: true, ..parsed })
    }

    /// Parses a request of `bytes`, if the caller may hold its document beside those under way.
    pub(crate) fn hold(
        self: &Arc<Self>,
        who: &ActorId,
        address: Option<IpAddr>,
        request: GraphQlRequest,
        bytes: usize,
    ) -> Result<Operation, Refusal> {
        let memory = request.tokens()?.saturating_mul(TOKEN_BYTES);
        let mut holding = self.documents.holding(who, address);
        holding.grow(memory.saturating_add(bytes.saturating_mul(VARIABLE_BYTES)))?;
        Ok(Operation { holding: Some(holding), ..Operation::new(request)? })
    }
}

/// Reads the text of a request. Its memory grows with what has arrived.
async fn read(request: Request, holding: &mut Holding) -> Result<Text, Refusal> {
    match *request.method() {
        Method::GET => {
            let query = request.uri().query().unwrap_or_default();
            holding.grow(query.len())?;
            Ok(Text::Query(query.to_owned()))
        }
        Method::POST => {
            let (parts, body) = request.into_parts();
            if !is_json(&parts.headers) {
                return Err(Refusal::MediaType);
            }
            let body = read_body(&parts.headers, body, holding);
            let body = tokio::time::timeout(BODY_TIMEOUT, body).await;
            Ok(Text::Body(body.map_err(|_| Refusal::Slow(BODY_TIMEOUT))??))
        }
        ref other => Err(Refusal::Method { method: other.to_string() }),
    }
}

async fn read_body(
    headers: &HeaderMap,
    body: Body,
    holding: &mut Holding,
) -> Result<Vec<u8>, Refusal> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let announced: usize = announced.and_then(|length| length.parse().ok()).unwrap_or(0);
    if announced > DISCARDED_BYTES_MAX {
        return Err(Refusal::TooLarge(BODY_BYTES_MAX));
    }
    let mut read = Vec::new();
    let mut chunks = body.into_data_stream();
    let mut length = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| Refusal::Unread(error.to_string()))?;
        length = length.saturating_add(chunk.len());
        if length <= BODY_BYTES_MAX {
            if let Err(refusal) = holding.grow(length) {
                holding.release();
                drop(read);
                let rest = chunks.take(DISCARDED_BYTES_MAX / chunk.len().max(1));
                drop(tokio::time::timeout(DISCARD_TIMEOUT, rest.for_each(|_| ready(()))).await);
                return Err(refusal);
            }
            read.extend_from_slice(&chunk);
        } else if length > DISCARDED_BYTES_MAX {
            break;
        }
    }
    if length > BODY_BYTES_MAX { Err(Refusal::TooLarge(BODY_BYTES_MAX)) } else { Ok(read) }
}
