//! Subscriptions: entries each once and in order, figures the newest.

use serde_json::Value;

use crate::fixture::{Fixture, number};

fn open(fixture: &Fixture, name: &str) -> u64 {
    fixture.post("openProgramme", &format!(r#"code: "{name}", name: "{name}""#))
}

#[test]
fn entries_are_told_from_a_position_on_each_once_and_in_order() {
    let fixture = Fixture::sample();
    let head = fixture.head();
    let mut told = fixture
        .subscribe(r#"subscription { entries(after: { position: "0" }) { position reason } }"#);
    for position in 1..=head {
        assert_eq!(number(&fixture.next(&mut told)["entries"]["position"]), position);
    }
    assert!(fixture.is_quiet(&mut told));
    let posted: Vec<u64> = (0..300).map(|i| open(&fixture, &format!("N{i}"))).collect();
    for position in posted {
        assert_eq!(number(&fixture.next(&mut told)["entries"]["position"]), position);
    }
    drop(told);
    let resumed = head + 137;
    let mut told = fixture.subscribe(&format!(
        r#"subscription {{ entries(after: {{ position: "{resumed}" }}) {{ position }} }}"#
    ));
    assert_eq!(number(&fixture.next(&mut told)["entries"]["position"]), resumed + 1);
}

#[test]
fn without_a_place_to_begin_only_what_comes_is_told_and_a_filter_holds() {
    let fixture = Fixture::sample();
    let mut told = fixture.subscribe(
        r#"subscription { entries(filter: { kind: PROGRAMME_RENAMED }) { position events { kind } } }"#,
    );
    // The subscription begins when it is first polled.
    assert!(fixture.is_quiet(&mut told));
    open(&fixture, "A");
    let renamed = fixture.post("renameProgramme", r#"code: "A", name: "B""#);
    assert_eq!(number(&fixture.next(&mut told)["entries"]["position"]), renamed);
    assert!(fixture.is_quiet(&mut told));
}

#[test]
fn entries_are_resumed_by_time() {
    let fixture = Fixture::sample();
    let day = r#"{ recordedAt: "2018-01-31T23:59:59Z" }"#;
    let known = fixture.ask(&format!("{{ policy(asAt: {day}) {{ position }} }}"));
    let mut told = fixture
        .subscribe(&format!("subscription {{ entries(after: {day}) {{ position recordedAt }} }}"));
    let first = fixture.next(&mut told);
    assert_eq!(number(&first["entries"]["position"]), number(&known["policy"]["position"]) + 1);
    assert!(first["entries"]["recordedAt"].as_str().is_some_and(|at| at > "2018-01-31"));
}

const FIGURES: &str = r#"subscription { plannedVersusActual(year: "2030-31", rollup: YEAR) {
    position lastRestatement { position month year } closedYearTouched { position amount postedOn }
    rows(first: 5) { edges { node { figures { revised actual } } } } } }"#;

fn book_with_a_line() -> Fixture {
    let fixture = Fixture::at("2031-04-01T00:00:00Z");
    fixture.post("establishFund", r#"code: "F", name: "A fund""#);
    fixture.post(
        "settleFunding",
        r#"fund: "F", class: CAPITAL, from: "2030-31", to: "2031-32", newMoney: "1000.00", reannounced: "0.00""#,
    );
    open(&fixture, "WIFI");
    for year in ["2030-31", "2031-32"] {
        fixture.post(
            "allocate",
            &format!(
                r#"fund: "F", month: "M1", to: [{{ line: "WIFI/XDH/{year}/capital", amount: "100.00" }}]"#
            ),
        );
    }
    fixture
}

fn spend(fixture: &Fixture, line: &str, month: &str, rest: &str) -> u64 {
    let line = format!(r#"line: "{line}", month: "{month}", amount: "1.00" {rest}"#);
    fixture.post("recordActual", &line)
}

fn newest(fixture: &Fixture, told: &mut crate::fixture::Told) -> Value {
    let head = fixture.head();
    loop {
        let state = fixture.next(told)["plannedVersusActual"].clone();
        if number(&state["position"]) == head {
            return state;
        }
    }
}

#[test]
fn figures_are_told_at_once_and_again_after_a_posting_and_conflated() {
    let fixture = book_with_a_line();
    let mut told = fixture.subscribe(FIGURES);
    let first = fixture.next(&mut told)["plannedVersusActual"].clone();
    assert_eq!(number(&first["position"]), fixture.head());
    assert_eq!(first["rows"]["edges"][0]["node"]["figures"]["actual"], "0.00");
    assert!(fixture.is_quiet(&mut told), "nothing was posted");
    for _ in 0..500 {
        spend(&fixture, "WIFI/XDH/2030-31/capital", "M1", "");
    }
    let (head, mut frames) = (fixture.head(), 0);
    let last = loop {
        let state = fixture.next(&mut told)["plannedVersusActual"].clone();
        frames += 1;
        if number(&state["position"]) == head {
            break state;
        }
    };
    assert_eq!(last["rows"]["edges"][0]["node"]["figures"]["actual"], "500.00");
    assert!(frames <= 2, "what came while nobody read is told together, not in {frames} frames");
    assert!(fixture.is_quiet(&mut told));
}

#[test]
fn a_posting_that_restates_an_earlier_month_or_a_closed_year_says_so() {
    let fixture = book_with_a_line();
    let line = "WIFI/XDH/2030-31/capital";
    let mut told = fixture.subscribe(FIGURES);
    assert_eq!(newest(&fixture, &mut told)["lastRestatement"], Value::Null);
    spend(&fixture, line, "M3", "");
    assert_eq!(newest(&fixture, &mut told)["lastRestatement"], Value::Null);
    let restated = spend(&fixture, line, "M2", "");
    // What comes after it and restates nothing does not hide it.
    spend(&fixture, line, "M4", "");
    let state = newest(&fixture, &mut told);
    assert_eq!(number(&state["lastRestatement"]["position"]), restated);
    assert_eq!(state["lastRestatement"]["month"], "M2");
    assert_eq!(state["closedYearTouched"], Value::Null);
    fixture.post("closePeriod", r#"year: "2030-31", close: HARD"#);
    let touched = spend(&fixture, "WIFI/XDH/2031-32/capital", "M1", r#", concerns: "2030-31""#);
    let state = newest(&fixture, &mut told);
    assert_eq!(number(&state["closedYearTouched"]["position"]), touched);
    assert_eq!(state["closedYearTouched"]["amount"], "1.00");
}

#[test]
fn fund_balances_are_told_as_they_change() {
    let fixture = book_with_a_line();
    let mut told = fixture.subscribe(
        r#"subscription { fundBalances(fund: "F") { position recordedAt funds(first: 5) { edges { node {
            code balances { unallocated } } } } } }"#,
    );
    let state = fixture.next(&mut told);
    let unallocated = |state: &Value| {
        state["fundBalances"]["funds"]["edges"][0]["node"]["balances"][0]["unallocated"].clone()
    };
    assert_eq!(unallocated(&state), "800.00");
    fixture.post(
        "allocate",
        r#"fund: "F", month: "M1", to: [{ line: "WIFI/XDH/2030-31/capital", amount: "300.00" }]"#,
    );
    assert_eq!(unallocated(&fixture.next(&mut told)), "500.00");
}
