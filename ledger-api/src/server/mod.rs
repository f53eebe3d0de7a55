//! The server: GraphQL over HTTP, WebSockets and event streams.
//!
//! Reading order: [`settings`], then `http` takes a request in, `document` checks it, `execute` runs it,
//! and `live` serves subscriptions; [`rate`] and `shares` limit each caller; `metrics`, `health` and [`logs`] report
//! on the server.

mod document;
mod execute;
mod health;
mod http;
mod live;
pub mod logs;
mod metrics;
pub mod rate;
pub mod settings;
mod shares;
mod signals;

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
use ledger_core::domain::text::ActorId;
use ledger_core::log::store::AppendError;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot, watch};
use tracing::{error, info, warn};

use crate::access::sign_in::authenticator::Authenticator;
use crate::graphql::{LedgerSchema, schema};
use http::listener::Clients;
use http::observe::{RefusalLines, RequestIds};
use http::{graphiql, handler, index, listener, observe, postings};
use live::groups::Groups;
use metrics::Metrics;
use projections::book::Book;
use rate::RateLimiter;
use settings::Settings;
use shares::{InFlight, Shares};
use signals::Signals;

/// The most threads that sign in, authorise and answer postings at a time, besides those of the network.
const BLOCKING_MAX: usize = 8;

/// The most threads that read the log for queries.
const SCANNING_MAX: usize = 16;

/// The scans, and the parsing of large documents, of one caller at a time.
const SCANS_EACH: usize = 2;

/// The uploads of one caller at a time.
const UPLOADS_EACH: usize = 4;

/// The uploads of all callers at a time.
const UPLOADS_MAX: usize = 16;

/// The longest body, in bytes.
const BODY_BYTES_MAX: usize = 1 << 20;

/// The most connections to the operators' own address at a time.
const OPERATORS_MAX: usize = 64;

/// The state of a running server.
struct Server {
    settings: Settings,
    authenticator: Authenticator,
    /// None until the book is open.
    ready: OnceLock<Arc<OpenBook>>,
    /// The last entry read while the book opens.
    opened_to: AtomicU64,
    stopping: watch::Sender<bool>,
    /// Changes when keys change: open connections must check their sign-in.
    signed_out: watch::Sender<u64>,
    groups: Arc<Groups>,
    metrics: Arc<Metrics>,
    ids: RequestIds,
    refusals: RefusalLines,
    /// None if callers have no rate limit.
    rates: Option<RateLimiter>,
    /// The runtime of questions. Postings and sign-in have the other, so that no question delays them.
    readers: Handle,
    /// The questions that each caller may execute at a time.
    executing: Shares<ActorId>,
    /// The scans of each caller.
    scans: Shares<ActorId>,
    /// The uploads of each caller.
    uploads: Shares<ActorId>,
    /// The uploads of all callers.
    upload_slots: Arc<Semaphore>,
    /// The memory of uploads.
    upload_bytes: Arc<InFlight>,
    /// Dry runs of uploads, which take much memory: one at a time.
    dry_runs: Arc<Semaphore>,
    /// The memory of bodies.
    bodies: Arc<InFlight>,
    /// The memory of parsed documents.
    documents: Arc<InFlight>,
    /// The memory of answers.
    answers: Arc<InFlight>,
}

/// The threads that execute questions. Many take turns, so that a long question does not hold up all.
fn reading_threads() -> usize {
    std::thread::available_parallelism().map_or(4, usize::from).saturating_mul(2).max(8)
}

/// Waits until the server stops.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    drop(stopping.wait_for(|stopping| *stopping).await);
}

/// An open book and its schema.
struct OpenBook {
    book: Arc<Book>,
    schema: LedgerSchema,
}

