//! The illustrative part of the sample book: what public sources lack, in figures worked by hand.

use serde_json::Value;

use super::analyses::columns;
use super::program::{Desk, programme, text};

/// The cells of some columns, each row as one line of text.
fn rows(desk: &Desk, question: &str, wanted: &[&str]) -> Vec<String> {
    columns(desk, question, wanted).into_iter().map(|row| row.join(" ")).collect()
}

#[test]
fn every_entry_and_line_of_the_illustration_says_that_it_is_one() {
    let desk = Desk::sample();
    let exported = desk.does("export").out;
    let entries: Vec<Value> =
        exported.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let of_it = |entry: &&Value| entry["events"].to_string().contains("\"X-");
    let illustrative: Vec<&Value> = entries.iter().filter(of_it).collect();
    assert!(illustrative.len() > 40, "{}", illustrative.len());
    for entry in illustrative {
        assert!(text(entry, "inferred").starts_with("Illustrative: "), "{entry}");
    }
    for year in ["2018-19", "2019-20", "2022-23", "2023-24", "2024-25", "2025-26", "2026-27"] {
        for row in desk.rows(&format!("budget --year {year}")) {
            let of_it = text(&row, "programme").starts_with("X-");
            assert!(!of_it || row["inferred"] == true, "{row}");
        }
    }
}

#[test]
fn one_programme_underspends_three_years_running_and_says_why() {
    let desk = Desk::sample();
    let persistent = "show persistent --programme X-STEADY";
    assert_eq!(
        rows(&desk, persistent, &["year", "revised", "outturn", "underspend", "percent"]),
        [
            "2023-24 100000000.00 88000000.00 12000000.00 12.0",
            "2024-25 110000000.00 95000000.00 15000000.00 13.6",
            "2025-26 120000000.00 102000000.00 18000000.00 15.0",
        ]
    );
    let causes = ["underspend", "slippage", "saving", "clawback", "diversion", "unexplained"];
    for (year, explained) in [
        ("2023-24", "12000000.00 8000000.00 4000000.00 0.00 0.00 0.00"),
        ("2024-25", "15000000.00 0.00 0.00 9000000.00 6000000.00 0.00"),
        ("2025-26", "18000000.00 10000000.00 3000000.00 0.00 0.00 5000000.00"),
    ] {
        let reasons = format!("show reasons --year {year} --programme X-STEADY");
        assert_eq!(rows(&desk, &reasons, &causes), [explained], "{year}");
    }
}

#[test]
fn a_quarter_of_the_illustrative_capital_is_new_money() {
    let desk = Desk::sample();
    let columns = ["fund", "class", "settled", "newMoney", "reannounced", "unallocated"];
    let funds = rows(&desk, "funds", &columns);
    // Allocated: 330 to X-STEADY, 80 to X-DEFER, 60 to X-SWITCH, 30 to X-PLEDGE, 50 to X-STOP and
    // 25 to the two trusts: 575 of 600.
    let capital = "X-FUND capital 600000000.00 150000000.00 450000000.00 25000000.00";
    assert!(funds.contains(&capital.to_owned()), "{funds:?}");
}

#[test]
fn of_a_million_deferred_six_hundred_thousand_arrives() {
    let desk = Desk::sample();
    let figures = ["programme", "revised", "actual"];
    let wanted = |year: &str, code: &str| {
        rows(&desk, &format!("budget --year {year} --programme {code}"), &figures)
    };
    assert_eq!(wanted("2024-25", "X-DEFER"), ["X-DEFER 79000000.00 79000000.00"]);
    assert_eq!(wanted("2025-26", "X-DEFER"), ["X-DEFER 600000.00 600000.00"]);
    assert_eq!(wanted("2025-26", "EXCHANGE"), ["EXCHANGE 400000.00 0.00"]);
    assert_eq!(
        rows(&desk, "show outflows --year 2024-25 --programme X-DEFER", &["amount", "how", "to"]),
        ["1000000.00 budgetExchanged EXCHANGE/XDH/2025-26/capital"]
    );
}

#[test]
fn capital_pays_for_revenue_under_an_authority() {
    let desk = Desk::sample();
    assert_eq!(
        rows(&desk, "budget --year 2019-20 --programme X-SWITCH", &["class", "revised", "actual"]),
        ["capital 20000000.00 20000000.00", "revenue 40000000.00 40000000.00"]
    );
    let entries = desk.rows("log --limit 1000");
    let switches = entries.iter().filter(|entry| entry["authority"].is_string());
    let switches: Vec<&str> = switches.map(|entry| text(entry, "authority")).collect();
    assert_eq!(switches.len(), 1, "{switches:?}");
    assert!(switches.iter().all(|letter| letter.starts_with("X-HMT-1: illustrative")));
}

#[test]
fn what_was_ordered_and_not_drawn_down_is_at_risk() {
    let desk = Desk::sample();
    let open = ["reference", "made", "open"];
    assert_eq!(
        rows(&desk, "show at-risk --year 2025-26", &open),
        ["X-ORDER-1 12000000.00 5000000.00", "X-ORDER-2 9000000.00 7000000.00"]
    );
    // At the end of M9 nothing had been delivered or given up.
    assert_eq!(
        rows(&desk, "show at-risk --year 2025-26 --through M9", &open),
        ["X-ORDER-1 12000000.00 12000000.00", "X-ORDER-2 9000000.00 9000000.00"]
    );
}

