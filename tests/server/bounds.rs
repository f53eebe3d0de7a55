//! What one caller, or one address, may hold of the server.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use ledger_tests::measure::memory;
use serde_json::{Value, json};

use super::process::{REGISTER, Server, read_all, registration, write};

const QUESTION: &str = r#"{"query":"{ ledger { head root } }"}"#;

/// Sends a body of which the rest never comes.
fn half_sent(server: &Server, key: &str, announced: usize, sent: &str) -> TcpStream {
    let mut stream = server.connect();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\ncontent-length: {announced}\r\n\r\n{sent}"
    );
    // A refused one may be closed before all has been written.
    drop(stream.write_all(request.as_bytes()));
    stream
}

/// The status that a connection is answered within a time; none yet is 0.
fn status(stream: &mut TcpStream, wait: Duration) -> u16 {
    stream.set_read_timeout(Some(wait)).unwrap();
    let mut begun = [0; 12];
    match stream.read_exact(&mut begun) {
        Ok(()) => std::str::from_utf8(&begun[9..]).unwrap().parse().unwrap(),
        Err(_) => 0,
    }
}

#[test]
fn a_body_takes_memory_for_what_has_come_of_it() {
    let server = Server::demo(&[]);
    let (before, _) = memory(server.id());
    let open: Vec<TcpStream> =
        (0..400).map(|_| half_sent(&server, "demo-viewer", 1_048_000, "{")).collect();
    std::thread::sleep(Duration::from_millis(500));
    let (now, _) = memory(server.id());
    let each = now.saturating_sub(before) / 400;
    assert!(each < 256 << 10, "{each} bytes for each of {} connections", open.len());
}

#[test]
fn a_caller_holds_a_bounded_number_of_bytes_and_leaves_the_others_theirs() {
    let server = Server::demo(&[]);
    let most = format!("{{\"query\":\"{}", "x".repeat(1_000_000));
    let mut held: Vec<TcpStream> =
        (0..8).map(|_| half_sent(&server, "demo-viewer", 1_048_000, &most)).collect();
    std::thread::sleep(Duration::from_secs(3));
    let answered = held.iter_mut().map(|one| status(one, Duration::from_millis(100)));
    let refused = answered.filter(|status| *status == 429).count();
    // Four fit. Those that are refused may have taken part of the share meanwhile.
    assert!((4..=7).contains(&refused), "{refused} of 8 are refused");
    let refused = server.post(QUESTION, &[("authorization", "Bearer demo-viewer")]);
    assert!(matches!(refused.status, 200 | 429), "{refused:?}");
    assert_eq!(server.post(QUESTION, &[]).status, 200, "another caller");
    drop(held);
    let until = Instant::now() + Duration::from_secs(10);
    let large = json!({ "query": "{ __typename }", "padding": "x".repeat(1_000_000) }).to_string();
    while server.post(&large, &[("authorization", "Bearer demo-viewer")]).status != 200 {
        assert!(Instant::now() < until, "the share is not given back");
    }
}

#[test]
fn a_trusted_proxy_names_whose_share_its_requests_take() {
    let arguments = ["--trusted-proxy", "127.0.0.1", "--connections-each", "2"];
    let server = Server::demo(&arguments);
    let follow = |client: &str| {
        let mut stream = server.connect();
        let query = r#"{"query":"subscription { entries { position } }"}"#;
        write(
            &mut stream,
            &format!(
                "POST /graphql HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: 1.2.3.4, {client}\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{query}",
                query.len()
            ),
        );
        let status = status(&mut stream, Duration::from_secs(10));
        (stream, status)
    };
    let first = [follow("192.0.2.1"), follow("192.0.2.1")];
    assert_eq!(first.each_ref().map(|(_, status)| *status), [200, 200]);
    assert_eq!(follow("192.0.2.1").1, 429);
    assert_eq!(follow("192.0.2.2").1, 200, "another client of the proxy");
    drop(first);
}

