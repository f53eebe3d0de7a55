//! What changes as time passes, without an entry: the month, the policy in force and its calendar.

use serde_json::{Value, json};

use crate::fixture::{Fixture, SetClock, number};

/// When the book of this suite got its last entry: 1 April 2026 in the UK.
const LAST_ENTRY: &str = "2026-03-31T23:30:00Z";

/// A book with 1,200.07 planned for 2026-27 and 240.05 for 2027-28, and 50.00 spent in April 2026.
/// In pence a month: 10,000 and one more in the first seven; 2,000 and one more in the first five.
fn book(clock: &SetClock) -> Fixture {
    clock.set(LAST_ENTRY);
    let fixture = Fixture::on(clock);
    fixture.post("establishFund", r#"code: "F", name: "A fund""#);
    fixture.post(
        "settleFunding",
        r#"fund: "F", class: REVENUE, from: "2026-27", to: "2027-28", newMoney: "5000.00", reannounced: "0.00""#,
    );
    fixture.post("openProgramme", r#"code: "A", name: "A programme""#);
    for (year, amount) in [("2026-27", "1200.07"), ("2027-28", "240.05")] {
        let to = format!(r#"[{{ line: "A/XDH/{year}/revenue", amount: "{amount}" }}]"#);
        fixture.post("allocate", &format!(r#"fund: "F", month: "M1", to: {to}"#));
    }
    let spent = r#"line: "A/XDH/2026-27/revenue", month: "M1", amount: "50.00""#;
    fixture.post("recordActual", spent);
    fixture
}

/// The month, the plan to date, the variance and the day of a year's only row.
fn plan(fixture: &Fixture, year: &str, when: &str) -> [Value; 4] {
    let answer = fixture.ask(&format!(
        r#"{{ plannedVersusActual(year: "{year}", rollup: YEAR {when}) {{ through on
             rows(first: 1) {{ on edges {{ node {{ through
               figures {{ through planToDate variance varianceBasis sense }} }} }} }} }}
             line(key: "A/XDH/{year}/revenue" {when}) {{ on figures {{ planToDate through }} }} }}"#
    ));
    let of = &answer["plannedVersusActual"];
    let row = &of["rows"]["edges"][0]["node"];
    let figures = &row["figures"];
    assert_eq!([&row["through"], &figures["through"]], [&of["through"]; 2]);
    assert_eq!([&of["rows"]["on"], &answer["line"]["on"]], [&of["on"]; 2]);
    assert_eq!(answer["line"]["figures"]["planToDate"], figures["planToDate"]);
    assert_eq!(answer["line"]["figures"]["through"], figures["through"]);
    assert_eq!(figures["varianceBasis"], "TO_DATE");
    let [plan, variance] = ["planToDate", "variance"].map(|name| figures[name].clone());
    [of["through"].clone(), plan, variance, of["on"].clone()]
}

/// Each month begins at midnight in the UK, an hour earlier in UTC from April to October.
#[test]
fn the_plan_to_date_is_that_of_the_clock_not_of_the_last_entry() {
    let clock = SetClock::default();
    let fixture = book(&clock);
    let table = [
        ("2026-04-30T22:59:59Z", "M1", "100.01", "50.01", "2026-04-30"),
        ("2026-04-30T23:00:00Z", "M2", "200.02", "150.02", "2026-05-01"),
        ("2026-05-31T23:00:00Z", "M3", "300.03", "250.03", "2026-06-01"),
        ("2026-06-30T23:00:00Z", "M4", "400.04", "350.04", "2026-07-01"),
        ("2026-07-31T23:00:00Z", "M5", "500.05", "450.05", "2026-08-01"),
        ("2026-08-31T23:00:00Z", "M6", "600.06", "550.06", "2026-09-01"),
        ("2026-09-30T23:00:00Z", "M7", "700.07", "650.07", "2026-10-01"),
        ("2026-10-31T23:59:59Z", "M7", "700.07", "650.07", "2026-10-31"),
        ("2026-11-01T00:00:00Z", "M8", "800.07", "750.07", "2026-11-01"),
        ("2026-11-30T20:00:00Z", "M8", "800.07", "750.07", "2026-11-30"),
        ("2026-12-01T00:00:00Z", "M9", "900.07", "850.07", "2026-12-01"),
        ("2027-01-01T00:00:00Z", "M10", "1000.07", "950.07", "2027-01-01"),
        ("2027-02-28T23:59:59Z", "M11", "1100.07", "1050.07", "2027-02-28"),
        ("2027-03-01T00:00:00Z", "M12", "1200.07", "1150.07", "2027-03-01"),
        ("2027-03-31T22:59:00Z", "M12", "1200.07", "1150.07", "2027-03-31"),
        ("2027-03-31T23:01:00Z", "M12", "1200.07", "1150.07", "2027-04-01"),
    ];
    for (time, month, planned, variance, day) in table {
        clock.set(time);
        let expected = [month, planned, variance, day].map(Value::from);
        assert_eq!(plan(&fixture, "2026-27", ""), expected, "{time}");
        // The day beside a position fixes the answer, whatever the clock says.
        clock.set("2031-01-01T00:00:00Z");
        let when = format!(", asAt: {{ position: \"{}\" }}, on: \"{day}\"", fixture.head());
        assert_eq!(plan(&fixture, "2026-27", &when), expected, "on {day}");
        let when = format!(", on: \"{day}\"");
        assert_eq!(plan(&fixture, "2026-27", &when), expected, "now on {day}");
    }
    let table = [
        ("2027-03-31T22:59:00Z", Value::Null, "0.00", "2027-03-31"),
        ("2027-03-31T23:01:00Z", json!("M1"), "20.01", "2027-04-01"),
        ("2027-08-31T23:00:00Z", json!("M6"), "120.05", "2027-09-01"),
        ("2028-02-28T23:59:59Z", json!("M11"), "220.05", "2028-02-28"),
        ("2028-02-29T00:00:00Z", json!("M11"), "220.05", "2028-02-29"),
        ("2028-02-29T23:59:59.999999Z", json!("M11"), "220.05", "2028-02-29"),
        ("2028-03-01T00:00:00Z", json!("M12"), "240.05", "2028-03-01"),
    ];
    for (time, month, planned, day) in table {
        clock.set(time);
        let expected = [month, planned.into(), planned.into(), day.into()];
        assert_eq!(plan(&fixture, "2027-28", ""), expected, "{time}");
    }
}

#[test]
fn a_position_stands_at_its_own_time_and_a_time_at_itself() {
    let clock = SetClock::default();
    let fixture = book(&clock);
    let head = fixture.head();
    clock.set("2026-11-30T20:00:00Z");
    let at = format!(", asAt: {{ position: \"{head}\" }}");
    let expected = ["M1", "100.01", "50.01", "2026-04-01"].map(Value::from);
    assert_eq!(plan(&fixture, "2026-27", &at), expected);
    let known = r#", asAt: { recordedAt: "2026-08-31T23:00:00Z" }"#;
    let expected = ["M6", "600.06", "550.06", "2026-09-01"].map(Value::from);
    assert_eq!(plan(&fixture, "2026-27", known), expected);
    // A month that is asked for stays.
    let answer = fixture.ask(r#"{ financialYear(year: "2026-27", through: "M3") { through on } }"#);
    assert_eq!(answer["financialYear"], json!({ "through": "M3", "on": "2026-11-30" }));
    let answer = fixture.ask(r#"{ financialYear(year: "2026-27") { through } }"#);
    assert_eq!(answer["financialYear"]["through"], "M8");
}

#[test]
fn a_what_if_and_its_pages_stand_at_the_same_now() {
    let clock = SetClock::default();
    let fixture = book(&clock);
    clock.set("2026-11-30T23:59:59Z");
    let more = r#"{ allocate: { idempotencyKey: "k", reason: "r", fund: "F", month: "M1",
        to: [{ line: "A/XDH/2026-27/revenue", amount: "12.00" }] } }"#;
    let document = format!(
        r#"{{ whatIf(input: {{ postings: [{more}] }}) {{ on outcomes {{ userErrors {{ message }} }}
             book {{ plannedVersusActual(year: "2026-27") {{ through on
               rows(first: 1) {{ edges {{ node {{ figures {{ planToDate }} }} }} }} }} }} }} }}"#
    );
    let what_if = fixture.ask(&document)["whatIf"].clone();
    let of = &what_if["book"]["plannedVersusActual"];
    assert_eq!([&what_if["on"], &of["on"], &of["through"]], ["2026-11-30", "2026-11-30", "M8"]);
    assert_eq!(of["rows"]["edges"][0]["node"]["figures"]["planToDate"], "808.07");
    // A page begun in one month is read to its end in it.
    let page = |after: &str| {
        let document = format!(
            r#"{{ plannedVersusActual(year: "2026-27", rollup: MONTH) {{
                 rows(first: 1 {after}) {{ on pageInfo {{ endCursor }} }} }} }}"#
        );
        fixture.ask(&document)["plannedVersusActual"]["rows"].clone()
    };
    let first = page("");
    clock.set("2026-12-01T00:00:00Z");
    let second = page(&format!(", after: {}", first["pageInfo"]["endCursor"]));
    assert_eq!(
        [&first["on"], &second["on"], &page("")["on"]],
        ["2026-11-30", "2026-11-30", "2026-12-01"]
    );
}

