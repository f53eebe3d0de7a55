//! Hostile input: each is refused with its code, soon, and the server goes on.

use std::time::{Duration, Instant};

use serde_json::json;

use super::process::{Server, read_all, write};

#[test]
fn documents_that_would_take_for_ever_are_refused_at_once() {
    let server = Server::demo(&[]);
    let fan = (0..32).fold("{ ...F0 }".to_owned(), |text, index| {
        let spread = format!("...F{0} ...F{0}", index + 1);
        text + &format!(" fragment F{index} on Query {{ __typename {spread} }}")
    });
    let aliases: String = (0..20_000).map(|index| format!("a{index}: __typename ")).collect();
    let same: String = "ledger { head } ".repeat(4_900);
    let list = format!("[{}]", "1,".repeat(400_000));
    let directives = "@skip(if: false) ".repeat(50_000);
    let doubled = (0..6).fold("name".to_owned(), |within, _| {
        format!("a: possibleTypes {{ a: interfaces {{ {within} }} b: interfaces {{ {within} }} }}")
    });
    let schemas: String = (0..300)
        .map(|index| format!("s{index}: __schema {{ types {{ name description }} }}"))
        .collect();
    let chain = (0..20_000).fold("{ ...F0 }".to_owned(), |text, index| {
        text + &format!(" fragment F{index} on Query {{ ...F{} }}", index + 1)
    });
    let cases = [
        ("deep", "{ ledger ".repeat(100_000), "TOO_COMPLEX"),
        ("deep list", format!("{{ entries(first: {}", "[".repeat(500_000)), "TOO_COMPLEX"),
        ("fan of fragments", fan, "TOO_COMPLEX"),
        ("chain of fragments", chain, "TOO_COMPLEX"),
        ("aliases", format!("{{ {aliases} }}"), "TOO_COMPLEX"),
        (
            "introspection in itself",
            format!("{{ __schema {{ types {{ {doubled} }} }} }}"),
            "TOO_COMPLEX",
        ),
        ("introspections", format!("{{ {schemas} }}"), "TOO_COMPLEX"),
        ("cycle", "{ ...A } fragment A on Query { ...A }".to_owned(), ""),
        ("wide", format!("{{ {same} }}"), ""),
        ("list of a million", format!("{{ entries(first: {list}) {{ position }} }}"), ""),
        ("directives", format!("{{ __typename {directives} }}"), ""),
        ("long name", format!("{{ {} }}", "x".repeat(1 << 19)), ""),
        ("dear list", "{ entries(first: 2000000000) { position } }".to_owned(), ""),
    ];
    for (name, query, code) in cases {
        let began = Instant::now();
        let answer = server.post(&json!({ "query": query }).to_string(), &[]);
        let told = answer.text.chars().take(300).collect::<String>();
        assert!(answer.json().get("errors").is_some() || name == "wide", "{name}: {told}");
        assert!(code.is_empty() || answer.code() == code, "{name}: {told}");
        assert!(began.elapsed() < Duration::from_secs(10), "{name} took {:?}", began.elapsed());
        assert_eq!(server.get("/health").status, 200, "{name}");
    }
}

#[test]
fn names_do_not_make_a_small_question_a_long_answer() {
    let server = Server::demo(&[]);
    let typenames: String = (0..9_900).map(|index| format!("a{index}: __typename ")).collect();
    let alias = format!("{}: position", "x".repeat(500_000));
    for (name, fields) in [("typenames", typenames), ("alias", alias)] {
        let query = format!("{{ entries(first: 500) {{ edges {{ node {{ {fields} }} }} }} }}");
        let answer = server.post(&json!({ "query": query }).to_string(), &[]);
        let told = answer.text.chars().take(300).collect::<String>();
        assert!(answer.text.len() < 1_000, "{name}: {} bytes: {told}", answer.text.len());
        assert_eq!(answer.code(), "TOO_COMPLEX", "{name}: {told}");
    }
}

#[test]
fn a_list_of_a_million_in_a_variable_is_refused() {
    let server = Server::demo(&[]);
    let query = "query($first: Int!) { entries(first: $first) { position } }";
    let body = format!(
        "{{\"query\":\"{query}\",\"variables\":{{\"first\":[{}1]}}}}",
        "1,".repeat(500_000),
    );
    let answer = server.post(&body, &[("accept", "application/graphql-response+json")]);
    assert_eq!(answer.status, 400, "{:.300}", answer.text);
    let nested =
        format!("{{\"query\":\"{query}\",\"variables\":{{\"first\":{}", "[".repeat(500_000));
    assert_eq!(server.post(&nested, &[]).status, 400);
}

#[test]
fn a_body_that_comes_too_slowly_is_given_up() {
    let server = Server::demo(&[]);
    let began = Instant::now();
    let mut slow = server.connect();
    write(
        &mut slow,
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{",
    );
    let answer = read_all(&mut slow);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("REQUEST_TIMEOUT"), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[test]
fn connections_beyond_the_most_wait_for_a_place() {
    let server = Server::demo(&["--connections", "3"]);
    let idle: Vec<_> = (0..3).map(|_| server.connect()).collect();
    std::thread::sleep(Duration::from_millis(100));
    let mut waiting = server.connect();
    write(&mut waiting, "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    waiting.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert_eq!(read_all(&mut waiting), "", "there is no place");
    drop(idle);
    waiting.set_read_timeout(Some(super::process::PATIENCE)).unwrap();
    assert!(read_all(&mut waiting).starts_with("HTTP/1.1 200"));
}
