//! Sessions: their end, and their records in the access log.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::desk::{Desk, bearer};
use crate::process::{REGISTER, Server, Socket, registration};

const ENTRIES: &str = "subscription { entries { position } }";

fn begun(server: &Server, token: &str) -> Socket {
    let mut socket = server.socket();
    let payload = json!({ "authorization": bearer(token) });
    socket.say(&json!({ "type": "connection_init", "payload": payload }));
    assert_eq!(socket.hear(), json!({ "type": "connection_ack" }));
    socket
}

#[test]
fn a_socket_ends_within_five_seconds_of_its_key_and_other_sockets_stay_open() {
    let desk = Desk::new();
    let (cyd, dan) = (desk.key("cyd", "--role preparer"), desk.key("dan", "--role viewer"));
    let server = desk.serve();
    let (mut ends, mut goes_on) = (begun(&server, &cyd.token), begun(&server, &dan.token));
    ends.subscribe("1", ENTRIES, &json!({}));
    goes_on.subscribe("1", "subscription { fundBalances { position } }", &json!({}));
    goes_on.hear();
    desk.does(&format!("keys revoke {}", cyd.id), &desk.ada);
    let revoked = Instant::now();
    let closed = ends.close();
    assert_eq!(u16::from(closed.code), 4403, "{closed:?}");
    assert!(revoked.elapsed() < Duration::from_secs(5), "{:?}", revoked.elapsed());
    goes_on.say(&json!({ "type": "ping" }));
    assert_eq!(goes_on.hear(), json!({ "type": "pong" }));
    let sent = bearer(&cyd.token);
    let answer = server.post(r#"{"query":"{ledger{head}}"}"#, &[("authorization", &sent)]);
    assert_eq!((answer.status, answer.code().as_str()), (401, "REVOKED"));
}

#[test]
fn an_event_stream_ends_within_five_seconds_of_its_key() {
    let desk = Desk::new();
    let cyd = desk.key("cyd", "--role viewer");
    let server = desk.serve();
    let sent = bearer(&cyd.token);
    let id = cyd.id;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_secs(1));
            desk.does(&format!("keys revoke {id}"), &desk.ada);
        });
        let began = Instant::now();
        let body = json!({ "query": ENTRIES }).to_string();
        let headers = [("accept", "text/event-stream"), ("authorization", sent.as_str())];
        let answer = server.post(&body, &headers);
        assert!(!answer.text.contains("complete"), "{answer:?}");
        assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    });
}

#[test]
fn refusals_and_reads_by_auditors_are_in_the_access_log() {
    let desk = Desk::new();
    let ned = desk.key("ned", "--role auditor");
    let gone = desk.key("gone", "--role viewer");
    desk.does(&format!("keys revoke {}", gone.id), &desk.ada);
    let pending = desk.pending("soon", "--role viewer");
    let late = desk.pending("late", "--role viewer --days 0");
    let server = desk.serve();
    let ask = |sent: &str| {
        let answer = server.post(r#"{"query":"{ledger{head}}"}"#, &[("authorization", sent)]);
        (answer.status, if answer.status == 200 { String::new() } else { answer.code() })
    };
    let refused = [
        (bearer(&gone.token), "REVOKED"),
        (bearer(&pending.token), "KEY_PENDING"),
        (bearer(&late.token), "EXPIRED"),
        (bearer("blk_nobody"), "UNKNOWN_KEY"),
        ("Basic YTpi".to_owned(), "MALFORMED_TOKEN"),
    ];
    for (sent, code) in &refused {
        assert_eq!(ask(sent), (401, (*code).to_owned()));
    }
    assert_eq!(ask(&bearer(&ned.token)).0, 200);
    let body = json!({ "query": REGISTER, "variables": registration("RX9") }).to_string();
    let answer = server.post(&body, &[("authorization", &bearer(&ned.token))]);
    assert_eq!((answer.status, answer.code().as_str()), (403, "FORBIDDEN"));
    // Records are written in batches, a moment later.
    std::thread::sleep(Duration::from_secs(1));
    let log = desk.access_log(&ned.token);
    let says = |what: &str, begins: &str| {
        log.iter().any(|(name, said)| name == what && said.starts_with(begins))
    };
    for (_, code) in refused {
        assert!(says("signInRefused", code), "{code}: {log:?}");
    }
    for (what, begins) in [
        ("keysBegun", "k"),
        ("keyMade", "k"),
        ("keyConfirmed", "k"),
        ("keyRevoked", "k"),
        ("signedIn", ""),
        ("auditorRead", "{ledger{head}}"),
        ("denied", "mutation Register"),
    ] {
        assert!(says(what, begins), "{what}: {log:?}");
    }
}
