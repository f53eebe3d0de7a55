//! What figures mean: the variance through a month, forecasts of a part, rows of a tree. The figures of
//! the book are worked by hand.

use serde_json::{Value, json};

use crate::desk::nodes;
use crate::fixture::Fixture;

const A: &str = "A/XDH/2020-21/capital";
const B: &str = "B/XDH/2020-21/capital";
const TOP: &str = "TOP/XDH/2020-21/capital";

/// A tree of TOP with its parts A and B, 1200.00 on each of the three lines.
fn book() -> Fixture {
    let fixture = Fixture::empty();
    fixture.post("establishFund", r#"code: "F", name: "A fund""#);
    fixture.post(
        "settleFunding",
        r#"fund: "F", class: CAPITAL, from: "2020-21", to: "2021-22", newMoney: "9000.00", reannounced: "0.00""#,
    );
    fixture.post("openProgramme", r#"code: "TOP", name: "A portfolio""#);
    for code in ["A", "B"] {
        let input = format!(r#"code: "{code}", name: "Part {code}", parent: "TOP""#);
        fixture.post("openProgramme", &input);
    }
    for line in [A, B, TOP] {
        let to = format!(r#"[{{ line: "{line}", amount: "1200.00" }}]"#);
        fixture.post("allocate", &format!(r#"fund: "F", month: "M1", to: {to}"#));
    }
    fixture
}

fn spend(fixture: &Fixture, line: &str, month: &str, amount: &str) {
    let input = format!(r#"line: "{line}", month: "{month}", amount: "{amount}""#);
    fixture.post("recordActual", &input);
}

fn forecast(fixture: &Fixture, line: &str, month: &str, amount: &str) {
    let input = format!(r#"line: "{line}", month: "{month}", amount: "{amount}""#);
    fixture.post("reviseForecast", &input);
}

fn rows(fixture: &Fixture, arguments: &str, fields: &str) -> Vec<Value> {
    let asked = fixture.ask(&format!(
        r#"{{ plannedVersusActual(year: "2020-21", {arguments}) {{ rows(first: 20) {{ edges {{ node {{ {fields} }} }} }} }} }}"#
    ));
    nodes(&asked["plannedVersusActual"]["rows"])
}

const VARIANCE: &str =
    "figures { planToDate actual outturn variance varianceBasis sense underspend }";

/// The figures of A: 300.00 spent by M6, 700.00 by M12 and 10.00 in M13; 90.00 accrued and unpaid.
fn spent_and_closed() -> Fixture {
    let fixture = book();
    for (month, amount) in [("M2", "100.00"), ("M6", "200.00"), ("M12", "400.00"), ("M13", "10.00")]
    {
        spend(&fixture, A, month, amount);
    }
    let accrual = r#"month: "M12", amount: "90.00", reference: "GRN-1""#;
    fixture.post("accrue", &format!(r#"line: "{A}", {accrual}"#));
    forecast(&fixture, A, "M3", "1100.00");
    fixture.post("closePeriod", r#"year: "2020-21", close: HARD"#);
    fixture
}

#[test]
fn a_variance_through_a_month_compares_the_plan_to_it_with_the_spend_to_it() {
    let fixture = spent_and_closed();
    let of = |through: &str| {
        let arguments = format!(r#"filter: {{ programme: "A" }}, rollup: YEAR {through}"#);
        rows(&fixture, &arguments, VARIANCE)[0]["figures"].clone()
    };
    let to_m6 = json!({ "planToDate": "600.00", "actual": "300.00", "outturn": null,
        "variance": "300.00", "varianceBasis": "TO_DATE", "sense": "FAVOURABLE",
        "underspend": "300.00" });
    assert_eq!(of(r#", through: "M6""#), to_m6, "whatever the state of the year");
    // 710.00 spent and 90.00 owed.
    let whole = |plan: &str, actual: &str| {
        json!({ "planToDate": plan, "actual": actual, "outturn": "800.00", "variance": "400.00",
            "varianceBasis": "OUTTURN", "sense": "FAVOURABLE", "underspend": "400.00" })
    };
    assert_eq!(of(""), whole("1200.00", "710.00"));
    assert_eq!(of(r#", through: "M12""#), whole("1200.00", "700.00"), "the outturn is the year's");
    let months = rows(&fixture, r#"filter: { programme: "A" }, rollup: MONTH"#, VARIANCE);
    let bases = months.iter().map(|row| row["figures"]["varianceBasis"].clone());
    let mut expected = vec![json!("TO_DATE"); 11];
    expected.extend([json!("OUTTURN"), json!("OUTTURN")]);
    assert_eq!(bases.collect::<Vec<_>>(), expected);
    assert_eq!(months[5]["figures"], to_m6);
}

#[test]
fn a_month_by_name_comes_before_a_forecast_and_m12_does_not() {
    let fixture = book();
    spend(&fixture, A, "M6", "700.00");
    forecast(&fixture, A, "M3", "1100.00");
    let line = |through: &str| {
        let arguments = format!(r#"filter: {{ programme: "A" }} {through}"#);
        rows(&fixture, &arguments, "figures { variance varianceBasis forecast status }")[0]
            ["figures"]
            .clone()
    };
    let of = |variance: &str, basis: &str| {
        json!({ "variance": variance, "varianceBasis": basis, "forecast": "1100.00",
            "status": "ON_TRACK" })
    };
    assert_eq!(line(r#", through: "M11""#), of("400.00", "TO_DATE"));
    assert_eq!(line(r#", through: "M12""#), of("100.00", "FORECAST"));
    assert_eq!(line(""), of("100.00", "FORECAST"));
}

#[test]
fn an_outturn_holds_what_was_owed_at_the_close_wherever_it_is_told() {
    let fixture = spent_and_closed();
    let part = r#"filter: { programme: "A" }"#;
    let bridge = fixture.ask(&format!(
        r#"{{ bridge(year: "2020-21", {part}) {{ outturn openAtClose toOutturn closed
             spendByMonth {{ month entries amount before after position }} }}
            to: bridge(year: "2020-21", {part}, through: "M6") {{ outturn openAtClose }} }}"#
    ));
    let told = &bridge["bridge"];
    let totals = ["outturn", "openAtClose", "toOutturn"].map(|name| told[name].clone());
    assert_eq!(json!(totals), json!(["800.00", "90.00", "-300.00"]));
    assert_eq!(bridge["to"], json!({ "outturn": "300.00", "openAtClose": "0.00" }));
    let month = &told["spendByMonth"][3];
    let of = ["month", "entries", "amount", "before", "after"].map(|name| month[name].clone());
    assert_eq!(json!(of), json!(["M13", 1, "10.00", "700.00", "710.00"]));
    assert!(month["position"].is_string(), "the only entry of its month");
    let others = fixture.ask(
        r#"{ persistentVariances(running: 1) { rows(first: 9) { edges { node { programme { code } years { outturn } } } } }
            forecastAccuracy(month: "M3") { rows(first: 9) { edges { node { programme { code } forecast outturn } } } } }"#,
    );
    let of = |list: &str| {
        let rows = nodes(&others[list]["rows"]);
        rows.into_iter().find(|row| row["programme"]["code"] == "A").expect("a row of A")
    };
    assert_eq!(of("persistentVariances")["years"], json!([{ "outturn": "800.00" }]));
    let accuracy = of("forecastAccuracy");
    assert_eq!(json!([accuracy["forecast"], accuracy["outturn"]]), json!(["1100.00", "800.00"]));
}

#[test]
fn what_is_paid_late_counts_by_the_difference_and_a_late_credit_is_no_budget() {
    let fixture = book();
    let next = "A/XDH/2021-22/capital";
    let accrual = r#"month: "M12", amount: "90.00", reference: "GRN-1""#;
    fixture.post("accrue", &format!(r#"line: "{A}", {accrual}"#));
    fixture.post("closePeriod", r#"year: "2020-21", close: HARD"#);
    let to = format!(r#"[{{ line: "{next}", amount: "50.00" }}]"#);
    fixture.post("allocate", &format!(r#"fund: "F", month: "M1", to: {to}"#));
    let of_next = |through: &str| {
        let asked = fixture.ask(&format!(
            r#"{{ plannedVersusActual(year: "2021-22" {through}) {{ rows(first: 9) {{ edges {{ node {{ figures {{ actual available }} }} }} }} }} }}"#
        ));
        nodes(&asked["plannedVersusActual"]["rows"])[0]["figures"].clone()
    };
    let paid = format!(r#"line: "{next}", month: "M2", amount: "100.00", discharges: "GRN-1""#);
    fixture.post("recordActual", &paid);
    assert_eq!(of_next(""), json!({ "actual": "10.00", "available": "40.00" }));
    let credit = format!(r#"line: "{next}", month: "M4", amount: "-30.00", concerns: "2020-21""#);
    fixture.post("recordActual", &credit);
    assert_eq!(of_next(""), json!({ "actual": "-20.00", "available": "50.00" }));
    let before = of_next(r#", through: "M3""#);
    assert_eq!(before, json!({ "actual": "10.00", "available": "40.00" }));
    let closed = rows(&fixture, r#"filter: { programme: "A" }"#, "figures { outturn accrued }");
    assert_eq!(closed[0]["figures"], json!({ "outturn": "90.00", "accrued": "90.00" }));
}

#[test]
fn underspends_by_reason_tell_their_place_too() {
    let fixture = book();
    let told = |arguments: &str| -> Vec<Value> {
        let asked = fixture.ask(&format!(
            r#"{{ underspendsByReason(year: "2020-21", {arguments}) {{ rows(first: 9) {{ edges {{ node {{
                 programme {{ code }} parent level isTotal underspend }} }} }} }} }}"#
        ));
        let rows = nodes(&asked["underspendsByReason"]["rows"]);
        let row = |row: Value| {
            let place = ["parent", "level", "isTotal", "underspend"].map(|name| row[name].clone());
            json!([row["programme"]["code"], place])
        };
        rows.into_iter().map(row).collect()
    };
    assert_eq!(
        told("by: PROGRAMME"),
        [
            json!(["TOP", [null, 0, true, "3600.00"]]),
            json!(["A", ["TOP", 1, false, "1200.00"]]),
            json!(["B", ["TOP", 1, false, "1200.00"]]),
        ]
    );
    let part = r#"by: PROGRAMME, filter: { programme: "B" }"#;
    assert_eq!(told(part), [json!(["B", [null, 0, false, "1200.00"]])]);
    assert_eq!(told("by: YEAR"), [json!([null, [null, 0, true, "3600.00"]])]);
    assert_eq!(told("by: CLASS"), [json!([null, [null, 0, false, "3600.00"]])]);
}

#[test]
fn a_year_that_owes_more_than_is_left_is_overspent() {
    let fixture = book();
    spend(&fixture, A, "M6", "1150.00");
    let accrual = r#"month: "M12", amount: "60.00", reference: "GRN-1""#;
    fixture.post("accrue", &format!(r#"line: "{A}", {accrual}"#));
    fixture.post("closePeriod", r#"year: "2020-21", close: HARD"#);
    let of_a = rows(&fixture, r#"filter: { programme: "A" }"#, "figures { sense variance status }");
    let told = json!({ "sense": "ADVERSE", "variance": "-10.00", "status": "OVERSPENT" });
    assert_eq!(of_a[0]["figures"], told);
}

#[test]
fn a_sum_has_a_forecast_only_where_all_its_lines_with_budget_have_one() {
    let fixture = book();
    forecast(&fixture, A, "M3", "1000.00");
    forecast(&fixture, B, "M3", "1190.00");
    let internal = r#"month: "M3", series: INTERNAL, amount: "5.00""#;
    fixture.post("reviseForecast", &format!(r#"line: "{A}", {internal}"#));
    const FIELDS: &str = "figures { forecast forecastKnown forecastOf internalForecast variance
        varianceBasis sense status }";
    let year = || rows(&fixture, "rollup: YEAR", FIELDS)[0]["figures"].clone();
    assert_eq!(
        year(),
        json!({ "forecast": null, "forecastKnown": "2190.00", "forecastOf": "2400.00",
            "internalForecast": null, "variance": "210.00", "varianceBasis": "FORECAST_PART",
            "sense": "FAVOURABLE", "status": "ON_TRACK" })
    );
    let bridge = fixture.ask(
        r#"{ bridge(year: "2020-21") { forecast forecastKnown forecastOf revisedToForecast whollyForecast } }"#,
    );
    assert_eq!(
        bridge["bridge"],
        json!({ "forecast": null, "forecastKnown": "2190.00", "forecastOf": "2400.00",
            "revisedToForecast": null, "whollyForecast": false })
    );
    // A line without budget needs no forecast, also where something was spent on it.
    fixture.post(
        "allocate",
        r#"fund: "F", month: "M1", to: [{ line: "TOP/XDH/2020-21/revenue", amount: "0.00" }]"#,
    );
    spend(&fixture, "TOP/XDH/2020-21/revenue", "M2", "7.00");
    forecast(&fixture, TOP, "M3", "1200.00");
    assert_eq!(
        year(),
        json!({ "forecast": "3390.00", "forecastKnown": "3390.00", "forecastOf": "3600.00",
            "internalForecast": null, "variance": "210.00", "varianceBasis": "FORECAST",
            "sense": "FAVOURABLE", "status": "ON_TRACK" })
    );
    let then = rows(&fixture, "rollup: YEAR, through: \"M2\"", FIELDS)[0]["figures"].clone();
    let none = ["forecast", "forecastKnown", "forecastOf"].map(|name| then[name].clone());
    assert_eq!(json!(none), json!([null, null, null]));
    assert_eq!(then["status"], "NO_FORECAST");
}

#[test]
fn rows_of_a_tree_tell_their_place_and_what_is_their_own() {
    let fixture = book();
    const FIELDS: &str =
        "programme { code } parent level isTotal figures { revised } own { revised }";
    let tree = |arguments: &str| -> Vec<Value> {
        let told = rows(&fixture, arguments, FIELDS);
        told.iter()
            .map(|row| {
                json!([
                    row["programme"]["code"],
                    row["parent"],
                    row["level"],
                    row["isTotal"],
                    row["figures"]["revised"],
                    row["own"]["revised"]
                ])
            })
            .collect()
    };
    assert_eq!(
        tree("rollup: PROGRAMME"),
        [
            json!(["TOP", null, 0, true, "3600.00", "1200.00"]),
            json!(["A", "TOP", 1, false, "1200.00", "1200.00"]),
            json!(["B", "TOP", 1, false, "1200.00", "1200.00"]),
        ]
    );
    // The top of an answer is what it asks for.
    assert_eq!(
        tree(r#"rollup: PROGRAMME, filter: { programme: "A" }"#),
        [json!(["A", null, 0, false, "1200.00", "1200.00"])]
    );
    // Nothing is on the portfolio itself.
    assert_eq!(
        tree(r#"rollup: PROGRAMME, through: "M1", filter: { body: "XDH" }"#)[0][5],
        "1200.00"
    );
    let cut =
        format!(r#"line: "{TOP}", month: "M2", amount: "1200.00", to: {{ outOfBook: TREASURY }}"#);
    fixture.post("cut", &cut);
    assert_eq!(
        tree("rollup: PROGRAMME")[0],
        json!(["TOP", null, 0, true, "2400.00", "0.00"]),
        "an emptied line is a line"
    );
    assert_eq!(tree("rollup: YEAR"), [json!([null, null, 0, true, "2400.00", "2400.00"])]);
    assert_eq!(tree("").len(), 3);
    assert!(tree("").iter().all(|row| row[3] == false && row[4] == row[5]), "lines");
    assert!(tree("rollup: MONTH").iter().all(|row| row[3] == true), "each month is the whole year");
    let deeper = |code: &str, parent: &str| {
        let input = format!(r#"code: "{code}", name: "Deeper", parent: "{parent}""#);
        fixture.post("openProgramme", &input);
    };
    deeper("A1", "A");
    deeper("A11", "A1");
    let to = r#"[{ line: "A11/XDH/2020-21/capital", amount: "5.00" }]"#;
    fixture.post("allocate", &format!(r#"fund: "F", month: "M1", to: {to}"#));
    assert_eq!(
        tree(r#"rollup: PROGRAMME, filter: { programme: "A" }"#),
        [
            json!(["A", null, 0, true, "1205.00", "1200.00"]),
            json!(["A1", "A", 1, true, "5.00", null]),
            json!(["A11", "A1", 2, false, "5.00", "5.00"]),
        ]
    );
}

#[test]
fn a_first_statement_is_told_from_a_revision_and_a_period_may_span_years() {
    let fixture = book();
    let to = r#"[{ line: "B/XDH/2021-22/capital", amount: "50.00" }]"#;
    fixture.post("allocate", &format!(r#"fund: "F", month: "M1", to: {to}"#));
    let before = fixture.head();
    forecast(&fixture, A, "M3", "0.00");
    forecast(&fixture, "B/XDH/2021-22/capital", "M1", "40.00");
    let first = fixture.head();
    forecast(&fixture, A, "M4", "1000.00");
    forecast(&fixture, "B/XDH/2021-22/capital", "M1", "45.00");
    forecast(&fixture, B, "M9", "1.00");
    let told = |arguments: &str| -> Vec<Value> {
        let asked = fixture.ask(&format!(
            "{{ forecastRevisions{arguments} {{ year rows(first: 9) {{ edges {{ node {{ line firstStatement change }} }} }} }} }}"
        ));
        let rows = nodes(&asked["forecastRevisions"]["rows"]);
        let row = |row: Value| {
            let line = row["line"].as_str().expect("a line");
            json!([line.split('/').next(), row["firstStatement"], row["change"]])
        };
        rows.into_iter().map(row).collect()
    };
    let stated = [
        json!(["A", true, "0.00"]),
        json!(["B", true, "40.00"]),
        json!(["A", false, "1000.00"]),
        json!(["B", false, "5.00"]),
        json!(["B", true, "1.00"]),
    ];
    assert_eq!(told(""), stated);
    assert_eq!(told(r#"(year: "2021-22")"#), [stated[1].clone(), stated[3].clone()]);
    let after = format!(r#"(since: {{ position: "{before}" }}, until: {{ position: "{first}" }})"#);
    assert_eq!(told(&after), stated[..2]);
    assert_eq!(told(r#"(fromMonth: "M4", filter: { programme: "A" })"#), stated[2..3]);
}
