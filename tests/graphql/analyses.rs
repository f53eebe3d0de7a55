//! What analysts ask: bridges, differences, reasons, patterns, accuracy, revisions and commitments
//! at risk. The figures of the small book are worked by hand.

use serde_json::{Value, json};

use crate::fixture::{Fixture, number};

fn nodes(connection: &Value) -> Vec<Value> {
    let edges = connection["edges"].as_array().expect("edges");
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

const A: &str = "A/XDH/2030-31/capital";
const B: &str = "B/XDH/2030-31/capital";

/// A book of one programme with two below it, and where its entries are.
struct Desk {
    fixture: Fixture,
    struck: u64,
    moved: u64,
    cut: u64,
    /// The forecasts: of A in M3 and M6, of B in M6, of A in M11.
    forecasts: [u64; 4],
    commitments: [u64; 2],
    spends: [u64; 3],
}

impl Desk {
    fn new() -> Self {
        let fixture = Fixture::empty();
        let post = |field: &str, input: String| fixture.post(field, &input);
        post("establishFund", r#"code: "F", name: "A fund""#.to_owned());
        post(
            "settleFunding",
            r#"fund: "F", class: CAPITAL, from: "2030-31", to: "2032-33", newMoney: "5000.00", reannounced: "0.00""#.to_owned(),
        );
        post("openProgramme", r#"code: "PORT", name: "A portfolio""#.to_owned());
        for code in ["A", "B"] {
            let input = format!(r#"code: "{code}", name: "Part {code}", parent: "PORT""#);
            post("openProgramme", input);
        }
        let allocate = |line: &str, month: &str, amount: &str| {
            let to = format!(r#"[{{ line: "{line}", amount: "{amount}" }}]"#);
            post("allocate", format!(r#"fund: "F", month: "{month}", to: {to}"#))
        };
        allocate(A, "M1", "100.00");
        allocate(B, "M1", "50.00");
        allocate(A, "M9", "20.00");
        let struck = post("strikeBaseline", r#"year: "2030-31", name: "original""#.to_owned());
        let moved = post(
            "reallocate",
            format!(
                r#"month: "M2", from: [{{ line: "{A}", amount: "10.00" }}], to: [{{ line: "{B}", amount: "10.00" }}]"#
            ),
        );
        let cut = post(
            "cut",
            format!(r#"line: "{A}", month: "M8", amount: "30.00", to: {{ outOfBook: TREASURY }}"#),
        );
        let commit = |amount: &str, month: &str, reference: &str| {
            let rest = format!(r#"amount: "{amount}", reference: "{reference}""#);
            post("commit", format!(r#"line: "{A}", month: "{month}", {rest}"#))
        };
        let commitments = [commit("25.00", "M4", "PO-1"), commit("8.00", "M5", "PO-2")];
        let forecast = |line: &str, month: &str, amount: &str| {
            let input = format!(r#"line: "{line}", month: "{month}", amount: "{amount}""#);
            post("reviseForecast", input)
        };
        let forecasts = [
            forecast(A, "M3", "90.00"),
            forecast(A, "M6", "75.00"),
            forecast(B, "M6", "58.00"),
            forecast(A, "M11", "70.00"),
        ];
        let spend = |line: &str, month: &str, amount: &str, rest: &str| {
            let input = format!(r#"line: "{line}", month: "{month}", amount: "{amount}" {rest}"#);
            post("recordActual", input)
        };
        let spends = [
            spend(A, "M5", "15.00", r#", discharges: "PO-1""#),
            spend(A, "M7", "50.00", ""),
            spend(B, "M12", "58.00", ""),
        ];
        for (cause, amount) in [("SAVING", "4.00"), ("SLIPPAGE", "3.00")] {
            let input = format!(r#"line: "{A}", cause: {cause}, amount: "{amount}""#);
            post("explainUnderspend", input);
        }
        Desk { struck, moved, cut, forecasts, commitments, spends, fixture }
    }

    fn close(&self, year: &str) {
        self.fixture.post("closePeriod", &format!(r#"year: "{year}", close: HARD"#));
    }
}

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

#[test]
fn underspends_are_told_by_reason_with_where_the_money_went() {
    let desk = Desk::new();
    desk.close("2030-31");
    let told = desk.fixture.ask(
        r#"{ underspendsByReason(year: "2030-31") { rows(first: 9) { edges { node { programme { code }
            underspend slippage saving clawback diversion unknown unexplained
            outflows(first: 9) { edges { node { position amount
              destinations { kind to { line outside amount } } } } } } } } } }"#,
    );
    let rows = nodes(&told["underspendsByReason"]["rows"]);
    let figures = |row: &Value| {
        let names = ["underspend", "slippage", "saving", "clawback", "diversion", "unexplained"];
        json!(names.map(|name| row[name].clone()))
    };
    assert_eq!(figures(&rows[0]), json!(["17.00", "3.00", "4.00", "0.00", "0.00", "10.00"]));
    assert_eq!(figures(&rows[1]), json!(["15.00", "3.00", "4.00", "0.00", "0.00", "8.00"]));
    assert_eq!(figures(&rows[2]), json!(["2.00", "0.00", "0.00", "0.00", "0.00", "2.00"]));
    let cut = json!({ "position": desk.cut.to_string(), "amount": "30.00", "destinations": [
        { "kind": "CUT", "to": { "line": null, "outside": "TREASURY", "amount": "30.00" } } ] });
    let moved = json!({ "position": desk.moved.to_string(), "amount": "10.00", "destinations": [
        { "kind": "REALLOCATED", "to": { "line": B, "outside": null, "amount": "10.00" } } ] });
    assert_eq!(nodes(&rows[0]["outflows"]), std::slice::from_ref(&cut));
    assert_eq!(nodes(&rows[1]["outflows"]), [moved, cut]);
    let told = desk.fixture.ask(
        r#"{ underspendsByReason(year: "2030-31", by: CLASS) { rows(first: 9) { edges { node { class underspend } } } } }"#,
    );
    let class = json!({ "class": "CAPITAL", "underspend": "17.00" });
    assert_eq!(nodes(&told["underspendsByReason"]["rows"]), [class]);
}

#[test]
fn programmes_off_three_years_running_are_found_in_closed_years_only() {
    let desk = Desk::new();
    for year in ["2031-32", "2032-33"] {
        for (programme, spent) in [("A", "9.00"), ("B", "10.00")] {
            let line = format!("{programme}/XDH/{year}/capital");
            let to = format!(r#"[{{ line: "{line}", amount: "10.00" }}]"#);
            desk.fixture.post("allocate", &format!(r#"fund: "F", month: "M1", to: {to}"#));
            let spend = format!(r#"line: "{line}", month: "M2", amount: "{spent}""#);
            desk.fixture.post("recordActual", &spend);
        }
    }
    desk.close("2030-31");
    desk.close("2031-32");
    let ask = |arguments: &str| {
        let told = desk.fixture.ask(&format!(
            "{{ persistentVariances{arguments} {{ rows(first: 9) {{ edges {{ node {{ programme {{ code }}
               underspend years {{ year revised outturn underspend percent }} }} }} }} }} }}"
        ));
        nodes(&told["persistentVariances"]["rows"])
    };
    assert_eq!(ask(""), Vec::<Value>::new(), "the third year is open");
    desk.close("2032-33");
    let rows = ask("");
    let names: Vec<&Value> = rows.iter().map(|row| &row["programme"]["code"]).collect();
    assert_eq!(names, ["PORT", "A"]);
    assert_eq!(rows[1]["underspend"], "17.00");
    let year = |year: &str, revised: &str, outturn: &str, underspend: &str, percent: &str| {
        json!({ "year": year, "revised": revised, "outturn": outturn, "underspend": underspend,
            "percent": percent })
    };
    let years = [
        year("2030-31", "80.00", "65.00", "15.00", "18.8"),
        year("2031-32", "10.00", "9.00", "1.00", "10.0"),
        year("2032-33", "10.00", "9.00", "1.00", "10.0"),
    ];
    assert_eq!(rows[1]["years"], json!(years));
    assert_eq!(ask("(direction: OVERSPENT, running: 1)"), Vec::<Value>::new());
    assert_eq!(ask("(running: 1, to: \"2030-31\")").len(), 3);
    assert_eq!(ask("(running: 4)"), Vec::<Value>::new());
}

#[test]
fn forecasts_at_a_month_are_held_against_the_outturn_of_closed_years() {
    let desk = Desk::new();
    let ask = |arguments: &str| {
        let told = desk.fixture.ask(&format!(
            "{{ forecastAccuracy{arguments} {{ rows(first: 50) {{ edges {{ node {{ year programme {{ code }} month
               forecast outturn difference percent unforecast }} }} }} }} }}"
        ));
        nodes(&told["forecastAccuracy"]["rows"])
    };
    assert_eq!(ask("(month: \"M6\")"), Vec::<Value>::new(), "there is no outturn yet");
    desk.close("2030-31");
    let row = |code: &str, month: &str, figures: [&str; 5]| {
        let [forecast, outturn, difference, percent, unforecast] = figures;
        json!({ "year": "2030-31", "programme": { "code": code }, "month": month,
            "forecast": forecast, "outturn": outturn, "difference": difference,
            "percent": percent, "unforecast": unforecast })
    };
    assert_eq!(
        ask("(month: \"M6\")"),
        [
            row("PORT", "M6", ["133.00", "123.00", "-10.00", "-7.5", "0.00"]),
            row("A", "M6", ["75.00", "65.00", "-10.00", "-13.3", "0.00"]),
            row("B", "M6", ["58.00", "58.00", "0.00", "0.0", "0.00"]),
        ]
    );
    // In M3 only A had a forecast: like is compared with like.
    assert_eq!(
        ask("(month: \"M3\", filter: { programme: \"PORT\" })")[0],
        row("PORT", "M3", ["90.00", "65.00", "-25.00", "-27.8", "58.00"])
    );
    // PORT and A from M3 to M12, B from M6.
    assert_eq!(ask("").len(), 10 + 10 + 7);
}

