//! Subscriptions: each entry once and in order; the latest figures, shared; and no cost of those
//! who do not read.

use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use ledger_tests::measure::memory;
use ledger_tests::{demo_head, sample_head};
use serde_json::{Value, json};

use super::process::{Server, Socket, write};
use super::settings::sample;

const ENTRIES: &str =
    "subscription($after: AsAt) { entries(after: $after) { position recordedAt } }";
const FIGURES: &str = "subscription($year: FinancialYear!) { plannedVersusActual(year: $year, rollup: PROGRAMME) { position rows(first: 100) { edges { node { name figures { original revised forecast actual } } } } } }";

fn position(message: &Value, field: &str) -> u64 {
    let text = message["payload"]["data"][field]["position"].as_str();
    text.unwrap_or_else(|| panic!("{message}")).parse().unwrap()
}

#[test]
fn a_dropped_socket_resumes_where_it_was() {
    let server = Server::demo(&[]);
    let mut seen = Vec::new();
    let head = demo_head();
    let mut after = json!({ "position": head.to_string() });
    for round in 0..10 {
        let mut socket = server.begun();
        socket.subscribe("1", ENTRIES, &json!({ "after": after }));
        for index in 0..5 {
            server.register(&format!("R{round}{index}"));
        }
        // Some were posted and not read when the socket is dropped.
        for _ in 0..3 {
            let message = socket.hear();
            seen.push(position(&message, "entries"));
        }
        after = json!({ "position": seen.last().unwrap().to_string() });
    }
    let mut socket = server.begun();
    socket.subscribe("1", ENTRIES, &json!({ "after": after }));
    while seen.last() != Some(&(head + 50)) {
        seen.push(position(&socket.hear(), "entries"));
    }
    assert_eq!(seen, (head + 1..=head + 50).collect::<Vec<u64>>());
}

#[test]
fn a_group_executes_once_for_all_its_members() {
    let server = Server::demo(&[]);
    let mut sockets: Vec<Socket> = (0..20).map(|_| server.begun()).collect();
    for socket in &mut sockets {
        socket.subscribe("1", FIGURES, &json!({ "year": "2017-18" }));
        // The current figures come at once.
        assert_eq!(position(&socket.hear(), "plannedVersusActual"), demo_head());
    }
    let other = json!({ "year": "2018-19" });
    let mut apart = server.begun();
    apart.subscribe("1", FIGURES, &other);
    assert_eq!(position(&apart.hear(), "plannedVersusActual"), demo_head());
    assert_eq!(server.metric("budget_ledger_groups"), Some(2.0));
    assert_eq!(server.metric("budget_ledger_group_executions_total"), Some(2.0));
    let at = server.register("AAA");
    for socket in sockets.iter_mut().chain([&mut apart]) {
        assert_eq!(position(&socket.hear(), "plannedVersusActual"), at);
    }
    assert_eq!(server.metric("budget_ledger_group_executions_total"), Some(4.0));
    // A group lasts as long as its members.
    drop(sockets);
    apart.say(&json!({ "id": "1", "type": "complete" }));
    server.metric_reaches("budget_ledger_groups", 0.0);
}

#[test]
fn figures_are_the_latest_however_fast_is_posted() {
    let server = Server::demo(&[]);
    let mut socket = server.begun();
    socket.subscribe("1", FIGURES, &json!({ "year": "2017-18" }));
    for index in 0..50 {
        server.register(&format!("F{index}"));
    }
    let mut told = vec![position(&socket.hear(), "plannedVersusActual")];
    while told.last() != Some(&(demo_head() + 50)) {
        told.push(position(&socket.hear(), "plannedVersusActual"));
    }
    assert!(told.is_sorted_by(|before, after| before < after), "{told:?}");
}

#[test]
fn an_event_stream_tells_the_same() {
    let server = Server::demo(&[]);
    let mut stream = server.connect();
    let variables = json!({ "after": { "position": (demo_head() - 1).to_string() } });
    let body = json!({ "query": ENTRIES, "variables": variables }).to_string();
    write(
        &mut stream,
        &format!(
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len(),
        ),
    );
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let mut told = || {
        let data = lines.find_map(|line| line.strip_prefix("data: ").map(str::to_owned));
        let payload: Value = serde_json::from_str(&data.unwrap()).unwrap();
        position(&json!({ "payload": payload }), "entries")
    };
    assert_eq!(told(), demo_head());
    server.register("AAA");
    assert_eq!(told(), demo_head() + 1);
    assert_eq!(server.metric("budget_ledger_subscribers"), Some(1.0));
    let query = server.send(
        "POST",
        "/graphql",
        &[("content-type", "application/json"), ("accept", "text/event-stream")],
        r#"{"query":"{ __typename }"}"#,
    );
    let expected =
        "event: next\ndata: {\"data\":{\"__typename\":\"Query\"}}\n\nevent: complete\ndata: \n\n";
    assert_eq!(query.text, expected);
}

