//! Closing and reopening periods.

use crate::case::{Case, case, check};
use crate::words::{
    WIFI, allocate, ask_for_second_person, authorised, close_hard, close_soft, spend,
};

fn close(month: &str, close: &str) -> String {
    format!(r#"{{"closePeriod":{{"year":"2017-18","month":"{month}","close":"{close}"}}}}"#)
}

fn reopen(month: &str) -> String {
    format!(r#"{{"reopenPeriod":{{"year":"2017-18","month":"{month}"}}}}"#)
}

const SUSPENSE: &str = "SUSPENSE/XDH/2017-18/revenue";

pub(crate) fn cases() -> Vec<Case> {
    [closes(), reopenings(), suspense()].concat()
}

fn closes() -> Vec<Case> {
    vec![
        case("a month is closed softly, alone")
            .when(close_soft("2017-18", "M6"))
            .then("period 2017-18 M5 open")
            .then("period 2017-18 M6 soft")
            .then("period 2017-18 M7 open"),
        case("a month is hard-closed")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M6"))
            .when(close("M6", "hard"))
            .then("period 2017-18 M6 hard"),
        case("a hard close of a year closes every month")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M6"))
            .when(close_hard("2017-18"))
            .then("period 2017-18 M1 hard")
            .then("period 2017-18 M6 hard")
            .then("period 2017-18 M13 hard")
            .then("period 2018-19 M1 open"),
        case("a year with some hard-closed months can be hard-closed")
            .now("2018-05-16T09:00:00Z")
            .given(close("M13", "hard"))
            .when(close_hard("2017-18"))
            .then("period 2017-18 M1 hard"),
        case("a soft close names its month")
            .now("2018-05-16T09:00:00Z")
            .when(close_hard("2017-18").replace("hard", "soft"))
            .then("refused SOFT_CLOSE_NEEDS_MONTH: a soft close covers one month: name the month, or close the whole year hard"),
        case("a month is softly closed once")
            .given(close_soft("2017-18", "M6"))
            .when(close_soft("2017-18", "M6"))
            .then("refused CLOSED_ALREADY: 2017-18 M6 is already closed: there is nothing to do"),
        case("a hard-closed month is not softly closed")
            .now("2018-05-16T09:00:00Z")
            .given(close("M6", "hard"))
            .when(close("M6", "soft"))
            .then("refused CLOSED_ALREADY"),
        case("a month is not closed before it has ended")
            .when(close_soft("2017-18", "M7"))
            .then("refused NOT_ENDED: 2017-18 M7 has not ended, so it cannot be closed: close a month softly once it has ended, and a year hard from the 1 April after it"),
        case("a month ends at midnight in London")
            .now("2017-10-31T23:59:59Z")
            .when(close_soft("2017-18", "M7"))
            .then("refused NOT_ENDED"),
        case("a month that has ended is closed in its first minute after")
            .now("2017-11-01T00:00:00Z")
            .when(close_soft("2017-18", "M7"))
            .then("period 2017-18 M7 soft"),
        case("a year is not hard-closed before it has ended")
            .now("2018-03-31T22:59:59Z")
            .when(close_hard("2017-18"))
            .then("refused NOT_ENDED: 2017-18 M13 has not ended, so it cannot be closed: close a month softly once it has ended, and a year hard from the 1 April after it"),
        case("a year is hard-closed from 1 April in London")
            .now("2018-03-31T23:00:00Z")
            .when(close_hard("2017-18"))
            .then("period 2017-18 M13 hard"),
        case("a month of a year that has not ended is not hard-closed")
            .when(close("M6", "hard"))
            .then("refused NOT_ENDED"),
        case("a later year is not hard-closed")
            .when(close_hard("2031-32"))
            .then("refused NOT_ENDED"),
        case("a hard close waits for the department where a second person is asked for")
            .now("2018-05-16T09:00:00Z")
            .given(ask_for_second_person())
            .when(close_hard("2017-18"))
            .then("waits for department XDH")
            .then("period 2017-18 M13 open"),
        case("a reopening waits for the department where a second person is asked for")
            .now("2018-05-16T09:00:00Z")
            .given(ask_for_second_person())
            .given(close_soft("2017-18", "M7"))
            .when(authorised(&reopen("M7")))
            .then("waits for department XDH")
            .then("period 2017-18 M7 soft"),
        case("a year is closed once")
            .now("2018-05-16T09:00:00Z")
            .given(close_hard("2017-18"))
            .when(close_hard("2017-18"))
            .then("refused CLOSED_ALREADY"),
    ]
}

fn reopenings() -> Vec<Case> {
    vec![
        case("a softly closed month is reopened under an authority")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M7"))
            .when(authorised(&reopen("M7")))
            .then("period 2017-18 M7 open"),
        case("a reopened month takes postings")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M7"))
            .given(authorised(&reopen("M7")))
            .when(spend(WIFI, "5.00"))
            .then("WIFI/RA/2017-18/revenue actual 5.00"),
        case("a month is not reopened without an authority")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M7"))
            .when(reopen("M7"))
            .then("refused AUTHORITY_REQUIRED: this needs an authority: cite who allowed it"),
        case("a hard-closed month is never reopened")
            .now("2018-05-16T09:00:00Z")
            .given(close_hard("2017-18"))
            .when(authorised(&reopen("M7")))
            .then("refused NOT_SOFTLY_CLOSED: 2017-18 M7 is not softly closed: choose a softly closed month to reopen"),
        case("an open month is not reopened")
            .when(authorised(&reopen("M7")))
            .then("refused NOT_SOFTLY_CLOSED"),
    ]
}

fn suspense() -> Vec<Case> {
    vec![
        case("suspense that is not zero warns when its year is hard-closed")
            .now("2018-05-16T09:00:00Z")
            .given(allocate(SUSPENSE, "31.00"))
            .when(close_hard("2017-18"))
            .then("warns SUSPENSE_AT_CLOSE: SUSPENSE/XDH/2017-18/revenue holds £31.00 whose destination is not known, and 2017-18 is closed"),
        case("a hard close of one month does not warn about suspense")
            .now("2018-05-16T09:00:00Z")
            .given(allocate(SUSPENSE, "31.00"))
            .when(close("M6", "hard"))
            .then("period 2017-18 M6 hard"),
        case("suspense warns when the last month is hard-closed")
            .now("2018-05-16T09:00:00Z")
            .given(allocate(SUSPENSE, "31.00"))
            .when(close("M13", "hard"))
            .then("warns SUSPENSE_AT_CLOSE"),
        case("suspense of another year does not warn")
            .now("2018-05-16T09:00:00Z")
            .given(allocate("SUSPENSE/XDH/2018-19/revenue", "31.00"))
            .when(close_hard("2017-18"))
            .then("period 2017-18 M7 hard"),
        case("suspense that is empty does not warn")
            .now("2018-05-16T09:00:00Z")
            .given(allocate(SUSPENSE, "0.00"))
            .when(close_hard("2017-18"))
            .then("period 2017-18 M7 hard"),
    ]
}

#[test]
fn a_soft_close_can_be_undone_and_a_hard_one_never() {
    check(&[closes(), reopenings()].concat());
}

#[test]
fn a_hard_close_warns_about_suspense_that_is_not_zero() {
    check(&suspense());
}
