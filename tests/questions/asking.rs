//! The sample book of this suite, the answers it gives, and how they are read.

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use async_graphql::{Request, Response};
use ledger_api::access::demo;
use ledger_api::book::{Book, DataFolder};
use ledger_api::graphql::{Caller, LedgerSchema, Limits, schema};
use ledger_api::sample::{self, SampleClock};
use ledger_core::domain::calendar::Timestamp;
use ledger_tests::generate::parsed;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{Question, rivals, sign_off};

/// When what this suite adds to the sample is recorded, in every run.
const AFTERWARDS: &str = "2026-10-15";

/// The sample book, in which an approver has signed one of the two commitments that wait.
pub(crate) struct Asked {
    schema: LedgerSchema,
    runtime: Runtime,
    /// Whether scopes and figures had to be published that the sample lacks.
    pub(crate) published: bool,
    /// The entry up to which the book is the sample, and the figures published about it.
    before_signing: String,
    _folder: TempDir,
}

impl Asked {
    /// The one book that all tests ask.
    pub(crate) fn shared() -> &'static Asked {
        static ASKED: LazyLock<Asked> = LazyLock::new(Asked::new);
        &ASKED
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
        let mut asked = Asked { schema, runtime, published: false, before_signing, _folder: place };
        asked.published = rivals::publish(&asked);
        asked.before_signing = text(&asked.ask("{ ledger { head } }")["ledger"]["head"]).to_owned();
        sign_off::sign(&asked);
        asked
    }

    /// What a question's query answers, as it stood before anything was signed where it says so.
    pub(crate) fn response(&self, question: &Question) -> Response {
        let moment = format!("asAt: {{ position: \"{}\" }}", self.before_signing);
        self.execute(None, &question.query.replace(BEFORE_SIGNING, &moment))
    }

    /// The same as a value.
    pub(crate) fn answer(&self, question: &Question) -> Value {
        serde_json::to_value(self.response(question).data).expect("JSON")
    }

    /// The data of an answer to somebody who may do everything.
    pub(crate) fn ask(&self, document: &str) -> Value {
        serde_json::to_value(self.execute(None, document).data).expect("JSON")
    }

    /// Posts, as somebody with a key of a demo or as one who may do everything.
    pub(crate) fn post(&self, key: Option<&str>, mutation: &str, input: &str) {
        let told = self.execute(
            key,
            &format!(
                "mutation {{ {mutation}(input: {{ {input} }}) {{ userErrors {{ code message }} }} }}"
            ),
        );
        let told = serde_json::to_value(told.data).expect("JSON");
        assert_eq!(told[mutation]["userErrors"], serde_json::json!([]), "{mutation}: {input}");
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

/// Stands in a query for the moment before anything was signed; the page shows none there.
pub(crate) const BEFORE_SIGNING: &str = "BEFORE_SIGNING";

/// The nodes of a connection.
pub(crate) fn nodes(connection: &Value) -> Vec<Value> {
    let edges = connection["edges"].as_array().expect("edges");
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

/// Text, or a word that says there is none.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("none")
}

/// The one row for which a path of members has this text.
pub(crate) fn row<'r>(rows: &'r [Value], path: &str, wanted: &str) -> &'r Value {
    let found = rows.iter().find(|row| text(at(row, path)) == wanted);
    found.unwrap_or_else(|| panic!("no {path} {wanted} in {rows:#?}"))
}

/// Members of a row, each as text.
pub(crate) fn cells(row: &Value, paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| text(at(row, path)).to_owned()).collect()
}

/// Holds members of a row against what they must be.
pub(crate) fn has<T: AsRef<str> + Debug>(row: &Value, expected: &[(&str, T)]) {
    for (path, amount) in expected {
        assert_eq!(text(at(row, path)), amount.as_ref(), "{path} in {row:#}");
    }
}

fn at<'r>(row: &'r Value, path: &str) -> &'r Value {
    row.pointer(&format!("/{path}")).unwrap_or(&Value::Null)
}
