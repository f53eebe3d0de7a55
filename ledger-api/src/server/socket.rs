//! Sockets: graphql-transport-ws, each in a loop of its own.
//!
//! The loop takes the next step of an answer only when the one before has been written. So a
//! client that reads slowly is told less often, one that does not read at all costs one step,
//! and its connection ends when nothing could be written for a while.

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

use super::caller;
use super::document::{Kind, Operation};
use super::listener::Held;
use super::protocol::{ClientMessage, Closing};
use super::refusal::Refusal;
use super::request::GraphQlRequest;
use super::signed_in::signed_out;
use super::step::Step;
use super::websocket::{Handshake, WebSocket};
use super::{Ready, Server, stopped};
use crate::graphql::Caller;

/// How long a client may take to begin.
const INITIALISATION: Duration = Duration::from_secs(3);

/// How often a client is asked whether it is there.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// Operations under way on one socket.
const OPERATIONS_MAX: usize = 50;

/// Queries and mutations of one socket that are executed at a time: the answers of the others are
/// not made before they can be written.
const ANSWERING_MAX: usize = 4;

/// What a client may call an operation.
const ID_BYTES_MAX: usize = 128;

impl Server {
    /// Turns a request into a socket.
    pub(super) fn upgrade(self: Arc<Self>, request: Request) -> Result<Response<Body>, Refusal> {
        let ready = Arc::clone(self.ready.get().ok_or(Refusal::Opening)?);
        self.admit_page(request.headers())?;
        let held = Held::by(request.extensions());
        let (handshake, response) = Handshake::begin(request)?;
        tokio::spawn(async move {
            let socket = match handshake.end().await {
                Ok(socket) => socket,
                Err(error) => return debug!(%error, "a client left before it had a socket"),
            };
            self.metrics.sockets.inc();
            let mut conversation = Conversation {
                server: Arc::clone(&self),
                ready,
                socket,
                operations: StreamMap::new(),
                answering: Arc::new(Semaphore::new(ANSWERING_MAX)),
                caller: None,
                signed_out: std::future::pending().boxed(),
            };
            if let Err(End::Close(why)) = conversation.run().await {
                debug!(?why, "closing a socket");
                conversation.close(&why).await;
            }
            self.metrics.subscribers.dec_by(conversation.under_way());
            self.metrics.sockets.dec();
            drop(held);
        });
        Ok(response)
    }

    /// Refuses pages that may not open sockets.
    fn admit_page(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(origin) = headers.get(header::ORIGIN) {
            let origin = origin.to_str().unwrap_or("an unreadable origin");
            if !self.lets_in(origin, text(header::HOST)) {
                return Err(Refusal::ForeignOrigin(origin.to_owned()));
            }
        }
        Ok(())
    }

    /// Whether pages of an origin may open sockets: the server's own pages, and those it was told
    /// of. A browser sends a page's cookies and reaches loopback wherever the page is from.
    fn lets_in(&self, origin: &str, host: Option<&str>) -> bool {
        let own = origin.split_once("://").map(|(_, authority)| authority);
        (own.is_some() && own == host) || self.settings.origins.iter().any(|known| known == origin)
    }
}

/// How a conversation ends.
enum End {
    /// The client has gone, or cannot be written to.
    Gone,
    /// The server closes it.
    Close(Closing),
}

impl From<tungstenite::Error> for End {
    fn from(_: tungstenite::Error) -> Self {
        End::Gone
    }
}

impl From<Closing> for End {
    fn from(closing: Closing) -> Self {
        End::Close(closing)
    }
}

/// What an operation has to say next.
enum Told {
    Step(Step),
    Complete,
}

/// An operation under way.
struct UnderWay {
    told: BoxStream<'static, Told>,
    /// Whether it ends by itself, and soon.
    ends: bool,
}

impl Stream for UnderWay {
    type Item = Told;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Told>> {
        self.told.poll_next_unpin(context)
    }
}

/// What an operation has to say, once there is a permit, which it then keeps.
fn answered_within(
    permits: &Arc<Semaphore>,
    told: impl Stream<Item = Told> + Send + 'static,
) -> BoxStream<'static, Told> {
    let permit = Arc::clone(permits).acquire_owned();
    let answered = permit.map(|permit| {
        told.map(move |told| {
            let _kept = &permit;
            told
        })
    });
    answered.flatten_stream().boxed()
}

struct Conversation {
    server: Arc<Server>,
    ready: Arc<Ready>,
    socket: WebSocket,
    /// Operations by the ids that the client gave them.
    operations: StreamMap<String, UnderWay>,
    /// Held from before a query or mutation is executed until its answer is written.
    answering: Arc<Semaphore>,
    /// None until it has begun.
    caller: Option<Caller>,
    /// Ends when the caller is signed in no more.
    signed_out: BoxFuture<'static, ()>,
}

