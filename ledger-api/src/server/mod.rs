//! The server: GraphQL over HTTP, sockets and event streams, on loopback.
//!
//! Reading order: [`settings`], then `listener` takes a connection in, `observe` names each
//! request, `handler` reads it (`negotiate`, `request`, `bounds`, `document`), `caller` says whose
//! it is, `execute` runs it, and `answer`, `socket` or `sse` tell what came of it; `groups` has
//! subscribers who ask the same share one execution.

mod answer;
mod bounds;
mod caller;
mod document;
mod execute;
mod graphiql;
mod groups;
mod handler;
mod health;
mod listener;
pub mod logs;
mod metrics;
mod negotiate;
mod observe;
mod protocol;
mod refusal;
mod request;
pub mod settings;
mod signed_in;
mod socket;
mod sse;
mod step;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};
use ledger_core::domain::position::Position;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};
use tracing::{info, warn};

use crate::access::entrance::Entrance;
use crate::access::rate::Rates;
use crate::book::Book;
use crate::graphql::{LedgerSchema, schema};
use groups::Groups;
use metrics::Metrics;
use observe::RequestIds;
use settings::Settings;

/// Threads that read the log for questions, at a time.
const BLOCKING_MAX: usize = 8;

/// The longest body and the longest message: a journal of the longest entry fits many times.
const BODY_BYTES_MAX: usize = 1 << 20;

/// What a server holds while it runs.
struct Server {
    settings: Settings,
    entrance: Entrance,
    /// None until the book has been read.
    ready: OnceLock<Arc<Ready>>,
    /// The entry that reading the book has reached.
    opened_to: AtomicU64,
    stopping: watch::Sender<bool>,
    /// Moves when keys were changed: whoever is connected may be signed in no more.
    signed_out: watch::Sender<u64>,
    groups: Arc<Groups>,
    metrics: Arc<Metrics>,
    ids: RequestIds,
    /// None where everybody may ask for as much as they like.
    rates: Option<Rates>,
}

/// Waits until a server stops.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    drop(stopping.wait_for(|stopping| *stopping).await);
}

/// The book and its schema.
struct Ready {
    book: Arc<Book>,
    schema: LedgerSchema,
}

impl Server {
    fn new(settings: Settings, entrance: Entrance) -> Self {
        let metrics = Arc::new(Metrics::default());
        Server {
            rates: settings.rate.map(Rates::new),
            groups: Arc::new(Groups::new(settings.pace, Arc::clone(&metrics))),
            settings,
            entrance,
            signed_out: watch::Sender::new(0),
            ready: OnceLock::new(),
            opened_to: AtomicU64::new(0),
            stopping: watch::Sender::new(false),
            metrics,
            ids: RequestIds::new(),
        }
    }

    fn opened_to(&self) -> Position {
        Position::new(self.opened_to.load(Ordering::Relaxed))
    }

    fn routes(self: &Arc<Self>) -> Router {
        let mut routes = Router::new()
            .route("/graphql", any(handler::graphql))
            .route(
                "/health",
                get(|State(server): State<Arc<Server>>| async move { server.health() }),
            )
            .route(
                "/metrics",
                get(|State(server): State<Arc<Server>>| async move { server.metrics.show() }),
            );
        if self.settings.graphiql {
            routes = routes.merge(graphiql::routes());
        }
        routes
            .layer(from_fn_with_state(Arc::clone(self), observe::observe))
            .with_state(Arc::clone(self))
    }
}

/// Why a server ended otherwise than by being told to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError<E> {
    /// It cannot listen there.
    #[error(
        "cannot listen on {address}: {error}; stop what listens there, or choose another with --listen"
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        error: io::Error,
    },
    /// The system gives no threads or signals.
    #[error("the server cannot be started: {0}")]
    Start(io::Error),
    /// The book cannot be opened.
    #[error("{0}")]
    Open(E),
    /// Opening the book failed in a way that nobody foresaw.
    #[error("opening the book failed: the log says why")]
    Panicked,
    /// The book was not closed in order. What was answered is durable all the same.
    #[error("the book could not be closed: {0}; every posting that was answered is kept")]
    Close(io::Error),
}

/// Opens a book, telling which entry has been reached meanwhile.
pub type Opening<E> = Box<dyn FnOnce(&(dyn Fn(Position) + Sync)) -> Result<Book, E> + Send>;

