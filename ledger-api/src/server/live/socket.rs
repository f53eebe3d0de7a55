//! Socket sessions: graphql-transport-ws, each in a loop of its own.
//!
//! The loop takes the next event only after it has written the previous one. So a slow client receives
//! fewer events, a client that does not read costs one event, and its connection ends by the write
//! timeout.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Response, header};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_stream::StreamMap;
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};
use tracing::debug;

use super::protocol::{ClientMessage, CloseReason};
use super::signed_out::signed_out;
use super::stream_event::StreamEvent;
use super::websocket::{Handshake, WebSocket};
use crate::graphql::Caller;
use crate::server::document::GraphQlRequest;
use crate::server::document::Kind;
use crate::server::http::caller;
use crate::server::http::listener::ConnectionPermit;
use crate::server::http::refusal::Refusal;
use crate::server::{OpenBook, Server, stopped};

/// The time limit for `connection_init`.
const INIT_TIMEOUT: Duration = Duration::from_secs(3);

/// The interval between two pings.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// The most active operations of a socket.
const OPERATIONS_MAX: usize = 50;

/// The most queries and mutations of a socket executed at a time, so that responses do not pile up
/// before they can be written.
const EXECUTING_MAX: usize = 4;

/// The longest operation id, in bytes.
const ID_BYTES_MAX: usize = 128;

impl Server {
    /// Upgrades a request to a socket.
    pub(crate) fn upgrade(self: Arc<Self>, request: Request) -> Result<Response<Body>, Refusal> {
        let ready = Arc::clone(self.ready.get().ok_or(Refusal::Opening)?);
        self.check_origin(request.headers())?;
        let permit = ConnectionPermit::of(request.extensions());
        let (handshake, response) = Handshake::begin(request)?;
        tokio::spawn(async move {
            let socket = match handshake.end().await {
                Ok(socket) => socket,
                Err(error) => return debug!(%error, "a client left during the handshake"),
            };
            self.metrics.sockets.inc();
            let mut session = Session {
                server: Arc::clone(&self),
                ready,
                socket,
                operations: StreamMap::new(),
                permits: Arc::new(Semaphore::new(EXECUTING_MAX)),
                caller: None,
                signed_out: std::future::pending().boxed(),
            };
            if let Err(SessionEnd::Close(why)) = session.run().await {
                debug!(?why, "closing a socket");
                session.close(&why).await;
            }
            self.metrics.subscribers.dec_by(session.active());
            self.metrics.sockets.dec();
            drop(permit);
        });
        Ok(response)
    }

    /// Refuses a page of an origin that may not open sockets.
    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(origin) = headers.get(header::ORIGIN) {
            let origin = origin.to_str().unwrap_or("an unreadable origin");
            if !self.allows_origin(origin, text(header::HOST)) {
                return Err(Refusal::ForeignOrigin(origin.to_owned()));
            }
        }
        Ok(())
    }

    /// Whether pages of an origin may open sockets: the server's own and the configured origins. A
    /// browser lets any page connect to loopback, so the server must check.
    fn allows_origin(&self, origin: &str, host: Option<&str>) -> bool {
        let own = origin.split_once("://").map(|(_, authority)| authority);
        (own.is_some() && own == host) || self.settings.origins.iter().any(|known| known == origin)
    }
}

/// The end of a session.
enum SessionEnd {
    /// The client is gone, or does not read.
    Gone,
    /// The server closes it.
    Close(CloseReason),
}

impl From<tungstenite::Error> for SessionEnd {
    fn from(_: tungstenite::Error) -> Self {
        SessionEnd::Gone
    }
}

impl From<CloseReason> for SessionEnd {
    fn from(closing: CloseReason) -> Self {
        SessionEnd::Close(closing)
    }
}

/// The next output of an operation.
enum Output {
    Event(StreamEvent),
    Complete,
}

/// An active operation.
struct ActiveOperation {
    output: BoxStream<'static, Output>,
    /// Whether the operation is a query or mutation, and so ends by itself.
    is_short: bool,
}