const FIGURES: &str = r#"subscription { plannedVersusActual(year: "2027-28", rollup: YEAR) {
    position through on rows(first: 1) { edges { node { figures { planToDate } } } } } }"#;

fn told(state: &Value) -> [Value; 4] {
    let of = &state["plannedVersusActual"];
    let planned = &of["rows"]["edges"][0]["node"]["figures"]["planToDate"];
    [&of["position"], &of["through"], &of["on"], planned].map(Clone::clone)
}

#[test]
fn a_subscription_held_over_the_end_of_a_month_is_told() {
    let clock = SetClock::default();
    let fixture = book(&clock);
    let head = fixture.head().to_string();
    clock.run_on("2027-03-31T22:59:53Z");
    let mut figures = fixture.subscribe(FIGURES);
    let resumed = |field: &str, rest: &str| {
        fixture.subscribe(&format!("subscription {{ {field}(after: \"{head}\") {{ {rest} }} }}"))
    };
    let mut funds = resumed("fundBalances", "position");
    let mut balances = resumed("balances", "position on");
    let before = [json!(head), Value::Null, json!("2027-03-31"), json!("0.00")];
    assert_eq!(told(&fixture.next(&mut figures)), before);
    // A subscription begins when it is first polled.
    assert!(fixture.is_quiet(&mut funds) && fixture.is_quiet(&mut balances));
    let after = [json!(head), json!("M1"), json!("2027-04-01"), json!("20.01")];
    assert_eq!(told(&fixture.next(&mut figures)), after);
    assert_eq!(fixture.next(&mut funds)["fundBalances"], json!({ "position": head }));
    let expected = json!({ "position": head, "on": "2027-04-01" });
    assert_eq!(fixture.next(&mut balances)["balances"], expected);
    for state in [&mut figures, &mut funds, &mut balances] {
        assert!(fixture.is_quiet(state), "once a month");
    }
}