impl Conversation {
    async fn run(&mut self) -> Result<(), End> {
        if !self.socket.is_spoken() {
            return Err(Closing::Subprotocol.into());
        }
        let mut stopping = self.server.stopping.subscribe();
        let deadline = Instant::now() + INITIALISATION;
        let mut heartbeat = tokio::time::interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = true;
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(deadline), if self.caller.is_none() => {
                    return Err(Closing::InitialisationTimeout.into());
                }
                () = &mut self.signed_out => return Err(Closing::SignedOut.into()),
                () = stopped(&mut stopping) => {
                    self.finish().await?;
                    return Err(Closing::GoingAway.into());
                }
                _ = heartbeat.tick() => {
                    if !heard {
                        return Err(Closing::Silent.into());
                    }
                    heard = false;
                    self.socket.ping().await?;
                }
                Some((id, told)) = self.operations.next(), if !self.operations.is_empty() => {
                    self.tell(id, told).await?;
                }
                message = self.socket.hear() => {
                    heard = true;
                    match message {
                        Some(Ok(Message::Text(text))) => self.hear(&text).await?,
                        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                        Some(Ok(Message::Binary(_))) => {
                            let what = "messages are text".to_owned();
                            return Err(Closing::InvalidMessage(what).into());
                        }
                        Some(Ok(Message::Close(_))) => {
                            // The next look writes the answer to it.
                            drop(self.socket.hear().await);
                            return Err(End::Gone);
                        }
                        Some(Err(error)) => {
                            return Err(Closing::InvalidMessage(error.to_string()).into());
                        }
                        None => return Err(End::Gone),
                    }
                }
            }
        }
    }

    async fn hear(&mut self, text: &str) -> Result<(), End> {
        let message = serde_json::from_str(text)
            .map_err(|error| Closing::InvalidMessage(error.to_string()))?;
        match message {
            ClientMessage::ConnectionInit { payload } => {
                if self.caller.is_some() {
                    return Err(Closing::TooManyInitialisations.into());
                }
                let caller = caller::of_socket(&self.server.entrance, payload.as_ref());
                let caller = caller.map_err(|refusal| Closing::Forbidden(refusal.to_string()))?;
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
            ClientMessage::Subscribe { id, payload } => self.subscribe(id, payload).await,
            ClientMessage::Complete { id } => {
                if self.operations.remove(&id).is_some() {
                    self.server.metrics.subscribers.dec();
                }
                Ok(())
            }
        }
    }

    async fn subscribe(&mut self, id: String, request: GraphQlRequest) -> Result<(), End> {
        let Some(caller) = self.caller.clone() else { return Err(Closing::Unauthorized.into()) };
        if id.is_empty() || id.len() > ID_BYTES_MAX {
            let what = format!("an id has 1 to {ID_BYTES_MAX} bytes");
            return Err(Closing::InvalidMessage(what).into());
        }
        if self.operations.contains_key(&id) {
            return Err(Closing::SubscriberExists(id).into());
        }
        if self.operations.len() >= OPERATIONS_MAX {
            let refusal = Refusal::TooManyOperations(OPERATIONS_MAX);
            return self.send(Step::refused(&refusal).message(&id)).await;
        }
        let operation = match Operation::new(request) {
            Ok(operation) => operation,
            Err(error) => return self.send(Step::refused(&error.into()).message(&id)).await,
        };
        let ends = !matches!(operation.kind, Kind::Subscription { .. });
        let steps = self.server.steps(&self.ready, operation, caller);
        let complete = stream::once(std::future::ready(Told::Complete));
        let told = steps.map(Told::Step).chain(complete);
        let told = if ends { answered_within(&self.answering, told) } else { told.boxed() };
        self.operations.insert(id, UnderWay { told, ends });
        self.server.metrics.subscribers.inc();
        Ok(())
    }

    async fn tell(&mut self, id: String, told: Told) -> Result<(), End> {
        match told {
            Told::Step(step) => {
                if matches!(step, Step::Refused(_)) {
                    // It is the last that is said of the operation: no completion follows.
                    self.operations.remove(&id);
                    self.server.metrics.subscribers.dec();
                }
                self.send(step.message(&id)).await
            }
            Told::Complete => {
                self.operations.remove(&id);
                self.server.metrics.subscribers.dec();
                self.send(json!({ "id": id, "type": "complete" }).to_string().into()).await
            }
        }
    }

    /// Answers the queries and mutations that are under way; subscriptions are not waited for.
    async fn finish(&mut self) -> Result<(), End> {
        let lasting: Vec<String> = self
            .operations
            .iter()
            .filter(|(_, operation)| !operation.ends)
            .map(|(id, _)| id.clone())
            .collect();
        for id in lasting {
            self.operations.remove(&id);
            self.server.metrics.subscribers.dec();
        }
        while let Some((id, told)) = self.operations.next().await {
            self.tell(id, told).await?;
        }
        Ok(())
    }

    async fn send(&mut self, message: Utf8Bytes) -> Result<(), End> {
        self.server.metrics.frames.inc();
        Ok(self.socket.tell(&message).await?)
    }

    async fn close(&mut self, why: &Closing) {
        // Who cannot be told has gone already.
        let closed = self.socket.close(why.frame()).await;
        if closed.is_ok() {
            // The client closes in its turn; without that, data that it has not read is lost.
            let answered = async { while let Some(Ok(_)) = self.socket.hear().await {} };
            drop(tokio::time::timeout(Duration::from_secs(1), answered).await);
        }
    }

    fn under_way(&self) -> i64 {
        i64::try_from(self.operations.len()).unwrap_or(i64::MAX)
    }
}
