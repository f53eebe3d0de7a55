//! Every state that is told can be resumed: after the last one seen, only what comes later is told.

use serde_json::Value;

use crate::fixture::{Fixture, number};

/// The fields that tell states, with their arguments and what says as at which entry each is.
const STATES: [(&str, &str, &str); 15] = [
    ("plannedVersusActual", "year: \"2017-18\"", "position"),
    ("fundBalances", "", "position"),
    ("balances", "", "position"),
    ("bridge", "year: \"2017-18\"", "position"),
    ("diff", "year: \"2017-18\", since: { position: \"1\" }", "position"),
    ("flows", "year: \"2017-18\", by: PROGRAMME", "position"),
    ("exchanges", "year: \"2017-18\"", "position"),
    ("capitalForRevenue", "year: \"2019-20\"", "position"),
    ("underspendsByReason", "year: \"2017-18\"", "position"),
    ("persistentVariances", "", "position"),
    ("commitmentsAtRisk", "year: \"2017-18\"", "position"),
    ("forecastAccuracy", "", "position"),
    ("forecastRevisions", "year: \"2017-18\"", "position"),
    ("publishedFigures", "", "position"),
    ("whatIf", "input: { postings: [] }", "from"),
];

fn document(field: &str, arguments: &str, position: &str, after: u64) -> String {
    let comma = if arguments.is_empty() { "" } else { ", " };
    format!("subscription {{ {field}({arguments}{comma}after: \"{after}\") {{ {position} }} }}")
}

#[test]
fn every_state_is_told_again_only_once_there_is_a_later_one() {
    let fixture = Fixture::sample();
    let head = fixture.head();
    let at = |told: &Value, field: &str, position: &str| number(&told[field][position]);
    let mut resumed = Vec::new();
    for (field, arguments, position) in STATES {
        let mut missed = fixture.subscribe(&document(field, arguments, position, head - 1));
        assert_eq!(at(&fixture.next(&mut missed), field, position), head, "{field}");
        let mut told = fixture.subscribe(&document(field, arguments, position, head));
        assert!(fixture.is_quiet(&mut told), "{field} was seen");
        resumed.push(told);
    }
    let posted = fixture.post("openProgramme", "code: \"NEW\", name: \"New\"");
    for ((field, _, position), told) in STATES.iter().zip(&mut resumed) {
        assert_eq!(at(&fixture.next(told), field, position), posted, "{field}");
    }
}

/// A restored backup ends before what was seen: waiting for the same position would miss entries.
#[test]
fn a_position_beyond_the_last_entry_is_refused() {
    let fixture = Fixture::sample();
    let head = fixture.head();
    let states = STATES.iter().map(|(field, arguments, position)| {
        (*field, document(field, arguments, position, head + 1))
    });
    let entries = ("entries", entries_after(head + 1));
    for (field, document) in states.chain([entries]) {
        let (code, message) = fixture.refusal(&mut fixture.subscribe(&document));
        assert_eq!(code, "BEYOND_HEAD", "{field}");
        let expected = format!("there is no entry {}: the last one is {head}", head + 1);
        assert_eq!(message, expected, "{field}");
    }
    let mut last = fixture.subscribe(&entries_after(head));
    assert!(fixture.is_quiet(&mut last), "the last entry was seen");
    let posted = fixture.post("openProgramme", "code: \"NEW\", name: \"New\"");
    assert_eq!(number(&fixture.next(&mut last)["entries"]["position"]), posted);
    let since = |position| {
        format!("{{ entries(first: 1, since: {{ position: \"{position}\" }}) {{ position }} }}")
    };
    assert_eq!(fixture.fails(&since(posted + 1)).0, "BEYOND_HEAD");
    fixture.ask(&since(posted));
}

fn entries_after(position: u64) -> String {
    format!("subscription {{ entries(after: {{ position: \"{position}\" }}) {{ position }} }}")
}

/// Each of the states that the program counts as such is here, and nothing else.
#[test]
fn every_subscription_but_that_of_entries_tells_a_state() {
    let fixture = Fixture::empty();
    let schema =
        fixture.ask("{ __type(name: \"Subscription\") { fields { name args { name } } } }");
    let mut named: Vec<&str> = STATES.iter().map(|(field, ..)| *field).collect();
    named.push("entries");
    for field in schema["__type"]["fields"].as_array().expect("fields") {
        let name = field["name"].as_str().expect("a name");
        assert!(named.contains(&name), "{name}");
        assert_eq!(ledger_api::graphql::tells_state(name), name != "entries", "{name}");
        let arguments = field["args"].as_array().expect("arguments");
        assert!(arguments.iter().any(|argument| argument["name"] == "after"), "{name}");
    }
}
