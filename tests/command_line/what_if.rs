//! `what-if` on a folder and on a server: what would change, and nothing of it stored.

use super::program::{Desk, text};
use super::served::Served;

const CANCEL: &str = "what-if --cancel X-STOP --to fund:X-FUND --month M9";

/// Of each changed figure: account, figure, before and after.
fn changes(desk: &Desk, question: &str) -> Vec<String> {
    let rows = desk.rows(question);
    let cell = |row: &serde_json::Value, name| text(row, name).to_owned();
    let names = ["account", "figure", "before", "after", "change"];
    rows.iter().map(|row| names.map(|name| cell(row, name)).join(" ")).collect()
}

#[test]
fn cancelling_a_programme_releases_what_is_neither_spent_nor_committed() {
    let desk = Desk::sample();
    let before = desk.does("export").out;
    // 50 planned, 12 spent, 8 committed.
    assert_eq!(
        changes(&desk, CANCEL),
        [
            "X-FUND/capital unallocated 25000000.00 55000000.00 30000000.00",
            "X-STOP/XDH/2026-27/capital revised 50000000.00 20000000.00 -30000000.00",
            "X-STOP/XDH/2026-27/capital available 30000000.00 0.00 -30000000.00",
        ]
    );
    let told = desk.does(CANCEL);
    assert!(told.err.contains("cancelling X-STOP would release £30,000,000.00"), "{told:?}");
    assert_eq!(desk.does("export").out, before, "nothing is stored");
    let served = Served::on(&desk);
    for format in ["table", "json", "csv"] {
        let question = format!("{CANCEL} --format {format}");
        assert_eq!(served.does(&question).out, desk.does(&question).out);
    }
}

#[test]
fn a_scenario_is_a_file_that_can_be_asked_about_again_as_at_any_moment() {
    let desk = Desk::sample();
    let row = |from: &str, to: &str, amount: &str| {
        format!(
            "{{\"reason\":\"r\",\"command\":{{\"reallocate\":{{\"month\":\"M2\",\"from\":[{{\"line\":\"{from}/XDH/2017-18/unsplit\",\"amount\":\"{amount}\"}}],\"to\":[{{\"line\":\"{to}/XDH/2017-18/unsplit\",\"amount\":\"{amount}\"}}]}}}}}}\n"
        )
    };
    let file = row("WIFI", "CYBER", "1000000.00") + &row("WIFI", "CYBER", "999000000.00");
    desk.write("donate.jsonl", file);
    let asked = "what-if donate.jsonl --save donors --as-of 2017-12-31 --format json";
    let answer = desk.run(asked);
    assert_eq!(answer.code, 3, "{answer:?}");
    assert!(
        answer.err.contains("BEYOND_AVAILABLE") || answer.err.contains("line\":2"),
        "{answer:?}"
    );
    let again = desk.run("what-if --scenario donors --as-of 2017-12-31 --format json");
    assert_eq!(again.out, answer.out);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&again.out).expect("rows");
    assert_eq!(rows[0]["account"], "CYBER/XDH/2017-18/unsplit");
    assert_eq!((text(&rows[0], "before"), text(&rows[0], "after")), ("8700000.00", "9700000.00"));
    // The year has been closed for good since.
    let now = desk.run("what-if --scenario donors");
    assert_eq!(now.code, 3, "{now:?}");
    assert!(now.err.contains("2017-18"), "{now:?}");
    for wrong in
        ["what-if", "what-if --scenario ../x", "what-if --scenario nothing", "what-if nofile"]
    {
        assert_eq!(desk.run(wrong).code, 2, "{wrong}");
    }
}
