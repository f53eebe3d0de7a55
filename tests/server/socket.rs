//! graphql-transport-ws: what a socket does, and why it is closed.

use std::time::Instant;

use ledger_tests::demo_head;
use serde_json::json;
use tungstenite::Message;
use tungstenite::protocol::frame::coding::CloseCode;

use super::process::{REGISTER, Server, Socket, registration};

fn closed(socket: &mut Socket, code: u16, reason: &str) {
    let frame = socket.close();
    assert_eq!(frame.code, CloseCode::from(code), "{frame:?}");
    assert!(frame.reason.starts_with(reason), "{frame:?}");
    assert!(frame.reason.len() <= 123, "{frame:?}");
}

#[test]
fn a_message_that_the_protocol_does_not_have_closes_it_with_4400() {
    let server = Server::demo(&[]);
    let long = format!("{{\"type\":\"{}\"}}", "x".repeat(500));
    for message in [
        "nonsense",
        "[]",
        r#"{"type":"start"}"#,
        &long,
        r#"{"type":"connection_init","payload":1}"#,
        r#"{"id":"1","type":"next","payload":{}}"#,
        r#"{"id":"1","type":"subscribe","payload":{"query":1}}"#,
        r#"{"id":"1","type":"subscribe","payload":{}}"#,
        r#"{"id":"","type":"subscribe","payload":{"query":"{__typename}"}}"#,
    ] {
        let mut socket = server.begun();
        socket.say_text(message);
        closed(&mut socket, 4400, "Invalid message: ");
    }
    let mut socket = server.begun();
    socket.socket.send(Message::binary(b"{}".as_slice())).unwrap();
    closed(&mut socket, 4400, "Invalid message: ");
}

#[test]
fn to_ask_before_it_has_begun_closes_it_with_4401() {
    let server = Server::demo(&[]);
    let mut socket = server.socket();
    socket.subscribe("1", "{ __typename }", &json!({}));
    closed(&mut socket, 4401, "Unauthorized");
}

#[test]
fn to_sign_in_by_an_unknown_key_closes_it_with_4403() {
    let server = Server::demo(&[]);
    let mut socket = server.socket();
    let payload = json!({ "Authorization": "Bearer x" });
    socket.say(&json!({ "type": "connection_init", "payload": payload }));
    closed(&mut socket, 4403, "Forbidden");
}

