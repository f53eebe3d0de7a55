//! A book in a folder of its own, and its schema.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_graphql::{Request, Response};
use futures_util::{Stream, StreamExt};
use ledger_api::access::sign_in::demo;
use ledger_api::clock::{now, system_clock};
use ledger_api::graphql::{Caller, LedgerSchema, Limits, schema};
use ledger_api::sample::{self, SampleClock};
use ledger_core::domain::calendar::Timestamp;
use ledger_core::writer::Clock;
use ledger_tests::generate::{genesis, parsed};
use projections::book::{Book, DataFolder};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) struct Fixture {
    pub(crate) book: Arc<Book>,
    pub(crate) schema: LedgerSchema,
    pub(crate) runtime: Runtime,
    _folder: TempDir,
}

impl Fixture {
    /// An empty book.
    pub(crate) fn empty() -> Self {
        let (folder, place) = folder();
        Self::new(Book::create(folder, &genesis(), system_clock()).expect("a book"), place)
    }

    /// An empty book whose clock is set.
    pub(crate) fn on(clock: &SetClock) -> Self {
        let (folder, place) = folder();
        Self::new(Book::create(folder, &genesis(), clock.clock()).expect("a book"), place)
    }

    /// An empty book whose clock stands at a time.
    pub(crate) fn at(time: &str) -> Self {
        let clock = SetClock::default();
        clock.set(time);
        Self::on(&clock)
    }

    /// The sample book.
    pub(crate) fn sample() -> Self {
        let (folder, place) = folder();
        let clock = SampleClock::default();
        let genesis = sample::genesis().expect("the sample");
        let book = Book::create(folder, &genesis, clock.clock()).expect("a book");
        sample::load(&book.writer(), &clock).expect("the sample");
        Self::new(book, place)
    }

    fn new(book: Book, folder: TempDir) -> Self {
        let book = Arc::new(book);
        let limits = Limits { introspection: true, ..Limits::default() };
        let schema = schema(Arc::clone(&book), &limits);
        let runtime = Runtime::new().expect("a runtime");
        Fixture { book, schema, runtime, _folder: folder }
    }

    /// Executes a document.
    pub(crate) fn execute(&self, document: &str) -> Response {
        self.runtime.block_on(self.schema.execute(request(document)))
    }

    /// The data of an answer to somebody with a key of a demo.
    pub(crate) fn ask_as(&self, key: &str, document: &str) -> Value {
        let response = self.runtime.block_on(self.schema.execute(request_as(key, document)));
        assert!(response.errors.is_empty(), "{key}: {document}: {:?}", response.errors);
        serde_json::to_value(response.data).expect("JSON")
    }

    /// The code of the first error that somebody with a key of a demo is told.
    pub(crate) fn fails_as(&self, key: &str, document: &str) -> String {
        let response = self.runtime.block_on(self.schema.execute(request_as(key, document)));
        let error = response.errors.first().unwrap_or_else(|| panic!("{key}: {document}"));
        let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
        code.map(|code| code.to_string().trim_matches('"').to_owned()).unwrap_or_default()
    }

    /// The data of an answer that must have no errors.
    pub(crate) fn ask(&self, document: &str) -> Value {
        let response = self.execute(document);
        assert!(response.errors.is_empty(), "{document}: {:?}", response.errors);
        serde_json::to_value(response.data).expect("JSON")
    }

    /// The code and message of the first error.
    pub(crate) fn fails(&self, document: &str) -> (String, String) {
        let response = self.execute(document);
        first_error(&response).unwrap_or_else(|| panic!("{document} is answered"))
    }

