//! What figures mean on the command line: rows of a tree, forecasts of a part, spend by month, first
//! statements and revisions.

use serde_json::{Value, json};

use super::program::{CYBER, Desk, WIFI, programme, text};

const YEAR: &str = "budget --year 2017-18";

/// The sum of a column of amounts.
fn sum<'r>(rows: impl IntoIterator<Item = &'r Value>, column: &str) -> i64 {
    let amounts = rows.into_iter().map(|row| text(row, column).replace('.', ""));
    amounts.map(|pence| pence.parse::<i64>().expect("an amount")).sum()
}

#[test]
fn rows_of_a_tree_say_parent_level_and_total_and_none_need_be_counted_twice() {
    let desk = Desk::sample();
    for rollup in ["programme", "body"] {
        for year in ["2016-17", "2017-18", "2018-19", "2022-23"] {
            let question = format!("budget --year {year} --rollup {rollup}");
            let whole = sum(&desk.rows(&format!("budget --year {year} --rollup year")), "revised");
            let rows = desk.rows(&question);
            let top = rows.iter().filter(|row| row["level"] == 0);
            assert_eq!(sum(top, "revised"), whole, "{question}");
            for row in &rows {
                let code = text(row, rollup);
                let below = rows.iter().any(|below| below["parent"] == code);
                assert_eq!(row["isTotal"], below, "{question}: {row}");
                assert_eq!(row["level"] == 0, row["parent"].is_null(), "{question}: {row}");
            }
            let own = desk.rows(&format!("{question} --own"));
            assert_eq!(sum(&own, "revised"), whole, "{question} --own");
            assert!(own.iter().all(|row| row["isTotal"] == false), "{question} --own");
            let table = desk.does(&question).out;
            let last = table.lines().last().expect("a total");
            assert!(last.split_whitespace().any(|cell| cell == "Total"), "{table}");
        }
    }
    let csv = desk.does(&format!("{YEAR} --rollup programme --format csv"));
    let cyber = csv.columns(&["programme", "parent", "level", "isTotal"]);
    assert!(
        cyber.contains(&["CYBER", "TECH", "1", "false"].map(str::to_owned).to_vec()),
        "{cyber:?}"
    );
    assert_eq!(desk.run(&format!("{YEAR} --own")).code, 2, "lines are their own");
}

#[test]
fn a_forecast_of_a_part_is_told_as_one() {
    let desk = Desk::small();
    desk.does(&format!("forecast {CYBER} 95000 --month M3 --reason r"));
    let rows = desk.rows(&format!("{YEAR} --rollup programme"));
    let of = |row: &Value| {
        let names =
            ["forecast", "forecastKnown", "forecastOf", "variance", "varianceBasis", "status"];
        json!(names.map(|name| row[name].clone()))
    };
    let part = json!([null, "95000.00", "100000.00", "5000.00", "forecastPart", "onTrack"]);
    assert_eq!(of(programme(&rows, "TECH")), part);
    let whole = json!(["95000.00", "95000.00", "100000.00", "5000.00", "forecast", "onTrack"]);
    assert_eq!(of(programme(&rows, "CYBER")), whole);
    let table = desk.does(&format!("{YEAR} --rollup programme")).out;
    let line = |code: &str| table.lines().find(|line| line.contains(code)).expect("a row");
    for code in [" TECH ", " Total "] {
        assert!(line(code).contains("favourable in part"), "{table}");
        assert!(line(code).contains("onTrack in part"), "{table}");
    }
    assert!(!line(" CYBER ").contains("in part"), "{table}");
    desk.does(&format!("actual {CYBER} 250000 --month M4 --reason r"));
    let table = desk.does(&format!("{YEAR} --rollup year")).out;
    assert!(table.contains(" overspent ") && !table.contains("overspent in part"), "{table}");
    let stages = desk.does("bridge --year 2017-18 --format csv").columns(&["stage", "after"]);
    let part = ["forecastInPart", "95000.00"].map(str::to_owned).to_vec();
    assert!(stages.contains(&part), "{stages:?}");
}

