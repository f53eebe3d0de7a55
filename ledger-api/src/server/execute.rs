//! Execution of an operation against the schema, within its time limit. A panic in a resolver is a
//! fault of that request only.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::{Request, Response, Value};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use ledger_core::domain::position::Position;
use ledger_core::domain::text::ActorId;
use tokio::task::JoinHandle;
use tracing::error;

use crate::access::identity::principal::Principal;
use crate::graphql::kit::work::wait;
use crate::graphql::{Caller, EndOnDrop, EventIds, LedgerSchema, Now, Readers, Work};
use crate::server::document::{Kind, Operation};
use crate::server::http::refusal::Refusal;
use crate::server::http::response::QueryResponse;
use crate::server::live::groups::SubscriptionKey;
use crate::server::live::stream_event::StreamEvent;
use crate::server::shares::Holding;
use crate::server::{OpenBook, Server};

/// The cost charged for a subscription.
const SUBSCRIPTION_COST: usize = 100;

/// The cost charged for a millisecond of a request that is stopped.
const STOPPED_COST_A_MILLI: usize = 50;

/// The bytes of a request that cost one unit.
const TEXT_BYTES_A_UNIT: usize = 16;

/// The bytes of an answer that cost one unit.
const SENT_BYTES_A_UNIT: usize = 256;

/// The cost charged for a document that is not executed.
const REFUSED_COST: usize = 20;

impl Server {
    /// Executes a query or a mutation, and charges its cost. It ends when its time is over or its
    /// answer is no longer awaited.
    pub(crate) async fn execute(
        self: &Arc<Self>,
        ready: &Arc<OpenBook>,
        operation: Operation,
        caller: Caller,
    ) -> Result<QueryResponse, Refusal> {
        let Operation { kind, request, is_long, holding } = operation;
        let began = Instant::now();
        let (principal, query) = (Arc::clone(&caller.principal), request.query.clone());
        self.authenticator.record_read(&principal, &query);
        let work = Work::of_request(self.settings.limits.complexity, self.readers(&principal.id));
        let work = Arc::new(work);
        let charged = Charged {
            server: Arc::clone(self),
            principal: Arc::clone(&principal),
            _document: holding,
        };
        let execution = run(Arc::clone(ready), kind, request, caller, Arc::clone(&work), charged);
        let ends = EndOnDrop(work);
        let execution = async {
            // A posting of usual length is decided at once, whatever questions wait for their turn.
            if kind == Kind::Mutation && !is_long {
                execution.await
            } else {
                self.in_turn(&principal.id, execution).await?
            }
        };
        let executed = tokio::time::timeout(self.settings.timeout, execution).await;
        drop(ends);
        let mut response = executed.map_err(|_| match kind {
            Kind::Mutation => Refusal::MutationTimeout(self.settings.timeout),
            Kind::Query { .. } | Kind::Subscription { .. } => {
                Refusal::QueryTimeout(self.settings.timeout)
            }
        })??;
        let mut holding = self.answers.holding(&principal.id, None);
        holding.grow(response.json.len())?;
        response.holding = Some(holding);
        if response.denied {
            self.authenticator.record_denial(&principal, &query);
        }
        self.metrics.operation(kind, began.elapsed(), response.json.len());
        Ok(response)
    }

