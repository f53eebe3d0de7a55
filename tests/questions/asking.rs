//! The suite's sample book, its answers, and functions that read them.

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use async_graphql::{Request, Response};
use ledger_api::access::sign_in::demo;
use ledger_api::graphql::{Caller, LedgerSchema, Limits, schema};
use ledger_api::sample::{self, SampleClock};
use ledger_core::domain::calendar::Timestamp;
use ledger_tests::generate::parsed;
use projections::book::{Book, DataFolder};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{Question, rivals, sign_off};

/// The recorded time of this suite's own postings, the same in every run.
const AFTERWARDS: &str = "2026-10-15";

/// The sample book, with one of its two waiting commitments signed.
pub(crate) struct SampleBook {
    schema: LedgerSchema,
    runtime: Runtime,
    /// Whether the suite had to publish scopes and figures that the sample lacks.
    pub(crate) published: bool,
    /// The last entry before the signature.
    before_signing: String,
    _folder: TempDir,
}

impl SampleBook {
    /// The one book that all tests ask.
    pub(crate) fn shared() -> &'static SampleBook {
        static BOOK: LazyLock<SampleBook> = LazyLock::new(SampleBook::new);
        &BOOK
    }

    fn new() -> Self {
        let place = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::writable(place.path()).expect("folders");
        let clock = SampleClock::default();
        let loaded = Arc::new(AtomicBool::new(false));
        let (dates, stands) = (clock.clock(), Arc::clone(&loaded));
        let afterwards = Timestamp::noon(AFTERWARDS.parse().expect("a date"));
        let clock_of_book = Box::new(move || match stands.load(Ordering::Acquire) {
            true => afterwards,
            false => dates(),
        });
        let genesis = sample::genesis().expect("the sample");
        let book = Book::create(folder, &genesis, clock_of_book).expect("a book");
        sample::load(&book.writer(), &clock).expect("the sample");
        loaded.store(true, Ordering::Release);
        let schema = schema(Arc::new(book), &Limits::default());
        let runtime = Runtime::new().expect("a runtime");
        let before_signing = String::new();
        let mut sample_book =
            SampleBook { schema, runtime, published: false, before_signing, _folder: place };
        sample_book.published = rivals::publish(&sample_book);
        sample_book.before_signing =
            text(&sample_book.ask("{ ledger { head } }")["ledger"]["head"]).to_owned();
        sign_off::sign(&sample_book);
        sample_book
    }

    /// The response to a question, at the moment before the signature where the query says so.
    pub(crate) fn response(&self, question: &Question) -> Response {
        let moment = format!("asAt: {{ position: \"{}\" }}", self.before_signing);
        self.execute(None, &question.query.replace(BEFORE_SIGNING, &moment))
    }

    /// The response's data as a JSON value.
    pub(crate) fn answer(&self, question: &Question) -> Value {
        serde_json::to_value(self.response(question).data).expect("JSON")
    }

    /// The data of a response to the local caller.
    pub(crate) fn ask(&self, document: &str) -> Value {
        serde_json::to_value(self.execute(None, document).data).expect("JSON")
    }

    /// Posts with a demo's key, or as the local caller.
    pub(crate) fn post(&self, key: Option<&str>, mutation: &str, input: &str) {
        let answered = self.execute(
            key,
            &format!(
                "mutation {{ {mutation}(input: {{ {input} }}) {{ userErrors {{ code message }} }} }}"
            ),
        );
        let answered = serde_json::to_value(answered.data).expect("JSON");
        assert_eq!(answered[mutation]["userErrors"], serde_json::json!([]), "{mutation}: {input}");
    }

    fn execute(&self, key: Option<&str>, document: &str) -> Response {
        let caller = match key {
            Some(key) => Caller::new(Arc::new(demo::principal(key).expect("a key of a demo"))),
            None => Caller::local(parsed("tester")),
        };
        let request = Request::new(document).data(caller);
        let response = self.runtime.block_on(self.schema.execute(request));
        assert!(response.errors.is_empty(), "{document}: {:?}", response.errors);
        response
    }
}

/// Marks the moment before the signature in a query; the page leaves it out.
pub(crate) const BEFORE_SIGNING: &str = "BEFORE_SIGNING";

/// The nodes of a connection.
pub(crate) fn nodes(connection: &Value) -> Vec<Value> {
    let edges = connection["edges"].as_array().expect("edges");
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

/// A text value, or `none`.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("none")
}

/// The row whose member at a path has this text.
pub(crate) fn row<'r>(rows: &'r [Value], path: &str, wanted: &str) -> &'r Value {
    let found = rows.iter().find(|row| text(at(row, path)) == wanted);
    found.unwrap_or_else(|| panic!("no {path} {wanted} in {rows:#?}"))
}

/// Members of a row, each as text.
pub(crate) fn cells(row: &Value, paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| text(at(row, path)).to_owned()).collect()
}

/// Compares members of a row with their expected texts.
pub(crate) fn has<T: AsRef<str> + Debug>(row: &Value, expected: &[(&str, T)]) {
    for (path, amount) in expected {
        assert_eq!(text(at(row, path)), amount.as_ref(), "{path} in {row:#}");
    }
}

fn at<'r>(row: &'r Value, path: &str) -> &'r Value {
    row.pointer(&format!("/{path}")).unwrap_or(&Value::Null)
}