/// An event stream of a subscription: the lines that follow the response's headers.
fn event_stream(
    server: &Server,
    query: &str,
    variables: &Value,
    last_event_id: Option<&str>,
) -> impl Iterator<Item = String> + use<> {
    let mut stream = server.connect();
    let body = json!({ "query": query, "variables": variables }).to_string();
    let resume = last_event_id.map_or_else(String::new, |id| format!("last-event-id: {id}\r\n"));
    write(
        &mut stream,
        &format!(
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\
             content-type: application/json\r\n{resume}content-length: {}\r\n\r\n{body}",
            body.len(),
        ),
    );
    BufReader::new(stream).lines().map(Result::unwrap)
}

/// The id of the next event and the position in its data.
fn next_event(lines: &mut impl Iterator<Item = String>, field: &str) -> (u64, u64) {
    let mut id = None;
    loop {
        let line = lines.next().unwrap();
        if let Some(text) = line.strip_prefix("id: ") {
            id = Some(text.parse().unwrap());
        } else if let Some(data) = line.strip_prefix("data: ") {
            let payload: Value = serde_json::from_str(data).unwrap();
            return (id.expect(&line), position(&json!({ "payload": payload }), field));
        }
    }
}

#[test]
fn an_event_stream_resumes_after_the_last_event_id() {
    let server = Server::demo(&[]);
    let head = demo_head();
    for index in 0..3 {
        server.register(&format!("E{index}"));
    }
    // A browser repeats its first request: the header overrides the argument.
    let from_start = json!({ "after": { "position": "0" } });
    for (variables, id) in [(&json!({}), head), (&from_start, head + 1)] {
        let mut lines = event_stream(&server, ENTRIES, variables, Some(&id.to_string()));
        for position in id + 1..=head + 3 {
            assert_eq!(next_event(&mut lines, "entries"), (position, position));
        }
    }
    let year = json!({ "year": "2017-18" });
    let mut behind = event_stream(&server, FIGURES, &year, Some(&(head + 2).to_string()));
    assert_eq!(next_event(&mut behind, "plannedVersusActual"), (head + 3, head + 3));
    // A client that has seen the head receives the next state only.
    let mut current = event_stream(&server, FIGURES, &year, Some(&(head + 3).to_string()));
    server.metric_reaches("budget_ledger_groups", 2.0);
    let at = server.register("E3");
    assert_eq!(next_event(&mut current, "plannedVersusActual"), (at, at));
    let headers = [
        ("content-type", "application/json"),
        ("accept", "text/event-stream"),
        ("last-event-id", "yesterday"),
    ];
    let body = json!({ "query": ENTRIES }).to_string();
    let refused = server.send("POST", "/graphql", &headers, &body);
    assert_eq!((refused.status, refused.code().as_str()), (400, "BAD_REQUEST"), "{refused:?}");
}

#[test]
fn a_position_beyond_the_last_entry_is_refused_on_every_transport() {
    let server = Server::demo(&[]);
    let beyond = demo_head() + 1;
    let code = |message: &Value| message[0]["extensions"]["code"].clone();
    let mut socket = server.begun();
    let after = json!({ "after": { "position": beyond.to_string() } });
    socket.subscribe("1", ENTRIES, &after);
    let refused = socket.hear();
    assert_eq!(code(&refused["payload"]["errors"]), "BEYOND_HEAD", "{refused}");
    assert_eq!(socket.hear(), json!({ "id": "1", "type": "complete" }));
    let year = json!({ "year": "2017-18" });
    for (query, variables) in [(ENTRIES, &json!({})), (FIGURES, &year)] {
        let mut lines = event_stream(&server, query, variables, Some(&beyond.to_string()));
        let data = lines.find_map(|line| line.strip_prefix("data: ").map(str::to_owned));
        let refused: Value = serde_json::from_str(&data.unwrap()).unwrap();
        assert_eq!(code(&refused["errors"]), "BEYOND_HEAD", "{refused}");
        assert!(lines.any(|line| line == "event: complete"));
    }
    // What was refused is not joined by others.
    let head = demo_head();
    let mut lines = event_stream(&server, FIGURES, &year, Some(&(head - 1).to_string()));
    assert_eq!(next_event(&mut lines, "plannedVersusActual"), (head, head));
}

