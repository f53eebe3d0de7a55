//! What is taken over HTTP, and what is refused.

use ledger_tests::demo_head;
use serde_json::json;

use super::process::{REGISTER, Server, registration};

/// A status, a code, and whether there is an answer at all.
fn check(server: &Server, method: &str, headers: &[(&str, &str)], body: &str, want: (u16, &str)) {
    let answer = server.send(method, "/graphql", headers, body);
    assert_eq!((answer.status, answer.code().as_str()), want, "{method} {headers:?} {body:.80}");
    assert!(answer.json().get("data").is_none(), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
}

#[test]
fn only_json_by_post_changes_the_book() {
    let server = Server::demo(&[]);
    let mutation = json!({ "query": REGISTER, "variables": registration("AAA") }).to_string();
    let form = format!("query={REGISTER}");
    let refused = (415, "UNSUPPORTED_MEDIA_TYPE");
    check(&server, "POST", &[("content-type", "text/plain")], &mutation, refused);
    check(&server, "POST", &[], &mutation, refused);
    let urlencoded = [("content-type", "application/x-www-form-urlencoded")];
    check(&server, "POST", &urlencoded, &form, refused);
    let multipart = [("content-type", "multipart/form-data; boundary=x")];
    check(&server, "POST", &multipart, "--x--", refused);
    let latin = [("content-type", "application/json; charset=latin1")];
    check(&server, "POST", &latin, &mutation, refused);
    let json = [("content-type", "application/json")];
    for method in ["PUT", "DELETE", "PATCH"] {
        check(&server, method, &json, &mutation, (405, "METHOD_NOT_ALLOWED"));
    }
    let get = server.get("/graphql?query=mutation%7B__typename%7D");
    assert_eq!((get.status, get.code().as_str()), (405, "METHOD_NOT_ALLOWED"));
    assert_eq!(get.header("allow"), Some("POST"));
    assert_eq!(
        server.metric("budget_ledger_head_position"),
        Some(demo_head() as f64),
        "nothing was posted"
    );
    assert_eq!(server.register("AAA"), demo_head() + 1);
}

#[test]
fn a_body_is_one_typed_object() {
    let server = Server::demo(&[]);
    let json = [("content-type", "application/json")];
    for body in [
        "",
        "nonsense",
        "[]",
        r#"[{"query":"{__typename}"}]"#,
        "{}",
        r#"{"query":1}"#,
        r#"{"query":"{__typename}","variables":[]}"#,
        r#"{"query":"{__typename}","operationName":{}}"#,
        r#"{"query":"{__typename}","extensions":""}"#,
    ] {
        check(&server, "POST", &json, body, (400, "BAD_REQUEST"));
    }
    let answer = server.post(r#"{"query":"{__typename}","variables":null,"more":1}"#, &[]);
    assert_eq!((answer.status, answer.json()), (200, json!({"data": {"__typename": "Query"}})));
}

#[test]
fn a_body_has_at_most_a_mebibyte() {
    let server = Server::demo(&[]);
    let of_length = |length: usize| {
        let body = |padding: usize| {
            format!("{{\"query\":\"{{__typename}}\",\"padding\":\"{}\"}}", "x".repeat(padding))
        };
        body(length - body(0).len())
    };
    assert_eq!(server.post(&of_length(1 << 20), &[]).status, 200);
    for length in [(1 << 20) + 1, 6 << 20] {
        let answer = server.post(&of_length(length), &[]);
        assert_eq!((answer.status, answer.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
    }
}

#[test]
fn an_operation_posts_once_or_not_at_all() {
    let server = Server::demo(&[]);
    let two = "mutation($a: RegisterBodyInput!, $b: RegisterBodyInput!) { \
               a: registerBody(input: $a) { position } b: registerBody(input: $b) { position } }";
    let input = |code| registration(code)["input"].clone();
    let variables = json!({ "a": input("AAA"), "b": input("BBB") });
    let answer = server.post(&json!({ "query": two, "variables": variables }).to_string(), &[]);
    assert_eq!(answer.code(), "ONE_MUTATION_AT_A_TIME");
    // A variable that is missing, or that has a bad value inside, is found before anything runs.
    let query = REGISTER;
    for variables in [
        json!({}),
        json!({ "input": null }),
        json!({ "input": {} }),
        json!({ "input": { "code": 1 } }),
    ] {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let answer = server.post(&body, &[("accept", "application/graphql-response+json")]);
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(answer.json().get("data").is_none(), "{answer:?}");
    }
    assert_eq!(server.metric("budget_ledger_head_position"), Some(demo_head() as f64));
}

#[test]
fn the_same_key_posts_once() {
    let server = Server::demo(&[]);
    let first = server.ask(REGISTER, &registration("AAA"));
    let again = server.ask(REGISTER, &registration("AAA"));
    assert_eq!(first["registerBody"]["replayed"], json!(false));
    assert_eq!(again["registerBody"]["replayed"], json!(true));
    assert_eq!(first["registerBody"]["position"], again["registerBody"]["position"]);
}

#[test]
fn a_server_is_reached_by_its_own_names_alone() {
    let server = Server::demo(&["--host", "ledger.example"]);
    let body = r#"{"query":"{__typename}"}"#;
    for (host, status) in [
        ("localhost", 200),
        ("LOCALHOST:8080", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8080", 200),
        ("ledger.example", 200),
        ("rebound.example", 421),
        ("rebound.example:8080", 421),
        ("127.0.0.1.rebound.example", 421),
    ] {
        assert_eq!(server.post(body, &[("host", host)]).status, status, "{host}");
    }
}

#[test]
fn a_demo_lets_its_preparer_post_and_others_only_read() {
    let server = Server::demo(&[]);
    let body = json!({ "query": REGISTER, "variables": registration("RX9") }).to_string();
    let mut visitor = Server::demo(&[]);
    visitor.authorization = None;
    assert_eq!(visitor.post(r#"{"query":"{ledger{head}}"}"#, &[]).status, 200);
    let refused = visitor.post(&body, &[]);
    assert_eq!((refused.status, refused.code().as_str()), (403, "FORBIDDEN"));
    for key in ["viewer", "auditor", "administrator", "approver-icb", "approver-department"] {
        let sent = format!("Bearer demo-{key}");
        let refused = server.post(&body, &[("authorization", &sent)]);
        assert_eq!((refused.status, refused.code().as_str()), (403, "FORBIDDEN"), "{key}");
    }
    assert!(server.register("RX9") > 0);
}

#[test]
fn an_unknown_key_is_refused() {
    let server = Server::demo(&[]);
    let answer = server.post(r#"{"query":"{__typename}"}"#, &[("authorization", "Bearer x")]);
    assert_eq!((answer.status, answer.code().as_str()), (401, "UNKNOWN_KEY"));
}

#[test]
fn a_subscription_needs_a_stream() {
    let server = Server::demo(&[]);
    let answer = server.post(r#"{"query":"subscription { entries { position } }"}"#, &[]);
    assert_eq!((answer.status, answer.code().as_str()), (406, "SUBSCRIPTION_NEEDS_A_STREAM"));
}
