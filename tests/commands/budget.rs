//! Budget between lines: cuts, reallocations, splits and exchanges into the next year.

use crate::book::given;
use crate::case::{Case, case, check};
use crate::words::{
    CAPITAL, CYBER, WIFI, accrue, allocate, beside, cancel_to, close_hard, close_programme,
    close_soft, commit, concerning, evidenced, reallocate, reverse, spend,
};

fn cut(line: &str, amount: &str, to: &str) -> String {
    let to = if to.is_empty() { String::new() } else { format!(r#","to":{to}"#) };
    format!(r#"{{"cut":{{"line":"{line}","amount":"{amount}","month":"M7"{to}}}}}"#)
}

fn split(line: &str, capital: &str, revenue: &str) -> String {
    format!(
        r#"{{"splitLine":{{"line":"{line}","capital":"{capital}","revenue":"{revenue}","month":"M7"}}}}"#
    )
}

fn exchange(line: &str, amount: &str) -> String {
    format!(r#"{{"exchangeBudget":{{"line":"{line}","amount":"{amount}","month":"M7"}}}}"#)
}

const UNSPLIT: &str = "WIFI/RA/2017-18/unsplit";

pub(crate) fn cases() -> Vec<Case> {
    [cuts(), reallocations(), prior_periods(), splits(), exchanges(), versions()].concat()
}

fn cuts() -> Vec<Case> {
    vec![
        case("a cut returns to the only fund that has paid")
            .when(cut(WIFI, "1000.00", ""))
            .then("WIFI/RA/2017-18/revenue revised 0.00 available 0.00")
            .then("F/revenue unallocated 999500.00"),
        case("a cut may go out to the Treasury")
            .when(cut(WIFI, "0.01", r#""treasury""#))
            .then("WIFI/RA/2017-18/revenue revised 999.99")
            .then("F/revenue unallocated 998500.00"),
        case("a cut may name the fund it returns to")
            .given(r#"{"establishFund":{"code":"G","name":"Another"}}"#)
            .when(cut(WIFI, "1.00", r#"{"fund":"G"}"#))
            .then("G/revenue unallocated 1.00"),
        case("a cut of a line that several funds have paid names one")
            .given(r#"{"establishFund":{"code":"G","name":"Part","parent":"F"}}"#)
            .given(r#"{"earmark":{"fund":"F","class":"revenue","to":[{"fund":"G","amount":"9.00"}]}}"#)
            .given(allocate(WIFI, "1.00").replace(r#""fund":"F""#, r#""fund":"G""#))
            .when(cut(WIFI, "1.00", ""))
            .then("refused RETURN_UNCLEAR: WIFI/RA/2017-18/revenue was paid by several funds: name the fund that the cut returns to, or the Treasury"),
        case("a cut of a line that no fund has paid must name a destination")
            .given(reallocate(WIFI, "WIFI/RB/2017-18/revenue", "5.00"))
            .when(cut("WIFI/RB/2017-18/revenue", "1.00", ""))
            .then("refused RETURN_UNCLEAR: WIFI/RB/2017-18/revenue was paid by no fund: name the fund that the cut returns to, or the Treasury"),
        case("a cut to an unknown fund is refused")
            .when(cut(WIFI, "1.00", r#"{"fund":"G"}"#))
            .then("refused UNKNOWN_FUND"),
        case("a cut of nothing is refused")
            .when(cut(WIFI, "0.00", ""))
            .then("refused NOT_POSITIVE"),
        case("a cut of an unopened line is refused")
            .when(cut("WIFI/RB/2017-18/revenue", "1.00", ""))
            .then("refused UNKNOWN_LINE: the line WIFI/RB/2017-18/revenue is not open: allocate to it first (0.00 opens it), or correct it"),
        case("a cut takes no more than spend, accruals and commitments leave")
            .given(spend(WIFI, "100.00"))
            .given(accrue(WIFI, "200.00", "AC-1"))
            .given(commit(WIFI, "300.00", "PO-1"))
            .when(cut(WIFI, "400.01", ""))
            .then("refused BEYOND_AVAILABLE: £400.01 cannot leave WIFI/RA/2017-18/revenue, which has £400.00 available: move no more than that"),
        case("a cut takes exactly what spend, accruals and commitments leave")
            .given(spend(WIFI, "100.00"))
            .given(accrue(WIFI, "200.00", "AC-1"))
            .given(commit(WIFI, "300.00", "PO-1"))
            .when(cut(WIFI, "400.00", ""))
            .then("WIFI/RA/2017-18/revenue revised 600.00 available 0.00"),
        case("a cancelled programme is not cut")
            .given(cancel_to("WIFI", "CYBER"))
            .when(cut(WIFI, "1.00", ""))
            .then("refused PROGRAMME_CLOSING"),
        case("a cut takes money that a reversal left on a closed programme")
            .given(spend(CYBER, "500.00"))
            .given(close_programme("CYBER"))
            .given(reverse(given(1)))
            .when(cut(CYBER, "500.00", ""))
            .then("programme CYBER closed")
            .then("CYBER/RA/2017-18/revenue revised 0.00 available 0.00")
            .then("F/revenue unallocated 999000.00"),
        case("a cut takes money from a line of a closed body")
            .given(r#"{"closeBody":{"code":"RA","on":"2017-06-30"}}"#)
            .when(cut(WIFI, "1.00", ""))
            .then("WIFI/RA/2017-18/revenue revised 999.00"),
    ]
}

fn reallocations() -> Vec<Case> {
    let many = |from: &str, to: &str| {
        format!(r#"{{"reallocate":{{"month":"M7","from":[{from}],"to":[{to}]}}}}"#)
    };
    let of = |line: &str, amount: &str| format!(r#"{{"line":"{line}","amount":"{amount}"}}"#);
    vec![
        case("a reallocation moves budget between lines")
            .when(reallocate(WIFI, CYBER, "1000.00"))
            .then("WIFI/RA/2017-18/revenue revised 0.00")
            .then("CYBER/RA/2017-18/revenue revised 1500.00"),
        case("a reallocation between several lines balances")
            .when(many(
                &[of(WIFI, "10.00"), of(CYBER, "20.00")].join(","),
                &[of("WIFI/RB/2017-18/revenue", "25.00"), of("SUSPENSE/XDH/2017-18/revenue", "5.00")].join(","),
            ))
            .then("WIFI/RA/2017-18/revenue revised 990.00")
            .then("CYBER/RA/2017-18/revenue revised 480.00")
            .then("WIFI/RB/2017-18/revenue revised 25.00")
            .then("SUSPENSE/XDH/2017-18/revenue revised 5.00"),
        case("a reallocation that does not balance is refused")
            .when(many(&of(WIFI, "10.00"), &of(CYBER, "10.01")))
            .then("refused UNBALANCED: the amounts do not sum to zero: £10.00 leaves and £10.01 arrives; make them equal"),
        case("a reallocation without a giving line is refused")
            .when(many("", &of(CYBER, "10.00")))
            .then("refused NO_LEGS"),
        case("a reallocation without a receiving line is refused")
            .when(many(&of(WIFI, "10.00"), ""))
            .then("refused NO_LEGS"),
        case("a reallocation of nothing is refused")
            .when(reallocate(WIFI, CYBER, "0.00"))
            .then("refused NOT_POSITIVE"),
        case("a reallocation of a negative amount is refused")
            .when(reallocate(WIFI, CYBER, "-5.00"))
            .then("refused NOT_POSITIVE"),
        case("a reallocation that changes no line is refused")
            .when(reallocate(WIFI, WIFI, "5.00"))
            .then("refused ZERO"),
        case("a reallocation stays in its year")
            .when(reallocate(WIFI, "WIFI/RA/2018-19/revenue", "5.00"))
            .then("refused YEARS_DIFFER"),
        case("a reallocation takes no more than is available")
            .when(reallocate(WIFI, CYBER, "1000.01"))
            .then("refused BEYOND_AVAILABLE"),
        case("the legs of a line are netted before it is judged")
            .when(many(
                &of(WIFI, "1500.00"),
                &[of(WIFI, "600.00"), of(CYBER, "900.00")].join(","),
            ))
            .then("WIFI/RA/2017-18/revenue revised 100.00")
            .then("CYBER/RA/2017-18/revenue revised 1400.00"),
        case("a reallocation from an unopened line is refused")
            .when(reallocate("WIFI/RB/2017-18/revenue", CYBER, "5.00"))
            .then("refused UNKNOWN_LINE"),
        case("an unknown programme is reported before its unopened line")
            .when(reallocate("PAPER/RB/2017-18/revenue", CYBER, "5.00"))
            .then("refused UNKNOWN_PROGRAMME"),
        case("an unknown body is reported before its unopened line")
            .when(reallocate("WIFI/RZ/2017-18/revenue", CYBER, "5.00"))
            .then("refused UNKNOWN_BODY"),
        case("a cancelled programme gives nothing")
            .given(cancel_to("WIFI", "CYBER"))
            .when(reallocate(WIFI, CYBER, "5.00"))
            .then("refused PROGRAMME_CLOSING"),
        case("money that a reversal left on a closed programme can be reallocated")
            .given(spend(CYBER, "500.00"))
            .given(close_programme("CYBER"))
            .given(reverse(given(1)))
            .when(reallocate(CYBER, WIFI, "500.00"))
            .then("CYBER/RA/2017-18/revenue revised 0.00")
            .then("WIFI/RA/2017-18/revenue revised 1500.00"),
        case("a reallocation into a closed month is refused")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M7"))
            .when(reallocate(WIFI, CYBER, "5.00"))
            .then("refused CLOSED_PERIOD"),
        case("exchanged budget leaves its holding line by reallocation")
            .given(allocate("WIFI/RA/2016-17/revenue", "100000.00"))
            .given(exchange("WIFI/RA/2016-17/revenue", "750.00"))
            .when(reallocate("EXCHANGE/XDH/2017-18/revenue", CYBER, "700.00"))
            .then("EXCHANGE/XDH/2017-18/revenue revised 50.00")
            .then("CYBER/RA/2017-18/revenue revised 1200.00"),
    ]
}

fn prior_periods() -> Vec<Case> {
    vec![
        case("a late movement can concern a hard-closed year")
            .given(close_hard("2016-17"))
            .when(concerning(&reallocate(WIFI, CYBER, "5.00"), "2016-17"))
            .then("CYBER/RA/2017-18/revenue revised 505.00")
            .then(r#"event {"reallocated":{"month":"M7","concerns":"2016-17","legs":[{"line":"WIFI/RA/2017-18/revenue","pence":-500},{"line":"CYBER/RA/2017-18/revenue","pence":500}]}}"#),
        case("a late movement that concerns an open year is refused")
            .when(concerning(&reallocate(WIFI, CYBER, "5.00"), "2016-17"))
            .then("refused NOT_PRIOR_PERIOD: 2016-17 is not an earlier year that is hard-closed: post in 2016-17 itself"),
        case("a late movement that concerns its own year is refused")
            .when(concerning(&cut(WIFI, "5.00", ""), "2017-18"))
            .then("refused NOT_PRIOR_PERIOD"),
        case("a late movement that concerns a later year is refused")
            .now("2019-05-16T09:00:00Z")
            .given(close_hard("2018-19"))
            .when(concerning(&allocate(WIFI, "5.00"), "2018-19"))
            .then("refused NOT_PRIOR_PERIOD"),
    ]
}

fn splits() -> Vec<Case> {
    let unsplit = |rule| case(rule).given(allocate(UNSPLIT, "100.00"));
    vec![
        unsplit("an unsplit line is split into capital and revenue")
            .when(evidenced(&split(UNSPLIT, "60.00", "40.00")))
            .then("WIFI/RA/2017-18/unsplit revised 0.00")
            .then("WIFI/RA/2017-18/capital revised 2060.00")
            .then("WIFI/RA/2017-18/revenue revised 1040.00"),
        unsplit("a split may have an empty part and may leave a rest")
            .when(evidenced(&split(UNSPLIT, "0.00", "40.00")))
            .then("WIFI/RA/2017-18/unsplit revised 60.00")
            .then("WIFI/RA/2017-18/revenue revised 1040.00"),
        unsplit("a split needs evidence")
            .when(split(UNSPLIT, "60.00", "40.00"))
            .then("refused EVIDENCE_REQUIRED: this needs evidence: cite the document that supports it"),
        unsplit("a split takes no more than is available")
            .when(evidenced(&split(UNSPLIT, "60.00", "40.01")))
            .then("refused BEYOND_AVAILABLE"),
        unsplit("a negative part is refused")
            .when(evidenced(&split(UNSPLIT, "-1.00", "2.00")))
            .then("refused NOT_POSITIVE"),
        unsplit("a split of nothing is refused")
            .when(evidenced(&split(UNSPLIT, "0.00", "0.00")))
            .then("refused NOT_POSITIVE"),
        unsplit("M13 takes no split")
            .when(evidenced(&split(UNSPLIT, "1.00", "2.00")).replace("M7", "M13"))
            .then("refused OUTTURN_PERIOD"),
        unsplit("a split of a closed month is refused")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M7"))
            .when(evidenced(&split(UNSPLIT, "1.00", "2.00")))
            .then("refused CLOSED_PERIOD"),
        unsplit("a split of a body that is closed in the month is refused")
            .given(r#"{"closeBody":{"code":"RA","on":"2017-06-30"}}"#)
            .when(evidenced(&split(UNSPLIT, "1.00", "2.00")))
            .then("refused BODY_CLOSED"),
        unsplit("a cancelled programme is not split")
            .given(cancel_to("WIFI", "CYBER"))
            .when(evidenced(&split(UNSPLIT, "1.00", "2.00")))
            .then("refused PROGRAMME_CLOSING"),
        case("a split of an unopened line is refused")
            .when(evidenced(&split(UNSPLIT, "1.00", "2.00")))
            .then("refused UNKNOWN_LINE"),
        case("only unsplit lines are split")
            .when(evidenced(&split(CAPITAL, "1.00", "2.00")))
            .then("refused NOT_UNSPLIT: WIFI/RA/2017-18/capital is not an unsplit line: name an unsplit line to split"),
    ]
}

fn exchanges() -> Vec<Case> {
    vec![
        case("revenue is exchanged into the next year's holding line, up to its share")
            .when(exchange(WIFI, "11.25"))
            .then("WIFI/RA/2017-18/revenue revised 988.75")
            .then("EXCHANGE/XDH/2018-19/revenue revised 11.25 revised-to-M6 11.25"),
        case("capital has a share of its own")
            .when(exchange(CAPITAL, "30.00"))
            .then("WIFI/RA/2017-18/capital revised 1970.00")
            .then("EXCHANGE/XDH/2018-19/capital revised 30.00"),
        case("a penny over the share is refused")
            .when(exchange(WIFI, "11.26"))
            .then("refused BUDGET_EXCHANGE: £11.26 cannot be exchanged into the next year from WIFI/RA/2017-18/revenue. The limit for all revenue of 2017-18 is £11.25, by the share in force since the book was opened, and £0.00 of it is used: exchange no more than is left"),
        case("the limit is a share of the class's budget before any exchange out of it")
            .given(exchange(WIFI, "5.00"))
            .given(allocate(WIFI, "9000.00"))
            .when(exchange(WIFI, "73.76"))
            .then("refused BUDGET_EXCHANGE: £73.76 cannot be exchanged into the next year from WIFI/RA/2017-18/revenue. The limit for all revenue of 2017-18 is £78.75, by the share in force since the book was opened, and £5.00 of it is used: exchange no more than is left"),
        case("exchanges of all lines of a class add up to the limit, exactly")
            .given(exchange(WIFI, "5.00"))
            .when(exchange(CYBER, "6.25"))
            .then("EXCHANGE/XDH/2018-19/revenue revised 11.25"),
        case("another line of the class has no limit of its own")
            .given(exchange(WIFI, "5.00"))
            .when(exchange(CYBER, "6.26"))
            .then("refused BUDGET_EXCHANGE"),
        case("budget that moves to an empty line brings no limit with it")
            .given(exchange(WIFI, "11.25"))
            .given(reallocate(WIFI, "WIFI/RB/2017-18/revenue", "900.00"))
            .when(exchange("WIFI/RB/2017-18/revenue", "0.01"))
            .then("refused BUDGET_EXCHANGE"),
        case("budget exchanged into a year does not raise its limit")
            .given(allocate("WIFI/RA/2016-17/revenue", "100000.00"))
            .given(exchange("WIFI/RA/2016-17/revenue", "750.00"))
            .when(exchange(WIFI, "11.26"))
            .then("refused BUDGET_EXCHANGE"),
        case("an exchange that is reversed gives its limit back")
            .given(exchange(WIFI, "5.00"))
            .given(reverse(given(1)))
            .when(exchange(WIFI, "11.25"))
            .then("EXCHANGE/XDH/2018-19/revenue revised 11.25"),
        case("an exchange takes no more than is available")
            .given(commit(WIFI, "995.00", "PO-1"))
            .when(exchange(WIFI, "5.01"))
            .then("refused BEYOND_AVAILABLE"),
        case("an exchange of nothing is refused")
            .when(exchange(WIFI, "0.00"))
            .then("refused NOT_POSITIVE"),
        case("an exchange of an unopened line is refused")
            .when(exchange("WIFI/RB/2017-18/revenue", "1.00"))
            .then("refused UNKNOWN_LINE"),
        case("a cancelled programme exchanges nothing")
            .given(cancel_to("WIFI", "CYBER"))
            .when(exchange(WIFI, "1.00"))
            .then("refused PROGRAMME_CLOSING"),
        case("M13 takes no exchange")
            .when(exchange(WIFI, "1.00").replace("M7", "M13"))
            .then("refused OUTTURN_PERIOD"),
        case("an exchange out of a closed month is refused")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2017-18", "M7"))
            .when(exchange(WIFI, "1.00"))
            .then("refused CLOSED_PERIOD: 2017-18 M7 is closed: post in an open month, or reopen it under an authority"),
        case("an exchange into a closed month is refused")
            .now("2018-05-16T09:00:00Z")
            .given(close_soft("2018-19", "M1"))
            .when(exchange(WIFI, "1.00"))
            .then("refused CLOSED_PERIOD: 2018-19 M1 is closed: post in an open month, or reopen it under an authority"),
        case("an exchange into a hard-closed year is refused")
            .now("2019-05-16T09:00:00Z")
            .given(close_hard("2018-19"))
            .when(exchange(WIFI, "1.00"))
            .then("refused HARD_CLOSED"),
    ]
}

fn versions() -> Vec<Case> {
    let seen = |version: u64| {
        let member = format!(r#""expectedVersions":[{{"line":"{WIFI}","version":{version}}}]"#);
        beside(&reallocate(WIFI, CYBER, "5.00"), &member)
    };
    vec![
        case("a posting whose expected version is current is accepted")
            .when(seen(given(0)))
            .then("WIFI/RA/2017-18/revenue revised 995.00"),
        case("a posting whose expected version is old is refused")
            .given(commit(WIFI, "5.00", "PO-1"))
            .when(seen(given(0)))
            .then("refused VERSION_CONFLICT: WIFI/RA/2017-18/revenue has changed since you read it (version 11, not 10): read it again and decide afresh"),
    ]
}

#[test]
fn a_cut_returns_money_to_a_fund_or_the_treasury() {
    check(&cuts());
}

#[test]
fn a_reallocation_balances_and_takes_only_what_is_available() {
    check(&reallocations());
}

#[test]
fn a_late_movement_concerns_a_hard_closed_year() {
    check(&prior_periods());
}

#[test]
fn only_unsplit_lines_are_split_and_only_with_evidence() {
    check(&splits());
}

#[test]
fn exchanges_stay_within_the_share_of_the_year() {
    check(&exchanges());
}

#[test]
fn a_posting_with_an_old_expected_version_is_refused() {
    check(&versions());
}
