//! Corrections, years opened from the year before, and cancelled funds, over GraphQL.

use serde_json::json;

use crate::fixture::Fixture;

/// Where a reversal and its replacement took effect, also before they are posted.
#[test]
fn a_reversal_and_a_correction_say_where_they_landed() {
    let fixture = Fixture::sample();
    let line = "LANDS/XDH/2026-27/revenue";
    let spend = |month| format!(r#"line: "{line}", month: "{month}", amount: "5.00""#);
    fixture.post("openProgramme", r#"code: "LANDS", name: "Lands""#);
    fixture.post("recordActual", &spend("M1"));
    let entry = fixture.head();
    fixture.post("closePeriod", r#"year: "2026-27", month: "M1", close: SOFT"#);
    let landed = |key: &str, dry_run: bool| {
        let document = format!(
            r#"mutation {{ correct(input: {{ idempotencyKey: "{key}", reason: "r", dryRun: {dry_run},
                 entry: "{entry}", replacement: [{{ recordActual: {{ {} }} }}] }}) {{
               userErrors {{ message }} landed {{ line year month concerns }}
               preview {{ landed {{ line year month concerns }} }} }} }}"#,
            spend("M3")
        );
        let answer = fixture.ask(&document)["correct"].clone();
        if dry_run { answer["preview"]["landed"].clone() } else { answer["landed"].clone() }
    };
    let at =
        |month: &str| json!({ "line": line, "year": "2026-27", "month": month, "concerns": null });
    let both = json!([at("M2"), at("M3")]);
    assert_eq!(landed("tried", true), both);
    assert_eq!(landed("posted", false), both);
}

/// A dry run lists every line, also those that open at 0.00.
#[test]
fn the_opening_of_a_year_is_reviewed_line_by_line() {
    let fixture = Fixture::sample();
    let answer = fixture.ask(
        r#"mutation { openYear(input: { idempotencyKey: "k", reason: "r", dryRun: true,
             from: "2026-27", fund: "X-FUND", programme: "X-STOP", month: "M1" }) {
           userErrors { message } preview { events { kind lines } changes { account figure after } } } }"#,
    );
    let line = "X-STOP/XDH/2027-28/capital";
    let preview = json!({
        "events": [{ "kind": "ALLOCATED", "lines": [line] }],
        "changes": [{ "account": line, "figure": "revised", "after": "0.00" }],
    });
    assert_eq!(answer["openYear"]["preview"], preview, "{answer}");
}

#[test]
fn a_cancelled_fund_shows_what_it_gave_up_and_for_which_years() {
    let fixture = Fixture::empty();
    fixture.post("establishFund", r#"code: "F", name: "A fund""#);
    fixture.post(
        "settleFunding",
        r#"fund: "F", class: CAPITAL, from: "2016-17", to: "2018-19", newMoney: "10.00", reannounced: "0""#,
    );
    fixture.post("cancelFund", r#"fund: "F", to: { outOfBook: TREASURY }"#);
    let answer = fixture.ask(
        r#"{ fund(code: "F") { balances { class from to newMoney cancelled unallocated } } }"#,
    );
    let balance = json!({ "class": "CAPITAL", "from": "2016-17", "to": "2018-19",
        "newMoney": "10.00", "cancelled": "10.00", "unallocated": "0.00" });
    assert_eq!(answer["fund"]["balances"], json!([balance]));
}
