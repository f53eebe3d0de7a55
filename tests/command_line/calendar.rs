//! A figure of now is of the clock's month, however long ago the last entry was posted.

use serde_json::Value;

use super::program::{Desk, text};
use super::served::Served;
use super::watch::Watching;

/// 1,200.07 planned for 2026-27, of which 50.00 is spent in April, and 240.05 for 2027-28. In pence a
/// month: 10,000 and one more in the first seven; 2,000 and one more in the first five.
const BOOK: &str = r#"{"key":"1","reason":"r","command":{"establishFund":{"code":"F","name":"A fund"}}}
{"key":"2","reason":"r","command":{"settleFunding":{"fund":"F","class":"revenue","from":"2026-27","to":"2027-28","newMoney":"5000.00","reannounced":"0.00"}}}
{"key":"3","reason":"r","command":{"openProgramme":{"code":"A","name":"A programme"}}}
{"key":"4","reason":"r","command":{"allocate":{"fund":"F","month":"M1","to":[{"line":"A/XDH/2026-27/revenue","amount":"1200.07"}]}}}
{"key":"5","reason":"r","command":{"allocate":{"fund":"F","month":"M1","to":[{"line":"A/XDH/2027-28/revenue","amount":"240.05"}]}}}
{"key":"6","reason":"r","command":{"recordActual":{"line":"A/XDH/2026-27/revenue","month":"M1","amount":"50.00","transaction":"T-1"}}}
"#;

/// The last entry of the book.
const HEAD: u64 = 7;

/// A book whose last entry is of 20 April 2026.
fn desk() -> Desk {
    let desk = Desk::bare();
    desk.set_clock("2026-04-20T12:00:00Z");
    desk.does("init");
    desk.write("book.jsonl", BOOK);
    desk.does("post book.jsonl");
    desk
}

/// The month, the plan to date, the variance and the day of a row.
fn plan(row: &Value) -> [&str; 4] {
    ["through", "planToDate", "variance", "on"].map(|name| text(row, name))
}

#[test]
fn the_budget_of_the_running_year_is_planned_to_today() {
    let desk = desk();
    for (time, expected) in [
        ("2026-04-20T12:00:00Z", ["M1", "100.01", "50.01", "2026-04-20"]),
        ("2026-11-30T20:00:00Z", ["M8", "800.07", "750.07", "2026-11-30"]),
        ("2026-12-01T00:00:00Z", ["M9", "900.07", "850.07", "2026-12-01"]),
        ("2027-03-31T22:59:00Z", ["M12", "1200.07", "1150.07", "2027-03-31"]),
    ] {
        desk.set_clock(time);
        assert_eq!(plan(&desk.row("budget --year 2026-27")), expected, "{time}");
        assert_eq!(plan(&desk.row("budget --year 2026-27 --rollup year")), expected, "{time}");
    }
    for (time, month, planned) in [
        ("2027-03-31T22:59:00Z", Value::Null, "0.00"),
        ("2027-03-31T23:01:00Z", "M1".into(), "20.01"),
        ("2028-02-29T12:00:00Z", "M11".into(), "220.05"),
        ("2028-03-01T00:00:00Z", "M12".into(), "240.05"),
    ] {
        desk.set_clock(time);
        let row = desk.row("budget --year 2027-28");
        assert_eq!((&row["through"], text(&row, "planToDate")), (&month, planned), "{time}");
    }
}

#[test]
fn an_answer_says_its_moment_and_can_be_asked_again() {
    let desk = desk();
    desk.set_clock("2026-11-30T20:00:00Z");
    let table = desk.does("budget --year 2026-27").out;
    let caption = format!(
        "Planned versus actual, 2026-27, as at position {HEAD} on 2026-11-30, plan to date through M8"
    );
    assert_eq!(table.lines().next(), Some(caption.as_str()));
    let now = desk.row("budget --year 2026-27");
    desk.set_clock("2031-01-01T00:00:00Z");
    let cited = format!("budget --year 2026-27 --at {HEAD} --on 2026-11-30");
    assert_eq!(desk.row(&cited), now);
    let then = desk.row(&format!("budget --year 2026-27 --at {HEAD}"));
    assert_eq!(plan(&then), ["M1", "100.01", "50.01", "2026-04-20"]);
    let known = desk.row("budget --year 2026-27 --as-of 2026-06-30");
    assert_eq!(plan(&known), ["M3", "300.03", "250.03", "2026-06-30"]);
    let refused = desk.run("funds --on 2026-11-30");
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("leave --on out"), "{refused:?}");
}

#[test]
fn what_would_be_stands_at_the_same_day() {
    let desk = desk();
    desk.write("more.jsonl", BOOK.lines().nth(3).unwrap().replace("1200.07", "12.00"));
    desk.set_clock("2026-11-30T20:00:00Z");
    let question = "budget --year 2026-27 --what-if more.jsonl";
    assert_eq!(plan(&desk.row(question)), ["M8", "808.07", "758.07", "2026-11-30"]);
    let on = desk.row(&format!("{question} --on 2026-12-31"));
    assert_eq!(plan(&on), ["M9", "909.07", "859.07", "2026-12-31"]);
}

#[test]
fn a_watch_held_over_the_end_of_a_month_is_told() {
    let desk = desk();
    // The server's clock runs on from here.
    desk.set_clock("2027-03-31T22:59:45Z");
    let server = Served::on(&desk);
    let watch = server.asking("watch budget --year 2027-28 --format jsonl");
    let watching = Watching::on(&desk, &watch);
    let months: Vec<(Value, String)> = (0..2)
        .map(|_| watching.row())
        .map(|row| (row["through"].clone(), text(&row, "planToDate").to_owned()))
        .collect();
    assert_eq!(months, [(Value::Null, "0.00".to_owned()), ("M1".into(), "20.01".to_owned())]);
    assert_eq!(watching.stop(), [""; 0]);
}
