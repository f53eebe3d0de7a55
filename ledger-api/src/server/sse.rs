//! Server-sent events: graphql-sse in distinct connections mode, one operation a connection.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, header};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::time::{Instant, interval_at};

use super::listener::Held;
use super::signed_in::signed_out;
use super::step::Step;
use super::{Server, stopped};
use crate::access::principal::Principal;

/// How often a line is written that says nothing, so that a client that has gone is noticed.
const HEARTBEAT: Duration = Duration::from_secs(12);

const NOTHING: Bytes = Bytes::from_static(b":\n\n");

/// Browsers pass over an event without data, so it has an empty line of it.
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata: \n\n");

impl Server {
    /// Tells the steps of an operation as events, and that it is complete. A server that stops, and
    /// one that the caller is signed in to no more, ends the stream without saying so: the operation
    /// is not complete, and clients try again.
    pub(super) fn events(
        self: Arc<Self>,
        steps: BoxStream<'static, Step>,
        principal: Arc<Principal>,
        held: Held,
    ) -> Response<Body> {
        let counted = Counted::new(&self, held);
        let told = steps.map(move |step| {
            counted.server.metrics.frames.inc();
            // An answer is JSON in one line.
            Bytes::from(format!("event: next\ndata: {}\n\n", step.response().as_str()))
        });
        let mut stopping = self.stopping.subscribe();
        let signed_in = signed_out(self, principal);
        let stopped = async move {
            tokio::select! {
                () = stopped(&mut stopping) => {}
                () = signed_in => {}
            }
        };
        let complete = stream::once(std::future::ready(COMPLETE));
        let events = told.chain(complete).take_until(stopped);
        let heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        let events = tokio_stream::StreamExt::timeout_repeating(events, heartbeat);
        let pieces = events.map(|event| Ok::<_, Infallible>(event.unwrap_or(NOTHING)));
        let mut response = Response::new(Body::from_stream(pieces));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
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
