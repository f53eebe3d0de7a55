//! What analysts ask on the command line, on the sample book.

use super::program::Desk;

/// The cells of some columns of an answer's rows.
pub(crate) fn columns(desk: &Desk, question: &str, wanted: &[&str]) -> Vec<Vec<String>> {
    desk.does(&format!("{question} --format csv")).columns(wanted)
}

#[test]
fn cyber_security_s_bridge_goes_from_original_to_outturn_step_by_step() {
    let desk = Desk::sample();
    let question = "bridge --year 2017-18 --programme CYBER";
    assert_eq!(
        columns(&desk, question, &["stage", "actor", "amount", "before", "after"]),
        [
            ["original", "", "", "", "8700000.00"],
            ["movement", "sample-loader", "63700000.00", "8700000.00", "72400000.00"],
            ["revised", "", "", "", "72400000.00"],
            ["statement", "sample-loader", "31500000.00", "", "31500000.00"],
            ["forecast", "", "", "", "31500000.00"],
            ["spend", "sample-loader", "72400000.00", "0.00", "72400000.00"],
            ["outturn", "", "", "", "72400000.00"],
        ]
    );
    // Before any of it was spent: the year was open, and the forecast had been stated.
    let then = columns(&desk, &format!("{question} --as-of 2018-03-01"), &["stage", "after"]);
    assert_eq!(then.last().unwrap(), &["spendToDate", "0.00"]);
    assert_eq!(desk.run(&format!("{question} --line CYBER/XDH/2016-17/unsplit")).code, 2);
}

#[test]
fn a_difference_lists_what_changed_and_nothing_else() {
    let desk = Desk::sample();
    let question =
        "diff --year 2017-18 --since-time 2018-01-01 --as-of 2018-03-01 --programme TECH";
    let rows = columns(&desk, question, &["programme", "figure", "before", "after", "change"]);
    let forecast = |row: &&Vec<String>| row[1] == "forecast";
    let stated: Vec<_> = rows.iter().filter(forecast).collect();
    assert_eq!(stated, [&["CYBER", "forecast", "", "31500000.00", "31500000.00"]]);
    assert!(rows.iter().all(|row| row[0] == "CYBER" && row[1] != "revised"), "{rows:?}");
    let entries = columns(&desk, &format!("{question} --entries"), &["actor", "forecast"]);
    assert_eq!(entries, [["sample-loader", "31500000.00"]]);
    let (code, none) = (desk.run("diff --year 2017-18").code, "one of the two is needed");
    assert_eq!(code, 2, "{none}");
}

#[test]
fn where_money_went_who_revised_and_what_is_at_risk() {
    let desk = Desk::sample();
    let went = "show outflows --year 2017-18 --programme TECH";
    assert_eq!(
        columns(&desk, went, &["amount", "how", "to", "gets"]),
        [["31000000.00", "reallocated", "SUSPENSE/XDH/2017-18/unsplit", "31000000.00"]]
    );
    let revised = "show revisions --year 2017-18 --last-quarter --programme CYBER";
    assert_eq!(
        columns(&desk, revised, &["line", "month", "before", "after", "change"]),
        [["CYBER/XDH/2017-18/unsplit", "M10", "", "31500000.00", "31500000.00"]]
    );
    let accuracy = "show accuracy --programme CYBER --month M10 --from 2017-18 --to 2017-18";
    assert_eq!(
        columns(&desk, accuracy, &["forecast", "outturn", "difference", "percent"]),
        [["31500000.00", "72400000.00", "40900000.00", "129.8"]]
    );
    let persistent = columns(&desk, "show persistent --programme NPFIT", &["year", "underspend"]);
    assert_eq!(
        persistent,
        [["2004-05", "160000000.00"], ["2005-06", "190000000.00"], ["2006-07", "478000000.00"]]
    );
    let reasons = "show reasons --year 2016-17 --programme CYBER";
    let underspent = columns(&desk, reasons, &["programme", "underspend"]);
    assert_eq!(underspent, [["CYBER", "3500000.00"]]);
    let balance = "show balances --programme CYBER --from 2016-17 --to 2016-17";
    assert_eq!(
        columns(&desk, balance, &["class", "revised", "actual", "uncancelled"]),
        [["unsplit", "8600000.00", "5100000.00", "3500000.00"]]
    );
    let at_risk = columns(&desk, "show at-risk --year 2022-23", &["made", "open"]);
    assert!(at_risk.contains(&vec!["50000.00".to_owned(), "50000.00".to_owned()]), "{at_risk:?}");
}
