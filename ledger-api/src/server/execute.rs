//! Execution: an operation against the schema, within its time, whatever its resolvers do.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use async_graphql::{Request, Response, Value};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use ledger_core::domain::text::ActorId;
use tracing::error;

use super::answer::Answer;
use super::document::{Kind, Operation};
use super::groups::Question;
use super::refusal::Refusal;
use super::step::Step;
use super::{Ready, Server};
use crate::graphql::{Caller, LedgerSchema, Now};

/// What it costs to begin a subscription.
const SUBSCRIBING: usize = 100;

/// What it costs to send a document that is not executed.
const REFUSED: usize = 20;

impl Server {
    /// Executes a query or a mutation.
    pub(super) async fn execute(
        &self,
        ready: &Ready,
        operation: Operation,
        caller: Caller,
    ) -> Result<Answer, Refusal> {
        let Operation { kind, request } = operation;
        let began = Instant::now();
        self.admit(&caller.principal.id)?;
        let now = Arc::new(Now::default());
        let (principal, asked) = (Arc::clone(&caller.principal), request.query.clone());
        self.entrance.reads(&principal, &asked);
        let request = request.data(caller).data(Arc::clone(&now));
        let execution = AssertUnwindSafe(ready.schema.execute(request)).catch_unwind();
        let executed = tokio::time::timeout(self.settings.timeout, execution).await;
        let response = executed.map_err(|_| match kind {
            Kind::Mutation => Refusal::MutationTimeout(self.settings.timeout),
            Kind::Query { .. } | Kind::Subscription { .. } => {
                Refusal::QueryTimeout(self.settings.timeout)
            }
        })?;
        let mut response = whole(response)?;
        let cost = cost(&mut response);
        if let Some(rates) = &self.rates {
            rates.take(&principal.id, cost, Instant::now());
        }
        let fixed = kind == (Kind::Query { book_alone: true }) && now.taken().is_none();
        let answer = answer(response, fixed)?;
        if answer.denied {
            self.entrance.denied(&principal, &asked);
        }
        self.metrics.operation(kind, began.elapsed(), answer.json.len());
        Ok(answer)
    }

    /// Whether somebody has not asked for too much already.
    fn admit(&self, who: &ActorId) -> Result<(), Refusal> {
        let Some(rates) = &self.rates else { return Ok(()) };
        rates.admit(who, Instant::now()).map_err(Refusal::RateLimited)
    }

    /// Executes any operation, step by step.
    pub(super) fn steps(
        self: &Arc<Self>,
        ready: &Arc<Ready>,
        operation: Operation,
        caller: Caller,
    ) -> BoxStream<'static, Step> {
        let (server, ready) = (Arc::clone(self), Arc::clone(ready));
        let Operation { kind, request } = operation;
        match kind {
            Kind::Query { .. } | Kind::Mutation => stream::once(async move {
                let operation = Operation { kind, request };
                match server.execute(&ready, operation, caller).await {
                    Ok(answer) => Step::next(answer),
                    Err(refusal) => Step::refused(&refusal),
                }
            })
            .boxed(),
            Kind::Subscription { state } => {
                if let Err(refusal) = self.admit(&caller.principal.id) {
                    return stream::once(std::future::ready(Step::refused(&refusal))).boxed();
                }
                if let Some(rates) = &self.rates {
                    rates.take(&caller.principal.id, SUBSCRIBING, Instant::now());
                }
                self.metrics.operation_begins(kind);
                self.entrance.reads(&caller.principal, &request.query);
                let question = state.then(|| Question::new(&request, &caller));
                let begin = || follow(&ready.schema, request.data(caller));
                match question {
                    Some(question) => self.groups.join(question, begin).boxed(),
                    None => begin(),
                }
            }
        }
    }
}

/// Follows a subscription. What refuses it is the last that is told.
fn follow(schema: &LedgerSchema, request: Request) -> BoxStream<'static, Step> {
    let responses = AssertUnwindSafe(schema.execute_stream(request)).catch_unwind();
    let steps =
        responses.map(|response| match whole(response).and_then(|one| answer(one, false)) {
            Ok(answer) => Step::next(answer),
            Err(refusal) => Step::refused(&refusal),
        });
    let until_refused = steps.scan(false, |refused, step| {
        let tell = !*refused;
        *refused = matches!(step, Step::Refused(_));
        std::future::ready(tell.then_some(step))
    });
    until_refused.boxed()
}

fn whole(response: std::thread::Result<Response>) -> Result<Response, Refusal> {
    response.map_err(|_| {
        error!("a resolver panicked");
        Refusal::Fault
    })
}

/// What an execution cost, as validation found it; this is not part of the answer.
fn cost(response: &mut Response) -> usize {
    let found = response.extensions.remove("analyzer");
    let Some(Value::Object(found)) = found else { return REFUSED };
    let Some(Value::Number(cost)) = found.get("complexity") else { return REFUSED };
    cost.as_u64().and_then(|cost| usize::try_from(cost).ok()).unwrap_or(REFUSED).max(1)
}

fn answer(response: Response, fixed: bool) -> Result<Answer, Refusal> {
    Answer::new(response, fixed).map_err(|cause| {
        error!(%cause, "an answer cannot be written as JSON");
        Refusal::Fault
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
    use axum::http::StatusCode;

    use super::*;
    use crate::server::negotiate::Form;

    struct Broken;

    #[Object]
    impl Broken {
        async fn panics(&self) -> Option<i32> {
            let nothing: Option<i32> = "".parse().ok();
            Some(nothing.expect("a resolver may be wrong"))
        }
    }

    #[tokio::test]
    async fn a_resolver_that_panics_is_a_fault_with_an_answer() {
        let schema = Schema::new(Broken, EmptyMutation, EmptySubscription);
        let execution = AssertUnwindSafe(schema.execute("{ panics }")).catch_unwind().await;
        let refusal = whole(execution).unwrap_err();
        let response = refusal.answer(Form::Json);
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    }
}
