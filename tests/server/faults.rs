//! What fails under a running server: changed bytes, a full disk, a deleted lock. Writes go off, the
//! log says so at once, and nothing changed is served.

use std::fs;
use std::path::Path;
use std::process::Command;

use ledger_core::log::segments::{Folder, SegmentsStore};
use ledger_core::state::State;
use projections::ReadModels;
use projections::book::{DataFolder, take_snapshot};
use serde_json::{Value, json};

use super::process::{REGISTER, Server, program, registration};
use super::settings::sample;

/// Changes one bit in the middle of an entry.
fn damage(data: &Path, entry: u64) {
    let segment = data.join("book/00000000000000000001.jsonl");
    let mut bytes = fs::read(&segment).unwrap();
    let start = format!("\n{{\"position\":{entry},");
    let start = bytes.windows(start.len()).position(|window| window == start.as_bytes()).unwrap();
    let length = bytes[start + 1..].iter().position(|byte| *byte == b'\n').unwrap();
    bytes[start + 1 + length / 2] ^= 1;
    fs::write(&segment, bytes).unwrap();
}

/// Waits until the server has logged that writes are off, and gives the line.
fn logged(server: &Server) -> String {
    let line = server.log_line("writes are off since");
    assert!(line.contains("ERROR") && line.contains("start again"), "{line}");
    line
}

/// The code and message of the error that a question is answered with.
fn fault(server: &Server, query: &str, variables: &Value) -> (String, String) {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let answer = server.post(&body, &[]);
    let message = answer.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned();
    (answer.code(), message)
}

/// Checks that postings are refused, and that operators are told why.
fn check_off(server: &Server, why: &str) {
    let (code, message) = fault(server, REGISTER, &registration("LATE"));
    assert_eq!(code, "WRITES_OFF", "{message}");
    assert!(message.contains(why), "{message}");
    let health = server.get("/health");
    assert_eq!((health.status, &health.json()["status"]), (503, &json!("writesOff")));
    assert!(health.text.contains(why), "{health:?}");
    assert_eq!(server.metric("budget_ledger_writes_off"), Some(1.0));
}

#[test]
fn an_entry_changed_under_a_server_is_not_served_and_turns_writes_off() {
    const ENTRY: &str = "query($at: Position!) { entry(position: $at) { reason } }";
    const REVERSE: &str =
        "mutation($input: ReverseInput!) { reverse(input: $input) { position outcome } }";
    type Way = fn(&Server) -> (String, String);
    let ways: [Way; 4] = [
        |server| fault(server, ENTRY, &json!({ "at": "78" })),
        |server| {
            let some = "{ entries(first: 20, after: \"70\") { edges { node { reason } } } }";
            let all = "{ entries(first: 169) { edges { node { reason } } } }";
            let found = fault(server, all, &Value::Null);
            if found.0.is_empty() { fault(server, some, &Value::Null) } else { found }
        },
        |server| {
            let input = json!({ "entry": "78", "reason": "r", "idempotencyKey": "k" });
            fault(server, REVERSE, &json!({ "input": input }))
        },
        |server| {
            let mut socket = server.begun();
            let query = "subscription { entries(after: { position: \"75\" }) { position reason } }";
            socket.subscribe("1", query, &Value::Null);
            let heard = socket.hear();
            let payload = &heard["payload"];
            let errors = if payload.is_array() { payload } else { &payload["errors"] };
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (text(&errors[0]["extensions"]["code"]), text(&errors[0]["message"]))
        },
    ];
    for (way, read) in ways.into_iter().enumerate() {
        let folder = sample();
        let server = Server::on(folder.path(), &[]);
        server.register("EARLY");
        damage(folder.path(), 78);
        let (code, message) = read(&server);
        assert_eq!(code, "DAMAGED", "{way}: {message}");
        assert!(message.contains("damaged at entry 78"), "{way}: {message}");
        assert!(logged(&server).contains("damaged at entry 78"));
        check_off(&server, "damaged at entry 78");
        // The others are served.
        let other = server.ask(ENTRY, &json!({ "at": "77" }));
        assert!(other["entry"]["reason"].is_string(), "{other}");
    }
}

#[test]
fn damage_that_the_scrub_finds_is_logged_at_once() {
    let folder = sample();
    let store = SegmentsStore::read_only(DataFolder::read_only(folder.path()).book).unwrap();
    let (mut state, mut models) = (State::default(), ReadModels::default());
    state.catch_up(&store, &mut models, None).unwrap();
    let snapshots = Folder::writable(&folder.path().join("snapshots")).unwrap();
    take_snapshot(&snapshots, &state, &models).unwrap();
    damage(folder.path(), 78);
    let server = Server::starting(Server::command_on(folder.path(), &[]));
    assert!(logged(&server).contains("damaged at entry 78"));
    check_off(&server, "damaged at entry 78");
}

/// A limit on the size of files stands for the full disk, which needs a disk of its own.
#[test]
fn a_block_that_cannot_be_kept_is_logged_at_once() {
    let folder = sample();
    let mut command = Command::new("sh");
    let limited = "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\"";
    let served = Server::command_on(folder.path(), &[]);
    command.args(["-c", limited]).arg(served.get_program()).args(served.get_args());
    let server = Server::start(command);
    let lines = (0..4000).map(|number| {
        let command = json!({ "registerBody": { "code": format!("B{number}"), "name": "x".repeat(200), "kind": "trust" } });
        format!("{}\n", json!({ "key": format!("k{number}"), "reason": "A test", "command": command }))
    });
    let headers = [("content-type", "application/jsonl")];
    server.send("POST", "/postings", &headers, &lines.collect::<String>());
    assert!(logged(&server).contains("could not be kept"));
    check_off(&server, "could not be kept");
}

#[test]
fn after_its_locks_were_deleted_a_server_stops_posting_and_another_may_start() {
    let folder = sample();
    let mut first = Server::on(folder.path(), &[]);
    first.register("AAA");
    for lock in ["book/lock", "access/server/lock"] {
        fs::remove_file(folder.path().join(lock)).unwrap();
    }
    let second = Server::on(folder.path(), &["--grace", "1"]);
    let theirs = second.register("BBB");
    let (code, message) = fault(&first, REGISTER, &registration("CCC"));
    assert_eq!(code, "WRITES_OFF", "{message}");
    assert!(logged(&first).contains("the file lock was deleted or replaced"));
    check_off(&first, "the file lock was deleted or replaced");
    first.signal("TERM");
    assert_eq!(first.wait().code(), Some(0));
    assert_eq!(second.register("DDD"), theirs + 1);
    drop(second);
    let verified = program(&["verify", "--data", folder.path().to_str().unwrap()]).output();
    assert_eq!(verified.unwrap().status.code(), Some(0));
}
