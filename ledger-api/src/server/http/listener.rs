//! The listener: accepts connections, limits each, and closes them cleanly.

use std::io;
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

use crate::server::stopped;

/// The time limit for a request's headers, and for an idle connection.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(30);

/// The time limit of a TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The time limit of a write to a client that does not read.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest read buffer of a connection, headers included.
const BUFFER_BYTES_MAX: usize = 64 << 10;

/// A connection's share of the connection limit. A socket or stream keeps it while it lasts.
#[derive(Clone, Default)]
pub(crate) struct ConnectionPermit {
    _slot: Option<Arc<OwnedSemaphorePermit>>,
    _connection: Option<mpsc::Sender<()>>,
}

impl ConnectionPermit {
    /// The permit of a request's connection.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or_default()
    }
}

/// Raises this process's limit of open files to the most the system allows. The usual default is about
/// a thousand.
pub(crate) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        warn!(%error, open = limit.current, "the limit of open files also limits connections");
    }
}

/// Accepts connections until the server stops, then waits until the last has ended.
pub(crate) async fn listen(
    listener: TcpListener,
    routes: Router,
    connections: usize,
    tls: Option<Arc<ServerConfig>>,
    mut stopping: watch::Receiver<bool>,
) {
    let tls = tls.map(TlsAcceptor::from);
    let permits = Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS)));
    let (connections_open, mut all_ended) = mpsc::channel::<()>(1);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADERS_TIMEOUT)
        .max_buf_size(BUFFER_BYTES_MAX);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            () = stopped(&mut stopping) => break,
        };
        let (stream, slot) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // The process is probably out of file descriptors. Other connections will free some.
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let permit = ConnectionPermit {
            _slot: Some(Arc::new(slot)),
            _connection: Some(connections_open.clone()),
        };
        let (http, routes, stopping) = (http.clone(), routes.clone(), stopping.clone());
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        let stream = Box::pin(stream);
        match tls.clone() {
            None => {
                tokio::spawn(serve(http, stream, routes, permit, stopping));
            }
            Some(tls) => {
                tokio::spawn(async move {
                    match tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await {
                        Ok(Ok(stream)) => serve(http, stream, routes, permit, stopping).await,
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
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let slot = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, slot))
}

async fn serve(
    http: http1::Builder,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    routes: Router,
    permit: ConnectionPermit,
    mut stopping: watch::Receiver<bool>,
) {
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(permit.clone());
        hyper::service::Service::call(&routes, request)
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
