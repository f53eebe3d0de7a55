//! Server-sent events: graphql-sse in distinct connections mode, one operation a connection.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

use super::listener::Held;
use super::step::Step;
use super::{Server, stopped};

/// How often a line is written that says nothing, so that a client that has gone is noticed.
const HEARTBEAT: Duration = Duration::from_secs(12);

impl Server {
    /// Tells the steps of an operation as events, and that it is complete. A server that stops
    /// ends the stream without saying so: the operation is not complete, and clients try again.
    pub(super) fn events(
        self: Arc<Self>,
        steps: BoxStream<'static, Step>,
        held: Held,
    ) -> Response<Body> {
        let counted = Counted::new(&self, held);
        let told = steps.map(move |step| {
            counted.server.metrics.frames.inc();
            Event::default().event("next").data(step.response().as_str())
        });
        let complete = std::future::ready(Event::default().event("complete").data(""));
        let mut stopping = self.stopping.subscribe();
        let stopped = async move { stopped(&mut stopping).await };
        let events = told.chain(stream::once(complete)).take_until(stopped);
        let mut response = Sse::new(events.map(Ok::<_, Infallible>))
            .keep_alive(KeepAlive::new().interval(HEARTBEAT))
            .into_response();
        let no_store = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, no_store);
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
        response
    }
}

/// One more subscriber, for as long as its stream lasts.
struct Counted {
    server: Arc<Server>,
    _held: Held,
}

impl Counted {
    fn new(server: &Arc<Server>, held: Held) -> Self {
        server.metrics.subscribers.inc();
        Counted { server: Arc::clone(server), _held: held }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.server.metrics.subscribers.dec();
    }
}
