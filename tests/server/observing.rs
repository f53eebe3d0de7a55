//! Health, metrics and the log.

use ledger_tests::demo_head;
use serde_json::{Value, json};

use super::process::{REGISTER, Server, read_all, write};

#[test]
fn health_says_where_the_book_is() {
    let server = Server::demo(&[]);
    let before = server.send("GET", "/health", &server.watcher(), "");
    assert_eq!(before.status, 200);
    server.register("AAA");
    let health = server.send("GET", "/health", &server.watcher(), "").json();
    assert_eq!(
        (&health["status"], &health["position"]),
        (&json!("ready"), &json!((demo_head() + 1).to_string()))
    );
    assert_ne!(health["root"], before.json()["root"]);
}

#[test]
fn metrics_and_the_details_of_health_take_a_key() {
    let server = Server::demo(&[]);
    let get = |path: &str, key: &str| {
        let authorization = format!("Bearer {key}");
        server.send("GET", path, &[("authorization", &authorization)], "")
    };
    for (key, status) in [
        ("demo-auditor", 200),
        ("demo-administrator", 200),
        ("demo-viewer", 403),
        ("demo-preparer", 403),
        ("demo-nobody", 401),
    ] {
        assert_eq!(get("/metrics", key).status, status, "{key}");
        let health = get("/health", key);
        assert_eq!(health.status, if key == "demo-nobody" { 401 } else { 200 }, "{key}");
        assert_eq!(health.text.contains("position"), status == 200, "{key}: {health:?}");
    }
    // Everybody may ask whether it is ready.
    let bare = |path: &str| {
        let mut stream = server.connect();
        write(
            &mut stream,
            &format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"),
        );
        read_all(&mut stream)
    };
    let health = bare("/health");
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    assert!(health.ends_with("\r\n\r\n{\"status\":\"ready\"}\n"), "{health}");
    let metrics = bare("/metrics");
    assert!(metrics.starts_with("HTTP/1.1 403"), "a visitor of a demo: {metrics}");
}

#[test]
fn operators_may_have_an_address_of_their_own() {
    let server = Server::demo(&["--metrics-address", "127.0.0.1:0"]);
    let line = server.log().into_iter().find(|line| line.contains("serving metrics"));
    let address = line.expect("it says where").rsplit('=').next().unwrap().trim().to_owned();
    let get = |path: &str| {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        write(
            &mut stream,
            &format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"),
        );
        read_all(&mut stream)
    };
    assert!(get("/metrics").contains("budget_ledger_head_position"));
    assert!(get("/health").contains("\"position\""));
    assert!(get("/graphql").starts_with("HTTP/1.1 404"));
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
    let head = demo_head() as f64;
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
    let answer = server.send("GET", "/metrics", &server.watcher(), "");
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
