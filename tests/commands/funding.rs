//! Money on funds: settlements, earmarks for funds below, allocations to lines.

use crate::book::given;
use crate::case::{Case, case, check};
use crate::words::{CYBER, WIFI, allocate, cancel_to, close_body, close_hard, close_soft, reverse};

/// The largest amount.
const MOST: &str = "9999999999999.99";

fn settle(years: [&str; 2], new_money: &str, reannounced: &str) -> String {
    let [from, to] = years;
    format!(
        r#"{{"settleFunding":{{"fund":"F","class":"revenue","from":"{from}","to":"{to}","newMoney":"{new_money}","reannounced":"{reannounced}"}}}}"#
    )
}

fn settle_on(fund: &str, years: [&str; 2], new_money: &str) -> String {
    settle(years, new_money, "0.00").replace(r#""fund":"F""#, &format!(r#""fund":"{fund}""#))
}

fn fund_below(code: &str, parent: &str) -> String {
    format!(r#"{{"establishFund":{{"code":"{code}","name":"Part","parent":"{parent}"}}}}"#)
}

fn earmark(to: &str) -> String {
    format!(r#"{{"earmark":{{"fund":"F","class":"revenue","to":[{to}]}}}}"#)
}

const YEAR: [&str; 2] = ["2017-18", "2017-18"];

pub(crate) fn cases() -> Vec<Case> {
    [settlements(), earmarks(), cancellations(), allocations(), places()].concat()
}

fn settlements() -> Vec<Case> {
    vec![
        case("new and re-announced money are settled side by side")
            .when(settle(YEAR, "40.00", "2.50"))
            .then("F/revenue unallocated 998542.50")
            .then(r#"event {"fundingSettled":{"fund":"F","class":"revenue","from":"2017-18","to":"2017-18","legs":[{"outside":"treasury","pence":-4000},{"outside":"existingBudgets","pence":-250},{"fund":"F/revenue","pence":4250}]}}"#),
        case("money may be wholly re-announced")
            .when(settle(YEAR, "0.00", "2.50"))
            .then("F/revenue unallocated 998502.50"),
        case("a settlement on an unknown fund is refused")
            .when(settle_on("PAPERLESS", YEAR, "1.00"))
            .then("refused UNKNOWN_FUND: there is no fund PAPERLESS: establish it first, or correct the code"),
        case("a settlement whose first year is after its last is refused")
            .when(settle(["2018-19", "2017-18"], "1.00", "0.00"))
            .then("refused YEARS_REVERSED: 2018-19 comes after 2017-18: name the first year first"),
        case("a negative settlement is refused")
            .when(settle(YEAR, "1.00", "-0.01"))
            .then("refused NOT_POSITIVE: the amount -£0.01 is not above zero: state the amount as a positive number"),
        case("a settlement of nothing is refused")
            .when(settle(YEAR, "0.00", "0.00"))
            .then("refused ZERO: an amount of £0.00 changes nothing: state another amount (only an allocation may be £0.00, to open a line)"),
        case("a fund holds the largest amount and no more")
            .given(fund_below("G", "F"))
            .when(settle_on("G", YEAR, MOST))
            .then("G/revenue unallocated 9999999999999.99"),
        case("a settlement beyond the largest amount is refused")
            .when(settle(YEAR, MOST, "0.01"))
            .then("refused OUT_OF_RANGE: the amounts would exceed £9,999,999,999,999.99 on one line or fund, or the most a book can hold: split them"),
        case("a fund beyond the largest amount is refused")
            .when(settle(YEAR, MOST, "0.00"))
            .then("refused OUT_OF_RANGE"),
        case("a reversed settlement no longer opens its years")
            .given(settle(["2020-21", "2020-21"], "5.00", "0.00"))
            .given(reverse(given(1)))
            .when(allocate(&WIFI.replace("2017-18", "2020-21"), "5.00"))
            .then("refused YEAR_NOT_SETTLED"),
        case("a year settled twice stays open when one settlement is reversed")
            .given(settle(["2020-21", "2020-21"], "5.00", "0.00"))
            .given(settle(["2020-21", "2020-21"], "5.00", "0.00"))
            .given(reverse(given(1)))
            .when(allocate(&WIFI.replace("2017-18", "2020-21"), "5.00"))
            .then("WIFI/RA/2020-21/revenue revised 5.00"),
    ]
}

fn earmarks() -> Vec<Case> {
    let to_g = |amount: &str| earmark(&format!(r#"{{"fund":"G","amount":"{amount}"}}"#));
    vec![
        case("an earmark moves money to funds directly below")
            .given(fund_below("G", "F"))
            .given(fund_below("H", "F"))
            .when(earmark(r#"{"fund":"G","amount":"30.00"},{"fund":"H","amount":"12.00"}"#))
            .then("F/revenue unallocated 998458.00")
            .then("G/revenue unallocated 30.00")
            .then("H/revenue unallocated 12.00"),
        case("an earmark takes exactly what is left")
            .given(fund_below("G", "F"))
            .when(to_g("998500.00"))
            .then("F/revenue unallocated 0.00"),
        case("an earmark takes no more than is left")
            .given(fund_below("G", "F"))
            .when(to_g("998500.01"))
            .then("refused BEYOND_AVAILABLE: £998,500.01 cannot leave F/revenue, which has £998,500.00 available: move no more than that"),
        case("earmarks go step by step")
            .given(fund_below("E", "F"))
            .given(fund_below("G", "E"))
            .when(to_g("1.00"))
            .then("refused NOT_CHILD_FUND: the fund G is not directly below F: earmark level by level"),
        case("an earmark without a receiving fund is refused")
            .when(earmark(""))
            .then("refused NO_LEGS: there is nothing to move: name at least one line on each side"),
        case("an earmark of nothing is refused")
            .given(fund_below("G", "F"))
            .when(to_g("0.00"))
            .then("refused NOT_POSITIVE"),
        case("an earmark to an unknown fund is refused")
            .when(to_g("1.00"))
            .then("refused UNKNOWN_FUND"),
        case("an earmark from an unknown fund is refused")
            .given(fund_below("G", "F"))
            .when(to_g("1.00").replace(r#""fund":"F""#, r#""fund":"NOWHERE""#))
            .then("refused UNKNOWN_FUND"),
        case("an earmarked fund takes over the years of its parent")
            .given(fund_below("G", "F"))
            .given(to_g("30.00"))
            .when(allocate(WIFI, "30.00").replace(r#""fund":"F""#, r#""fund":"G""#))
            .then("G/revenue unallocated 0.00")
            .then("WIFI/RA/2017-18/revenue revised 1030.00"),
    ]
}

fn cancel(fund: &str, to: &str) -> String {
    format!(r#"{{"cancelFund":{{"fund":"{fund}","to":{to}}}}}"#)
}

const TO_F: &str = r#"{"fund":"F"}"#;

fn cancellations() -> Vec<Case> {
    let to_g = earmark(r#"{"fund":"G","amount":"30.00"}"#);
    let below = |rule| case(rule).given(fund_below("G", "F")).given(to_g.clone());
    vec![
        case("a cancelled fund's unallocated money goes out to the Treasury, class by class")
            .when(cancel("F", r#""treasury""#))
            .then("F/revenue unallocated 0.00")
            .then(r#"event {"fundCancelled":{"fund":"F","legs":[{"fund":"F/capital","pence":-99800000},{"outside":"treasury","pence":99800000},{"fund":"F/revenue","pence":-99850000},{"outside":"treasury","pence":99850000},{"fund":"F/unsplit","pence":-100000000},{"outside":"treasury","pence":100000000}]}}"#)
            .then("WIFI/RA/2017-18/revenue revised 1000.00"),
        below("a cancelled fund's money goes to a fund above it")
            .when(cancel("G", TO_F))
            .then("G/revenue unallocated 0.00")
            .then("F/revenue unallocated 998500.00"),
        below("a fund is cancelled with those below it")
            .when(cancel("F", r#""treasury""#))
            .then("F/revenue unallocated 0.00")
            .then("G/revenue unallocated 0.00"),
        below("one class of a fund is cancelled")
            .when(cancel("F", r#""treasury""#).replace("}}", r#","class":"capital"}}"#))
            .then("F/capital unallocated 0.00")
            .then("F/revenue unallocated 998470.00")
            .then("G/revenue unallocated 30.00"),
        below("a cancelled fund is reversed")
            .given(cancel("G", TO_F))
            .when(reverse(given(3)))
            .then("G/revenue unallocated 30.00")
            .then("F/revenue unallocated 998470.00"),
        below("a cancelled fund's money does not go below it")
            .when(cancel("F", r#"{"fund":"G"}"#))
            .then("refused NOT_ABOVE_FUND: the fund G is not above F: name a fund above it, or the Treasury"),
        below("a cancelled fund's money does not go to itself")
            .when(cancel("F", TO_F))
            .then("refused NOT_ABOVE_FUND"),
        case("a fund without unallocated money is not cancelled")
            .given(fund_below("G", "F"))
            .when(cancel("G", r#""treasury""#))
            .then("refused NOTHING_UNALLOCATED: G has no unallocated money to give up: cut the lines it has paid first, or name another fund"),
        case("an unknown fund is not cancelled")
            .when(cancel("NOWHERE", r#""treasury""#))
            .then("refused UNKNOWN_FUND"),
    ]
}

fn allocations() -> Vec<Case> {
    vec![
        case("an allocation moves a fund's money to lines")
            .when(r#"{"allocate":{"fund":"F","month":"M7","to":[{"line":"WIFI/RA/2017-18/revenue","amount":"10.00"},{"line":"WIFI/RB/2017-18/revenue","amount":"0.05"}]}}"#)
            .then("F/revenue unallocated 998489.95")
            .then("WIFI/RA/2017-18/revenue revised 1010.00 revised-to-M6 1000.00")
            .then("WIFI/RB/2017-18/revenue revised 0.05 available 0.05"),
        case("an allocation of nothing opens a line")
            .when(allocate("WIFI/RB/2017-18/revenue", "0.00"))
            .then("F/revenue unallocated 998500.00")
            .then("WIFI/RB/2017-18/revenue revised 0.00 original none"),
        case("a line opens with 0.00 in a year that is not settled")
            .when(allocate("WIFI/RB/2020-21/revenue", "0.00"))
            .then("WIFI/RB/2020-21/revenue revised 0.00"),
        case("an allocation takes exactly what is left")
            .when(allocate(WIFI, "998500.00"))
            .then("F/revenue unallocated 0.00"),
        case("an allocation takes no more than is left")
            .when(allocate(WIFI, "998500.01"))
            .then("refused BEYOND_AVAILABLE"),
        case("an allocation to a year that is not settled is refused")
            .when(allocate("WIFI/RA/2020-21/revenue", "1.00"))
            .then("refused YEAR_NOT_SETTLED: F/revenue has no money settled for 2020-21: settle it, or choose another year"),
        case("a negative allocation is refused")
            .when(allocate(WIFI, "-1.00"))
            .then("refused NOT_POSITIVE"),
        case("an allocation from an unknown fund is refused")
            .when(allocate(WIFI, "1.00").replace(r#""fund":"F""#, r#""fund":"NOWHERE""#))
            .then("refused UNKNOWN_FUND"),
        case("an allocation without a line is refused")
            .when(r#"{"allocate":{"fund":"F","month":"M7","to":[]}}"#)
            .then("refused NO_LEGS"),
        case("an allocation to lines of several years is refused")
            .when(r#"{"allocate":{"fund":"F","month":"M7","to":[{"line":"WIFI/RA/2017-18/revenue","amount":"1.00"},{"line":"WIFI/RA/2018-19/revenue","amount":"1.00"}]}}"#)
            .then("refused YEARS_DIFFER: the lines are of 2017-18 and 2018-19: name lines of one year, or use budget exchange to the next year"),
        case("an allocation may name the class of the fund's money")
            .when(r#"{"allocate":{"fund":"F","class":"unsplit","month":"M7","to":[{"line":"WIFI/RA/2017-18/capital","amount":"1.00"}]}}"#)
            .then("F/unsplit unallocated 999999.00")
            .then("F/capital unallocated 998000.00")
            .then("WIFI/RA/2017-18/capital revised 2001.00"),
    ]
}

/// The lines that may receive budget: the same rules for every movement into a line.
fn places() -> Vec<Case> {
    let in_month =
        |month: &str| allocate(WIFI, "1.00").replace(r#""M7""#, &format!(r#""{month}""#));
    vec![
        case("suspense of the department takes money")
            .when(allocate("SUSPENSE/XDH/2017-18/revenue", "1.00"))
            .then("SUSPENSE/XDH/2017-18/revenue revised 1.00"),
        case("suspense of another body takes no money")
            .when(allocate("SUSPENSE/RA/2017-18/revenue", "1.00"))
            .then("refused RESERVED_PROGRAMME: SUSPENSE is reserved for the ledger's own use: use the department's suspense line, without a ring-fence"),
        case("suspense has no ring-fence")
            .when(allocate("SUSPENSE/XDH/2017-18/revenue/COVID", "1.00"))
            .then("refused RESERVED_PROGRAMME"),
        case("exchanged budget comes only by exchange")
            .when(allocate("EXCHANGE/XDH/2017-18/revenue", "1.00"))
            .then("refused RESERVED_PROGRAMME: EXCHANGE is reserved for the ledger's own use: it holds budget exchanged into a year; reallocate from it, or exchange budget into it"),
        case("a cancelled programme takes no money")
            .given(cancel_to("WIFI", "CYBER"))
            .when(allocate(WIFI, "1.00"))
            .then("refused PROGRAMME_CLOSING"),
        case("a body that has closed takes no money")
            .given(close_body("RA", "2017-09-30"))
            .when(allocate(CYBER, "1.00"))
            .then("refused BODY_CLOSED"),
        case("a line of an unknown body is refused")
            .when(allocate("WIFI/RZ/2017-18/revenue", "1.00"))
            .then("refused UNKNOWN_BODY"),
        case("a line of an unknown programme is refused")
            .when(allocate("PAPER/RA/2017-18/revenue", "1.00"))
            .then("refused UNKNOWN_PROGRAMME"),
        case("M13 takes no budget")
            .when(in_month("M13"))
            .then("refused OUTTURN_PERIOD: M13 takes corrections of spend only: use M1 to M12"),
        case("a month that is softly closed takes no budget")
            .given(close_soft("2017-18", "M6"))
            .when(in_month("M6"))
            .then("refused CLOSED_PERIOD: 2017-18 M6 is closed: post in an open month, or reopen it under an authority"),
        case("the month beside a softly closed one takes budget")
            .given(close_soft("2017-18", "M6"))
            .when(in_month("M5"))
            .then("WIFI/RA/2017-18/revenue revised 1001.00"),
        case("a hard-closed year takes no budget")
            .now("2018-05-16T09:00:00Z")
            .given(close_hard("2017-18"))
            .when(in_month("M7"))
            .then("refused HARD_CLOSED: 2017-18 M7 is hard-closed: post a prior-period adjustment on the line of an open year, and name 2017-18 as the year it concerns"),
    ]
}

#[test]
fn money_is_settled_and_earmarked_on_funds() {
    check(&[settlements(), earmarks()].concat());
}

#[test]
fn a_cancelled_fund_gives_up_what_is_unallocated() {
    check(&cancellations());
}

#[test]
fn allocations_take_money_that_is_settled_for_the_year_and_unallocated() {
    check(&allocations());
}

#[test]
fn budget_goes_only_to_lines_that_may_receive_it() {
    check(&places());
}