/// Adopts the policy in force with a cap for 2026-27, as of a time, and signs it.
fn adopt(fixture: &Fixture, effective: &str, change: impl Fn(&mut Value)) -> u64 {
    let known = fixture.ask("{ policy { canonical } }")["policy"]["canonical"].clone();
    let mut policy: Value = serde_json::from_str(known.as_str().expect("text")).expect("JSON");
    change(&mut policy);
    let policy = Value::from(policy.to_string());
    let adopt = format!(
        r#"mutation {{ adoptPolicy(input: {{ idempotencyKey: "adopt", reason: "r", policy: {policy},
             effective: "{effective}" }}) {{ proposal {{ number }} userErrors {{ message }} }} }}"#
    );
    let proposal = fixture.ask_as("demo-administrator", &adopt)["adoptPolicy"]["proposal"].clone();
    let sign = format!(
        r#"mutation {{ signOff(input: {{ idempotencyKey: "sign", reason: "r",
             proposals: [{{ proposal: {}, version: 1 }}] }}) {{ position userErrors {{ message }} }} }}"#,
        proposal["number"]
    );
    let signed = fixture.ask_as("demo-approver-department", &sign)["signOff"].clone();
    assert_eq!(signed["userErrors"], json!([]), "{signed}");
    number(&signed["position"])
}

