//! Accruals paid in a later year, credits of earlier years, and spend that is likely a slip.

use crate::book::given;
use crate::case::{Case, case, check};
use crate::spending::{discharging, in_month, release, with};
use crate::words::{WIFI, accrue, allocate, close_hard, commit, reverse, spend};

pub(crate) fn cases() -> Vec<Case> {
    [across_years(), slips()].concat()
}

/// An accrual open at a hard close, and what discharges it in the next year.
fn across_years() -> Vec<Case> {
    let next = "WIFI/RA/2018-19/revenue";
    let closed = |rule| {
        case(rule)
            .now("2018-05-16T09:00:00Z")
            .given(accrue(WIFI, "400.00", "AC-1"))
            .given(close_hard("2017-18"))
            .given(in_month(&allocate(next, "50.00"), "M1"))
    };
    let pay = |line: &str, amount: &str| in_month(&discharging(&spend(line, amount), "AC-1"), "M1");
    vec![
        closed("a payment of an earlier year's accrual does not count again")
            .when(pay(next, "100.00"))
            .then("WIFI/RA/2017-18/revenue accrued 400.00 actual 0.00")
            .then("WIFI/RA/2018-19/revenue accrued 0.00 actual 0.00 available 50.00")
            .then(r#"event {"actualRecorded":{"line":"WIFI/RA/2018-19/revenue","month":"M1","pence":10000,"discharges":{"kind":"accrual","reference":"AC-1","pence":10000,"year":"2017-18"},"concerns":"2017-18"}}"#),
        closed("a payment beyond an earlier year's accrual counts by the difference")
            .when(pay(next, "410.00"))
            .then("WIFI/RA/2018-19/revenue actual 10.00 available 40.00"),
        closed("the rest of an earlier year's accrual is released as a credit that is no budget")
            .given(pay(next, "100.00"))
            .when(in_month(&release("AC-1", ""), "M1"))
            .then("WIFI/RA/2017-18/revenue accrued 400.00")
            .then("WIFI/RA/2018-19/revenue revised 50.00 actual -300.00 available 50.00"),
        closed("an earlier year's accrual is discharged once")
            .given(pay(next, "400.00"))
            .when(pay(next, "0.01"))
            .then("refused BEYOND_OPEN"),
        closed("a reversed payment opens an earlier year's accrual again")
            .given(pay(next, "410.00"))
            .given(reverse(given(4)))
            .when(pay(next, "400.00"))
            .then("WIFI/RA/2018-19/revenue actual 0.00 available 50.00"),
        closed("an earlier year's accrual is paid on its own line")
            .when(pay("CYBER/RA/2018-19/revenue", "1.00"))
            .then("refused REFERENCE_ELSEWHERE"),
        case("an accrual of an open year is paid in that year")
            .given(accrue("WIFI/RA/2016-17/revenue", "400.00", "AC-1"))
            .when(discharging(&spend(WIFI, "1.00"), "AC-1"))
            .then("refused REFERENCE_ELSEWHERE"),
        case("a credit of an earlier year is no budget")
            .given(close_hard("2016-17"))
            .given(with(&spend(WIFI, "-70.00"), r#""concerns":"2016-17""#))
            .when(commit(WIFI, "1000.01", "PO-1"))
            .then("warns OVERCOMMITTED: WIFI/RA/2017-18/revenue is committed £0.01 beyond what is available")
            .then("WIFI/RA/2017-18/revenue actual -70.00 available -0.01"),
        case("late spend that is reversed gives its budget back")
            .given(close_hard("2016-17"))
            .given(with(&spend(WIFI, "70.00"), r#""concerns":"2016-17""#))
            .when(reverse(given(2)))
            .then("WIFI/RA/2017-18/revenue actual 0.00 available 1000.00"),
    ]
}

/// Likely slips, which post and warn.
fn slips() -> Vec<Case> {
    let paid = |amount: &str| with(&spend(WIFI, amount), r#""transaction":"INV-7""#);
    vec![
        case("spend in a month that has not begun warns")
            .when(in_month(&spend(WIFI, "1.00"), "M8"))
            .then("warns FUTURE_MONTH: 2017-18 M8 has not begun: check the month"),
        case("spend in a year that is far off warns")
            .when(spend("WIFI/RA/2099-00/revenue", "1.00"))
            .then("warns FUTURE_MONTH")
            .then("warns NO_BUDGET: WIFI/RA/2099-00/revenue has spend and no budget"),
        case("a month begins at midnight in London")
            .now("2018-03-31T23:00:00Z")
            .when(in_month(&spend("WIFI/RA/2018-19/revenue", "1.00"), "M1"))
            .then("warns NO_BUDGET"),
        case("a payment like an earlier one warns and names it")
            .given(paid("10.00"))
            .when(paid("10.00"))
            .then("warns LIKE_ENTRY: entry 11 has the same line, transaction and amount: check that this is not the same payment"),
        case("a part of an invoice with another amount does not warn")
            .given(paid("10.00"))
            .when(paid("10.01"))
            .then("WIFI/RA/2017-18/revenue actual 20.01"),
        case("a payment like one that was reversed does not warn")
            .given(paid("10.00"))
            .given(reverse(given(1)))
            .when(paid("10.00"))
            .then("WIFI/RA/2017-18/revenue actual 10.00"),
    ]
}

#[test]
fn an_accrual_of_a_closed_year_counts_in_that_year_alone() {
    check(&across_years());
}

#[test]
fn likely_slips_post_and_warn() {
    check(&slips());
}
