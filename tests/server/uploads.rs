//! Postings by `POST /postings`: a line each, and a line for the outcome of each.

use std::io::{BufRead, BufReader, Read};

use ledger_tests::demo_head;
use serde_json::{Value, json};

use super::process::{Answer, Server, write};

const LINES: (&str, &str) = ("content-type", "application/jsonl");

/// A line that registers a body, under a key that names it.
fn registered(code: &str) -> String {
    line(
        code,
        &json!({ "registerBody": { "code": code, "name": "An organisation", "kind": "trust" } }),
    )
}

fn line(key: &str, command: &Value) -> String {
    format!("{}\n", json!({ "key": key, "reason": "A test", "command": command }))
}

fn sent(server: &Server, path: &str, body: &str) -> Answer {
    server.send("POST", path, &[LINES], body)
}

/// Sends lines, which are taken; gives the outcomes.
fn outcomes(server: &Server, path: &str, body: &str) -> Vec<Value> {
    let answer = sent(server, path, body);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/jsonl"), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The error of an outcome; empty where there is none.
fn code(outcome: &Value) -> &str {
    outcome["error"]["code"].as_str().unwrap_or_default()
}

fn head(server: &Server) -> u64 {
    let head = server.ask("{ ledger { head } }", &json!({}));
    head["ledger"]["head"].as_str().unwrap().parse().unwrap()
}

#[test]
fn many_lines_of_one_body_are_posted_in_their_order() {
    let server = Server::demo(&[]);
    let body: String = (0..3000).map(|number| registered(&format!("B{number}"))).collect();
    let posted = outcomes(&server, "/postings", &body);
    let positions: Vec<u64> =
        posted.iter().map(|outcome| outcome["position"].as_u64().unwrap()).collect();
    let first = demo_head() + 1;
    assert_eq!(positions, (first..first + 3000).collect::<Vec<_>>());
    assert!(posted.iter().all(|outcome| outcome["outcome"] == "POSTED"));
    assert_eq!(head(&server), first + 2999);
    let last = server.ask(
        "query($at: Position!) { entry(position: $at) { idempotencyKey actor } }",
        &json!({ "at": (first + 2999).to_string() }),
    );
    assert_eq!(last["entry"]["idempotencyKey"], "B2999");
}

#[test]
fn an_outcome_comes_before_the_next_line_is_sent() {
    let server = Server::demo(&[]);
    let mut stream = server.connect();
    let (first, second) = (registered("AAA"), registered("BBB"));
    let (begun, rest) = second.split_at(second.len() / 2);
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    write(
        &mut stream,
        &format!(
            "POST /postings HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nauthorization: Bearer demo-preparer\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n{}",
            server.address,
            chunk(&format!("{first}{begun}"))
        ),
    );
    let mut answer = BufReader::new(stream.try_clone().unwrap());
    let mut read = String::new();
    while !read.contains("\"position\"") {
        assert!(answer.read_line(&mut read).unwrap() > 0, "{read}");
    }
    assert!(read.starts_with("HTTP/1.1 200"), "{read}");
    assert_eq!(head(&server), demo_head() + 1, "half a line is no posting");
    // The last line may end without a line break.
    write(&mut stream, &format!("{}0\r\n\r\n", chunk(rest.trim_end())));
    answer.read_to_string(&mut read).unwrap();
    let told: Vec<Value> = read
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let positions: Vec<_> = told.iter().map(|outcome| outcome["position"].as_u64()).collect();
    assert_eq!(positions, [Some(demo_head() + 1), Some(demo_head() + 2)], "{read}");
}

#[test]
fn a_refused_line_says_so_in_its_place_and_the_rest_is_posted() {
    let server = Server::demo(&[]);
    let taken = line("taken", &json!({ "openProgramme": { "code": "CYBER", "name": "Again" } }));
    let body = [registered("AAA"), taken, "\n".to_owned(), registered("BBB")].concat();
    let told = outcomes(&server, "/postings", &body);
    assert_eq!(told.iter().map(code).collect::<Vec<_>>(), ["", "CODE_TAKEN", ""], "{told:?}");
    assert_eq!(told[1]["position"], Value::Null);
    assert_eq!(told[2]["position"], demo_head() + 2);
    assert_eq!(head(&server), demo_head() + 2);
}

#[test]
fn a_line_that_is_no_posting_ends_the_upload_and_says_so() {
    let server = Server::demo(&[]);
    for wrong in ["nonsense\n", "{}\n", "[]\n", "{\"key\":\"k\"\n"] {
        let before = head(&server);
        let code_of = |number: u64| format!("B{before}-{number}");
        let body = [registered(&code_of(1)), wrong.to_owned(), registered(&code_of(2))].concat();
        let told = outcomes(&server, "/postings", &body);
        assert_eq!(told.iter().map(code).collect::<Vec<_>>(), ["", "MALFORMED"], "{wrong}");
        let message = told[1]["error"]["message"].as_str().unwrap();
        assert!(message.contains("nothing from it on was posted"), "{message}");
        assert_eq!(head(&server), before + 1, "{wrong}");
        // Corrected and sent again, it posts what is missing.
        let body = [registered(&code_of(1)), registered(&code_of(2))].concat();
        let told = outcomes(&server, "/postings", &body);
        let replayed: Vec<_> = told.iter().map(|outcome| &outcome["replayed"]).collect();
        assert_eq!(replayed, [true, false], "{told:?}");
        assert_eq!(head(&server), before + 2);
    }
}

#[test]
fn a_key_posts_once_in_one_upload_and_in_the_next() {
    let server = Server::demo(&[]);
    let same = registered("AAA");
    let told = outcomes(&server, "/postings", &same.repeat(2));
    assert_eq!((&told[0]["replayed"], &told[1]["replayed"]), (&json!(false), &json!(true)));
    assert_eq!(told[0]["position"], told[1]["position"]);
    let again = outcomes(&server, "/postings", &same);
    assert_eq!(
        (&again[0]["replayed"], &again[0]["position"]),
        (&json!(true), &told[0]["position"])
    );
    assert_eq!(again[0]["recordedAt"], told[0]["recordedAt"]);
    let other = same.replace("An organisation", "Another");
    assert_eq!(code(&outcomes(&server, "/postings", &other)[0]), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(head(&server), demo_head() + 1);
}

#[test]
fn a_dry_run_judges_each_line_after_those_before_it_and_posts_none() {
    let server = Server::demo(&[]);
    let open = line("a", &json!({ "openProgramme": { "code": "NEW", "name": "New" } }));
    let rename = line("b", &json!({ "renameProgramme": { "code": "NEW", "name": "Newer" } }));
    let body = [&*open, &rename, &open.replace("\"a\"", "\"c\"")].concat();
    let told = outcomes(&server, "/postings?dryRun=true", &body);
    assert_eq!(told.iter().map(code).collect::<Vec<_>>(), ["", "", "CODE_TAKEN"], "{told:?}");
    assert!(told.iter().all(|outcome| outcome["position"].is_null()), "{told:?}");
    assert_eq!(head(&server), demo_head(), "nothing is posted");
    // Nor is a key taken.
    assert_eq!(outcomes(&server, "/postings", &open)[0]["replayed"], false);
    let tried = outcomes(&server, "/postings?dryRun=true", &open);
    assert_eq!(tried[0]["position"], demo_head() + 1, "what its key has posted: {tried:?}");
    // It says what would change.
    let part =
        |code: &str| json!([{ "line": format!("{code}/XDH/2026-27/capital"), "amount": "5.00" }]);
    let moved = json!({ "month": "M12", "from": part("X-STOP"), "to": part("X-STEADY") });
    let moved = line("d", &json!({ "reallocate": moved }));
    let tried = outcomes(&server, "/postings?dryRun=true", &moved);
    let changes = tried[0]["changes"].as_array().unwrap();
    let revised = changes.iter().find(|change| {
        change["account"] == "X-STOP/XDH/2026-27/capital" && change["figure"] == "revised"
    });
    let revised = revised.unwrap_or_else(|| panic!("{tried:?}"));
    assert_eq!(
        (&revised["before"], &revised["after"]),
        (&json!(5_000_000_000_u64), &json!(4_999_999_500_u64)),
        "in pence"
    );
}

#[test]
fn what_is_no_upload_or_not_allowed_posts_nothing() {
    let server = Server::demo(&[]);
    let body = registered("AAA");
    for media in ["application/json", "text/plain", "application/x-www-form-urlencoded"] {
        let answer = server.send("POST", "/postings", &[("content-type", media)], &body);
        let told = (answer.status, answer.code());
        assert_eq!(told, (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()), "{media}");
    }
    let untyped = server.send("POST", "/postings", &[], &body);
    assert_eq!(untyped.status, 415, "{untyped:?}");
    for method in ["GET", "PUT", "DELETE"] {
        let answer = server.send(method, "/postings", &[LINES], "");
        assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")), "{method}");
    }
    for key in ["viewer", "auditor"] {
        let bearer = format!("Bearer demo-{key}");
        let headers = [LINES, ("authorization", &*bearer)];
        let answer = server.send("POST", "/postings", &headers, &body);
        assert_eq!((answer.status, answer.code().as_str()), (403, "FORBIDDEN"), "{key}");
    }
    let unknown = [LINES, ("authorization", "Bearer x")];
    let answer = server.send("POST", "/postings", &unknown, &body);
    assert_eq!((answer.status, answer.code().as_str()), (401, "UNKNOWN_KEY"));
    // Who may change something else learns of it in the outcome.
    let approver = [LINES, ("authorization", "Bearer demo-approver-department")];
    let answer = server.send("POST", "/postings", &approver, &body);
    let told: Value = serde_json::from_str(answer.text.trim()).unwrap();
    assert_eq!((answer.status, code(&told)), (200, "FORBIDDEN"), "{answer:?}");
    assert_eq!(head(&server), demo_head(), "nothing is posted");
}

#[test]
fn a_misspelt_dry_run_posts_nothing() {
    let server = Server::demo(&[]);
    for query in ["dryrun=true", "dryRun=yes", "dryRun", "dryRun=true&x=1"] {
        let answer = sent(&server, &format!("/postings?{query}"), &registered("AAA"));
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
    }
    assert_eq!(head(&server), demo_head(), "nothing was posted");
}