/// Serves a book until the process is told to stop, and closes it.
///
/// It listens before the book is open: until then it answers that it is not ready.
///
/// # Errors
///
/// [`ServeError`].
pub fn serve<E: Send + 'static>(
    settings: Settings,
    entrance: Entrance,
    open: Opening<E>,
    listening: impl FnOnce(SocketAddr),
) -> Result<(), ServeError<E>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("serve")
        // Each that reads entries keeps memory of its own.
        .max_blocking_threads(BLOCKING_MAX)
        .build()
        .map_err(ServeError::Start)?;
    listener::raise_limit();
    let server = Arc::new(Server::new(settings, entrance));
    let served = runtime.block_on(run(&server, open, listening));
    // Whatever did not end in time ends here; the book is closed when nobody uses it any more.
    runtime.shutdown_timeout(Duration::from_secs(1));
    let closed = close(server);
    served.and(closed.map_err(ServeError::Close))
}

async fn run<E: Send + 'static>(
    server: &Arc<Server>,
    open: Opening<E>,
    listening: impl FnOnce(SocketAddr),
) -> Result<(), ServeError<E>> {
    let mut signals = Signals::new().map_err(ServeError::Start)?;
    let address = server.settings.listen;
    let failed = |error| ServeError::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    listening(listener.local_addr().map_err(failed)?);
    let listen = listener::listen(
        listener,
        server.routes(),
        server.settings.connections,
        server.settings.tls.clone(),
        server.stopping.subscribe(),
    );
    let mut listen = tokio::spawn(listen);
    tokio::spawn(watch_keys(Arc::downgrade(server)));
    let opened = begin_opening(server, open).map_err(ServeError::Start)?;
    let ended = tokio::select! {
        opened = opened => match opened {
            Ok(Ok(())) => {
                signals.any().await;
                Ok(())
            }
            Ok(Err(error)) => Err(ServeError::Open(error)),
            Err(_) => Err(ServeError::Panicked),
        },
        () = signals.any() => Ok(()),
    };
    info!("stopping: requests under way are answered");
    server.stopping.send_replace(true);
    tokio::select! {
        _ = &mut listen => {}
        () = tokio::time::sleep(server.settings.grace) => {
            warn!("some requests did not end in time and are dropped");
        }
        () = signals.any() => warn!("told to stop again: requests under way are dropped"),
    }
    ended
}

/// How often it is looked whether keys were changed.
const KEYS_LOOKED_AT: Duration = Duration::from_secs(1);

/// Tells whoever is connected when keys were changed, for as long as there is a server.
async fn watch_keys(server: Weak<Server>) {
    loop {
        tokio::time::sleep(KEYS_LOOKED_AT).await;
        let Some(server) = server.upgrade() else { return };
        if *server.stopping.borrow() {
            return;
        }
        if tokio::task::block_in_place(|| server.entrance.refresh()) {
            server.signed_out.send_modify(|times| *times = times.wrapping_add(1));
        }
    }
}

/// Opens the book on a thread of its own: that takes as long as the log is long.
fn begin_opening<E: Send + 'static>(
    server: &Arc<Server>,
    open: Opening<E>,
) -> io::Result<oneshot::Receiver<Result<(), E>>> {
    let (tell, opened) = oneshot::channel();
    let server = Arc::clone(server);
    let work = move || {
        let reached = |position: Position| {
            server.opened_to.store(position.get(), Ordering::Relaxed);
        };
        let result = open(&reached).map(|book| {
            let book = Arc::new(book);
            let schema = schema(Arc::clone(&book), &server.settings.limits);
            server.metrics.watch(Arc::clone(&book));
            drop(server.ready.set(Arc::new(Ready { book, schema })));
            info!("ready");
        });
        drop(server);
        // Who no longer waits is stopping.
        drop(tell.send(result));
    };
    std::thread::Builder::new().name("open".into()).spawn(work)?;
    Ok(opened)
}

/// Closes the book, once nobody else has hold of it.
fn close(server: Arc<Server>) -> io::Result<()> {
    let still_used = || io::Error::other("a request is still using it");
    if server.ready.get().is_none() {
        // It was being read: nothing was changed that a start does not mend.
        return Ok(());
    }
    let Server { ready, metrics, .. } = Arc::into_inner(server).ok_or_else(still_used)?;
    drop(metrics);
    let Some(ready) = ready.into_inner() else { return Ok(()) };
    let Ready { book, schema } = Arc::into_inner(ready).ok_or_else(still_used)?;
    drop(schema);
    let book = Arc::into_inner(book).ok_or_else(still_used)?;
    book.close()
}

/// The signals that tell a process to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn any(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
