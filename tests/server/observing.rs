//! Health, metrics and the log.

use ledger_tests::sample_head;
use serde_json::{Value, json};

use super::process::{REGISTER, Server};

#[test]
fn health_says_where_the_book_is() {
    let server = Server::demo(&[]);
    let before = server.get("/health");
    assert_eq!(before.status, 200);
    server.register("AAA");
    let health = server.get("/health").json();
    assert_eq!(
        (&health["status"], &health["position"]),
        (&json!("ready"), &json!((sample_head() + 1).to_string()))
    );
    assert_ne!(health["root"], before.json()["root"]);
}

#[test]
fn metrics_count_what_happened() {
    let server = Server::demo(&[]);
    server.register("AAA");
    let taken = json!({ "input": {
        "code": "AAA", "name": "Another", "kind": "TRUST",
        "reason": "A test", "idempotencyKey": "another",
    }});
    let refused = server.ask(REGISTER, &taken);
    assert_eq!(refused["registerBody"]["userErrors"][0]["code"], json!("CODE_TAKEN"));
    drop(server.post("nonsense", &[]));
    let head = sample_head() as f64;
    let expected = [
        ("budget_ledger_postings_total", head),
        ("budget_ledger_head_position", head + 1.0),
        ("budget_ledger_refusals_total{rule=\"CODE_TAKEN\"}", 1.0),
        ("budget_ledger_block_entries_count", head),
        ("budget_ledger_block_entries_bucket{le=\"1\"}", head),
        ("budget_ledger_sync_seconds_count", head),
        ("budget_ledger_writes_off", 0.0),
        ("budget_ledger_operations_total{kind=\"mutation\"}", 2.0),
        ("budget_ledger_operation_seconds_count{kind=\"mutation\"}", 2.0),
        ("budget_ledger_answer_bytes_count", 2.0),
        ("budget_ledger_http_requests_total{status=\"400\"}", 1.0),
        ("budget_ledger_subscribers", 0.0),
        ("budget_ledger_groups", 0.0),
    ];
    for (name, value) in expected {
        assert_eq!(server.metric(name), Some(value), "{name}");
    }
    assert!(server.metric("budget_ledger_index_lag").is_some());
    let answer = server.get("/metrics");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
}

#[test]
fn a_request_has_an_id_that_the_log_names() {
    let server = Server::demo(&["--log", "debug", "--log-format", "json"]);
    let body = r#"{"query":"{ __typename }"}"#;
    let own = server.post(body, &[]).header("x-request-id").unwrap().to_owned();
    let given = server.post(body, &[("x-request-id", "from-a-client-1")]);
    assert_eq!(given.header("x-request-id"), Some("from-a-client-1"));
    let unfit = server.post(body, &[("x-request-id", "in two words")]);
    assert_ne!(unfit.header("x-request-id"), Some("in two words"));
    std::thread::sleep(std::time::Duration::from_millis(200));
    let lines: Vec<Value> =
        server.log().iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for id in [own.as_str(), "from-a-client-1"] {
        let line = lines.iter().find(|line| line["span"]["id"] == json!(id));
        let line = line.unwrap_or_else(|| panic!("no {id} in {lines:?}"));
        assert_eq!((&line["status"], &line["path"]), (&json!(200), &json!("/graphql")));
    }
}
