//! What each caller may ask for.

use std::thread;
use std::time::Duration;

use serde_json::json;

use super::process::Server;

const QUESTION: &str = r#"{"query":"{ ledger { head root } }"}"#;

const VIEWER: (&str, &str) = ("authorization", "Bearer demo-viewer");

#[test]
fn who_asks_for_more_than_their_share_is_told_when_to_ask_again() {
    let server = Server::demo(&["--rate", "20", "--burst", "100"]);
    let answers: Vec<_> = (0..10).map(|_| server.post(QUESTION, &[VIEWER])).collect();
    let refused = answers.iter().find(|answer| answer.status == 429).expect("one is refused");
    assert_eq!(refused.code(), "RATE_LIMITED");
    let wait: u64 = refused.header("retry-after").expect("it says when").parse().unwrap();
    assert!((1..=3).contains(&wait), "{refused:?}");
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 5, "{answers:?}");
    // Each has a share of their own.
    assert_eq!(server.post(QUESTION, &[]).status, 200);
    thread::sleep(Duration::from_secs(wait));
    assert_eq!(server.post(QUESTION, &[VIEWER]).status, 200);
}

#[test]
fn what_a_question_costs_is_what_it_takes_of_the_share() {
    let server = Server::demo(&["--rate", "1", "--burst", "2000"]);
    let dear = r#"{"query":"{ programmes(first: 400) { edges { node { code name status } } } }"}"#;
    assert_eq!(server.post(dear, &[VIEWER]).status, 200, "it may be more than there is, once");
    assert_eq!(server.post(QUESTION, &[VIEWER]).status, 429);
}

#[test]
fn a_long_document_costs_by_its_bytes_though_it_is_refused() {
    let server = Server::demo(&["--rate", "1", "--burst", "5000"]);
    let long = format!("{{\"query\":\"{{ {} }}\"}}", "a ".repeat(100_000));
    assert_eq!(server.post(&long, &[VIEWER]).code(), "TOO_COMPLEX");
    assert_eq!(server.post(QUESTION, &[VIEWER]).status, 429);
    let variables = "1,".repeat(100_000);
    let long = format!("{{\"query\":\"{{ __typename }}\",\"variables\":{{\"a\":[{variables}1]}}}}");
    assert_eq!(server.post(&long, &[]).status, 400);
    assert_eq!(server.post(QUESTION, &[]).status, 429);
}

/// Lists of which each looks through the whole book and finds nothing.
fn fruitless(count: usize) -> String {
    let lists = (0..count).map(|list| {
        format!("a{list}: entries(first: 1, filter: {{ actor: \\\"nobody\\\" }}) {{ position }} ")
    });
    format!("{{\"query\":\"{{ {} }}\"}}", lists.collect::<String>())
}

#[test]
fn entries_that_are_looked_through_cost_though_none_is_found() {
    // A list costs 21 by its fields, and a unit for ten of the sample's 169 entries.
    let server = Server::demo(&["--rate", "1", "--burst", "3000"]);
    assert_eq!(server.post(&fruitless(100), &[VIEWER]).status, 200);
    assert_eq!(server.post(QUESTION, &[VIEWER]).status, 429);
}

#[test]
fn one_request_looks_through_ten_entries_for_each_unit_it_may_cost() {
    let server = Server::demo(&["--complexity", "400"]);
    for number in 0..100 {
        server.register(&format!("B{number}"));
    }
    let few = server.post(&fruitless(10), &[]);
    assert_eq!(few.json().get("errors"), None, "{few:?}");
    let many = server.post(&fruitless(18), &[]);
    let errors = many.json()["errors"].as_array().cloned().unwrap_or_default();
    assert!(!errors.is_empty(), "{many:?}");
    for error in errors {
        assert_eq!(error["extensions"]["code"], "TOO_COMPLEX", "{error}");
        assert!(error["path"].is_array(), "it was found while it ran: {error}");
    }
}

#[test]
fn a_socket_takes_of_the_same_share() {
    let server = Server::demo(&["--rate", "1", "--burst", "50"]);
    let mut socket = server.begun();
    for id in ["1", "2", "3", "4", "5", "6"] {
        socket.subscribe(id, "{ ledger { head root } }", &json!({}));
    }
    let refused = (0..12).map(|_| socket.hear()).find(|told| told["type"] == "error");
    let code = refused.map(|told| told["payload"][0]["extensions"]["code"].clone());
    assert_eq!(code, Some(json!("RATE_LIMITED")));
}

#[test]
fn a_demo_bounds_nobody_unless_it_is_told_to() {
    let server = Server::demo(&[]);
    let dear = r#"{"query":"{ programmes(first: 400) { edges { node { code name status } } } }"}"#;
    assert!((0..60).all(|_| server.post(dear, &[VIEWER]).status == 200));
}
