//! Postings by `POST /postings`: a line each, and a line for the outcome of each.

use std::io::{BufReader, Read};

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
fn nothing_is_posted_before_the_whole_body_has_come() {
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
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(head(&server), demo_head(), "more may come");
    // The last line may end without a line break.
    write(&mut stream, &format!("{}0\r\n\r\n", chunk(rest.trim_end())));
    let mut read = String::new();
    BufReader::new(stream).read_to_string(&mut read).unwrap();
    let told: Vec<Value> = read
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let positions: Vec<_> = told.iter().map(|outcome| outcome["position"].as_u64()).collect();
    assert_eq!(positions, [Some(demo_head() + 1), Some(demo_head() + 2)], "{read}");
}

#[test]
fn a_refused_line_says_so_in_its_place_and_nothing_or_the_rest_is_posted() {
    let server = Server::demo(&[]);
    let taken = line("taken", &json!({ "openProgramme": { "code": "CYBER", "name": "Again" } }));
    let body = [registered("AAA"), taken, "\n".to_owned(), registered("BBB")].concat();
    let told = outcomes(&server, "/postings", &body);
    let codes = told.iter().map(code).collect::<Vec<_>>();
    assert_eq!(codes, ["", "CODE_TAKEN", "", "ROWS_REFUSED"], "{told:?}");
    assert!(told.iter().all(|outcome| outcome["position"].is_null()), "{told:?}");
    assert_eq!(told[3]["ended"], true);
    assert_eq!(head(&server), demo_head());
    let told = outcomes(&server, "/postings?acceptValid=true", &body);
    assert_eq!(told.iter().map(code).collect::<Vec<_>>(), ["", "CODE_TAKEN", ""], "{told:?}");
    assert_eq!(told[1]["position"], Value::Null);
    assert_eq!(told[2]["position"], demo_head() + 2);
    assert_eq!(head(&server), demo_head() + 2);
}

#[test]
fn a_line_that_is_no_posting_is_told_and_nothing_or_the_rest_is_posted() {
    let server = Server::demo(&[]);
    for wrong in ["nonsense\n", "{}\n", "[]\n", "{\"key\":\"k\"\n"] {
        let before = head(&server);
        let code_of = |number: u64| format!("B{before}-{number}");
        let body = [registered(&code_of(1)), wrong.to_owned(), registered(&code_of(2))].concat();
        let told = outcomes(&server, "/postings", &body);
        let codes = told.iter().map(code).collect::<Vec<_>>();
        assert_eq!(codes, ["", "MALFORMED", "", "MALFORMED"], "{wrong}");
        let message = told[1]["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("line 2: "), "{message}");
        let message = told[3]["error"]["message"].as_str().unwrap();
        assert!(
            message.contains("1 of 3 lines cannot be read, so nothing was posted"),
            "{message}"
        );
        assert_eq!(head(&server), before, "{wrong}");
        let told = outcomes(&server, "/postings?acceptValid=true", &body);
        assert_eq!(told.iter().map(code).collect::<Vec<_>>(), ["", "MALFORMED", ""], "{wrong}");
        assert_eq!(head(&server), before + 2);
        // A bad line at the end is told as well.
        let told = outcomes(&server, "/postings?acceptValid=true", &format!("{body}{wrong}"));
        let codes = told.iter().map(code).collect::<Vec<_>>();
        assert_eq!(codes, ["", "MALFORMED", "", "MALFORMED"], "{wrong}");
        assert_eq!((&told[0]["replayed"], head(&server)), (&json!(true), before + 2));
    }
}

#[test]
fn a_key_posts_once_and_stands_once_in_an_upload() {
    let server = Server::demo(&[]);
    let same = registered("AAA");
    for query in ["", "?acceptValid=true", "?dryRun=true"] {
        let path = format!("/postings{query}");
        let told = outcomes(&server, &path, &[&*same, &registered("BBB"), &same].concat());
        let message = told[2]["error"]["message"].as_str().unwrap();
        assert!(message.contains("the key AAA is also the key of row 1"), "{message}");
        assert_eq!((code(&told[0]), code(&told[2])), ("MALFORMED", "MALFORMED"), "{told:?}");
    }
    assert_eq!(head(&server), demo_head() + 1, "the valid row alone was accepted");
    let told = outcomes(&server, "/postings", &same);
    let again = outcomes(&server, "/postings", &same);
    assert_eq!(
        (&again[0]["replayed"], &again[0]["position"]),
        (&json!(true), &told[0]["position"])
    );
    assert_eq!(again[0]["recordedAt"], told[0]["recordedAt"]);
    let other = same.replace("An organisation", "Another");
    assert_eq!(code(&outcomes(&server, "/postings", &other)[0]), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(head(&server), demo_head() + 2);
}

#[test]
fn a_changed_version_of_an_upload_is_told_and_posts_what_is_new_when_asked_to() {
    let server = Server::demo(&[]);
    let keyless = |code: &str| registered(code).replace(&format!("\"key\":\"{code}\","), "");
    assert!(!keyless("AAA").contains("\"key\""));
    let body = |codes: &[&str]| codes.iter().map(|code| keyless(code)).collect::<String>();
    let posted = outcomes(&server, "/postings", &body(&["AAA", "BBB", "CCC"]));
    assert_eq!(posted.len(), 3);
    let changed = body(&["CCC", "AAA", "DDD"]);
    for query in ["", "?dryRun=true", "?acceptValid=true"] {
        let told = outcomes(&server, &format!("/postings{query}"), &changed);
        assert_eq!(code(told.last().unwrap()), "FILE_CHANGED", "{told:?}");
        assert_eq!(told[3]["error"]["gone"], json!([posted[1]["position"]]), "{told:?}");
        let known: Vec<_> = told[..3].iter().map(|outcome| &outcome["replayed"]).collect();
        assert_eq!(known, [true, true, false], "{told:?}");
        assert_eq!(head(&server), demo_head() + 3, "{query}");
    }
    let told = outcomes(&server, "/postings?changed=true", &changed);
    assert_eq!(told[2]["position"], demo_head() + 4, "{told:?}");
    // It is the posted file now.
    assert_eq!(outcomes(&server, "/postings", &changed).len(), 3);
    assert_eq!(head(&server), demo_head() + 4);
}

#[test]
fn an_upload_is_bounded_by_its_size_alone() {
    let server = Server::demo(&[]);
    // As many short lines take as much room as long ones.
    let answer = sent(&server, "/postings", &"\n".repeat(300_000));
    let told: Value = serde_json::from_str(answer.text.trim()).unwrap();
    assert_eq!(code(&told), "TOO_LARGE", "{told:?}");
    // What was refused leaves its room to the next.
    assert_eq!(outcomes(&server, "/postings", &registered("AAA")).len(), 1);
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
    for query in [
        "dryrun=true",
        "dryRun=yes",
        "dryRun",
        "dryRun=true&x=1",
        "dryRun=true&dryRun=false",
        "acceptvalid=true",
        "changed=1",
    ] {
        let answer = sent(&server, &format!("/postings?{query}"), &registered("AAA"));
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
    }
    assert_eq!(head(&server), demo_head(), "nothing was posted");
}