#[test]
fn forecasts_at_half_year_were_too_high_and_were_revised_by_two() {
    let desk = Desk::sample();
    let accuracy = "show accuracy --programme X-STEADY --month M6";
    assert_eq!(
        rows(&desk, accuracy, &["year", "forecast", "outturn", "difference", "percent"]),
        [
            "2023-24 95000000.00 88000000.00 -7000000.00 -7.4",
            "2024-25 104000000.00 95000000.00 -9000000.00 -8.7",
            "2025-26 116000000.00 102000000.00 -14000000.00 -12.1",
        ]
    );
    let revised = "show revisions --year 2025-26 --last-quarter";
    assert_eq!(
        rows(&desk, revised, &["month", "actor", "before", "after", "change"]),
        [
            "M10 x-preparer-1 116000000.00 112000000.00 -4000000.00",
            "M11 x-preparer-2 112000000.00 108000000.00 -4000000.00",
            "M12 x-preparer-1 108000000.00 105000000.00 -3000000.00",
        ]
    );
}

#[test]
fn an_invoice_after_the_close_restates_the_year() {
    let desk = Desk::sample();
    let restated = desk.does("show restated --year 2024-25 --format csv").out;
    assert_eq!(restated.lines().count(), 2, "{restated}");
    assert!(restated.contains("X-STEADY/XDH/2025-26/capital"), "{restated}");
    assert!(restated.contains("1500000.00"), "{restated}");
    let total = "show restated --year 2024-25 --programme X-STEADY --total";
    assert_eq!(
        rows(&desk, total, &["measure", "posted", "adjusted", "restated"]),
        [
            "revised 110000000.00 0.00 110000000.00",
            "accrued 0.00 0.00 0.00",
            "actual 95000000.00 1500000.00 96500000.00",
        ]
    );
    assert_eq!(rows(&desk, "show restated --year 2031-32 --total", &["measure"]), [""; 0]);
}

#[test]
fn what_all_that_waits_would_change_is_told_by_a_folder() {
    let desk = Desk::sample();
    assert_eq!(
        rows(
            &desk,
            "queue --if-all-were-posted",
            &["account", "figure", "before", "change", "after"]
        ),
        [
            "X-CLINIT/X-TRUST-B/2022-23/revenue committed 0.00 50000.01 50000.01",
            "X-CLINIT/X-ICB/2022-23/revenue committed 0.00 100000.01 100000.01",
        ]
    );
}

#[test]
fn cancelling_would_release_what_is_neither_spent_nor_promised() {
    let desk = Desk::sample();
    assert_eq!(
        rows(
            &desk,
            "show balances --programme X-STOP",
            &["year", "revised", "actual", "committed", "uncancelled"]
        ),
        ["2026-27 50000000.00 12000000.00 8000000.00 30000000.00"]
    );
    let cancel = "cancel X-STOP --to fund:X-FUND --month M6 --reason why --dry-run";
    assert_eq!(
        rows(&desk, cancel, &["account", "figure", "before", "after"]),
        [
            "X-FUND/capital unallocated 25000000.00 55000000.00",
            "X-STOP/XDH/2026-27/capital revised 50000000.00 20000000.00",
            "X-STOP/XDH/2026-27/capital available 30000000.00 0.00",
        ]
    );
}

#[test]
fn a_trust_that_merged_keeps_its_figures_and_names_its_successor() {
    let desk = Desk::sample();
    let bodies = rows(&desk, "body list", &["code", "closedOn", "successor"]);
    assert!(bodies.contains(&"X-TRUST-C 2026-09-30 X-TRUST-D".to_owned()), "{bodies:?}");
    let budget = "budget --year 2026-27 --programme X-STEADY";
    assert_eq!(
        rows(&desk, budget, &["body", "revised", "actual"]),
        ["X-TRUST-C 10000000.00 4000000.00", "X-TRUST-D 15000000.00 5000000.00"]
    );
    // Under both codes: trust D has what it had itself, and what trust C had.
    let of = |more: &str| {
        let budget = format!("{budget} --body X-TRUST-D --rollup body{more}");
        rows(&desk, &budget, &["body", "revised", "actual"])
    };
    let both = ["X-TRUST-D 25000000.00 9000000.00", "X-TRUST-C 10000000.00 4000000.00"];
    assert_eq!(of(""), both);
    assert_eq!(of(" --as-of 2026-08-31"), ["X-TRUST-D 15000000.00 0.00"]);
}

#[test]
fn the_wider_total_of_2018_19_is_underspent_by_thirty_million() {
    let figures = Desk::sample().rows("budget --year 2018-19 --rollup programme");
    let pence = |code: &str, figure: &str| -> i64 {
        text(programme(&figures, code), figure).replace('.', "").parse().unwrap()
    };
    let total = |figure: &str| pence("TECH", figure) + pence("X-WIDER", figure);
    // £653.2m and £465.6m planned, £522.0m and £566.8m forecast.
    assert_eq!((total("revised"), total("forecast")), (111_880_000_000, 108_880_000_000));
    assert_eq!(total("revised") - total("forecast"), 3_000_000_000);
    assert_eq!(pence("TECH", "revised") - pence("TECH", "forecast"), 13_120_000_000);
}