#[test]
fn another_subprotocol_closes_it_with_4406() {
    let server = Server::demo(&[]);
    // This client insists on the protocol it asked for; a bare one sees what the server says.
    let mut stream = server.connect();
    super::process::write(
        &mut stream,
        "GET /graphql HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: graphql-ws\r\n\r\n",
    );
    let answer = super::process::read_all(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
    assert!(answer.contains("Subprotocol not acceptable"), "{answer}");
    let frame = "\u{fffd}\u{1c}\u{11}6Subprotocol not acceptable";
    assert!(answer.ends_with(frame), "a close frame of 4406: {answer:?}");
}

#[test]
fn not_to_begin_within_three_seconds_closes_it_with_4408() {
    let server = Server::demo(&[]);
    let began = Instant::now();
    let mut socket = server.socket();
    closed(&mut socket, 4408, "Connection initialisation timeout");
    assert!((2900..6000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
}

#[test]
fn an_id_that_is_in_use_closes_it_with_4409() {
    let server = Server::demo(&[]);
    let mut socket = server.begun();
    let id = "£".repeat(60);
    for _ in 0..2 {
        socket.subscribe(&id, "subscription { entries { position } }", &json!({}));
    }
    closed(&mut socket, 4409, "Subscriber for £");
}

#[test]
fn to_begin_twice_closes_it_with_4429() {
    let server = Server::demo(&[]);
    let mut socket = server.begun();
    socket.say(&json!({ "type": "connection_init" }));
    closed(&mut socket, 4429, "Too many initialisation requests");
}

#[test]
fn queries_and_mutations_are_answered_too() {
    let server = Server::demo(&[]);
    let mut socket = server.begun();
    socket.subscribe("a", "{ __typename }", &json!({}));
    let next =
        json!({ "id": "a", "type": "next", "payload": { "data": { "__typename": "Query" } } });
    assert_eq!(socket.hear(), next);
    assert_eq!(socket.hear(), json!({ "id": "a", "type": "complete" }));
    // The id may be used again.
    socket.subscribe("a", REGISTER, &registration("AAA"));
    assert_eq!(
        socket.hear()["payload"]["data"]["registerBody"]["position"],
        json!((demo_head() + 1).to_string())
    );
    assert_eq!(socket.hear(), json!({ "id": "a", "type": "complete" }));
}

#[test]
fn what_is_refused_is_an_error_without_a_completion() {
    let server = Server::demo(&[]);
    let mut socket = server.begun();
    let two = "subscription { entries { position } fundBalances { position } }";
    for (query, code) in [
        ("{ nonsense", "GRAPHQL_PARSE_FAILED"),
        ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { plannedVersusActual(year: 1) { position } }", "GRAPHQL_VALIDATION_FAILED"),
        (two, "ONE_SUBSCRIPTION_AT_A_TIME"),
    ] {
        socket.subscribe("1", query, &json!({}));
        let error = socket.hear();
        assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("1")), "{error}");
        assert_eq!(error["payload"][0]["extensions"]["code"], json!(code), "{error}");
    }
    socket.say(&json!({ "type": "ping" }));
    assert_eq!(socket.hear(), json!({ "type": "pong" }), "nothing was still to come");
}

#[test]
fn a_ping_is_answered_with_what_it_holds() {
    let server = Server::demo(&[]);
    let mut socket = server.socket();
    socket.say(&json!({ "type": "ping", "payload": { "a": [1] } }));
    assert_eq!(socket.hear(), json!({ "type": "pong", "payload": { "a": [1] } }));
    socket.say(&json!({ "type": "pong" }));
    socket.socket.send(Message::Ping(b"x".as_slice().into())).unwrap();
    assert_eq!(socket.socket.read().unwrap(), Message::Pong(b"x".as_slice().into()));
}

#[test]
fn a_socket_has_at_most_fifty_operations() {
    let server = Server::demo(&[]);
    let mut socket = server.begun();
    let follow = "subscription { entries { position } }";
    for id in 0..51 {
        socket.subscribe(&id.to_string(), follow, &json!({}));
    }
    let refused = socket.hear();
    assert_eq!((&refused["id"], &refused["type"]), (&json!("50"), &json!("error")));
    assert_eq!(refused["payload"][0]["extensions"]["code"], json!("TOO_MANY_OPERATIONS"));
    assert_eq!(server.metric("budget_ledger_subscribers"), Some(50.0));
    socket.say(&json!({ "id": "7", "type": "complete" }));
    socket.subscribe("50", follow, &json!({}));
    socket.say(&json!({ "type": "ping" }));
    assert_eq!(socket.hear(), json!({ "type": "pong" }));
    assert_eq!(server.metric("budget_ledger_subscribers"), Some(50.0));
    drop(socket);
    server.metric_reaches("budget_ledger_subscribers", 0.0);
}

#[test]
fn pages_of_other_origins_may_not_open_sockets() {
    let server = Server::demo(&["--origin", "https://dashboard.example"]);
    let by = |origin: &str| {
        let origin = origin.parse().unwrap();
        server.socket_by(|request| drop(request.headers_mut().insert("origin", origin)))
    };
    let own = format!("http://{}", server.address);
    for origin in [own.as_str(), "https://dashboard.example"] {
        assert!(by(origin).is_ok(), "{origin}");
    }
    let other = format!("http://{}.evil.example", server.address);
    for origin in ["https://evil.example", "null", "http://dashboard.example", &other] {
        assert_eq!(by(origin).err(), Some(403), "{origin}");
    }
}

#[test]
fn a_message_that_is_too_long_closes_it() {
    let server = Server::demo(&[]);
    let mut socket = server.begun();
    let query = format!("{{ __typename }} # {}", "x".repeat(1 << 20));
    let message = json!({ "id": "1", "type": "subscribe", "payload": { "query": query } });
    // The server may have closed it before all has been written.
    drop(socket.socket.send(Message::text(message.to_string())));
    let ended = loop {
        match socket.socket.read() {
            Ok(Message::Close(frame)) => break frame.map(|frame| u16::from(frame.code)),
            Ok(_) => {}
            Err(_) => break None,
        }
    };
    assert!(ended.is_none_or(|code| code == 4400), "{ended:?}");
    assert_eq!(server.get("/health").status, 200);
}

#[test]
fn a_closed_socket_is_closed_in_turn() {
    let server = Server::demo(&[]);
    let mut socket = server.begun();
    socket.socket.close(None).unwrap();
    let ended: Vec<_> = std::iter::from_fn(|| socket.socket.read().ok()).collect();
    assert!(matches!(ended.as_slice(), [Message::Close(_)]), "{ended:?}");
    server.metric_reaches("budget_ledger_sockets", 0.0);
}
