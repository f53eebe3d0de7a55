//! What a person is shown: tables of one shape, the log from the newest on, and all that is signed.

use serde_json::json;

use super::program::{CYBER, Desk, WIFI, text};

/// The header and the line below it of a table, in which columns stand.
fn header(out: &str) -> &str {
    out.lines().nth(1).expect("a header")
}

#[test]
fn a_table_has_every_column_whatever_the_rows_hold() {
    let desk = Desk::small();
    let both = desk.does("budget --year 2017-18").out;
    let one = desk.does("budget --year 2017-18 --programme WIFI").out;
    let names = |out: &str| header(out).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(names(&both), names(&one), "one row or two, the same columns");
    assert!(names(&both).contains(&"ringFence".to_owned()), "a column that no row fills: {both}");
    let compact = desk.does("budget --year 2017-18 --compact").out;
    assert!(compact.contains("  class: revenue"), "the same in every row: {compact}");
    assert!(!names(&compact).contains(&"class".to_owned()), "{compact}");
}

#[test]
fn parts_stand_indented_below_the_whole_and_a_total_ends_the_table() {
    let desk = Desk::small();
    let out = desk.does("budget --year 2017-18 --rollup programme").out;
    let rows: Vec<&str> = out.lines().skip(3).collect();
    let programmes: Vec<&str> = rows.iter().map(|row| row.get(9..18).unwrap()).collect();
    assert_eq!(programmes, ["TECH     ", "  CYBER  ", "  WIFI   ", "Total    "], "{out}");
    let total = rows.last().unwrap();
    assert!(total.contains("200,000.00"), "{total}");
    let json = desk.rows("budget --year 2017-18 --rollup programme");
    let codes: Vec<&str> = json.iter().map(|row| text(row, "programme")).collect();
    assert_eq!(codes, ["TECH", "CYBER", "WIFI"], "a program is told the rows alone");
}

#[test]
fn wide_letters_and_text_from_the_right_keep_the_columns_in_place() {
    let desk = Desk::small();
    desk.does("programme open CJK '医療情報' --parent TECH --reason x");
    desk.does("programme open HEB 'מערכות' --parent TECH --reason x");
    let out = desk.does("programme list").out;
    let row = |code: &str| out.lines().find(|line| line.starts_with(code)).expect(code).to_owned();
    // Each of the four takes two places: where the parent stands, it stands in every row.
    let before = |row: &str| row.split("TECH").next().unwrap().chars().count();
    assert_eq!(before(&row("CJK")) + 4, before(&row("WIFI ")), "{out}");
    assert!(row("HEB").contains("\u{2068}מערכות\u{2069}"), "isolated: {out}");
}

#[test]
fn the_log_begins_with_the_newest_and_says_how_to_go_on() {
    let desk = Desk::small();
    let newest = desk.run("log --limit 2 --format json");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&newest.out).unwrap();
    let positions = |rows: &[serde_json::Value]| {
        rows.iter().map(|row| row["position"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(positions(&rows), [12, 11]);
    assert!(newest.err.contains("10 more") && newest.err.contains("--at 10"), "{}", newest.err);
    assert_eq!(positions(&desk.rows("log --limit 2 --at 10")), [10, 9]);
    let oldest = desk.run("log --limit 2 --reverse --format json");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&oldest.out).unwrap();
    assert_eq!(positions(&rows), [1, 2]);
    assert!(oldest.err.contains("10 more") && oldest.err.contains("--from 3"), "{}", oldest.err);
    let all = desk.run("log");
    assert_eq!(all.err, "", "nothing is left out");
}

#[test]
fn the_log_reaches_the_first_entry_however_long_the_entries_are() {
    let desk = Desk::small();
    // An entry of 32 KiB: the entries that one page may scan are bounded in bytes too.
    let evidence = vec!["e".repeat(490); 65];
    let postings: String = (1..=60)
        .map(|number| {
            let command = json!({ "recordActual": {
                "line": CYBER, "month": "M3", "amount": format!("{number}.00"),
            } });
            let posting = json!({
                "key": format!("long-{number}"), "reason": "Long", "evidence": evidence,
                "command": command,
            });
            format!("{posting}\n")
        })
        .collect();
    desk.write("long.jsonl", postings);
    desk.does("post long.jsonl");
    let positions = |search: &str| -> Vec<u64> {
        desk.rows(search).iter().map(|row| row["position"].as_u64().unwrap()).collect()
    };
    let newest_first = positions("log --limit 200");
    let mut oldest_first = positions("log --limit 200 --reverse");
    oldest_first.reverse();
    assert_eq!(newest_first, oldest_first);
    assert_eq!(newest_first, (1..=72).rev().collect::<Vec<u64>>());
}

#[test]
fn the_log_is_searched_by_reason_amount_and_body_and_refuses_unknown_codes() {
    let desk = Desk::small();
    desk.does(&format!("actual {CYBER} 1234.56 --month M3 --reason 'Licence fee'"));
    desk.does(&format!(
        "reallocate --from {CYBER}=5000 --to {WIFI}=5000 --month M3 --reason 'To Wi-Fi'"
    ));
    let found = |search: &str| desk.rows(&format!("log {search}")).len();
    assert_eq!(found("--reason 'licence FEE'"), 1);
    assert_eq!(found("--amount 1234.56"), 1);
    assert_eq!(found("--amount 5k"), 1, "either side of a movement");
    assert_eq!(found("--amount 77"), 0);
    assert_eq!(found("--body RRV --reason Wi-Fi"), 1);
    for unknown in ["--programme NOPE", "--body NOPE", "--line NOPE/RRV/2017-18/revenue"] {
        let answer = desk.run(&format!("log {unknown}"));
        assert_eq!(answer.code, 2, "{unknown}: {answer:?}");
        assert!(answer.err.contains("NOPE"), "{}", answer.err);
    }
}

#[test]
fn an_entry_is_shown_whole() {
    let desk = Desk::small();
    let reason = format!("It was {} late", "very ".repeat(40));
    desk.does(&format!("actual {CYBER} 1 --month M3 --reason '{reason}'"));
    let out = desk.does("show entry 13").out;
    assert!(out.contains(&reason), "{out}");
}

#[test]
fn whoever_signs_is_shown_all_that_is_signed() {
    let desk = Desk::small();
    desk.does(&format!(
        "commit {CYBER} 1.5k --month M3 --reference PO-77 --reason 'Firewalls' \
         --evidence 'Quote 12' --propose"
    ));
    let row = desk.row("queue");
    let details = row["details"][0].as_str().unwrap();
    for part in [CYBER, "£1,500.00", "PO-77", "M3"] {
        assert!(details.contains(part), "{part}: {details}");
    }
    let change = row["changes"][0].as_str().unwrap();
    assert!(change.contains("£0.00 before, £1,500.00 after"), "{change}");
    assert_eq!((text(&row, "reason"), &row["evidence"][0]), ("Firewalls", &"Quote 12".into()));
    assert_eq!(desk.rows("queue --mine").len(), 1, "its maker's");
    let table = desk.does("queue").out;
    assert!(table.contains("PO-77") && table.contains("£1,500.00"), "{table}");
}
