//! Execution of an operation against the schema, within its time limit. A panic in a resolver is a
//! fault of that request only.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use async_graphql::{Request, Response, Value};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use ledger_core::domain::position::Position;
use ledger_core::domain::text::ActorId;
use tracing::error;

use crate::graphql::{Caller, EventIds, LedgerSchema, Now};
use crate::server::document::{Kind, Operation};
use crate::server::http::refusal::Refusal;
use crate::server::http::response::QueryResponse;
use crate::server::live::groups::SubscriptionKey;
use crate::server::live::stream_event::StreamEvent;
use crate::server::{OpenBook, Server};

/// The cost charged for a subscription.
const SUBSCRIPTION_COST: usize = 100;

/// The cost charged for a document that is not executed.
const REFUSED_COST: usize = 20;

impl Server {
    /// Executes a query or a mutation.
    pub(crate) async fn execute(
        &self,
        ready: &OpenBook,
        operation: Operation,
        caller: Caller,
    ) -> Result<QueryResponse, Refusal> {
        let Operation { kind, request } = operation;
        let began = Instant::now();
        self.admit(&caller.principal.id)?;
        let now = Arc::new(Now::default());
        let (principal, query) = (Arc::clone(&caller.principal), request.query.clone());
        self.authenticator.record_read(&principal, &query);
        let request = request.data(caller).data(Arc::clone(&now));
        let execution = AssertUnwindSafe(ready.schema.execute(request)).catch_unwind();
        let executed = tokio::time::timeout(self.settings.timeout, execution).await;
        let response = executed.map_err(|_| match kind {
            Kind::Mutation => Refusal::MutationTimeout(self.settings.timeout),
            Kind::Query { .. } | Kind::Subscription { .. } => {
                Refusal::QueryTimeout(self.settings.timeout)
            }
        })?;
        let mut response = caught(response)?;
        let cost = cost(&mut response);
        if let Some(rates) = &self.rates {
            rates.charge(&principal.id, cost, Instant::now());
        }
        let fixed = kind == (Kind::Query { book_alone: true }) && now.taken().is_none();
        let response = to_response(response, fixed)?;
        if response.denied {
            self.authenticator.record_denial(&principal, &query);
        }
        self.metrics.operation(kind, began.elapsed(), response.json.len());
        Ok(response)
    }

    /// Checks the caller's rate limit.
    pub(crate) fn admit(&self, who: &ActorId) -> Result<(), Refusal> {
        let Some(rates) = &self.rates else { return Ok(()) };
        rates.admit(who, Instant::now()).map_err(Refusal::RateLimited)
    }

    /// Executes any operation as a stream of events. A subscription continues after `after`.
    pub(crate) fn events(
        self: &Arc<Self>,
        ready: &Arc<OpenBook>,
        operation: Operation,
        caller: Caller,
        after: Option<Position>,
    ) -> BoxStream<'static, StreamEvent> {
        let (server, ready) = (Arc::clone(self), Arc::clone(ready));
        let Operation { kind, request } = operation;
        match kind {
            Kind::Query { .. } | Kind::Mutation => stream::once(async move {
                let operation = Operation { kind, request };
                match server.execute(&ready, operation, caller).await {
                    Ok(response) => StreamEvent::next(response, None),
                    Err(refusal) => StreamEvent::refused(&refusal),
                }
            })
            .boxed(),
            Kind::Subscription { state } => {
                if let Err(refusal) = self.admit(&caller.principal.id) {
                    return stream::once(std::future::ready(StreamEvent::refused(&refusal)))
                        .boxed();
                }
                if let Some(rates) = &self.rates {
                    rates.charge(&caller.principal.id, SUBSCRIPTION_COST, Instant::now());
                }
                self.metrics.operation_starts(kind);
                self.authenticator.record_read(&caller.principal, &request.query);
                let key = state.then(|| SubscriptionKey::new(&request, &caller, after));
                let start = || follow(&ready.schema, request.data(caller), after);
                match key {
                    Some(key) => self.groups.join(key, start).boxed(),
                    None => start(),
                }
            }
        }
    }
}

/// The events of a subscription. A refusal ends the stream.
fn follow(
    schema: &LedgerSchema,
    request: Request,
    after: Option<Position>,
) -> BoxStream<'static, StreamEvent> {
    let ids = Arc::new(EventIds::after(after));
    let request = request.data(Arc::clone(&ids));
    let responses = AssertUnwindSafe(schema.execute_stream(request)).catch_unwind();
    let events = responses.map(move |response| {
        match caught(response).and_then(|one| to_response(one, false)) {
            Ok(response) => StreamEvent::next(response, ids.take()),
            Err(refusal) => StreamEvent::refused(&refusal),
        }
    });
    let until_refused = events.scan(false, |refused, event| {
        let passes = !*refused;
        *refused = matches!(event, StreamEvent::Refused(_));
        std::future::ready(passes.then_some(event))
    });
    until_refused.boxed()
}

fn caught(response: std::thread::Result<Response>) -> Result<Response, Refusal> {
    response.map_err(|_| {
        error!("a resolver panicked");
        Refusal::Fault
    })
}

/// The cost that validation found. It is removed from the response.
fn cost(response: &mut Response) -> usize {
    let found = response.extensions.remove("analyzer");
    let Some(Value::Object(found)) = found else { return REFUSED_COST };
    let Some(Value::Number(cost)) = found.get("complexity") else { return REFUSED_COST };
    cost.as_u64().and_then(|cost| usize::try_from(cost).ok()).unwrap_or(REFUSED_COST).max(1)
}

fn to_response(response: Response, fixed: bool) -> Result<QueryResponse, Refusal> {
    QueryResponse::new(response, fixed).map_err(|cause| {
        error!(%cause, "a response cannot be written as JSON");
        Refusal::Fault
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
    use axum::http::StatusCode;

    use super::*;
    use crate::server::http::negotiate::Form;

    struct Broken;

    #[Object]
    impl Broken {
        async fn panics(&self) -> Option<i32> {
            let nothing: Option<i32> = "".parse().ok();
            Some(nothing.expect("a fault in a resolver"))
        }
    }

    #[tokio::test]
    async fn a_panic_in_a_resolver_is_answered_as_a_fault() {
        let schema = Schema::new(Broken, EmptyMutation, EmptySubscription);
        let execution = AssertUnwindSafe(schema.execute("{ panics }")).catch_unwind().await;
        let refusal = caught(execution).unwrap_err();
        let response = refusal.answer(Form::Json);
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    }
}
