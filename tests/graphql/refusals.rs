//! What is said about a posting that is refused: as data where the command is at fault, as an
//! error where the server is, and before anything runs where the input is malformed.

use ledger_core::log::store::Store;
use serde_json::{Value, json};

use crate::fixture::{Fixture, number};

fn book_with_a_line() -> Fixture {
    let fixture = Fixture::empty();
    fixture.post("establishFund", r#"code: "F", name: "A fund""#);
    fixture.post(
        "settleFunding",
        r#"fund: "F", class: CAPITAL, from: "2017-18", to: "2017-18", newMoney: "100.00", reannounced: "0.00""#,
    );
    fixture.post("openProgramme", r#"code: "WIFI", name: "Wi-Fi""#);
    fixture.post(
        "allocate",
        r#"fund: "F", month: "M1", to: [{ line: "WIFI/XDH/2017-18/capital", amount: "40.00" }]"#,
    );
    fixture
}

fn error(payload: &Value) -> Value {
    payload["userErrors"][0].clone()
}

#[test]
fn a_rule_of_the_policy_names_itself_and_its_limit() {
    let fixture = book_with_a_line();
    let payload = fixture.submit(
        "cut",
        r#"idempotencyKey: "k", reason: "r", line: "WIFI/XDH/2017-18/capital", amount: "41.00", month: "M2""#,
    );
    let error = error(&payload);
    assert_eq!((&error["rule"], &error["limit"]), (&json!("BEYOND_AVAILABLE"), &json!("40.00")));
}

#[test]
fn a_line_is_changed_only_if_it_is_still_at_the_version_that_was_read() {
    let fixture = book_with_a_line();
    let line = "WIFI/XDH/2017-18/capital";
    let version = || {
        let answer = fixture.ask(&format!(r#"{{ line(key: "{line}") {{ version }} }}"#));
        number(&answer["line"]["version"])
    };
    let cut = |key: &str, version: u64| {
        fixture.submit(
            "cut",
            &format!(
                r#"idempotencyKey: "{key}", reason: "r", line: "{line}", amount: "1.00", month: "M2",
                   expectedVersions: [{{ line: "{line}", version: "{version}" }}]"#
            ),
        )
    };
    let read = version();
    assert_eq!(cut("a", read)["outcome"], "POSTED");
    let stale = error(&cut("b", read));
    assert_eq!(
        (&stale["code"], &stale["field"]),
        (&json!("VERSION_CONFLICT"), &json!("expectedVersions"))
    );
    assert_eq!(number(&stale["currentVersion"]), version());
    // What changes no figure changes the version all the same.
    let zero = format!(r#"fund: "F", month: "M2", to: [{{ line: "{line}", amount: "0.00" }}]"#);
    for (field, input) in [
        ("allocate", zero.as_str()),
        ("setProfile", &format!(r#"line: "{line}", weights: [1,1,1,1,1,1,1,1,1,1,1,2]"#)),
        ("reviseForecast", &format!(r#"line: "{line}", month: "M3", amount: "30.00""#)),
        ("reviseForecast", &format!(r#"line: "{line}", month: "M2", amount: "30.00""#)),
        ("explainUnderspend", &format!(r#"line: "{line}", cause: SAVING, amount: "1.00""#)),
    ] {
        let position = fixture.post(field, input);
        assert_eq!(version(), position, "{field}");
        assert_eq!(cut(&format!("after-{position}"), version())["outcome"], "POSTED", "{field}");
    }
    // A version is of the line as it stands.
    let earlier = fixture.ask(&format!(
        r#"{{ line(key: "{line}", asAt: {{ position: "{read}" }}) {{ version }} }}"#
    ));
    assert_eq!(earlier["line"]["version"], Value::Null);
}

#[test]
fn texts_that_have_not_their_form_are_told_one_by_one() {
    let fixture = Fixture::empty();
    let payload = fixture.submit(
        "openProgramme",
        r#"idempotencyKey: "", reason: "", evidence: ["fine", ""], code: "WIFI", name: "Wi-Fi""#,
    );
    let told: Vec<(&str, &str)> = payload["userErrors"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|error| Some((error["code"].as_str()?, error["field"].as_str()?)))
        .collect();
    let malformed = ["idempotencyKey", "reason", "evidence.1"].map(|field| ("MALFORMED", field));
    assert_eq!(told, malformed);
    let name = fixture
        .submit("openProgramme", r#"idempotencyKey: "k", reason: "r", code: "WIFI", name: """#);
    assert_eq!(error(&name)["field"], "name");
    let batch = fixture.submit(
        "postBatch",
        r#"idempotencyKey: "k", reason: "r", commands: [{ closeProgramme: { code: "A" } },
           { setProfile: { line: "A/B/2017-18/capital", weights: [1] } }]"#,
    );
    assert_eq!(error(&batch)["field"], "commands.1.weights");
    assert_eq!(fixture.head(), 1);
}

#[test]
fn a_refused_command_of_a_batch_is_named_by_its_number() {
    let fixture = book_with_a_line();
    let before = fixture.head();
    let payload = fixture.submit(
        "postBatch",
        r#"idempotencyKey: "k", reason: "r", commands: [
            { recordActual: { line: "WIFI/XDH/2017-18/capital", month: "M2", amount: "1.00" } },
            { recordActual: { line: "WIFI/XDH/2017-18/capital", month: "M2", amount: "0.00" } }]"#,
    );
    assert_eq!(error(&payload)["code"], "ZERO");
    assert_eq!(error(&payload)["field"], "commands.1.amount");
    assert_eq!(fixture.head(), before, "all are posted, or none");
}

#[test]
fn a_malformed_value_is_refused_before_anything_runs() {
    let fixture = book_with_a_line();
    let before = fixture.head();
    let document = |amount: &str, line: &str, month: &str| {
        format!(
            r#"mutation {{ cut(input: {{ idempotencyKey: "k", reason: "r", line: {line},
                amount: {amount}, month: {month} }}) {{ position }} }}"#
        )
    };
    let (line, month) = (r#""WIFI/XDH/2017-18/capital""#, r#""M2""#);
    for amount in [
        "1",
        "1.00",
        r#""1.005""#,
        r#""£1""#,
        r#""1,000""#,
        r#""1e3""#,
        r#""10000000000000""#,
        "true",
        "null",
    ] {
        let response = fixture.execute(&document(amount, line, month));
        assert!(!response.errors.is_empty() && response.errors.iter().all(|e| e.path.is_empty()));
        assert_eq!(response.data, async_graphql::Value::Null, "{amount}");
    }
    for line in [r#""WIFI""#, r#""WIFI/XDH/2017-19/capital""#, r#""wifi/XDH/2017-18/capital""#] {
        assert!(!fixture.execute(&document(r#""1.00""#, line, month)).errors.is_empty(), "{line}");
    }
    for month in [r#""M14""#, r#""m1""#, "1", "M1"] {
        assert!(!fixture.execute(&document(r#""1.00""#, line, month)).errors.is_empty(), "{month}");
    }
    for as_at in [
        "{}",
        r#"{ position: "1", recordedAt: "2018-01-01T00:00:00Z" }"#,
        r#"{ position: 1 }"#,
        r#"{ position: "01" }"#,
        r#"{ recordedAt: "2018-02-30" }"#,
    ] {
        let document = format!("{{ policy(asAt: {as_at}) {{ position }} }}");
        assert!(!fixture.execute(&document).errors.is_empty(), "{as_at}");
    }
    assert_eq!(fixture.head(), before);
}

#[test]
fn a_fault_is_an_error_with_its_code() {
    let fixture = book_with_a_line();
    fixture.book.store().poison("the disk failed at noon");
    let (code, message) = fixture.fails(
        r#"mutation { openProgramme(input: { idempotencyKey: "k", reason: "r", code: "CYBER", name: "Cyber" })
           { position userErrors { code } } }"#,
    );
    assert_eq!(code, "WRITES_OFF");
    assert!(message.contains("noon"), "{message}");
    assert_eq!(fixture.ask("{ ledger { head } }")["ledger"]["head"], fixture.head().to_string());
}

#[test]
fn nobody_posts_without_a_name() {
    let fixture = Fixture::empty();
    let document = r#"mutation { openProgramme(input: { idempotencyKey: "k", reason: "r", code: "A", name: "A" }) { position } }"#;
    let response = fixture.runtime.block_on(fixture.schema.execute(document));
    let error = response.errors.first().expect("an error");
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    assert_eq!(code, Some(&async_graphql::Value::from("UNAUTHENTICATED")));
}
