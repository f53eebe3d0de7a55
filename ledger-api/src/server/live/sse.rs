//! Server-sent events: graphql-sse in distinct connections mode, one operation a connection.
//!
//! An event of a subscription has its position as `id:`. A client that reconnects with `Last-Event-ID`
//! continues after that position.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, header};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::time::{Instant, interval_at};

use super::signed_out::signed_out;
use super::stream_event::StreamEvent;
use crate::access::identity::principal::Principal;
use crate::server::http::listener::ConnectionPermit;
use crate::server::http::refusal::VARY;
use crate::server::{Server, stopped};

/// The interval between two heartbeats. A heartbeat keeps proxies from closing the connection, and
/// finds clients that are gone.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(12);

const HEARTBEAT: Bytes = Bytes::from_static(b": heartbeat\n\n");

/// The last event. Browsers ignore an event without data, so it has an empty data line.
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata: \n\n");

impl Server {
    /// Writes the events of an operation, then `complete`. If the server stops or the sign-in ends, the
    /// stream ends without `complete`, and clients reconnect.
    pub(crate) fn event_stream(
        self: Arc<Self>,
        events: BoxStream<'static, StreamEvent>,
        principal: Arc<Principal>,
        permit: ConnectionPermit,
    ) -> Response<Body> {
        let active = ActiveStream::new(&self, permit);
        let chunks = events.map(move |event| {
            active.server.metrics.frames.inc();
            // A response is JSON on one line.
            let id = event.id().map_or_else(String::new, |id| format!("id: {id}\n"));
            Bytes::from(format!("{id}event: next\ndata: {}\n\n", event.response().as_str()))
        });
        let mut stopping = self.stopping.subscribe();
        let signed_out = signed_out(self, principal);
        let stopped = async move {
            tokio::select! {
                () = stopped(&mut stopping) => {}
                () = signed_out => {}
            }
        };
        let complete = stream::once(std::future::ready(COMPLETE));
        let events = chunks.chain(complete).take_until(stopped);
        let heartbeat = interval_at(Instant::now() + HEARTBEAT_INTERVAL, HEARTBEAT_INTERVAL);
        let events = tokio_stream::StreamExt::timeout_repeating(events, heartbeat);
        let body = events.map(|event| Ok::<_, Infallible>(event.unwrap_or(HEARTBEAT)));
        let mut response = Response::new(Body::from_stream(body));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, VARY);
        response
    }
}

/// An active event stream, counted in the metrics.
struct ActiveStream {
    server: Arc<Server>,
    _permit: ConnectionPermit,
}

impl ActiveStream {
    fn new(server: &Arc<Server>, permit: ConnectionPermit) -> Self {
        server.metrics.subscribers.inc();
        ActiveStream { server: Arc::clone(server), _permit: permit }
    }
}

impl Drop for ActiveStream {
    fn drop(&mut self) {
        self.server.metrics.subscribers.dec();
    }
}
