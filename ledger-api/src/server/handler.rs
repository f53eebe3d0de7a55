//! `/graphql`: GraphQL over HTTP, as the specification of that name has it, and careful with it.
//!
//! What changes the book comes by POST as JSON, which a page of another site cannot send unasked.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response, header};
use futures_util::StreamExt;

use super::answer::Asked;
use super::document::{Kind, Operation};
use super::listener::Held;
use super::negotiate::{Form, is_json};
use super::refusal::Refusal;
use super::request::GraphQlRequest;
use super::{BODY_BYTES_MAX, Server, caller};

/// How long a body may take to come.
const BODY_MAX: Duration = Duration::from_secs(10);

/// A body that is too large is read to here all the same: a client that is still writing would
/// not see the answer.
const DISCARDED_BYTES_MAX: usize = 8 << 20;

/// Answers whatever comes to `/graphql`.
pub(super) async fn graphql(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
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
    let caller = caller::of_request(&server.entrance, request.headers())?;
    let asked = Asked {
        by_get: request.method() == Method::GET,
        known: request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect(),
    };
    let held = Held::by(request.extensions());
    let request = read(request).await?;
    let ready = Arc::clone(server.ready.get().ok_or(Refusal::Opening)?);
    let operation = Operation::new(request)?;
    let kind = operation.kind;
    if asked.by_get && kind == Kind::Mutation {
        return Err(Refusal::MutationByGet);
    }
    match (form, kind) {
        (Form::Events, _) => {
            let principal = Arc::clone(&caller.principal);
            let steps = server.steps(&ready, operation, caller);
            Ok(server.events(steps, principal, held))
        }
        (Form::Json | Form::GraphQl, Kind::Subscription { .. }) => Err(Refusal::SubscriptionByPost),
        (Form::Json | Form::GraphQl, Kind::Query { .. } | Kind::Mutation) => {
            let answer = server.execute(&ready, operation, caller).await?;
            Ok(answer.into_http(form, &asked))
        }
    }
}

/// The parameters of a request, wherever its method puts them.
async fn read(request: Request) -> Result<GraphQlRequest, Refusal> {
    match *request.method() {
        Method::GET => GraphQlRequest::from_query(request.uri().query().unwrap_or_default()),
        Method::POST => {
            let (parts, body) = request.into_parts();
            if !is_json(&parts.headers) {
                return Err(Refusal::MediaType);
            }
            let body = tokio::time::timeout(BODY_MAX, read_body(&parts.headers, body));
            GraphQlRequest::from_body(&body.await.map_err(|_| Refusal::Slow(BODY_MAX))??)
        }
        ref other => Err(Refusal::Method { method: other.to_string() }),
    }
}

async fn read_body(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refusal> {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let told: usize = told.and_then(|length| length.parse().ok()).unwrap_or(0);
    if told > DISCARDED_BYTES_MAX {
        return Err(Refusal::TooLarge(BODY_BYTES_MAX));
    }
    let mut read = Vec::with_capacity(told.min(BODY_BYTES_MAX));
    let mut pieces = body.into_data_stream();
    let mut length = 0_usize;
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| Refusal::Unread(error.to_string()))?;
        length = length.saturating_add(piece.len());
        if length <= BODY_BYTES_MAX {
            read.extend_from_slice(&piece);
        } else if length > DISCARDED_BYTES_MAX {
            break;
        }
    }
    if length > BODY_BYTES_MAX { Err(Refusal::TooLarge(BODY_BYTES_MAX)) } else { Ok(read) }
}