impl Server {
    fn new(settings: Settings, authenticator: Authenticator, readers: Handle) -> Self {
        let metrics = Arc::new(Metrics::default());
        Server {
            rates: settings.rate.map(RateLimiter::new),
            groups: Arc::new(Groups::new(settings.pace, Arc::clone(&metrics), readers.clone())),
            readers,
            executing: Shares::new(reading_threads() / 2),
            scans: Shares::new(SCANS_EACH),
            uploads: Shares::new(UPLOADS_EACH),
            upload_slots: Arc::new(Semaphore::new(UPLOADS_MAX)),
            upload_bytes: Arc::new(InFlight::of(
                shares::UPLOAD_BYTES_MAX,
                shares::UPLOAD_BYTES_MAX,
                shares::UPLOADS_BYTES_MAX,
            )),
            dry_runs: Arc::new(Semaphore::new(1)),
            bodies: Arc::new(InFlight::new(shares::BODIES_BYTES_MAX)),
            documents: Arc::new(InFlight::new(shares::DOCUMENTS_BYTES_MAX)),
            answers: Arc::new(InFlight::new(shares::ANSWERS_BYTES_MAX)),
            settings,
            authenticator,
            signed_out: watch::Sender::new(0),
            ready: OnceLock::new(),
            opened_to: AtomicU64::new(0),
            stopping: watch::Sender::new(false),
            metrics,
            ids: RequestIds::new(),
            refusals: RefusalLines::default(),
        }
    }

    fn opened_to(&self) -> Position {
        Position::new(self.opened_to.load(Ordering::Relaxed))
    }

    fn routes(self: &Arc<Self>) -> Router {
        let mut routes = Router::new()
            .route("/", get(index::index))
            .route("/graphql", any(handler::graphql))
            .route("/postings", any(postings::postings))
            .route("/health", get(health::health))
            .route("/metrics", get(health::metrics));
        if self.settings.graphiql {
            routes = routes.merge(graphiql::routes());
        }
        routes
            .layer(from_fn_with_state(Arc::clone(self), observe::observe))
            .with_state(Arc::clone(self))
    }

    /// The routes of the operators' own address, where nobody signs in.
    fn operators_routes(self: &Arc<Self>) -> Router {
        Router::new()
            .route(
                "/health",
                get(|State(server): State<Arc<Server>>| async move { server.health_in_detail() }),
            )
            .route(
                "/metrics",
                get(|State(server): State<Arc<Server>>| async move { server.metrics.render() }),
            )
            .layer(from_fn_with_state(Arc::clone(self), observe::observe))
            .with_state(Arc::clone(self))
    }
}

/// Why a server could not start, or ended in error.
#[derive(Debug, thiserror::Error)]
pub enum ServeError<E> {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {error}; stop the program that listens there, or choose another address with --listen"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        error: io::Error,
    },
    /// Threads or signal handlers cannot be created.
    #[error("the server cannot start: {0}")]
    Start(io::Error),
    /// The book cannot be opened.
    #[error("{0}")]
    Open(E),
    /// Opening the book panicked.
    #[error("opening the book failed: the server's log gives the reason")]
    Panicked,
    /// The book was not closed cleanly. Every answered posting is durable.
    #[error("the book could not be closed: {0}; every posting that was confirmed is kept")]
    Close(io::Error),
}

/// Opens a book, and reports the last entry read meanwhile.
pub type BookOpener<E> = Box<dyn FnOnce(&(dyn Fn(Position) + Sync)) -> Result<Book, E> + Send>;

/// Serves a book until the process receives a stop signal, and closes the book.
///
/// The server listens before the book is open, and answers that it is not ready.
///
/// # Errors
///
/// [`ServeError`].
pub fn serve<E: Send + 'static>(
    settings: Settings,
    authenticator: Authenticator,
    open: BookOpener<E>,
    listening: impl FnOnce(SocketAddr),
) -> Result<(), ServeError<E>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("serve")
        .max_blocking_threads(BLOCKING_MAX)
        .build()
        .map_err(ServeError::Start)?;
    let readers = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("read")
        .worker_threads(reading_threads())
        // Each thread that reads entries keeps its own buffers.
        .max_blocking_threads(SCANNING_MAX)
        .build()
        .map_err(ServeError::Start)?;
    let files = listener::raise_limit();
    let settings = Settings { connections: settings.connections.min(files), ..settings };
    authenticator.keep_room(settings.room);
    let server = Arc::new(Server::new(settings, authenticator, readers.handle().clone()));
    let served = runtime.block_on(run(&server, open, listening));
    // Tasks that outlast the grace period end here. Then nothing else uses the book.
    readers.shutdown_timeout(Duration::from_secs(1));
    runtime.shutdown_timeout(Duration::from_secs(1));
    let closed = close(server);
    served.and(closed.map_err(ServeError::Close))
}