impl Stream for ActiveOperation {
    type Item = Output;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Output>> {
        self.output.poll_next_unpin(context)
    }
}

/// The output of an operation, which waits for a permit and keeps it to its end.
fn with_permit(
    permits: &Arc<Semaphore>,
    output: impl Stream<Item = Output> + Send + 'static,
) -> BoxStream<'static, Output> {
    let permit = Arc::clone(permits).acquire_owned();
    let outputs = permit.map(|permit| {
        output.map(move |output| {
            let _permit = &permit;
            output
        })
    });
    outputs.flatten_stream().boxed()
}

/// The session of one socket.
struct Session {
    server: Arc<Server>,
    ready: Arc<OpenBook>,
    socket: WebSocket,
    /// The active operations, by the client's ids.
    operations: StreamMap<String, ActiveOperation>,
    /// The permits to execute a query or mutation, each kept until its response is written.
    permits: Arc<Semaphore>,
    /// None before `connection_init`.
    caller: Option<Caller>,
    /// Completes when the caller's sign-in ends.
    signed_out: BoxFuture<'static, ()>,
}

impl Session {
    async fn run(&mut self) -> Result<(), SessionEnd> {
        if !self.socket.agreed_protocol() {
            return Err(CloseReason::Subprotocol.into());
        }
        let mut stopping = self.server.stopping.subscribe();
        let deadline = Instant::now() + INIT_TIMEOUT;
        let mut heartbeat = tokio::time::interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut alive = true;
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(deadline), if self.caller.is_none() => {
                    return Err(CloseReason::InitialisationTimeout.into());
                }
                () = &mut self.signed_out => return Err(CloseReason::SignedOut.into()),
                () = stopped(&mut stopping) => {
                    self.finish().await?;
                    return Err(CloseReason::GoingAway.into());
                }
                _ = heartbeat.tick() => {
                    if !alive {
                        return Err(CloseReason::Silent.into());
                    }
                    alive = false;
                    self.socket.ping().await?;
                }
                Some((id, output)) = self.operations.next(), if !self.operations.is_empty() => {
                    self.send_output(id, output).await?;
                }
                message = self.socket.receive() => {
                    alive = true;
                    match message {
                        Some(Ok(Message::Text(text))) => self.handle(&text).await?,
                        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                        Some(Ok(Message::Binary(_))) => {
                            let what = "messages must be text".to_owned();
                            return Err(CloseReason::InvalidMessage(what).into());
                        }
                        Some(Ok(Message::Close(_))) => {
                            // The next read writes the close frame in answer.
                            drop(self.socket.receive().await);
                            return Err(SessionEnd::Gone);
                        }
                        Some(Err(error)) => {
                            return Err(CloseReason::InvalidMessage(error.to_string()).into());
                        }
                        None => return Err(SessionEnd::Gone),
                    }
                }
            }
        }
    }

    async fn handle(&mut self, text: &str) -> Result<(), SessionEnd> {
        let message = serde_json::from_str(text)
            .map_err(|error| CloseReason::InvalidMessage(error.to_string()))?;
        match message {
            ClientMessage::ConnectionInit { payload } => {
                if self.caller.is_some() {
                    return Err(CloseReason::TooManyInitialisations.into());
                }
                let caller = caller::of_socket(&self.server.authenticator, payload.as_ref());
                let caller =
                    caller.map_err(|refusal| CloseReason::Forbidden(refusal.to_string()))?;
                let (server, principal) = (Arc::clone(&self.server), Arc::clone(&caller.principal));
                self.signed_out = signed_out(server, principal).boxed();
                self.caller = Some(caller);
                self.send(r#"{"type":"connection_ack"}"#.into()).await
            }
            ClientMessage::Ping { payload: None } => self.send(r#"{"type":"pong"}"#.into()).await,
            ClientMessage::Ping { payload: Some(payload) } => {
                self.send(json!({ "type": "pong", "payload": payload }).to_string().into()).await
            }
            ClientMessage::Pong { .. } => Ok(()),
            ClientMessage::Subscribe { id, payload } => {
                self.subscribe(id, payload, text.len()).await
            }
            ClientMessage::Complete { id } => {
                if self.operations.remove(&id).is_some() {
                    self.server.metrics.subscribers.dec();
                }
                Ok(())
            }
        }
    }

    /// Starts an operation, sent in a message of `bytes`.
    async fn subscribe(
        &mut self,
        id: String,
        request: GraphQlRequest,
        bytes: usize,
    ) -> Result<(), SessionEnd> {
        let Some(caller) = self.caller.clone() else {
            return Err(CloseReason::Unauthorized.into());
        };
        if id.is_empty() || id.len() > ID_BYTES_MAX {
            let what = format!("an id has 1 to {ID_BYTES_MAX} bytes");
            return Err(CloseReason::InvalidMessage(what).into());
        }
        if self.operations.contains_key(&id) {
            return Err(CloseReason::SubscriberExists(id).into());
        }
        if self.operations.len() >= OPERATIONS_MAX {
            let refusal = Refusal::TooManyOperations(OPERATIONS_MAX);
            return self.send(StreamEvent::refused(&refusal).message(&id)).await;
        }
        if let Err(refusal) = self.server.admit(&caller.principal.id) {
            return self.send(StreamEvent::refused(&refusal).message(&id)).await;
        }
        self.server.charge_text(&caller.principal.id, bytes);
        let held = self.server.hold(&caller.principal.id, None, request, bytes);
        let operation = match held {
            Ok(operation) => operation,
            Err(refusal) => return self.send(StreamEvent::refused(&refusal).message(&id)).await,
        };
        let is_short = !matches!(operation.kind, Kind::Subscription { .. });
        let events = self.server.events(&self.ready, operation, caller, None);
        let complete = stream::once(std::future::ready(Output::Complete));
        let output = events.map(Output::Event).chain(complete);
        let output = if is_short { with_permit(&self.permits, output) } else { output.boxed() };
        self.operations.insert(id, ActiveOperation { output, is_short });
        self.server.metrics.subscribers.inc();
        Ok(())
    }

    async fn send_output(&mut self, id: String, output: Output) -> Result<(), SessionEnd> {
        match output {
            Output::Event(event) => {
                if matches!(event, StreamEvent::Refused(_)) {
                    // An error message ends the operation: no complete message follows.
                    self.operations.remove(&id);
                    self.server.metrics.subscribers.dec();
                }
                self.send(event.message(&id)).await
            }
            Output::Complete => {
                self.operations.remove(&id);
                self.server.metrics.subscribers.dec();
                self.send(json!({ "id": id, "type": "complete" }).to_string().into()).await
            }
        }
    }

    /// Completes the active queries and mutations, and ends the subscriptions.
    async fn finish(&mut self) -> Result<(), SessionEnd> {
        let lasting: Vec<String> = self
            .operations
            .iter()
            .filter(|(_, operation)| !operation.is_short)
            .map(|(id, _)| id.clone())
            .collect();
        for id in lasting {
            self.operations.remove(&id);
            self.server.metrics.subscribers.dec();
        }
        while let Some((id, output)) = self.operations.next().await {
            self.send_output(id, output).await?;
        }
        Ok(())
    }

    async fn send(&mut self, message: Utf8Bytes) -> Result<(), SessionEnd> {
        self.server.metrics.frames.inc();
        Ok(self.socket.send_text(&message).await?)
    }

    async fn close(&mut self, why: &CloseReason) {
        // If the close frame cannot be written, the client is gone.
        let closed = self.socket.close(why.frame()).await;
        if closed.is_ok() {
            // Wait for the client's close frame: closing at once would lose unread data.
            let outputs = async { while let Some(Ok(_)) = self.socket.receive().await {} };
            drop(tokio::time::timeout(Duration::from_secs(1), outputs).await);
        }
    }

    fn active(&self) -> i64 {
        i64::try_from(self.operations.len()).unwrap_or(i64::MAX)
    }
}