#[test]
fn who_revised_a_forecast_in_the_last_quarter_and_by_how_much() {
    let desk = Desk::new();
    let ask = |arguments: &str| {
        let told = desk.fixture.ask(&format!(
            "{{ forecastRevisions(year: \"2030-31\" {arguments}) {{ rows(first: 9) {{ edges {{ node {{ position line month
               before after change entry {{ actor }} }} }} }} }} }}"
        ));
        nodes(&told["forecastRevisions"]["rows"])
    };
    let row = |at: u64, line: &str, month: &str, before: Value, after: &str, change: &str| {
        json!({ "position": at.to_string(), "line": line, "month": month, "before": before,
            "after": after, "change": change, "entry": { "actor": "tester" } })
    };
    let [first, second, third, fourth] = desk.forecasts;
    let last = row(fourth, A, "M11", json!("75.00"), "70.00", "-5.00");
    assert_eq!(ask(r#", fromMonth: "M10", through: "M12""#), std::slice::from_ref(&last));
    assert_eq!(
        ask(""),
        [
            row(first, A, "M3", Value::Null, "90.00", "90.00"),
            row(second, A, "M6", json!("90.00"), "75.00", "-15.00"),
            row(third, B, "M6", Value::Null, "58.00", "58.00"),
            last.clone(),
        ]
    );
    assert_eq!(ask(&format!(r#", since: {{ position: "{third}" }}"#)), [last]);
    assert_eq!(ask(", series: INTERNAL"), Vec::<Value>::new());
}

#[test]
fn what_is_committed_and_not_drawn_down_is_told_by_reference() {
    let desk = Desk::new();
    let ask = |arguments: &str| {
        let told = desk.fixture.ask(&format!(
            "{{ commitmentsAtRisk(year: \"2030-31\" {arguments}) {{ through open rows(first: 9) {{ edges {{ node {{
               line reference made open madeBy entry {{ reason }} }} }} }} }} }}"
        ));
        let told = &told["commitmentsAtRisk"];
        (told["open"].clone(), nodes(&told["rows"]))
    };
    let [first, second] = desk.commitments.map(|at| at.to_string());
    let row = |reference: &str, made: &str, open: &str, by: &str| {
        json!({ "line": A, "reference": reference, "made": made, "open": open, "madeBy": by,
            "entry": { "reason": "setup" } })
    };
    let open = [row("PO-1", "25.00", "10.00", &first), row("PO-2", "8.00", "8.00", &second)];
    assert_eq!(ask(""), (json!("18.00"), open.to_vec()));
    let (sum, rows) = ask(r#", through: "M4""#);
    assert_eq!((sum, rows), (json!("25.00"), vec![row("PO-1", "25.00", "25.00", &first)]));
    let (sum, _) = ask(&format!(r#", asAt: {{ position: "{}" }}"#, desk.spends[0] - 1));
    assert_eq!(sum, "33.00");
    let told = desk.fixture.ask(
        r#"{ commitmentsAtRisk(year: "2030-31") { rows(first: 1) { pageInfo { hasNextPage endCursor } } } }"#,
    );
    let page = &told["commitmentsAtRisk"]["rows"]["pageInfo"];
    assert_eq!(page["hasNextPage"], json!(true));
    let told = desk.fixture.ask(&format!(
        r#"{{ commitmentsAtRisk(year: "2030-31") {{ rows(first: 1, after: {}) {{ edges {{ node {{ reference }} }} }} }} }}"#,
        page["endCursor"]
    ));
    assert_eq!(nodes(&told["commitmentsAtRisk"]["rows"]), [json!({ "reference": "PO-2" })]);
}

#[test]
fn the_uncancelled_balance_of_a_programme_and_a_fund_is_one_query() {
    let desk = Desk::new();
    let told = desk.fixture.ask(
        r#"{ fund(code: "F") { balances { class unallocated } }
             financialYears(first: 20) { edges { node { year plannedVersusActual(rollup: CLASS, filter: { programme: "PORT" }) {
               rows(first: 5) { edges { node { class figures { revised actual committed accrued available } } } } } } } } }"#,
    );
    assert_eq!(told["fund"]["balances"], json!([{ "class": "CAPITAL", "unallocated": "4830.00" }]));
    let years = nodes(&told["financialYears"]);
    let rows = nodes(&years[0]["plannedVersusActual"]["rows"]);
    let figures = json!({ "revised": "140.00", "actual": "123.00", "committed": "18.00",
        "accrued": "0.00", "available": "-1.00" });
    assert_eq!(rows, [json!({ "class": "CAPITAL", "figures": figures })]);
}

#[test]
fn analyses_are_told_at_once_and_again_after_a_posting() {
    let desk = Desk::new();
    let since = format!(r#"since: {{ position: "{}" }}"#, desk.struck);
    let documents = [
        ("bridge", r#"bridge(year: "2030-31") { position outturn }"#.to_owned()),
        (
            "diff",
            format!(
                r#"diff(year: "2030-31", {since}) {{ position rows(first: 9) {{ position }} }}"#
            ),
        ),
        (
            "underspendsByReason",
            r#"underspendsByReason(year: "2030-31") { position rows(first: 9) { position } }"#
                .to_owned(),
        ),
        (
            "persistentVariances",
            "persistentVariances { position rows(first: 9) { position } }".to_owned(),
        ),
        ("commitmentsAtRisk", r#"commitmentsAtRisk(year: "2030-31") { position open }"#.to_owned()),
        (
            "forecastAccuracy",
            r#"forecastAccuracy(month: "M6") { position rows(first: 9) { position } }"#.to_owned(),
        ),
        (
            "forecastRevisions",
            r#"forecastRevisions(year: "2030-31") { position rows(first: 9) { position } }"#
                .to_owned(),
        ),
    ];
    for (field, document) in documents {
        assert!(ledger_api::graphql::tells_state(field), "{field}");
        let mut told = desk.fixture.subscribe(&format!("subscription {{ {document} }}"));
        let first = desk.fixture.next(&mut told);
        assert_eq!(number(&first[field]["position"]), desk.fixture.head(), "{field}");
        assert!(desk.fixture.is_quiet(&mut told), "{field}");
        let spend = format!(r#"line: "{B}", month: "M12", amount: "1.00""#);
        let posted = desk.fixture.post("recordActual", &spend);
        assert_eq!(number(&desk.fixture.next(&mut told)[field]["position"]), posted, "{field}");
    }
}