#[test]
fn a_policy_is_told_when_it_takes_effect() {
    let clock = SetClock::default();
    let fixture = book(&clock);
    clock.run_on("2026-11-15T11:59:57Z");
    let head = adopt(&fixture, "2026-11-15T12:00:00Z", |policy| {
        policy["capitalToRevenue"]["caps"]["2026-27"] = json!(700);
    });
    let policy = |when: &str| {
        fixture.ask(&format!("{{ policy {when} {{ recordedBy on }} }}"))["policy"].clone()
    };
    assert_eq!(policy("")["recordedBy"], "1", "not yet");
    let mut caps = fixture
        .subscribe(r#"subscription { capitalForRevenue(year: "2026-27") { position cap } }"#);
    let state = |cap: Option<&str>| json!({ "capitalForRevenue": { "position": head.to_string(), "cap": cap } });
    assert_eq!(fixture.next(&mut caps), state(None));
    assert_eq!(fixture.next(&mut caps), state(Some("7.00")));
    assert_eq!(policy(""), json!({ "recordedBy": head.to_string(), "on": "2026-11-15" }));
    let at = format!("asAt: {{ position: \"{head}\" }}");
    assert_eq!(policy(&format!("({at})"))["recordedBy"], "1");
    assert_eq!(policy(&format!("({at}, on: \"2026-11-14\")"))["recordedBy"], "1");
    assert_eq!(policy(&format!("({at}, on: \"2026-11-15\")"))["recordedBy"], head.to_string());
}

/// A calendar closes a month after its day; one that was reopened stays open.
#[test]
fn months_close_with_the_calendar_of_the_policy() {
    let clock = SetClock::default();
    let fixture = book(&clock);
    clock.set("2026-05-20T12:00:00Z");
    adopt(&fixture, "2026-05-20", |policy| {
        policy["closeCalendar"] = json!({ "2026-27": { "M1": "2026-05-31", "M2": "2026-06-15" } });
    });
    let closed = |when: &str| {
        let document = format!(
            r#"{{ financialYear(year: "2026-27" {when}) {{ periods {{ month close }} }} }}"#
        );
        let periods = fixture.ask(&document)["financialYear"]["periods"].clone();
        let closed =
            periods.as_array().expect("periods").iter().filter(|one| !one["close"].is_null());
        closed.map(|one| one["month"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    for (time, expected) in [
        ("2026-05-31T22:59:59Z", &[][..]),
        ("2026-05-31T23:00:00Z", &["M1"]),
        ("2026-11-30T12:00:00Z", &["M1", "M2"]),
    ] {
        clock.set(time);
        assert_eq!(closed(""), expected, "{time}");
    }
    assert_eq!(closed(", on: \"2026-05-31\""), [""; 0]);
    assert_eq!(closed(", on: \"2026-06-15\""), ["M1"]);
    let before = fixture.head();
    fixture.submit(
        "reopenPeriod",
        r#"idempotencyKey: "open", reason: "r", authority: "HMT", year: "2026-27", month: "M1""#,
    );
    if fixture.head() > before {
        assert_eq!(closed(""), ["M2"], "reopened");
    }
}
