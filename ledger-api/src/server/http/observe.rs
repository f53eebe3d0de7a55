//! The layer around every request: request id, host check, log line and metrics.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, Uri, header};
use axum::middleware::Next;
use tracing::{Instrument, debug, error_span, info, warn};

use super::negotiate::Form;
use super::refusal::Refusal;
use crate::server::Server;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest request id accepted from a client, in bytes.
const ID_BYTES_MAX: usize = 64;

/// The source of request ids.
pub(crate) struct RequestIds {
    process: u32,
    count: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new() -> Self {
        // Without a random source, ids are unique within this process only.
        RequestIds { process: getrandom::u32().unwrap_or_default(), count: AtomicU64::new(1) }
    }

    /// The client's own request id, if it is safe to log, or else a new one.
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

/// Gives a request its id, checks its host, runs it, then logs and counts the response.
pub(crate) async fn observe(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let id = server.ids.of(request.headers());
    let began = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = error_span!("request", id = id.to_str().unwrap_or_default());
    let answered = async {
        let mut response = match server.check_host(request.uri(), request.headers()) {
            Ok(()) => next.run(request).await,
            Err(refusal) => refusal.answer(Form::Json),
        };
        let status = response.status();
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let refused = status.is_client_error() || status.is_server_error();
        let writes = !refused || server.refusals.writes(status.as_u16(), Instant::now());
        if status.is_server_error() && writes {
            warn!(%method, path, status = status.as_u16(), micros, "answered");
        } else if refused && writes {
            info!(%method, path, status = status.as_u16(), micros, "answered");
        } else if !refused {
            debug!(%method, path, status = status.as_u16(), micros, "answered");
        }
        server.metrics.request(status);
        response.headers_mut().insert(REQUEST_ID, id);
        response
    };
    answered.instrument(span).await
}

/// The interval within which refusals of one status are counted together.
const INTERVAL: Duration = Duration::from_secs(60);

/// The refusals of one status that have lines of their own within the interval.
const LINES_MAX: u64 = 20;

/// Refused requests by status: the first of an interval have lines in the log, the others are counted.
#[derive(Default)]
pub(crate) struct RefusalLines(Mutex<BTreeMap<u16, (Instant, u64)>>);

impl RefusalLines {
    /// Counts a refusal; returns whether it has a line of its own.
    fn writes(&self, status: u16, now: Instant) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, count) = counts.entry(status).or_insert((now, 0));
        *count += 1;
        *count <= LINES_MAX
    }

    /// Takes the counts whose interval is over, each as a status and how many had no line.
    fn take_over(&self, now: Instant) -> Vec<(u16, u64)> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut over = Vec::new();
        counts.retain(|status, (began, count)| {
            let is_over = now.duration_since(*began) >= INTERVAL;
            if is_over && *count > LINES_MAX {
                over.push((*status, *count - LINES_MAX));
            }
            !is_over
        });
        over
    }

    /// Logs the counts whose interval is over.
    pub(crate) fn log(&self) {
        for (status, requests) in self.take_over(Instant::now()) {
            warn!(status, requests, "more requests were answered alike within a minute");
        }
    }
}

impl Server {
    /// Checks that a request names this server's host. Another site could point its own name at this
    /// machine, and its pages would then count as same-origin (DNS rebinding).
    fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_refusals_of_an_interval_have_lines_and_the_others_are_counted() {
        let (lines, began) = (RefusalLines::default(), Instant::now());
        assert_eq!((0..50_000).filter(|_| lines.writes(401, began)).count(), 20);
        assert!(lines.writes(400, began), "each status has its own");
        assert_eq!(lines.take_over(began + INTERVAL - Duration::from_secs(1)), []);
        assert_eq!(lines.take_over(began + INTERVAL), [(401, 49_980)]);
        assert!(lines.writes(401, began + INTERVAL));
    }
}