    /// Runs a question on the threads of questions, once the caller has a turn. The turn lasts until the
    /// question has stopped, even if its answer is no longer awaited.
    async fn in_turn<T: Send + 'static>(
        &self,
        who: &ActorId,
        question: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.executing.of(who).acquire_owned().await;
        let task = self.readers.spawn(async move {
            let answer = question.await;
            drop(turn);
            answer
        });
        let mut turn = Turn(task);
        (&mut turn.0).await.map_err(|error| {
            error!(%error, "a question was interrupted");
            Refusal::Fault
        })
    }

    /// Where a caller's scans run.
    pub(crate) fn readers(&self, who: &ActorId) -> Readers {
        Readers { runtime: self.readers.clone(), permits: self.scans.of(who) }
    }

    /// Checks the caller's rate limit, before anything of a request is read.
    pub(crate) fn admit(&self, who: &ActorId) -> Result<(), Refusal> {
        let Some(rates) = &self.rates else { return Ok(()) };
        rates.admit(who, Instant::now()).map_err(Refusal::RateLimited)
    }

    /// Charges a cost, and returns how long the caller owes.
    pub(crate) fn charge(&self, who: &ActorId, cost: usize) -> Duration {
        let Some(rates) = &self.rates else { return Duration::ZERO };
        let now = Instant::now();
        rates.charge(who, cost, now);
        rates.admit(who, now).err().unwrap_or_default()
    }

    /// Charges for the text of a request, before it is read.
    pub(crate) fn charge_text(&self, who: &ActorId, bytes: usize) {
        self.charge(who, bytes / TEXT_BYTES_A_UNIT);
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
        let Operation { kind, request, is_long, holding } = operation;
        match kind {
            Kind::Query { .. } | Kind::Mutation => stream::once(async move {
                let operation = Operation { kind, request, is_long, holding };
                // Operations of a socket are begun together, and each pays before the next is executed.
                let admitted = server.admit(&caller.principal.id);
                let executed = match admitted {
                    Ok(()) => server.execute(&ready, operation, caller).await,
                    Err(refusal) => Err(refusal),
                };
                match executed {
                    Ok(response) => StreamEvent::next(response, None),
                    Err(refusal) => StreamEvent::refused(&refusal),
                }
            })
            .boxed(),
            Kind::Subscription { state } => {
                self.charge(&caller.principal.id, SUBSCRIPTION_COST);
                self.metrics.operation_starts(kind);
                self.authenticator.record_read(&caller.principal, &request.query);
                let key = state.then(|| SubscriptionKey::new(&request, &caller, after));
                let who = caller.principal.id.clone();
                let pays = Arc::downgrade(self);
                let toll = move |cost| {
                    pays.upgrade().map_or(Duration::ZERO, |server| server.charge(&who, cost))
                };
                let readers = self.readers(&caller.principal.id);
                let work = Work::of_subscription(readers, Box::new(toll.clone()));
                let request = request.data(caller).data(Arc::new(work));
                // A member of a group that is under way needs no document of its own.
                let start = move || {
                    let events = follow(&ready.schema, request, after);
                    events.inspect(move |_| _ = &holding).boxed()
                };
                let events = match key {
                    Some(key) => self.groups.join(key, start).boxed(),
                    None => start(),
                };
                let paid = events.then(move |event| {
                    let owed = toll(event.response().len() / SENT_BYTES_A_UNIT);
                    wait(owed).map(|()| event)
                });
                paid.boxed()
            }
        }
    }
}

/// A question under way, which is stopped when its answer is no longer awaited.
struct Turn<T>(JoinHandle<T>);

impl<T> Drop for Turn<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Who pays for a request.
struct Charged {
    server: Arc<Server>,
    principal: Arc<Principal>,
    /// The memory of the document, held until the request ends.
    _document: Option<Holding>,
}

/// Executes a query or a mutation, and charges its cost.
async fn run(
    ready: Arc<OpenBook>,
    kind: Kind,
    request: Request,
    caller: Caller,
    work: Arc<Work>,
    charged: Charged,
) -> Result<QueryResponse, Refusal> {
    let now = Arc::new(Now::default());
    let request = request.data(caller).data(Arc::clone(&now)).data(Arc::clone(&work));
    let mut pays = PayOnDrop { charged, work, began: Instant::now(), cost: None };
    let executed = AssertUnwindSafe(ready.schema.execute(request)).catch_unwind().await;
    let mut response = caught(executed)?;
    let cost = cost(&mut response);
    pays.cost = Some(cost);
    let fixed = kind == (Kind::Query { book_alone: true }) && now.taken().is_none();
    let response = to_response(response, fixed)?;
    pays.cost = Some(cost.saturating_add(response.json.len() / SENT_BYTES_A_UNIT));
    Ok(response)
}

/// Charges a request when it ends, also one that is stopped.
struct PayOnDrop {
    charged: Charged,
    work: Arc<Work>,
    began: Instant,
    /// None until it is executed.
    cost: Option<usize>,
}

impl Drop for PayOnDrop {
    fn drop(&mut self) {
        let stopped = || {
            let millis = usize::try_from(self.began.elapsed().as_millis()).unwrap_or(usize::MAX);
            REFUSED_COST.saturating_add(millis.saturating_mul(STOPPED_COST_A_MILLI))
        };
        let cost = self.cost.unwrap_or_else(stopped).saturating_add(self.work.take_cost());
        self.charged.server.charge(&self.charged.principal.id, cost);
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
