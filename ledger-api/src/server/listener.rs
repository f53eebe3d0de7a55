//! The listener: takes connections in, bounds what each may cost, and lets them go in order.

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

use super::stopped;

/// How long a client may take to send a request's headers, and how long a connection may idle.
const HEADERS: Duration = Duration::from_secs(30);

/// How long a client may take to agree on how to encrypt.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long nothing may be written to a client that does not read before it is let go.
const WRITING: Duration = Duration::from_secs(10);

/// What is buffered of a connection, headers included.
const BUFFER_BYTES_MAX: usize = 64 << 10;

/// A connection's place among those there may be at a time, kept by whatever goes on with it.
#[derive(Clone, Default)]
pub(super) struct Held {
    _place: Option<Arc<OwnedSemaphorePermit>>,
    _under_way: Option<mpsc::Sender<()>>,
}

impl Held {
    /// The place of the connection that a request came by.
    pub(super) fn by(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or_default()
    }
}

/// Lets this process have as many connections as the system allows it; many systems give a process
/// a thousand unless it asks for more.
pub(super) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        warn!(%error, open = limit.current, "connections are as few as files may be open");
    }
}

/// Takes connections until the server stops, and then waits until the last has ended.
pub(super) async fn listen(
    listener: TcpListener,
    routes: Router,
    connections: usize,
    tls: Option<Arc<ServerConfig>>,
    mut stopping: watch::Receiver<bool>,
) {
    let tls = tls.map(TlsAcceptor::from);
    let places = Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS)));
    let (under_way, mut all_ended) = mpsc::channel::<()>(1);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(BUFFER_BYTES_MAX);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = stopped(&mut stopping) => break,
        };
        let (stream, place) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: others will be given back.
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let held = Held { _place: Some(Arc::new(place)), _under_way: Some(under_way.clone()) };
        let (http, routes, stopping) = (http.clone(), routes.clone(), stopping.clone());
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITING));
        let stream = Box::pin(stream);
        match tls.clone() {
            None => {
                tokio::spawn(serve(http, stream, routes, held, stopping));
            }
            Some(tls) => {
                tokio::spawn(async move {
                    match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                        Ok(Ok(stream)) => serve(http, stream, routes, held, stopping).await,
                        Ok(Err(error)) => debug!(%error, "a connection did not speak TLS"),
                        Err(_) => debug!("a connection did not speak TLS in time"),
                    }
                });
            }
        }
    }
    drop((listener, under_way));
    // Nothing is ever sent: it ends when the last of its senders has gone.
    all_ended.recv().await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, place))
}

async fn serve(
    http: http1::Builder,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    routes: Router,
    held: Held,
    mut stopping: watch::Receiver<bool>,
) {
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(held.clone());
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