#[test]
fn an_address_has_a_bounded_number_of_connections() {
    let server = Server::demo(&["--connections-each", "3"]);
    // The connections that asked whether it is ready are gone by then.
    std::thread::sleep(Duration::from_millis(500));
    let mut open: Vec<TcpStream> = (0..3).map(|_| server.connect()).collect();
    std::thread::sleep(Duration::from_millis(100));
    let mut further = server.connect();
    // It may be closed before the request has been written.
    drop(
        further.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"),
    );
    assert_eq!(read_all(&mut further), "", "it is closed");
    write(&mut open[0], "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert!(read_all(&mut open[0]).starts_with("HTTP/1.1 200"));
}

#[test]
fn a_socket_reserves_no_memory_for_a_message_that_is_announced() {
    let server = Server::demo(&[]);
    let mut socket = server.begun();
    // The head of a masked text of 1,000,000 bytes.
    let head = [0x81, 0x80 | 127, 0, 0, 0, 0, 0, 0x0F, 0x42, 0x40, 0, 0, 0, 0];
    socket.socket.get_mut().write_all(&head).unwrap();
    let began = Instant::now();
    while socket.socket.read().is_ok() {}
    assert!(began.elapsed() < Duration::from_secs(10), "it is not refused");
}

#[test]
fn a_field_given_twice_is_refused_wherever_it_is() {
    let server = Server::demo(&[]);
    let input = r#"code: "AAA", name: "A", kind: TRUST, reason: "A test", idempotencyKey: "k""#;
    let literal = |more: &str| {
        let query =
            format!("mutation {{ registerBody(input: {{ {input}{more} }}) {{ position }} }}");
        server.post(&json!({ "query": query }).to_string(), &[])
    };
    assert_eq!(literal(", name: \"B\"").code(), "REPEATED_FIELD");
    assert_eq!(literal(", idempotencyKey: \"k\"").code(), "REPEATED_FIELD", "though it is equal");
    let variables = registration("AAA").to_string();
    let twice = variables.replacen("\"name\":", "\"name\":\"B\",\"name\":", 1);
    let body =
        |variables: &str| format!("{{\"query\":{},\"variables\":{variables}}}", json!(REGISTER));
    let answer = server.post(&body(&twice), &[]);
    assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_REQUEST"), "{answer:?}");
    assert!(answer.text.contains("given twice"), "{answer:?}");
    let mut socket = server.begun();
    socket
        .say_text(&format!("{{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{}}}", body(&twice)));
    assert!(socket.close().reason.contains("given twice"));
    let line = r#"{"key":"k","reason":"A test","command":{"registerBody":{"code":"AAA","name":"A","name":"B","kind":"trust"}}}"#;
    let headers = [("content-type", "application/jsonl")];
    let told = server.send("POST", "/postings", &headers, line);
    let told: Value = serde_json::from_str(told.text.lines().next().unwrap()).unwrap();
    assert_eq!(told["error"]["code"], "MALFORMED", "{told}");
    // Nothing of it was posted, and what is right is.
    assert_eq!(server.post(&body(&variables), &[]).json().get("errors"), None);
}

#[test]
fn a_document_of_a_mebibyte_is_refused_at_little_cost() {
    let server = Server::demo(&[]);
    let (before, _) = memory(server.id());
    for (open, token) in [("{ ", "a "), ("{ a(b: [", "1 "), ("{ a(b: {", "c:1 "), ("", "{a} ")] {
        let query = format!("{open}{}", token.repeat(1_000_000 / token.len()));
        let began = Instant::now();
        let answer = server.post(&json!({ "query": query }).to_string(), &[]);
        let code = answer.code();
        assert!(matches!(code.as_str(), "TOO_COMPLEX" | "REPEATED_FIELD"), "{token}: {answer:?}");
        assert!(began.elapsed() < Duration::from_secs(2), "{token} took {:?}", began.elapsed());
    }
    let (_, peak) = memory(server.id());
    let grown = peak.saturating_sub(before) >> 20;
    assert!(grown < 128, "it took {grown} MiB");
}
