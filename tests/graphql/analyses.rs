//! What analysts ask beside bridges: reasons, persistent_variances, accuracy, revisions and commitments at risk.
//! The figures of the small book are worked by hand.

use serde_json::{Value, json};

use crate::desk::{A, B, Desk, nodes};
use crate::fixture::number;

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
             balances(filter: { programme: "PORT" }) { rows(first: 9) { edges { node { year class revised actual committed accrued uncancelled } } } }
             financialYears(first: 20) { edges { node { year plannedVersusActual(rollup: CLASS, filter: { programme: "PORT" }) {
               rows(first: 5) { edges { node { class figures { revised actual committed accrued available } } } } } } } } }"#,
    );
    assert_eq!(told["fund"]["balances"], json!([{ "class": "CAPITAL", "unallocated": "4830.00" }]));
    let balance = json!({ "year": "2030-31", "class": "CAPITAL", "revised": "140.00",
        "actual": "123.00", "committed": "18.00", "accrued": "0.00", "uncancelled": "-1.00" });
    assert_eq!(nodes(&told["balances"]["rows"]), [balance]);
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
        ("balances", "balances { position rows(first: 9) { position } }".to_owned()),
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
