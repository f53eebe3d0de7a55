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
