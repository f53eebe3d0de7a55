//! `GET /metrics`: figures of the server and its book, in Prometheus text.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use ledger_core::log::store::Store;
use ledger_core::writer::Histogram as BookHistogram;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::prometheus_text::{CONTENT_TYPE, encode};
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabel, EncodeLabelSet, EncodeMetric, LabelSetEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::document::Kind;
use projections::book::Book;

/// The metrics of a server.
pub(super) struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<Label<u16>, Counter>,
    operations: Family<Label<&'static str>, Counter>,
    seconds: Family<Label<&'static str>, Histogram>,
    bytes: Histogram,
    /// Open WebSockets.
    pub(super) sockets: Gauge,
    /// Active operations on sockets and event streams.
    pub(super) subscribers: Gauge,
    /// Groups of equal subscriptions.
    pub(super) groups: Gauge,
    /// Executions for groups of subscriptions.
    pub(super) executions: Counter,
    /// Messages written to sockets and event streams.
    pub(super) frames: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("budget_ledger");
        let metrics = Metrics {
            requests: Family::default(),
            operations: Family::default(),
            seconds: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.000_1, 4.0, 9))
            }),
            bytes: Histogram::new(exponential_buckets(256.0, 4.0, 9)),
            sockets: Gauge::default(),
            subscribers: Gauge::default(),
            groups: Gauge::default(),
            executions: Counter::default(),
            frames: Counter::default(),
            registry: Mutex::default(),
        };
        registry.register("http_requests", "HTTP requests by status", metrics.requests.clone());
        let help = "Executed GraphQL operations, by kind";
        registry.register("operations", help, metrics.operations.clone());
        let help = "Execution time of queries and mutations, in seconds, by kind";
        registry.register("operation_seconds", help, metrics.seconds.clone());
        let help = "Response size of queries and mutations, in bytes";
        registry.register("answer_bytes", help, metrics.bytes.clone());
        registry.register("sockets", "Open WebSockets", metrics.sockets.clone());
        let help = "Active operations on sockets and event streams";
        registry.register("subscribers", help, metrics.subscribers.clone());
        let help = "Groups of equal subscriptions";
        registry.register("groups", help, metrics.groups.clone());
        let help = "Executions for groups of subscriptions";
        registry.register("group_executions", help, metrics.executions.clone());
        let help = "Messages written to sockets and event streams";
        registry.register("frames", help, metrics.frames.clone());
        Metrics { registry: Mutex::new(registry), ..metrics }
    }
}

/// A label: its name and value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Label<V>(&'static str, V);

impl EncodeLabelSet for Label<u16> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        EncodeLabel::encode(&(self.0, u64::from(self.1)), encoder.encode_label())
    }
}

impl EncodeLabelSet for Label<&'static str> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        EncodeLabel::encode(&(self.0, self.1), encoder.encode_label())
    }
}

impl Metrics {
    /// Adds the book's own metrics.
    pub(super) fn add_book(&self, book: Arc<Book>) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register_collector(Box::new(BookMetrics(book)));
    }

    pub(super) fn request(&self, status: StatusCode) {
        self.requests.get_or_create(&Label("status", status.as_u16())).inc();
    }

    pub(super) fn operation(&self, kind: Kind, took: Duration, bytes: usize) {
        self.operation_starts(kind);
        self.seconds.get_or_create(&Label("kind", name(kind))).observe(took.as_secs_f64());
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.bytes.observe(f64::from(bytes));
    }

    pub(super) fn operation_starts(&self, kind: Kind) {
        self.operations.get_or_create(&Label("kind", name(kind))).inc();
    }

    /// All metrics, in Prometheus text.
    pub(super) fn render(&self) -> Response<Body> {
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        let encoded = encode(&mut text, &registry);
        drop(registry);
        let mut response = Response::new(Body::from(text));
        if encoded.is_err() {
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Query { .. } => "query",
        Kind::Mutation => "mutation",
        Kind::Subscription { .. } => "subscription",
    }
}

/// The book's own metrics, read at each request.
struct BookMetrics(Arc<Book>);

impl fmt::Debug for BookMetrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BookMetrics")
    }
}

impl Collector for BookMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let book = &self.0;
        let writer = book.writer();
        let tally = writer.tally();
        let mut counter = |name: &str, help: &str, value: u64| {
            let value = ConstCounter::new(value);
            value.encode(encoder.encode_descriptor(name, help, None, MetricType::Counter)?)
        };
        counter("postings", "Entries posted since the start.", tally.block_sizes().sum())?;
        let mut gauge = |name: &str, help: &str, value: u64| {
            let value = ConstGauge::new(value);
            value.encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
        };
        gauge("head_position", "Position of the last entry.", book.store().head().position.get())?;
        let lag = book.index().map_or(0, |index| index.lag());
        gauge("index_lag", "Entries not yet indexed.", lag)?;
        let off = u64::from(book.store().writes_off().is_some());
        gauge("writes_off", "1 if the book refuses postings.", off)?;
        let help = "Postings refused since the start, by rule.";
        let mut refusals =
            encoder.encode_descriptor("refusals", help, None, MetricType::Counter)?;
        for (rule, count) in tally.refused() {
            let label = Label("rule", rule);
            ConstCounter::new(count).encode(refusals.encode_family(&label)?)?;
        }
        let mut histogram = |name: &str, help: &str, histogram: &BookHistogram, unit: f64| {
            let mut encoder = encoder.encode_descriptor(name, help, None, MetricType::Histogram)?;
            encode_histogram(histogram, unit, &mut encoder)
        };
        let help = "Entries in a block.";
        histogram("block_entries", help, tally.block_sizes(), 1.0)?;
        let help = "Time to make a block durable, in seconds.";
        histogram("sync_seconds", help, tally.append_micros(), 1e-6)
    }
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "the format only has floats; no value is money"
)]
fn encode_histogram(
    histogram: &BookHistogram,
    unit: f64,
    encoder: &mut prometheus_client::encoding::MetricEncoder<'_>,
) -> fmt::Result {
    let buckets: Vec<(f64, u64)> = histogram
        .buckets()
        .map(|(highest, count)| (highest.map_or(f64::MAX, |value| value as f64 * unit), count))
        .collect();
    let count = buckets.iter().map(|(_, count)| count).sum();
    encoder.encode_histogram::<NoLabelSet>(histogram.sum() as f64 * unit, count, &buckets, None)
}
