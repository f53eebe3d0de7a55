//! What happens around every request: its id, its place in the log and in the counts, and whether
//! it was meant for this server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, Uri, header};
use axum::middleware::Next;
use tracing::{Instrument, debug, error_span, info, warn};

use super::Server;
use super::negotiate::Form;
use super::refusal::Refusal;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What of a client's own id is taken over.
const ID_BYTES_MAX: usize = 64;

/// Gives requests their ids.
pub(super) struct RequestIds {
    process: u32,
    count: AtomicU64,
}

impl RequestIds {
    pub(super) fn new() -> Self {
        // Without a random source, ids are merely unique to this process.
        RequestIds { process: getrandom::u32().unwrap_or_default(), count: AtomicU64::new(1) }
    }

    /// The id a client gave its request, if it can stand in a log, or a new one.
    fn of(&self, headers: &HeaderMap) -> HeaderValue {
        let fits = |id: &&HeaderValue| {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/".contains(byte);
            (1..=ID_BYTES_MAX).contains(&id.len()) && id.as_bytes().iter().all(plain)
        };
        headers.get(REQUEST_ID).filter(fits).cloned().unwrap_or_else(|| {
            let count = self.count.fetch_add(1, Ordering::Relaxed);
            let id = HeaderValue::try_from(format!("{:08x}-{count}", self.process));
            id.unwrap_or(HeaderValue::from_static("-"))
        })
    }
}

/// Names a request, checks whom it was meant for, has it answered, and notes what became of it.
pub(super) async fn observe(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let id = server.ids.of(request.headers());
    let began = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = error_span!("request", id = id.to_str().unwrap_or_default());
    let answered = async {
        let mut response = match server.meant(request.uri(), request.headers()) {
            Ok(()) => next.run(request).await,
            Err(refusal) => refusal.answer(Form::Json),
        };
        let status = response.status();
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        if status.is_server_error() {
            warn!(%method, path, status = status.as_u16(), micros, "answered");
        } else if status.is_client_error() {
            info!(%method, path, status = status.as_u16(), micros, "answered");
        } else {
            debug!(%method, path, status = status.as_u16(), micros, "answered");
        }
        server.metrics.request(status);
        response.headers_mut().insert(REQUEST_ID, id);
        response
    };
    answered.instrument(span).await
}

impl Server {
    /// Whether the name a request came by is ours. A page of another site can have its own name
    /// point to this machine, and would then read and post as if it were at home here.
    fn meant(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let named = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let Some(named) = uri.host().or(named) else {
            return Err(Refusal::Misdirected("nothing".to_owned()));
        };
        let host = match named.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => named,
        };
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let loopback = host.eq_ignore_ascii_case("localhost")
            || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if loopback || self.settings.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)) {
            Ok(())
        } else {
            Err(Refusal::Misdirected(host.to_owned()))
        }
    }
}
