//! The ways round the limits of investment under a regime, each of which counts.

use ledger_core::domain::policy::Policy;
use ledger_tests::generate::parsed;

use crate::book::given;
use crate::case::{Case, check};
use crate::systems::{
    ICB, OUTSIDE, RC, RD, REGIME, SYSTEM, compensated, deteriorated, register, system,
};
use crate::words::{
    allocate, batch, commit, evidenced, forecast, open_programme, reallocate, reverse, spend,
};

/// The first posting after the regime began, in a case of [`compensated`].
const FIRST: u64 = given(REGIME + 1);

const NEXT: &str = "WIFI/RC/2018-19/revenue";
const UNSPLIT: &str = "WIFI/RC/2017-18/unsplit";

fn below(code: &str, parent: &str) -> String {
    let inner = format!(r#""parent":"{parent}","name":"A programme""#);
    open_programme(code).replace(r#""name":"A programme""#, &inner)
}

fn at(time: &str, posting: &str) -> String {
    format!("@{time} {posting}")
}

fn release(reference: &str) -> String {
    format!(r#"{{"releaseCommitment":{{"reference":"{reference}","month":"M7"}}}}"#)
}

fn sign(proposal: u64) -> String {
    format!(r#"ida icb:QX {{"signOff":{{"proposals":[{{"proposal":{proposal},"version":1}}]}}}}"#)
}

/// Spend, or an accrual, that discharges a commitment or accrual.
fn discharging(posting: &str, reference: &str) -> String {
    let inner = posting.strip_suffix("}}").expect("a command");
    format!(r#"{inner},"discharges":"{reference}"}}}}"#)
}

fn accrue(amount: &str, reference: &str) -> String {
    crate::words::accrue(RC, amount, reference)
}

fn cut(line: &str, amount: &str) -> String {
    format!(r#"{{"cut":{{"line":"{line}","month":"M7","amount":"{amount}","to":{{"fund":"F"}}}}}}"#)
}

fn split(revenue: &str) -> String {
    evidenced(&format!(
        r#"{{"splitLine":{{"line":"{UNSPLIT}","capital":"0.00","revenue":"{revenue}","month":"M7"}}}}"#
    ))
}

fn regimes() -> Vec<Case> {
    vec![
        deteriorated("a forecast put right for a moment leaves the regime")
            .given(forecast(RC, "300000.00"))
            .when(commit(RC, "9000000.00", "PO-1"))
            .then("warns OVERCOMMITTED")
            .then("waits for icb QX, then region Y56"),
        deteriorated("the strictest regime within the window counts")
            .given(forecast(RC, "300000.01"))
            .given(forecast(RC, "300000.00"))
            .when(commit(RC, "100000.00", "PO-1"))
            .then("waits for icb QX"),
        deteriorated("a batch that puts the forecast right in between waits")
            .when(batch(&[
                forecast(RC, "300000.00"),
                commit(RC, "50000.01", "PO-1"),
                forecast(RC, "301200.00"),
            ]))
            .then("waits for icb QX"),
        system("a regime that a batch only passes through does not count")
            .when(batch(&[
                forecast(RC, "300000.01"),
                commit(RC, "50000.01", "PO-1"),
                forecast(RC, "300000.00"),
            ]))
            .then("WIFI/RC/2017-18/revenue committed 50000.01"),
        system("a batch that brings the regime about waits")
            .when(batch(&[commit(RC, "50000.01", "PO-1"), forecast(RC, "300000.01")]))
            .then("waits for icb QX"),
        system("budget taken from a forecast line brings the regime about")
            .given(forecast(RD, "200000.00"))
            .when(reallocate(RD, RC, "50000.01"))
            .then("waits for icb QX"),
        deteriorated("90 days after it has ended a regime still counts")
            .given(forecast(RC, "300000.00"))
            .when(at("2018-01-14T09:00:00Z", &commit(RC, "50000.01", "PO-1")))
            .then("waits for icb QX"),
        deteriorated("later it counts no more")
            .given(forecast(RC, "300000.00"))
            .when(at("2018-01-14T09:00:00.000001Z", &commit(RC, "50000.01", "PO-1")))
            .then("WIFI/RC/2017-18/revenue committed 50000.01"),
        deteriorated("the regime of one year counts for investment in any other")
            .when(commit(NEXT, "50000.01", "PO-1"))
            .then("warns OVERCOMMITTED")
            .then("waits for icb QX"),
        deteriorated("the regime of a year counts until 90 days after its end")
            .when(at("2018-06-29T09:00:00Z", &commit(NEXT, "50000.01", "PO-1")))
            .then("warns OVERCOMMITTED")
            .then("waits for icb QX"),
        deteriorated("then the year's regime counts no more")
            .when(at("2018-06-30T09:00:00Z", &commit(NEXT, "50000.01", "PO-1")))
            .then("warns OVERCOMMITTED")
            .then("WIFI/RC/2018-19/revenue committed 50000.01"),
    ]
}

fn routes() -> Vec<Case> {
    let subs = |rule| {
        (1..=5).fold(compensated(rule), |case, number| {
            let code = format!("SUB{number}");
            let line = format!("{code}/RC/2017-18/revenue");
            case.given(below(&code, "WIFI")).given(commit(
                &line,
                "10000.00",
                &format!("PO-{number}"),
            ))
        })
    };
    vec![
        compensated("a commitment on an unsplit line counts")
            .when(commit(UNSPLIT, "50000.01", "PO-1"))
            .then("warns OVERCOMMITTED")
            .then("waits for icb QX"),
        compensated("unsplit budget counts on arrival")
            .when(allocate(UNSPLIT, "50000.01"))
            .then("waits for icb QX"),
        compensated("a split of it counts nothing")
            .given(allocate(UNSPLIT, "50000.00"))
            .given(commit(UNSPLIT, "50000.00", "PO-1"))
            .given(release("PO-1"))
            .when(split("50000.00"))
            .then("WIFI/RC/2017-18/revenue revised 350000.00"),
        compensated("budget by way of the department counts when it reaches the trust")
            .given(allocate(OUTSIDE, "200000.00"))
            .when(reallocate(OUTSIDE, RC, "50000.01"))
            .then("waits for icb QX"),
        compensated("so it does within a batch")
            .when(batch(&[allocate(OUTSIDE, "200000.00"), reallocate(OUTSIDE, RC, "50000.01")]))
            .then("waits for icb QX"),
        compensated("budget from a neighbour counts for the trust that receives it")
            .when(reallocate(RD, RC, "50000.01"))
            .then("waits for icb QX"),
        compensated("budget moved within a body counts nothing")
            .when(reallocate(RC, "CYBER/RC/2017-18/revenue", "60000.00"))
            .then("CYBER/RC/2017-18/revenue revised 60000.00"),
        compensated("budget and the commitments of it count once")
            .given(allocate(RC, "50000.00"))
            .when(commit(RC, "50000.00", "PO-1"))
            .then("WIFI/RC/2017-18/revenue committed 50000.00"),
        compensated("the greater of both counts for each programme, and they add up")
            .given(allocate(RC, "30000.00"))
            .given(commit(RC, "20000.00", "PO-1"))
            .when(commit("CYBER/RC/2017-18/revenue", "20000.01", "PO-2"))
            .then("warns OVERCOMMITTED")
            .then("waits for icb QX"),
        subs("programmes below one programme add up")
            .when(commit(RC, "0.01", "PO-6"))
            .then("waits for icb QX"),
        compensated("budget of one part of a programme covers commitments of another")
            .given(below("SUB1", "WIFI"))
            .given(below("SUB2", "WIFI"))
            .given(allocate("SUB1/RC/2017-18/revenue", "30000.00"))
            .when(commit("SUB2/RC/2017-18/revenue", "30000.00", "PO-1"))
            .then("warns OVERCOMMITTED")
            .then("SUB2/RC/2017-18/revenue committed 30000.00"),
        compensated("below a portfolio each programme counts by itself")
            .policy(portfolio)
            .given(below("SUB1", "WIFI"))
            .given(below("SUB2", "WIFI"))
            .given(allocate("SUB1/RC/2017-18/revenue", "30000.00"))
            .when(commit("SUB2/RC/2017-18/revenue", "30000.00", "PO-1"))
            .then("warns OVERCOMMITTED")
            .then("waits for icb QX"),
        compensated("the years of a body add up")
            .given(commit(RC, "30000.00", "PO-1"))
            .when(commit(NEXT, "20000.01", "PO-2"))
            .then("warns OVERCOMMITTED")
            .then("waits for icb QX"),
        compensated("a release takes off what was committed")
            .given(commit(RC, "40000.00", "PO-1"))
            .given(release("PO-1"))
            .when(commit(RC, "50000.00", "PO-2"))
            .then("WIFI/RC/2017-18/revenue committed 50000.00"),
        system("the release of an old commitment makes no room for a new one")
            .given(commit(RC, "90000.00", "PO-1"))
            .given(at("2018-02-01T09:00:00Z", &forecast(RC, "300000.01")))
            .given(release("PO-1"))
            .when(commit(RC, "50000.01", "PO-2"))
            .then("waits for icb QX"),
        system("a release that is reversed commits again")
            .given(commit(RC, "50000.01", "PO-1"))
            .given(release("PO-1"))
            .given(forecast(RC, "300000.01"))
            .when(reverse(given(SYSTEM + 2)))
            .then("waits for icb QX"),
        system("a cut that is reversed is budget received")
            .given(cut(RC, "50000.01"))
            .given(forecast(RC, "249999.99"))
            .when(reverse(given(SYSTEM + 1)))
            .then("WIFI/RC/2017-18/revenue revised 300000.00"),
        deteriorated("a cut under a regime that is reversed waits")
            .given(cut(RC, "50000.01"))
            .when(reverse(given(REGIME)))
            .then("waits for icb QX"),
        compensated("a reversed allocation no longer counts")
            .given(allocate(RC, "50000.00"))
            .given(reverse(FIRST))
            .when(allocate(RC, "50000.00"))
            .then("WIFI/RC/2017-18/revenue revised 350000.00"),
        compensated("an accrual counts, beyond the commitment it discharges")
            .given(commit(RC, "20000.00", "PO-1"))
            .given(discharging(&accrue("40000.00", "ACC-1"), "PO-1"))
            .when(commit(RC, "10000.01", "PO-2"))
            .then("waits for icb QX"),
        compensated("an accrual of a commitment counts once")
            .given(commit(RC, "20000.00", "PO-1"))
            .given(discharging(&accrue("20000.00", "ACC-1"), "PO-1"))
            .when(commit(RC, "30000.00", "PO-2"))
            .then("WIFI/RC/2017-18/revenue committed 30000.00"),
        compensated("after the window earlier investment no longer counts")
            .given(commit(RC, "50000.00", "PO-1"))
            .when(at("2018-01-14T09:00:00.000001Z", &commit(RC, "50000.00", "PO-2")))
            .then("WIFI/RC/2017-18/revenue committed 100000.00"),
        compensated("nor does what waits")
            .given(commit(RC, "50000.01", "PO-1"))
            .when(at("2018-01-14T09:00:00.000001Z", &commit(RC, "50000.00", "PO-2")))
            .then("WIFI/RC/2017-18/revenue committed 50000.00"),
    ]
}

/// One maker's investments for several bodies add up.
fn across(policy: &mut Policy) {
    policy.sign_off.across_commands = true;
}

/// Wi-Fi is a portfolio.
fn portfolio(policy: &mut Policy) {
    policy.sign_off.portfolios = vec![parsed("WIFI")];
}

fn bodies() -> Vec<Case> {
    vec![
        compensated("a group that is no trust is a provider of the ICB above it")
            .given(register("CG", "ccg", "QX"))
            .when(commit("WIFI/CG/2017-18/revenue", "50000.01", "PO-1"))
            .then("warns OVERCOMMITTED")
            .then("waits for icb QX"),
        compensated("a body below a trust counts with it")
            .given(register("RC1", "nationalBody", "RC"))
            .given(commit(RC, "30000.00", "PO-1"))
            .when(commit("WIFI/RC1/2017-18/revenue", "20000.01", "PO-2"))
            .then("warns OVERCOMMITTED")
            .then("waits for icb QX"),
        compensated("what a trust passes to a body below it counts nothing")
            .given(register("RC1", "nationalBody", "RC"))
            .when(reallocate(RC, "WIFI/RC1/2017-18/revenue", "60000.00"))
            .then("WIFI/RC1/2017-18/revenue revised 60000.00"),
        system("a group that is no trust brings its system under a regime")
            .given(register("CG", "ccg", "QX"))
            .given(allocate("WIFI/CG/2017-18/revenue", "0.00"))
            .given(forecast("WIFI/CG/2017-18/revenue", "0.01"))
            .when(commit(RC, "50000.01", "PO-1"))
            .then("waits for icb QX"),
        compensated("one maker's investments for several bodies add up across commands")
            .policy(across)
            .given(commit(RC, "50000.00", "PO-1"))
            .given(commit(RD, "50000.00", "PO-2"))
            .when(commit(ICB, "0.01", "PO-3"))
            .then("waits for region Y56"),
        compensated("in books whose policy does not say so they do not")
            .given(commit(RC, "50000.00", "PO-1"))
            .given(commit(RD, "50000.00", "PO-2"))
            .when(commit(ICB, "0.01", "PO-3"))
            .then("WIFI/QX/2017-18/revenue committed 0.01"),
        compensated("another maker's do not")
            .policy(across)
            .given(commit(RC, "50000.00", "PO-1"))
            .given(format!("pat {}", commit(RD, "50000.00", "PO-2")))
            .when(format!("pat {}", commit(ICB, "0.01", "PO-3")))
            .then("WIFI/QX/2017-18/revenue committed 0.01"),
        compensated("nor does what others have waiting")
            .policy(across)
            .given(format!("pat {}", commit(RC, "90000.00", "PO-1")))
            .when(commit(RD, "50000.00", "PO-2"))
            .then("WIFI/RD/2017-18/revenue committed 50000.00"),
        compensated("what the maker has waiting does")
            .policy(across)
            .given(format!("pat {}", commit(RC, "90000.00", "PO-1")))
            .when(format!("pat {}", commit(RD, "10000.01", "PO-2")))
            .then("waits for region Y56"),
        compensated("what another signed counts for its maker")
            .policy(across)
            .given(format!("pat {}", commit(RC, "90000.00", "PO-1")))
            .given(sign(FIRST))
            .when(format!("pat {}", commit(RD, "10000.01", "PO-2")))
            .then("waits for region Y56"),
        compensated("nor does it for its signer")
            .policy(across)
            .given(format!("pat {}", commit(RC, "90000.00", "PO-1")))
            .given(sign(FIRST))
            .when(format!("ida {}", commit(RD, "10000.01", "PO-2")))
            .then("WIFI/RD/2017-18/revenue committed 10000.01"),
    ]
}

fn findings() -> Vec<Case> {
    let fifty = || spend(RC, "50000.00");
    let signed = |rule| compensated(rule).given(commit(RC, "60000.00", "PO-1")).given(sign(FIRST));
    let almost_paid = |rule| signed(rule).given(discharging(&spend(RC, "59999.99"), "PO-1"));
    vec![
        compensated("spend adds up within the window")
            .given(fifty())
            .when(fifty())
            .then("warns UNSIGNED_INVESTMENT: £50,000.00 was spent on WIFI/RC/2017-18/revenue without a signed commitment, £100,000.00 in all with what its body invested unsigned before; spend over £50,000.00 needs sign-off"),
        compensated("and so at the fourth time")
            .given(fifty())
            .given(fifty())
            .given(fifty())
            .when(spend("CYBER/RC/2017-18/unsplit", "0.01"))
            .then("warns UNSIGNED_INVESTMENT")
            .then("warns NO_BUDGET"),
        compensated("after the window it does not")
            .given(fifty())
            .when(at("2018-01-14T10:00:00Z", &fifty()))
            .then("WIFI/RC/2017-18/revenue actual 100000.00"),
        compensated("an accrual above the limit posts with a finding")
            .when(accrue("1000000.00", "ACC-1"))
            .then("warns UNSIGNED_INVESTMENT: £1,000,000.00 was accrued on WIFI/RC/2017-18/revenue without a signed commitment; spend over £50,000.00 needs sign-off")
            .then("WIFI/RC/2017-18/revenue accrued 1000000.00"),
        almost_paid("spend beyond what is left of a signed commitment posts with a finding")
            .when(discharging(&spend(RC, "5000000.00"), "PO-1"))
            .then("warns UNSIGNED_INVESTMENT: £4,999,999.99 was spent on WIFI/RC/2017-18/revenue without a signed commitment; spend over £50,000.00 needs sign-off")
            .then("warns OVERSPENT"),
        almost_paid("an accrual carries a signature no further than the commitment it discharges")
            .given(discharging(&accrue("60000.00", "ACC-1"), "PO-1"))
            .when(discharging(&spend(RC, "60000.00"), "ACC-1"))
            .then("warns UNSIGNED_INVESTMENT: £59,999.99 was spent on WIFI/RC/2017-18/revenue without a signed commitment; spend over £50,000.00 needs sign-off"),
        signed("a payment that is reversed may be made again")
            .given(discharging(&spend(RC, "60000.00"), "PO-1"))
            .given(reverse(FIRST + 2))
            .when(discharging(&spend(RC, "60000.00"), "PO-1"))
            .then("WIFI/RC/2017-18/revenue committed 0.00 actual 60000.00"),
        compensated("payment of a small commitment is no more investment")
            .given(commit(RC, "50000.00", "PO-1"))
            .when(discharging(&fifty(), "PO-1"))
            .then("WIFI/RC/2017-18/revenue actual 50000.00"),
        compensated("spend beside a small commitment is")
            .given(commit(RC, "50000.00", "PO-1"))
            .when(spend(RC, "0.01"))
            .then("warns UNSIGNED_INVESTMENT"),
        compensated("spend that is reversed no longer counts")
            .given(fifty())
            .given(reverse(FIRST))
            .when(fifty())
            .then("WIFI/RC/2017-18/revenue actual 50000.00"),
        compensated("a credit makes no room")
            .given(fifty())
            .given(spend(RC, "-50000.00"))
            .when(fifty())
            .then("warns UNSIGNED_INVESTMENT"),
        compensated("spend of an ICB has the limit of its system")
            .given(spend(ICB, "100000.00"))
            .when(spend(ICB, "0.01"))
            .then("warns UNSIGNED_INVESTMENT: £0.01 was spent on WIFI/QX/2017-18/revenue without a signed commitment, £100,000.01 in all with what its body invested unsigned before; spend over £100,000.00 needs sign-off"),
        compensated("signed spend has no finding")
            .given(batch(&[spend(RC, "60000.00"), commit(RC, "50000.01", "PO-1")]))
            .when(sign(FIRST))
            .then("WIFI/RC/2017-18/revenue committed 50000.01 actual 60000.00"),
    ]
}

/// All cases of investing.
pub(crate) fn cases() -> Vec<Case> {
    [regimes(), routes(), bodies(), findings()].concat()
}

#[test]
fn a_regime_counts_for_90_days_after_it_has_ended() {
    check(&regimes());
}

#[test]
fn every_route_of_investment_counts() {
    check(&routes());
}

#[test]
fn every_body_below_an_icb_counts_and_so_does_one_maker_for_several() {
    check(&bodies());
}

#[test]
fn spend_beyond_what_was_signed_posts_with_a_finding() {
    check(&findings());
}
