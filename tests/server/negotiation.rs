//! Which media type an answer has, and what its status then is.

use super::process::Server;

#[test]
fn what_was_not_executed_is_400_only_to_those_who_know_the_media_type() {
    let server = Server::demo(&[]);
    let (json, graphql) = ("application/json", "application/graphql-response+json");
    let cases = [
        ("{ nonsense", "GRAPHQL_PARSE_FAILED"),
        ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($y: FinancialYear!) { financialYear(year: $y) { year } }", "BAD_USER_INPUT"),
        ("query A { __typename } query B { __typename }", "OPERATION_NOT_FOUND"),
        ("{ financialYear(year: \"2017-19\") { year } }", "GRAPHQL_VALIDATION_FAILED"),
    ];
    for (query, code) in cases {
        let body = serde_json::json!({ "query": query }).to_string();
        for (accept, status) in [(json, 200), (graphql, 400)] {
            let answer = server.post(&body, &[("accept", accept)]);
            assert_eq!((answer.status, answer.code().as_str()), (status, code), "{query} {accept}");
            assert!(answer.json().get("data").is_none(), "{answer:?}");
            let content_type = format!("{accept}; charset=utf-8");
            assert_eq!(answer.header("content-type"), Some(content_type.as_str()));
            assert_eq!(answer.header("vary"), Some("accept, authorization"));
        }
    }
}

#[test]
fn whoever_writes_an_argument_wrongly_is_told_how_it_is_written() {
    let server = Server::demo(&[]);
    let entry = |position: &str| format!("{{ entry(position: {position}) {{ position }} }}");
    let reject = |version: i64| {
        format!(
            "mutation {{ rejectProposal(input: {{ idempotencyKey: \"k\", reason: \"r\",
                proposal: \"1\", version: {version} }}) {{ entry {{ position }} }} }}"
        )
    };
    let such_as = "expected type \"Position\": write it as a string, such as \"12\"";
    let cases = [
        (entry("12"), "GRAPHQL_VALIDATION_FAILED", such_as),
        (entry("\"twelve\""), "GRAPHQL_VALIDATION_FAILED", such_as),
        (reject(-1), "BAD_USER_INPUT", "Failed to parse \"Int\""),
        (reject(1 << 40), "BAD_USER_INPUT", "Only integers from 0 to 4294967295 are accepted"),
    ];
    for (query, code, says) in cases {
        let body = serde_json::json!({ "query": query }).to_string();
        let answer = server.post(&body, &[]);
        assert_eq!((answer.status, answer.code().as_str()), (200, code), "{query}: {answer:?}");
        let message = answer.json()["errors"][0]["message"].to_string().replace("\\\"", "\"");
        assert!(message.contains(says), "{query}: {message}");
    }
}

#[test]
fn the_best_form_is_chosen_or_none() {
    let server = Server::demo(&[]);
    let cases = [
        (None, Some("application/json; charset=utf-8")),
        (Some("*/*"), Some("application/json; charset=utf-8")),
        (
            Some("application/json;q=0.5, application/graphql-response+json"),
            Some("application/graphql-response+json; charset=utf-8"),
        ),
        (
            Some("application/graphql-response+json;q=0.1, application/json;q=0.2"),
            Some("application/json; charset=utf-8"),
        ),
        (Some("text/event-stream"), Some("text/event-stream")),
        (Some("text/html"), None),
        (Some("application/json;q=0"), None),
    ];
    for (accept, form) in cases {
        let accept: Vec<_> = accept.iter().map(|accept| ("accept", *accept)).collect();
        let answer = server.post(r#"{"query":"{__typename}"}"#, &accept);
        match form {
            Some(form) => {
                assert_eq!((answer.status, answer.header("content-type")), (200, Some(form)));
            }
            None => assert_eq!((answer.status, answer.code().as_str()), (406, "NOT_ACCEPTABLE")),
        }
    }
}

#[test]
fn introspection_and_suggestions_are_for_demonstrations() {
    let folder = super::settings::sample();
    let asked = |server: &Server, query: &str| {
        server.post(&serde_json::json!({ "query": query }).to_string(), &[]).text
    };
    let (demo, plain) = (Server::demo(&[]), Server::on(folder.path(), &[]));
    let (schema, misspelt) = ("{ __schema { queryType { name } } }", "{ ledgr { head } }");
    assert!(asked(&demo, schema).contains("\"Query\""));
    assert!(!asked(&plain, schema).contains("\"Query\""));
    assert!(asked(&demo, misspelt).contains("Did you mean"));
    assert!(!asked(&plain, misspelt).contains("Did you mean"));
    let told = Server::demo(&["--introspection=false"]);
    assert!(!asked(&told, schema).contains("\"Query\""));
}