    /// What a mutation answers: its field, and its input without braces.
    pub(crate) fn submit(&self, field: &str, input: &str) -> Value {
        let document = format!(
            "mutation {{ {field}(input: {{ {input} }}) {{ position outcome replayed dryRun
               warnings {{ code message }} entry {{ position reason actor events {{ kind summary }} }}
               preview {{ events {{ kind }} changes {{ account figure before after }} }}
               userErrors {{ code field message rule limit currentVersion }} }} }}"
        );
        self.ask(&document)[field].clone()
    }

    /// Posts, and gives the position.
    pub(crate) fn post(&self, field: &str, input: &str) -> u64 {
        let key = format!("{field}-{}", self.head());
        let payload =
            self.submit(field, &format!("idempotencyKey: \"{key}\", reason: \"setup\", {input}"));
        assert_eq!(payload["userErrors"], serde_json::json!([]), "{field}: {input}");
        number(&payload["position"])
    }

    /// The position of the last entry.
    pub(crate) fn head(&self) -> u64 {
        self.book.models().times.head().get()
    }

    /// What a subscription tells.
    pub(crate) fn subscribe(&self, document: &str) -> Told {
        let _guard = self.runtime.enter();
        Told(Box::pin(self.schema.execute_stream(request(document))))
    }

    /// The next thing told.
    pub(crate) fn next(&self, told: &mut Told) -> Value {
        let next = async { tokio::time::timeout(Duration::from_secs(10), told.0.next()).await };
        let next = self.runtime.block_on(next).expect("it is told in time").expect("it goes on");
        assert!(next.errors.is_empty(), "{:?}", next.errors);
        serde_json::to_value(next.data).expect("JSON")
    }

    /// The code and message of the error that a subscription ends with.
    pub(crate) fn refusal(&self, told: &mut Told) -> (String, String) {
        let next = async { tokio::time::timeout(Duration::from_secs(10), told.0.next()).await };
        let next = self.runtime.block_on(next).expect("it is told in time").expect("it says why");
        first_error(&next).unwrap_or_else(|| panic!("it is not refused: {:?}", next.data))
    }

    /// Whether nothing more is told for a while.
    pub(crate) fn is_quiet(&self, told: &mut Told) -> bool {
        let next = async { tokio::time::timeout(Duration::from_millis(200), told.0.next()).await };
        self.runtime.block_on(next).is_err()
    }
}

/// A clock that tests set.
#[derive(Clone, Default)]
pub(crate) struct SetClock(Arc<Mutex<(Timestamp, Option<Timestamp>)>>);

impl SetClock {
    /// Stops it at a time.
    pub(crate) fn set(&self, time: &str) {
        *self.0.lock().expect("a clock") = (parsed(time), None);
    }

    /// Lets it run on from a time.
    pub(crate) fn run_on(&self, time: &str) {
        *self.0.lock().expect("a clock") = (parsed(time), Some(now()));
    }

    fn clock(&self) -> Clock {
        let set = Arc::clone(&self.0);
        Box::new(move || {
            let (time, since) = *set.lock().expect("a clock");
            let passed = since.map_or(0, |since| now().micros() - since.micros());
            Timestamp::from_micros(time.micros() + passed)
        })
    }
}

pub(crate) struct Told(std::pin::Pin<Box<dyn Stream<Item = Response> + Send>>);

/// The code and message of the first error.
fn first_error(response: &Response) -> Option<(String, String)> {
    let error = response.errors.first()?;
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    let code = code.map(|code| code.to_string().trim_matches('"').to_owned());
    Some((code.unwrap_or_default(), error.message.clone()))
}

fn request(document: &str) -> Request {
    Request::new(document).data(Caller::local(parsed("tester")))
}

fn request_as(key: &str, document: &str) -> Request {
    let principal = demo::principal(key).unwrap_or_else(|| panic!("{key} is no key of a demo"));
    Request::new(document).data(Caller::new(Arc::new(principal)))
}

fn folder() -> (DataFolder, TempDir) {
    let place = tempfile::tempdir().expect("a folder");
    (DataFolder::writable(place.path()).expect("folders"), place)
}

/// A position, which is a string.
pub(crate) fn number(position: &Value) -> u64 {
    position.as_str().and_then(|text| text.parse().ok()).expect("a position")
}