async fn run<E: Send + 'static>(
    server: &Arc<Server>,
    open: BookOpener<E>,
    listening: impl FnOnce(SocketAddr),
) -> Result<(), ServeError<E>> {
    let mut signals = Signals::new().map_err(ServeError::Start)?;
    let address = server.settings.listen;
    let failed = |error| ServeError::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    listening(listener.local_addr().map_err(failed)?);
    let Settings { connections, connections_each, trusted_proxies, .. } = &server.settings;
    let listen = listener::listen(
        listener,
        server.routes(),
        Clients::new(*connections, *connections_each, trusted_proxies),
        server.settings.tls.clone(),
        server.stopping.subscribe(),
    );
    let mut listen = tokio::spawn(listen);
    if let Some(address) = server.settings.metrics_address {
        let failed = |error| ServeError::Listen { address, error };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        info!(address = %listener.local_addr().map_err(failed)?, "serving metrics");
        let clients = Clients::new(OPERATORS_MAX, OPERATORS_MAX, &[]);
        let routes = server.operators_routes();
        tokio::spawn(listener::listen(
            listener,
            routes,
            clients,
            None,
            server.stopping.subscribe(),
        ));
    }
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
    info!("stopping: requests under way are completed");
    server.stopping.send_replace(true);
    tokio::select! {
        _ = &mut listen => {}
        () = tokio::time::sleep(server.settings.grace) => {
            warn!("some requests did not end in time and are dropped");
        }
        () = signals.any() => warn!("second stop signal: requests under way are dropped"),
    }
    ended
}

/// The interval between two checks of the keys file.
const KEYS_INTERVAL: Duration = Duration::from_secs(1);

/// Reloads changed keys and notifies open connections, and logs counted refusals, while the server
/// exists.
async fn watch_keys(server: Weak<Server>) {
    loop {
        tokio::time::sleep(KEYS_INTERVAL).await;
        let Some(server) = server.upgrade() else { return };
        if *server.stopping.borrow() {
            return;
        }
        server.refusals.log();
        if tokio::task::block_in_place(|| server.authenticator.refresh()) {
            server.signed_out.send_modify(|times| *times = times.wrapping_add(1));
        }
    }
}

/// Logs why writes go off, at once: callers learn it only when they post.
async fn log_writes_off(mut off: watch::Receiver<Option<String>>) {
    let reason = off.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone());
    if let Some(reason) = reason {
        error!("{}", AppendError::Poisoned { reason });
    }
}

/// Opens the book on a thread of its own. The time grows with the log.
fn begin_opening<E: Send + 'static>(
    server: &Arc<Server>,
    open: BookOpener<E>,
) -> io::Result<oneshot::Receiver<Result<(), E>>> {
    let (sender, opened) = oneshot::channel();
    let server = Arc::clone(server);
    let runtime = Handle::current();
    let work = move || {
        let reached = |position: Position| {
            server.opened_to.store(position.get(), Ordering::Relaxed);
        };
        let result = open(&reached).map(|book| {
            let book = Arc::new(book);
            runtime.spawn(log_writes_off(book.store().watch_writes_off()));
            if let Some(doubt) = book.clock_accepted() {
                warn!("the clock is accepted, which the file book/clock records: {doubt}");
                server.authenticator.record_accepted_clock(doubt);
            }
            let schema = schema(Arc::clone(&book), &server.settings.limits);
            server.metrics.add_book(Arc::clone(&book));
            drop(server.ready.set(Arc::new(OpenBook { book, schema })));
            info!("ready");
        });
        drop(server);
        // The receiver is gone if the server is stopping.
        drop(sender.send(result));
    };
    std::thread::Builder::new().name("open".into()).spawn(work)?;
    Ok(opened)
}

/// Closes the book, if no request still uses it.
fn close(server: Arc<Server>) -> io::Result<()> {
    let still_used = || io::Error::other("a request is still using it");
    if server.ready.get().is_none() {
        // The book was still being read: the next start repairs any half-written index.
        return Ok(());
    }
    let Server { ready, metrics, .. } = Arc::into_inner(server).ok_or_else(still_used)?;
    drop(metrics);
    let Some(ready) = ready.into_inner() else { return Ok(()) };
    let OpenBook { book, schema } = Arc::into_inner(ready).ok_or_else(still_used)?;
    drop(schema);
    let book = Arc::into_inner(book).ok_or_else(still_used)?;
    book.close()
}
