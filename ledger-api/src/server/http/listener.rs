//! The listener: accepts connections, limits each, and closes them cleanly.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::Extensions;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::address::{ClientAddress, share_of};
use super::negotiate::Form;
use super::refusal::Refusal;
use crate::server::shares::Shares;
use crate::server::stopped;

/// The time limit for a request's headers, and for an idle connection.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(30);

/// The time limit of a TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The time limit of a write to a client that does not read.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest read buffer of a connection, headers included.
const BUFFER_BYTES_MAX: usize = 64 << 10;

/// The open files left to the book, its index and the access log.
const OTHER_FILES: u64 = 256;

/// A connection's share of the connection limit. A socket or stream keeps it while it lasts.
#[derive(Clone, Default)]
pub(crate) struct ConnectionPermit {
    _slot: Option<Arc<OwnedSemaphorePermit>>,
    _connection: Option<mpsc::Sender<()>>,
    /// The client's share of its address.
    address: Option<Arc<OwnedSemaphorePermit>>,
}

impl ConnectionPermit {
    /// The permit of a request's connection.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or_default()
    }
}

/// Raises this process's limit of open files to the most the system allows, and returns how many
/// connections it leaves room for. The usual default is about a thousand.
pub(crate) fn raise_limit() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        warn!(%error, open = limit.current, "the limit of open files also limits connections");
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let connections = files.saturating_sub(OTHER_FILES).max(files / 4).max(1);
    usize::try_from(connections).unwrap_or(usize::MAX)
}

/// The connections that a listener takes, and of whom.
pub(crate) struct Clients {
    all: Arc<Semaphore>,
    addresses: Shares<IpAddr>,
    /// The proxies that may name their client's address.
    trusted: Vec<IpAddr>,
}

impl Clients {
    pub(crate) fn new(all: usize, each: usize, trusted: &[IpAddr]) -> Self {
        Clients {
            all: Arc::new(Semaphore::new(all.min(Semaphore::MAX_PERMITS))),
            addresses: Shares::new(each),
            trusted: trusted.iter().map(IpAddr::to_canonical).collect(),
        }
    }

    /// Takes of the share of an address; None if it is used up.
    fn admit(&self, address: IpAddr) -> Option<Arc<OwnedSemaphorePermit>> {
        self.addresses.take(&address, 1).map(Arc::new)
    }

    fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted.contains(&peer.to_canonical())
    }
}

/// Accepts connections until the server stops, then waits until the last has ended.
pub(crate) async fn listen(
    listener: TcpListener,
    routes: Router,
    clients: Clients,
    tls: Option<Arc<ServerConfig>>,
    mut stopping: watch::Receiver<bool>,
) {
    let tls = tls.map(TlsAcceptor::from);
    let clients = Arc::new(clients);
    let (connections_open, mut all_ended) = mpsc::channel::<()>(1);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADERS_TIMEOUT)
        .max_buf_size(BUFFER_BYTES_MAX);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &clients.all) => accepted,
            () = stopped(&mut stopping) => break,
        };
        let (stream, peer, slot) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // The process is probably out of file descriptors. Other connections will free some.
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let peer = peer.ip();
        let address = if clients.trusts(peer) { None } else { clients.admit(share_of(peer)) };
        if address.is_none() && !clients.trusts(peer) {
            debug!(%peer, "a connection is closed: its address has too many");
            continue;
        }
        let permit = ConnectionPermit {
            _slot: Some(Arc::new(slot)),
            _connection: Some(connections_open.clone()),
            address,
        };
        let from = Peer { address: peer, clients: Arc::clone(&clients) };
        let (http, routes, stopping) = (http.clone(), routes.clone(), stopping.clone());
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        let stream = Box::pin(stream);
        match tls.clone() {
            None => {
                tokio::spawn(serve(http, stream, routes, from, permit, stopping));
            }
            Some(tls) => {
                tokio::spawn(async move {
                    match tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await {
                        Ok(Ok(stream)) => serve(http, stream, routes, from, permit, stopping).await,
                        Ok(Err(error)) => debug!(%error, "a TLS handshake failed"),
                        Err(_) => debug!("a TLS handshake took too long"),
                    }
                });
            }
        }
    }
    drop((listener, connections_open));
    // Nothing is sent on this channel: it closes when the last connection drops its sender.
    all_ended.recv().await;
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer, slot))
}

/// The other end of a connection.
#[derive(Clone)]
struct Peer {
    address: IpAddr,
    clients: Arc<Clients>,
}

impl Peer {
    /// Adds the client's address and the connection's permit to a request. A request that comes by a
    /// proxy takes of the share of the client it comes from.
    fn name(&self, request: &mut Request, mut permit: ConnectionPermit) -> Result<(), Refusal> {
        let trusted = &self.clients.trusted;
        let client = ClientAddress::find(self.address, request.headers(), trusted);
        if permit.address.is_none() {
            permit.address = self.clients.admit(client.0);
            if permit.address.is_none() {
                return Err(Refusal::TooMuchAtOnce);
            }
        }
        request.extensions_mut().insert(client);
        request.extensions_mut().insert(permit);
        Ok(())
    }
}

async fn serve(
    http: http1::Builder,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    routes: Router,
    from: Peer,
    permit: ConnectionPermit,
    mut stopping: watch::Receiver<bool>,
) {
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(axum::body::Body::new);
        let named = from.name(&mut request, permit.clone());
        let held = ConnectionPermit::of(request.extensions());
        let answered = named.map(|()| hyper::service::Service::call(&routes, request));
        async move {
            let response = match answered {
                Ok(answered) => answered.await,
                Err(refusal) => Ok(refusal.answer(Form::Json)),
            };
            drop(held);
            response
        }
    });
    let connection = http.serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection.with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "a connection ended early");
    }
}