#[test]
fn a_difference_tells_a_forecast_of_a_part_too() {
    let desk = Desk::small();
    desk.does(&format!("forecast {CYBER} 95000 --month M3 --reason r"));
    let changed = |since: u64| {
        let question = format!("diff --year 2017-18 --since {since} --rollup year --format csv");
        let rows = desk.does(&question).columns(&["figure", "before", "after", "change"]);
        rows.into_iter().filter(|row| row[0].starts_with("forecast")).collect::<Vec<_>>()
    };
    assert_eq!(changed(12), [["forecastKnown", "", "95000.00", "95000.00"]]);
    desk.does(&format!("forecast {WIFI} 90000 --month M3 --reason r"));
    assert_eq!(
        changed(13),
        [
            ["forecast", "", "185000.00", "185000.00"],
            ["forecastKnown", "95000.00", "185000.00", "90000.00"]
        ]
    );
}

#[test]
fn a_bridge_sums_spend_by_month_unless_each_entry_is_asked_for() {
    let desk = Desk::small();
    for (month, amount) in [("M1", 10), ("M1", 20), ("M1", -5), ("M3", 7)] {
        desk.does(&format!("actual {CYBER} --month {month} --reason r -- {amount}"));
    }
    let columns = ["stage", "entry", "month", "entries", "amount", "before", "after"];
    let spend = |question: &str| {
        let rows = desk.does(&format!("{question} --format csv")).columns(&columns);
        rows.into_iter().skip_while(|row| row[0] != "spend").collect::<Vec<_>>()
    };
    assert_eq!(
        spend("bridge --year 2017-18"),
        [
            ["spend", "", "M1", "3", "25.00", "0.00", "25.00"],
            ["spend", "16", "M3", "1", "7.00", "25.00", "32.00"],
            ["spendToDate", "", "", "", "", "", "32.00"],
        ]
    );
    assert_eq!(
        spend("bridge --year 2017-18 --entries"),
        [
            ["spend", "13", "", "", "10.00", "0.00", "10.00"],
            ["spend", "14", "", "", "20.00", "10.00", "30.00"],
            ["spend", "15", "", "", "-5.00", "30.00", "25.00"],
            ["spend", "16", "", "", "7.00", "25.00", "32.00"],
            ["spendToDate", "", "", "", "", "", "32.00"],
        ]
    );
    assert_eq!(spend("bridge --year 2017-18 --through M2").len(), 2);
}

#[test]
fn first_statements_are_no_revisions_and_a_period_needs_no_year() {
    let desk = Desk::sample();
    let told = |arguments: &str| {
        let answer = desk.does(format!("show revisions {arguments}").trim());
        answer.out.lines().next().expect("a caption").to_owned()
    };
    let period = "--from 2018-01-31 --to 2019-06-30";
    let rows = desk.rows(&format!("show revisions {period}"));
    let years = ["2017-18", "2018-19"].map(|year| {
        let of = |row: &&Value| text(row, "line").contains(year);
        rows.iter().filter(of).count()
    });
    assert!(years.iter().all(|count| *count > 0), "{rows:?}");
    assert!(rows.iter().all(|row| row["kind"] == "first" && row["before"].is_null()), "{rows:?}");
    let head = ledger_tests::sample_head();
    assert_eq!(
        told(period),
        format!(
            "0 revisions of forecasts recorded 2018-01-31 to 2019-06-30, and {} first statements, as at position {head}",
            rows.len()
        )
    );
    assert_eq!(told("--from 2018-02-01 --to 2018-12-31").split(' ').next(), Some("0"));
    let all = desk.rows("show revisions");
    let revised = all.iter().filter(|row| row["kind"] == "revision").count();
    assert!(revised > 0 && revised < all.len(), "{all:?}");
    let caption = told("");
    assert!(caption.starts_with(&format!("{revised} revision")), "{caption}");
    let quarter = desk.rows("show revisions --last-quarter --as-of 2019-08-15");
    let stated = rows.iter().filter(|row| text(row, "recorded") >= "2019-04");
    assert_eq!(quarter.len(), stated.count(), "April to June 2019");
}

#[test]
fn a_cancellation_of_an_unknown_code_is_an_error_and_nothing_else() {
    let desk = Desk::sample();
    // A fund is no programme.
    for code in ["NOPE", "P2020"] {
        let told = desk.run(&format!("what-if --cancel {code}"));
        assert_ne!(told.code, 0, "{told:?}");
        assert_eq!(told.out, "", "{code}");
        let first = told.err.lines().next().expect("an error");
        assert!(first.starts_with("error: ") && first.contains(code), "{told:?}");
        assert!(!told.err.contains("would release"), "{told:?}");
    }
}