/// Who was cut off over the end of a month is told the state of the next one.
#[test]
fn an_event_stream_that_resumes_in_a_later_month_is_told_at_once() {
    let book = sample();
    let begun = |time: &str| {
        let mut command = Server::command_on(book.path(), &["--accept-clock"]);
        command.env("LEDGER_UNDER_TEST_CLOCK", time);
        Server::start(command)
    };
    let (head, year) = (sample_head(), json!({ "year": "2017-18" }));
    let resumed = |server: &Server| event_stream(server, FIGURES, &year, Some(&head.to_string()));
    let later = begun("2026-10-01T12:00:00Z");
    assert_eq!(next_event(&mut resumed(&later), "plannedVersusActual"), (head, head));
    drop(later);
    let same = begun("2026-09-30T12:00:00Z");
    let mut waits = resumed(&same);
    same.metric_reaches("budget_ledger_groups", 1.0);
    let at = same.register("L0");
    assert_eq!(next_event(&mut waits, "plannedVersusActual"), (at, at));
}

#[test]
fn an_idle_event_stream_has_heartbeats() {
    let server = Server::demo(&[]);
    let mut lines = event_stream(&server, ENTRIES, &json!({}), None);
    assert!(lines.any(|line| line == ": heartbeat"));
}

/// Bytes of memory that the process holds.
fn held(server: &Server) -> u64 {
    memory(server.id()).0
}

#[test]
fn who_never_reads_is_let_go_and_costs_no_growth() {
    let server = Server::demo(&[]);
    // Each answer has every entry in full, over and over: more than any socket buffer takes.
    let field =
        |index| format!("e{index}: entries(first: 80) {{ edges {{ node {{ canonical }} }} }}");
    let query = format!("{{ {} }}", (0..10).map(field).collect::<Vec<_>>().join(" "));
    let mut deaf = server.begun();
    deaf.subscribe("0", &query, &json!({}));
    let frame = deaf.hear().to_string().len();
    assert_eq!(deaf.hear()["type"], json!("complete"));
    let before = held(&server);
    let began = Instant::now();
    let asked = (512 << 20) / frame;
    for round in 0..asked {
        let id = round.to_string();
        let payload = json!({ "query": query });
        let message = json!({ "id": id, "type": "subscribe", "payload": payload });
        if deaf.socket.send(tungstenite::Message::text(message.to_string())).is_err() {
            break;
        }
    }
    while server.metric("budget_ledger_sockets") != Some(0.0) {
        assert!(began.elapsed() < Duration::from_secs(30), "the socket is still open");
        assert!(held(&server) < before + (128 << 20), "{} > {before}", held(&server));
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_long_frame_told_to_many_is_held_once() {
    const SOCKETS: u64 = 400;
    let server = Server::demo(&[]);
    let rows: String =
        (0..200).map(|index| format!("r{index}: rows(first: 10) {{ ...R }} ")).collect();
    let query = format!(
        "subscription {{ plannedVersusActual(year: \"2017-18\", rollup: PROGRAMME) {{ {rows} }} }} \
         fragment R on PlannedVersusActualRowConnection {{ edges {{ node {{ name figures {{ original revised actual }} }} }} }}"
    );
    let told = || {
        let mut socket = server.begun();
        socket.subscribe("1", &query, &json!({}));
        let frame = socket.hear();
        assert_eq!(frame["type"], "next", "{frame}");
        (socket, frame.to_string().len() as u64)
    };
    let (_first, frame) = told();
    // What the server's threads keep to work with grows with them, and the more the busier the
    // machine is; what more sockets add to it from then on is theirs.
    let _warm: Vec<_> = (0..SOCKETS / 2).map(|_| told()).collect();
    let before = held(&server);
    let sockets: Vec<_> = (0..SOCKETS).map(|_| told()).collect();
    let each = held(&server).saturating_sub(before) / SOCKETS;
    drop(sockets);
    assert!(each < frame / 2, "{each} bytes a socket for frames of {frame}");
}
