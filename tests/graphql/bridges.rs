//! Bridges from original to outturn, and differences between moments. The figures of the small book
//! are worked by hand.

use serde_json::{Value, json};

use crate::desk::{A, B, Desk, nodes};
use crate::fixture::{Fixture, number};

fn steps(fixture: &Fixture, arguments: &str, stage: &str) -> Vec<(u64, Value, Value, Value)> {
    let document = format!(
        "{{ bridge(year: \"2030-31\", {arguments}) {{ steps(stage: {stage}, first: 50) {{ edges {{ node {{
           position amount before after entry {{ position actor reason }} }} }} }} }} }}"
    );
    let told = nodes(&fixture.ask(&document)["bridge"]["steps"]);
    let step = |node: Value| {
        assert_eq!(node["entry"]["position"], node["position"]);
        assert_eq!(node["entry"]["reason"], "setup");
        let of = |name: &str| node[name].clone();
        (number(&node["position"]), of("amount"), of("before"), of("after"))
    };
    told.into_iter().map(step).collect()
}

const TOTALS: &str = "struckBy original effectiveLater movements revised revisedToForecast forecast
    whollyForecast toOutturn outturn closed partial";

#[test]
fn a_bridge_tells_each_step_of_a_programme_a_line_and_a_month() {
    let desk = Desk::new();
    let fixture = &desk.fixture;
    let port = r#"filter: { programme: "PORT" }"#;
    let told = fixture.ask(&format!("{{ bridge(year: \"2030-31\", {port}) {{ {TOTALS} }} }}"));
    let struck = desk.struck.to_string();
    assert_eq!(
        told["bridge"],
        json!({ "struckBy": struck, "original": "170.00", "effectiveLater": "0.00",
            "movements": "-30.00", "revised": "140.00", "revisedToForecast": "-12.00",
            "forecast": "128.00", "whollyForecast": true, "toOutturn": "-5.00",
            "outturn": "123.00", "closed": false, "partial": false })
    );
    let step = |at: u64, amount: &str, before: &str, after: &str| {
        (at, json!(amount), json!(before), json!(after))
    };
    // The reallocation inside the programme is no step of it.
    let cut = step(desk.cut, "-30.00", "170.00", "140.00");
    assert_eq!(steps(fixture, port, "REVISED"), [cut]);
    let [first, second, third, fourth] = desk.forecasts;
    let expected = [
        (first, json!("90.00"), Value::Null, json!("90.00")),
        step(second, "-15.00", "90.00", "75.00"),
        step(third, "58.00", "75.00", "133.00"),
        step(fourth, "-5.00", "133.00", "128.00"),
    ];
    assert_eq!(steps(fixture, port, "FORECAST"), expected);
    let [first, second, third] = desk.spends;
    let expected = [
        step(first, "15.00", "0.00", "15.00"),
        step(second, "50.00", "15.00", "65.00"),
        step(third, "58.00", "65.00", "123.00"),
    ];
    assert_eq!(steps(fixture, port, "OUTTURN"), expected);
    let line = format!(r#"line: "{A}""#);
    let expected = [
        step(desk.moved, "-10.00", "120.00", "110.00"),
        step(desk.cut, "-30.00", "110.00", "80.00"),
    ];
    assert_eq!(steps(fixture, &line, "REVISED"), expected);
    let month = format!(r#"{line}, through: "M6""#);
    let told = fixture.ask(&format!(
        "{{ bridge(year: \"2030-31\", {month}) {{ original effectiveLater movements revised forecast outturn }} }}"
    ));
    assert_eq!(
        told["bridge"],
        json!({ "original": "120.00", "effectiveLater": "-20.00", "movements": "-10.00",
            "revised": "90.00", "forecast": "75.00", "outturn": "15.00" })
    );
    assert_eq!(steps(fixture, &month, "REVISED"), [step(desk.moved, "-10.00", "100.00", "90.00")]);
    let before = format!(r#"{line}, asAt: {{ position: "{}" }}"#, desk.struck - 1);
    let told = fixture.ask(&format!(
        "{{ bridge(year: \"2030-31\", {before}) {{ struckBy original movements }} }}"
    ));
    assert_eq!(
        told["bridge"],
        json!({ "struckBy": null, "original": null, "movements": "120.00" })
    );
}

#[test]
fn a_bridge_s_pages_fit_together_and_keep_their_running_figure() {
    let desk = Desk::new();
    let fixture = &desk.fixture;
    let (mut after, mut told) = (String::new(), Vec::new());
    loop {
        let page = fixture.ask(&format!(
            "{{ bridge(year: \"2030-31\") {{ steps(stage: FORECAST, first: 1 {after}) {{ position
               pageInfo {{ hasNextPage endCursor }} edges {{ node {{ before after }} }} }} }} }}"
        ));
        let page = &page["bridge"]["steps"];
        told.extend(nodes(page));
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
        after = format!(", after: {}", page["pageInfo"]["endCursor"]);
        // What is posted meanwhile does not disturb the list.
        desk.fixture
            .post("reviseForecast", &format!(r#"line: "{B}", month: "M12", amount: "1.00""#));
    }
    let expected = [
        json!({ "before": null, "after": "90.00" }),
        json!({ "before": "90.00", "after": "75.00" }),
        json!({ "before": "75.00", "after": "133.00" }),
        json!({ "before": "133.00", "after": "128.00" }),
    ];
    assert_eq!(told, expected);
}

