//! Published figures, held against a small book whose figures are worked out by hand.
//!
//! Two projects: A is revised to 100.00 and forecast at 60.00, B to 50.00 and forecast at 160.00.
//! So A alone is underspent by 40.00, and the two together overspent by 70.00.

use serde_json::{Value, json};

use crate::desk::nodes;
use crate::fixture::Fixture;

const ROWS: &str =
    "rows(first: 20) { edges { node { code scope year measure certainty amount low high
    words publishedOn bearer supersedes supersededBy recordedBy
    atPublication { ledger difference agrees explainedBy { scope ledger } unexplained }
    now { ledger difference agrees explainedBy { scope ledger } unexplained } } } }";

fn book() -> Fixture {
    let fixture = Fixture::at("2031-04-01T00:00:00Z");
    let post = |field: &str, input: &str| fixture.post(field, input);
    post("establishFund", r#"code: "F", name: "A fund""#);
    post(
        "settleFunding",
        r#"fund: "F", class: CAPITAL, from: "2030-31", to: "2030-31", newMoney: "130.00", reannounced: "290.00""#,
    );
    for (code, amount, forecast) in [("A", "100.00", "60.00"), ("B", "50.00", "160.00")] {
        let line = format!("{code}/XDH/2030-31/capital");
        post("openProgramme", &format!(r#"code: "{code}", name: "Project {code}""#));
        let to = format!(r#"[{{ line: "{line}", amount: "{amount}" }}]"#);
        post("allocate", &format!(r#"fund: "F", month: "M1", to: {to}"#));
        post("reviseForecast", &format!(r#"line: "{line}", month: "M3", amount: "{forecast}""#));
    }
    post("defineScope", r#"code: "NARROW", name: "A alone", programmes: ["A"]"#);
    post("defineScope", r#"code: "WIDER", name: "A and B", programmes: ["A", "B"]"#);
    fixture
}

fn publish(fixture: &Fixture, code: &str, about: &str, figure: &str) -> u64 {
    let rest = r#"source: "HSJ", publishedOn: "2000-01-01""#;
    let input =
        format!(r#"code: "{code}", title: "A figure", {about}, figure: {{ {figure} }}, {rest}"#);
    fixture.post("publishFigure", &input)
}

fn told(fixture: &Fixture, arguments: &str) -> Vec<Value> {
    let told = fixture.ask(&format!("{{ publishedFigures{arguments} {{ {ROWS} }} }}"));
    nodes(&told["publishedFigures"]["rows"])
}

const UNDERSPEND: &str = r#"year: "2030-31", measure: UNDERSPEND"#;

#[test]
fn rival_figures_of_one_underspend_stand_side_by_side_each_with_the_scope_that_explains_it() {
    let fixture = book();
    let about = |scope: &str| format!(r#"scope: "{scope}", {UNDERSPEND}"#);
    publish(&fixture, "NARROW-40", &about("NARROW"), r#"exact: "40.00""#);
    publish(&fixture, "WIDER-70", &about("WIDER"), r#"about: "-70.00""#);
    publish(&fixture, "MISTAKEN", &about("NARROW"), r#"range: { low: "-80.00", high: "-60.00" }"#);
    publish(&fixture, "WRONG", &about("NARROW"), r#"atLeast: "45.50""#);
    let rows = told(&fixture, "");
    let now = |row: usize| rows[row]["now"].clone();
    let agrees = |ledger: &str, difference: &str, others: Value| {
        json!({ "ledger": ledger, "difference": difference, "agrees": true,
            "explainedBy": others, "unexplained": "0.00" })
    };
    assert_eq!(now(0), agrees("40.00", "0.00", json!([])));
    assert_eq!(now(1), agrees("-70.00", "0.00", json!([])));
    assert_eq!((&rows[1]["low"], &rows[1]["high"]), (&json!("-75.00"), &json!("-65.00")));
    // What was said of the narrow scope is true of the wider one.
    let wider = json!([{ "scope": "WIDER", "ledger": "-70.00" }]);
    assert_eq!(
        now(2),
        json!({ "ledger": "40.00", "difference": "-100.00", "agrees": false,
            "explainedBy": wider, "unexplained": "0.00" })
    );
    assert_eq!(
        now(3),
        json!({ "ledger": "40.00", "difference": "5.50", "agrees": false, "explainedBy": [],
            "unexplained": "5.50" })
    );
    assert_eq!((&rows[3]["certainty"], &rows[3]["high"]), (&json!("AT_LEAST"), &Value::Null));
    // The book did not exist when they were published.
    assert_eq!(rows[0]["atPublication"]["ledger"], Value::Null);
    assert_eq!(told(&fixture, r#"(year: "2031-32")"#), Vec::<Value>::new());
}

#[test]
fn an_outturn_takes_the_place_of_the_forecast_and_a_figure_of_no_line_is_none() {
    let fixture = book();
    let about = format!(r#"scope: "NARROW", {UNDERSPEND}"#);
    publish(&fixture, "UNDER", &about, r#"exact: "40.00""#);
    let next = r#"scope: "NARROW", year: "2031-32", measure: REVISED"#;
    publish(&fixture, "NEXT", next, r#"exact: "0.00""#);
    let spent = r#"line: "A/XDH/2030-31/capital", month: "M12", amount: "61.00""#;
    fixture.post("recordActual", spent);
    fixture.post("closePeriod", r#"year: "2030-31", close: HARD"#);
    let rows = told(&fixture, "");
    assert_eq!(rows[0]["now"]["ledger"], "39.00");
    assert_eq!(rows[0]["now"]["difference"], "1.00");
    assert_eq!(rows[1]["now"]["ledger"], Value::Null, "no line is not a budget of 0.00");
    assert_eq!(rows[1]["now"]["agrees"], Value::Null);
}

#[test]
fn what_was_published_without_an_amount_has_none() {
    let fixture = book();
    let about = format!(r#"scope: "NARROW", {UNDERSPEND}, bearer: LOCAL"#);
    publish(&fixture, "WORDS", &about, r#"unquantified: "substantial""#);
    let rows = told(&fixture, "");
    let stated =
        ["certainty", "amount", "low", "high", "words", "bearer"].map(|n| rows[0][n].clone());
    assert_eq!(json!(stated), json!(["UNQUANTIFIED", null, null, null, "substantial", "LOCAL"]));
    assert_eq!(
        rows[0]["now"],
        json!({ "ledger": "40.00", "difference": null, "agrees": null, "explainedBy": [],
            "unexplained": null })
    );
}

#[test]
fn a_figure_of_a_fund_is_held_against_what_was_settled() {
    let fixture = book();
    publish(&fixture, "ALL", r#"fund: "F", measure: SETTLED"#, r#"exact: "420.00""#);
    publish(&fixture, "NEW", r#"fund: "F", measure: NEW_MONEY"#, r#"exact: "131.00""#);
    publish(&fixture, "GROSS", r#"bearer: NATIONAL"#, r#"exact: "1000.00""#);
    let rows = told(&fixture, "");
    let now = |row: usize| {
        json!(["ledger", "difference", "agrees"].map(|name| rows[row]["now"][name].clone()))
    };
    assert_eq!(now(0), json!(["420.00", "0.00", true]));
    assert_eq!(now(1), json!(["130.00", "1.00", false]));
    assert_eq!(now(2), json!([null, null, null]));
}

#[test]
fn a_figure_stands_until_another_takes_its_place() {
    let fixture = book();
    let about = r#"scope: "NARROW", year: "2030-31", measure: FORECAST"#;
    let first = publish(&fixture, "EXPECTED", about, r#"exact: "60.00""#);
    let later = publish(
        &fixture,
        "REVISED",
        &format!(r#"{about}, supersedes: "EXPECTED""#),
        r#"unquantified: "revised upwards""#,
    );
    let at = |position: u64| told(&fixture, &format!(r#"(asAt: {{ position: "{position}" }})"#));
    assert_eq!(at(first - 1), Vec::<Value>::new());
    let links = |rows: Vec<Value>| {
        let link = |row: &Value| json!([row["code"], row["supersedes"], row["supersededBy"]]);
        rows.iter().map(link).collect::<Vec<_>>()
    };
    assert_eq!(links(at(first)), [json!(["EXPECTED", null, null])]);
    let both = [json!(["EXPECTED", null, "REVISED"]), json!(["REVISED", "EXPECTED", null])];
    assert_eq!(links(at(later)), both);
    let refused = fixture.submit(
        "publishFigure",
        r#"idempotencyKey: "again", reason: "no", code: "LAST", title: "A figure",
           figure: { exact: "1.00" }, source: "HSJ", publishedOn: "2030-05-01", supersedes: "EXPECTED""#,
    );
    assert_eq!(refused["userErrors"][0]["code"], "SUPERSEDED_ALREADY");
    assert_eq!(refused["userErrors"][0]["field"], "supersedes");
}

#[test]
fn scopes_are_listed_and_published_figures_are_told_as_they_change() {
    let fixture = book();
    let rows = "rows(first: 9) { edges { node { code programmes bodies classes } } }";
    let listed = fixture.ask(&format!("{{ figureScopes {{ {rows} }} }}"));
    let narrow = json!({ "code": "NARROW", "programmes": ["A"], "bodies": [], "classes": [] });
    assert_eq!(nodes(&listed["figureScopes"]["rows"])[0], narrow);
    let mut told = fixture.subscribe(
        "subscription { publishedFigures { rows(first: 9) { edges { node { code } } } } }",
    );
    let none = fixture.next(&mut told);
    assert_eq!(nodes(&none["publishedFigures"]["rows"]), Vec::<Value>::new());
    publish(&fixture, "UNDER", r#"scope: "NARROW""#, r#"exact: "1.00""#);
    let one = fixture.next(&mut told);
    assert_eq!(nodes(&one["publishedFigures"]["rows"]), [json!({ "code": "UNDER" })]);
}
