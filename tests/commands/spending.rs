//! Commitments, releases, accruals and actual spend.

use crate::case::{Case, case, check};
use crate::words::{
    CAPITAL, CYBER, WIFI, accrue, allocate, cancel_to, close_body, close_hard, close_soft, commit,
    spend,
};

pub(crate) fn release(reference: &str, amount: &str) -> String {
    let amount = if amount.is_empty() { String::new() } else { format!(r#","amount":"{amount}""#) };
    format!(r#"{{"releaseCommitment":{{"reference":"{reference}","month":"M7"{amount}}}}}"#)
}

/// The command with one more field.
pub(crate) fn with(posting: &str, field: &str) -> String {
    let inner = posting.strip_suffix("}}").expect("a command");
    format!("{inner},{field}}}}}")
}

pub(crate) fn discharging(posting: &str, reference: &str) -> String {
    with(posting, &format!(r#""discharges":"{reference}""#))
}

pub(crate) fn in_month(posting: &str, month: &str) -> String {
    posting.replace(r#""M7""#, &format!(r#""{month}""#))
}

pub(crate) fn cases() -> Vec<Case> {
    [commitments(), releases(), accruals(), actuals(), discharges(), winding_down()].concat()
}

fn commitments() -> Vec<Case> {
    vec![
        case("a commitment takes from what is available")
            .when(commit(WIFI, "1000.00", "PO-1"))
            .then("WIFI/RA/2017-18/revenue revised 1000.00 committed 1000.00 available 0.00"),
        case("a commitment beyond what is available warns")
            .when(commit(WIFI, "1000.01", "PO-1"))
            .then("warns OVERCOMMITTED: WIFI/RA/2017-18/revenue is committed £0.01 beyond what is available")
            .then("WIFI/RA/2017-18/revenue committed 1000.01 available -0.01"),
        case("a commitment's reference is taken once")
            .given(commit(WIFI, "1.00", "PO-1"))
            .when(commit(CYBER, "1.00", "PO-1"))
            .then("refused REFERENCE_TAKEN: the reference PO-1 is already used on WIFI/RA/2017-18/revenue: choose another reference"),
        case("a reference stays taken once it is discharged")
            .given(commit(WIFI, "1.00", "PO-1"))
            .given(release("PO-1", ""))
            .when(commit(WIFI, "1.00", "PO-1"))
            .then("refused REFERENCE_TAKEN"),
        case("a commitment of nothing is refused")
            .when(commit(WIFI, "0.00", "PO-1"))
            .then("refused NOT_POSITIVE"),
        case("M13 takes no commitment")
            .when(in_month(&commit(WIFI, "1.00", "PO-1"), "M13"))
            .then("refused OUTTURN_PERIOD"),
        case("a closed month takes no commitment")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M7"))
            .when(commit(WIFI, "1.00", "PO-1"))
            .then("refused CLOSED_PERIOD"),
        case("a line holds commitments up to the largest amount")
            .given(commit(WIFI, "9999999999999.99", "PO-1"))
            .when(commit(WIFI, "0.01", "PO-2"))
            .then("refused OUT_OF_RANGE"),
        case("exchanged budget is not committed on its holding line")
            .when(commit("EXCHANGE/XDH/2017-18/revenue", "1.00", "PO-1"))
            .then("refused RESERVED_PROGRAMME"),
    ]
}

fn releases() -> Vec<Case> {
    let committed = |rule| case(rule).given(commit(WIFI, "300.00", "PO-1"));
    vec![
        committed("a release without an amount releases all that is open")
            .when(release("PO-1", ""))
            .then("WIFI/RA/2017-18/revenue committed 0.00 available 1000.00"),
        committed("a release may be of a part")
            .when(release("PO-1", "120.00"))
            .then("WIFI/RA/2017-18/revenue committed 180.00 available 820.00"),
        case("an accrual is released too")
            .given(accrue(WIFI, "80.00", "AC-1"))
            .when(release("AC-1", "30.00"))
            .then("WIFI/RA/2017-18/revenue accrued 50.00 available 950.00"),
        committed("a release of more than is open is refused")
            .when(release("PO-1", "300.01"))
            .then("refused BEYOND_OPEN: PO-1 has £300.00 open: release no more than that"),
        committed("a commitment that is released wholly is not released again")
            .given(release("PO-1", ""))
            .when(release("PO-1", ""))
            .then("refused BEYOND_OPEN: PO-1 has £0.00 open: release no more than that"),
        committed("a release of nothing is refused")
            .when(release("PO-1", "0.00"))
            .then("refused NOT_POSITIVE"),
        committed("a negative release is refused")
            .when(release("PO-1", "-1.00"))
            .then("refused NOT_POSITIVE"),
        committed("a release in a month before the commitment is refused")
            .when(in_month(&release("PO-1", ""), "M6"))
            .then("refused DISCHARGED_TOO_EARLY: PO-1 was made in M7: discharge it in that month or a later one"),
        case("a release of an unknown reference is refused")
            .when(release("PO-1", ""))
            .then("refused UNKNOWN_REFERENCE: there is no commitment or accrual PO-1: correct the reference"),
        committed("a closed month takes no release")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M7"))
            .when(release("PO-1", ""))
            .then("refused CLOSED_PERIOD"),
        committed("a hard-closed year takes no release")
            .now("2018-05-16T09:00:00Z")
            .given(close_hard("2017-18"))
            .when(release("PO-1", ""))
            .then("refused HARD_CLOSED"),
    ]
}

fn accruals() -> Vec<Case> {
    vec![
        case("an accrual takes from what is available")
            .when(accrue(WIFI, "250.00", "AC-1"))
            .then("WIFI/RA/2017-18/revenue accrued 250.00 actual 0.00 available 750.00"),
        case("an accrual discharges the commitment it cites")
            .given(commit(WIFI, "300.00", "PO-1"))
            .when(discharging(&accrue(WIFI, "250.00", "AC-1"), "PO-1"))
            .then("WIFI/RA/2017-18/revenue committed 50.00 accrued 250.00 available 700.00"),
        case("an accrual beyond the commitment discharges all of it")
            .given(commit(WIFI, "300.00", "PO-1"))
            .when(discharging(&accrue(WIFI, "310.00", "AC-1"), "PO-1"))
            .then("WIFI/RA/2017-18/revenue committed 0.00 accrued 310.00 available 690.00"),
        case("an accrual does not discharge an accrual")
            .given(accrue(WIFI, "10.00", "AC-1"))
            .when(discharging(&accrue(WIFI, "10.00", "AC-2"), "AC-1"))
            .then(
                "refused NOT_A_COMMITMENT: AC-1 is an accrual: name the commitment that this accrual discharges",
            ),
        case("an accrual's reference is taken once")
            .given(commit(WIFI, "10.00", "PO-1"))
            .when(accrue(WIFI, "10.00", "PO-1"))
            .then("refused REFERENCE_TAKEN"),
        case("an accrual of nothing is refused")
            .when(accrue(WIFI, "0.00", "AC-1"))
            .then("refused NOT_POSITIVE"),
        case("a closed month takes no accrual")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M7"))
            .when(accrue(WIFI, "10.00", "AC-1"))
            .then("refused CLOSED_PERIOD"),
        case("a late accrual can concern a hard-closed year")
            .given(close_hard("2016-17"))
            .when(with(&accrue(WIFI, "10.00", "AC-1"), r#""concerns":"2016-17""#))
            .then("WIFI/RA/2017-18/revenue accrued 10.00"),
        case("a late accrual that concerns an open year is refused")
            .when(with(&accrue(WIFI, "10.00", "AC-1"), r#""concerns":"2016-17""#))
            .then("refused NOT_PRIOR_PERIOD"),
        case("a line holds accruals up to the largest amount")
            .given(accrue(WIFI, "9999999999999.99", "AC-1"))
            .when(accrue(WIFI, "0.01", "AC-2"))
            .then("refused OUT_OF_RANGE"),
    ]
}

fn actuals() -> Vec<Case> {
    let accounted = |line: &str, class: &str| {
        with(&spend(line, "10.00"), &format!(r#""accountingClass":"{class}""#))
    };
    vec![
        case("spend is recorded with its payment's number")
            .when(with(&spend(WIFI, "1000.00"), r#""transaction":"INV-7""#))
            .then("WIFI/RA/2017-18/revenue revised 1000.00 actual 1000.00 available 0.00 actual-to-M6 0.00")
            .then(r#"event {"actualRecorded":{"line":"WIFI/RA/2017-18/revenue","month":"M7","pence":100000,"transaction":"INV-7"}}"#),
        case("spend beyond the budget is recorded, with a warning")
            .when(spend(WIFI, "1000.01"))
            .then("warns OVERSPENT: WIFI/RA/2017-18/revenue is overspent by £0.01")
            .then("WIFI/RA/2017-18/revenue actual 1000.01 available -0.01"),
        case("spend without a budget is recorded, with a warning")
            .when(spend("WIFI/RB/2017-18/revenue", "5.00"))
            .then("warns NO_BUDGET")
            .then("WIFI/RB/2017-18/revenue revised 0.00 actual 5.00"),
        case("a credit is negative and does not warn of an overspend it reduces")
            .given(spend(WIFI, "1005.00"))
            .when(spend(WIFI, "-2.00"))
            .then("WIFI/RA/2017-18/revenue actual 1003.00"),
        case("spend of nothing is refused")
            .when(spend(WIFI, "0.00"))
            .then("refused ZERO"),
        case("spend accounted outside its funding class warns")
            .when(accounted(CAPITAL, "revenue"))
            .then("warns CLASS_MISMATCH: WIFI/RA/2017-18/capital was funded as capital and the spend is accounted as revenue")
            .then("WIFI/RA/2017-18/capital actual 10.00"),
        case("spend accounted in its funding class does not warn")
            .when(accounted(CAPITAL, "capital"))
            .then("WIFI/RA/2017-18/capital actual 10.00"),
        case("spend of unsplit money may be accounted in any class")
            .given(allocate("WIFI/RA/2017-18/unsplit", "10.00"))
            .when(accounted("WIFI/RA/2017-18/unsplit", "revenue"))
            .then("WIFI/RA/2017-18/unsplit actual 10.00"),
        case("M13 takes corrections of spend")
            .now("2018-04-16T09:00:00Z")
            .when(in_month(&spend(WIFI, "-3.00"), "M13"))
            .then("WIFI/RA/2017-18/revenue actual -3.00"),
        case("a closed month takes no spend")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M7"))
            .when(spend(WIFI, "1.00"))
            .then("refused CLOSED_PERIOD"),
        case("a hard-closed year takes no spend")
            .now("2018-05-16T09:00:00Z")
            .given(close_hard("2017-18"))
            .when(spend(WIFI, "1.00"))
            .then("refused HARD_CLOSED"),
        case("late spend can concern a hard-closed year")
            .given(close_hard("2016-17"))
            .when(with(&spend(WIFI, "1.00"), r#""concerns":"2016-17""#))
            .then("WIFI/RA/2017-18/revenue actual 1.00")
            .then(r#"event {"actualRecorded":{"line":"WIFI/RA/2017-18/revenue","month":"M7","pence":100,"concerns":"2016-17"}}"#),
        case("spend on a late accrual concerns the accrual's year")
            .given(close_hard("2016-17"))
            .given(with(&accrue(WIFI, "10.00", "AC-1"), r#""concerns":"2016-17""#))
            .when(with(&spend(WIFI, "12.00"), r#""discharges":"AC-1""#))
            .then(r#"event {"actualRecorded":{"line":"WIFI/RA/2017-18/revenue","month":"M7","pence":1200,"discharges":{"kind":"accrual","reference":"AC-1","pence":1000},"concerns":"2016-17"}}"#),
        case("spend on a late accrual can concern another year")
            .given(close_hard("2015-16"))
            .given(close_hard("2016-17"))
            .given(with(&accrue(WIFI, "10.00", "AC-1"), r#""concerns":"2016-17""#))
            .when(with(&spend(WIFI, "10.00"), r#""discharges":"AC-1","concerns":"2015-16""#))
            .then(r#"event {"actualRecorded":{"line":"WIFI/RA/2017-18/revenue","month":"M7","pence":1000,"discharges":{"kind":"accrual","reference":"AC-1","pence":1000},"concerns":"2015-16"}}"#),
        case("late spend that concerns an open year is refused")
            .when(with(&spend(WIFI, "1.00"), r#""concerns":"2016-17""#))
            .then("refused NOT_PRIOR_PERIOD"),
        case("a body that has closed takes no spend")
            .given(close_body("RA", "2017-08-31"))
            .when(spend(WIFI, "1.00"))
            .then("refused BODY_CLOSED"),
        case("exchanged budget is not spent on its holding line")
            .when(spend("EXCHANGE/XDH/2017-18/revenue", "1.00"))
            .then("refused RESERVED_PROGRAMME"),
        case("a line holds spend up to the largest amount")
            .given(spend(WIFI, "9999999999999.99"))
            .when(spend(WIFI, "0.01"))
            .then("refused OUT_OF_RANGE"),
        case("a line holds credits down to the largest amount")
            .given(spend(WIFI, "-9999999999999.99"))
            .when(spend(WIFI, "-0.01"))
            .then("refused OUT_OF_RANGE"),
    ]
}

fn discharges() -> Vec<Case> {
    let committed = |rule| case(rule).given(commit(WIFI, "300.00", "PO-1"));
    vec![
        committed("spend discharges the commitment it cites, up to its amount")
            .when(discharging(&spend(WIFI, "120.00"), "PO-1"))
            .then("WIFI/RA/2017-18/revenue committed 180.00 actual 120.00 available 700.00"),
        committed("spend beyond a commitment discharges all of it")
            .when(discharging(&spend(WIFI, "320.00"), "PO-1"))
            .then("WIFI/RA/2017-18/revenue committed 0.00 actual 320.00 available 680.00"),
        case("spend discharges the accrual it cites")
            .given(accrue(WIFI, "50.00", "AC-1"))
            .when(discharging(&spend(WIFI, "50.00"), "AC-1"))
            .then("WIFI/RA/2017-18/revenue accrued 0.00 actual 50.00 available 950.00"),
        committed("a credit discharges nothing")
            .when(discharging(&spend(WIFI, "-1.00"), "PO-1"))
            .then("refused CREDIT_DISCHARGES: a credit cannot discharge a commitment or accrual: leave the reference out"),
        committed("a discharge is posted on the commitment's line")
            .when(discharging(&spend(CYBER, "1.00"), "PO-1"))
            .then("refused REFERENCE_ELSEWHERE: PO-1 is on WIFI/RA/2017-18/revenue: post on that line to discharge it"),
        case("discharging an unknown reference is refused")
            .when(discharging(&spend(WIFI, "1.00"), "PO-1"))
            .then("refused UNKNOWN_REFERENCE"),
        committed("a discharge in a month before the commitment is refused")
            .when(in_month(&discharging(&spend(WIFI, "1.00"), "PO-1"), "M6"))
            .then("refused DISCHARGED_TOO_EARLY"),
        committed("a discharged commitment is not discharged again")
            .given(discharging(&spend(WIFI, "300.00"), "PO-1"))
            .when(discharging(&spend(WIFI, "1.00"), "PO-1"))
            .then("refused BEYOND_OPEN"),
    ]
}

/// The postings a cancelled programme still takes, and the destination of the money they release.
fn winding_down() -> Vec<Case> {
    let cancelled =
        |rule| case(rule).given(commit(WIFI, "300.00", "PO-1")).given(cancel_to("WIFI", "CYBER"));
    vec![
        cancelled("a cancelled programme keeps its commitments")
            .when(open_question())
            .then("WIFI/RA/2017-18/revenue revised 300.00 committed 300.00 available 0.00")
            .then("CYBER/RA/2017-18/revenue revised 1200.00"),
        cancelled("a release on a cancelled programme frees money for its destination")
            .when(release("PO-1", "100.00"))
            .then("WIFI/RA/2017-18/revenue revised 200.00 committed 200.00 available 0.00")
            .then("CYBER/RA/2017-18/revenue revised 1300.00"),
        cancelled("spend equal to its commitment releases nothing")
            .when(discharging(&spend(WIFI, "300.00"), "PO-1"))
            .then("WIFI/RA/2017-18/revenue revised 300.00 actual 300.00 available 0.00")
            .then("CYBER/RA/2017-18/revenue revised 1200.00"),
        cancelled("an accrual that discharges a commitment is accepted")
            .when(discharging(&accrue(WIFI, "300.00", "AC-1"), "PO-1"))
            .then("WIFI/RA/2017-18/revenue revised 300.00 accrued 300.00 available 0.00"),
        cancelled("spend that discharges no commitment is refused")
            .when(spend(WIFI, "1.00"))
            .then("refused PROGRAMME_CLOSING"),
        cancelled("a cancelled programme takes no new commitment")
            .when(commit(WIFI, "1.00", "PO-2"))
            .then("refused PROGRAMME_CLOSING"),
        cancelled("a cancelled programme takes no new accrual")
            .when(accrue(WIFI, "1.00", "AC-1"))
            .then("refused PROGRAMME_CLOSING"),
        cancelled("released money stays on its line where the destination takes no money")
            .given(cancel_to("CYBER", "SUSPENSE"))
            .when(release("PO-1", ""))
            .then("warns FREED_MONEY_STAYS: £300.00 freed on WIFI/RA/2017-18/revenue stays there: its destination cannot take it now, or a rule refuses the movement or wants it signed")
            .then("WIFI/RA/2017-18/revenue revised 300.00 committed 0.00 available 300.00"),
        case("released money stays on its line where the destination would overflow")
            .given(commit(WIFI, "1000.00", "PO-1"))
            .given(cancel_to("WIFI", "CYBER"))
            .given(r#"{"settleFunding":{"fund":"F","class":"revenue","from":"2017-18","to":"2017-18","newMoney":"9999999000000.00","reannounced":"0.00"}}"#)
            .given(allocate(CYBER, "9999999998500.00"))
            .when(release("PO-1", ""))
            .then("warns FREED_MONEY_STAYS")
            .then("CYBER/RA/2017-18/revenue revised 9999999999000.00"),
        cancelled("money released in M13 is effective in March")
            .when(in_month(&release("PO-1", ""), "M13"))
            .then(r#"event {"withdrawn":{"month":"M12","legs":[{"line":"WIFI/RA/2017-18/revenue","pence":-30000},{"line":"CYBER/RA/2017-18/revenue","pence":30000}]}}"#),
    ]
}

/// A posting that touches none of the figures asked about.
fn open_question() -> &'static str {
    r#"{"renameProgramme":{"code":"CYBER","name":"Cyber"}}"#
}

#[test]
fn commitments_take_from_what_is_available_and_releases_give_back() {
    check(&[commitments(), releases()].concat());
}

#[test]
fn accruals_take_from_what_is_available_and_discharge_commitments() {
    check(&accruals());
}

#[test]
fn spend_is_never_refused_for_exceeding_the_budget() {
    check(&actuals());
}

#[test]
fn spend_discharges_what_it_cites() {
    check(&discharges());
}

#[test]
fn a_cancelled_programme_takes_only_postings_that_wind_it_down() {
    check(&winding_down());
}