#[test]
fn where_there_is_no_such_line_there_is_no_bridge() {
    let desk = Desk::new();
    let ask =
        |arguments: &str| desk.fixture.ask(&format!("{{ bridge({arguments}) {{ revised }} }}"));
    assert_eq!(ask(r#"year: "2040-41""#)["bridge"], Value::Null);
    assert_eq!(ask(r#"year: "2030-31", line: "A/XDH/2030-31/revenue""#)["bridge"], Value::Null);
    let fails =
        |arguments: &str| desk.fixture.fails(&format!("{{ bridge({arguments}) {{ revised }} }}")).0;
    assert_eq!(fails(&format!(r#"year: "2031-32", line: "{A}""#)), "OTHER_YEAR");
    assert_eq!(fails(r#"year: "2030-31", filter: { programme: "NOPE" }"#), "UNKNOWN_PROGRAMME");
}

#[test]
fn cyber_security_s_bridge_of_2017_18_is_the_reference_case() {
    let fixture = Fixture::sample();
    let told = fixture.ask(
        r#"{ bridge(year: "2017-18", filter: { programme: "CYBER" }) { original revised forecast outturn closed inferred
            revised_: steps(stage: REVISED, first: 9) { edges { node { amount before after entry { inferred events { kind } } } } }
            forecast_: steps(stage: FORECAST, first: 9) { edges { node { amount before recordedAt } } }
            outturn_: steps(stage: OUTTURN, first: 9) { edges { node { amount after } } } } }"#,
    );
    let bridge = &told["bridge"];
    let totals = ["original", "revised", "forecast", "outturn", "closed", "inferred"];
    let millions = json!(["8700000.00", "72400000.00", "31500000.00", "72400000.00", true, true]);
    assert_eq!(json!(totals.map(|name| bridge[name].clone())), millions);
    let moved = &nodes(&bridge["revised_"])[..];
    assert_eq!(moved.len(), 1);
    assert_eq!(moved[0]["amount"], "63700000.00");
    assert_eq!(moved[0]["before"], "8700000.00");
    assert_eq!(moved[0]["entry"]["events"][0]["kind"], "REALLOCATED");
    assert!(moved[0]["entry"]["inferred"].is_string());
    let stated = nodes(&bridge["forecast_"]);
    assert_eq!(stated[0]["amount"], "31500000.00");
    assert!(stated[0]["recordedAt"].as_str().is_some_and(|at| at.starts_with("2018-01-31")));
    assert_eq!(
        nodes(&bridge["outturn_"]),
        [json!({ "amount": "72400000.00", "after": "72400000.00" })]
    );
}

#[test]
fn a_difference_gives_the_figures_that_changed_and_the_entries_between() {
    let desk = Desk::new();
    let fixture = &desk.fixture;
    let since = |position: u64| format!(r#"year: "2030-31", since: {{ position: "{position}" }}"#);
    let at = format!(r#"{}, asAt: {{ position: "{}" }}"#, since(desk.struck), desk.cut);
    let told = fixture.ask(&format!(
        "{{ diff({at}, rollup: PROGRAMME) {{ since position partial
           rows(first: 9) {{ edges {{ node {{ name before {{ revised }} after {{ revised }} change {{ revised actual }} }} }} }}
           entries(first: 9) {{ edges {{ node {{ position revised entry {{ reason }} }} }} }} }} }}"
    ));
    let row = |name: &str, before: &str, after: &str, change: &str| {
        json!({ "name": name, "before": { "revised": before }, "after": { "revised": after },
            "change": { "revised": change, "actual": "0.00" } })
    };
    let diff = &told["diff"];
    assert_eq!(number(&diff["since"]), desk.struck);
    assert_eq!(
        nodes(&diff["rows"]),
        [
            row("A portfolio", "170.00", "140.00", "-30.00"),
            row("Part A", "120.00", "80.00", "-40.00"),
            row("Part B", "50.00", "60.00", "10.00"),
        ]
    );
    let entry = |at: u64, revised: &str| json!({ "position": at.to_string(), "revised": revised, "entry": { "reason": "setup" } });
    assert_eq!(nodes(&diff["entries"]), [entry(desk.moved, "0.00"), entry(desk.cut, "-30.00")]);
    // Only what changed: B's line did not from the reallocation to the cut.
    let cut = format!(r#"{}, asAt: {{ position: "{}" }}"#, since(desk.moved), desk.cut);
    let told = fixture.ask(&format!(
        "{{ diff({cut}) {{ rows(first: 9) {{ edges {{ node {{ programme {{ code }} }} }} }} }} }}"
    ));
    assert_eq!(nodes(&told["diff"]["rows"]), [json!({ "programme": { "code": "A" } })]);
    let wrong = format!(r#"{}, asAt: {{ position: "2" }}"#, since(desk.cut));
    let (code, _) =
        fixture.fails(&format!("{{ diff({wrong}) {{ rows(first: 1) {{ position }} }} }}"));
    assert_eq!(code, "BACKWARDS");
}
