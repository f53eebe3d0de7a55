//! Systems under the protocol of November 2022: regimes, offsets, and the sign-off they need.

use ledger_core::domain::money::Pence;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::sign_off::Trigger;

use crate::book::given;
use crate::case::{Case, case, check};
use crate::words::{allocate, batch, commit, forecast, reallocate, reverse, spend};

/// Lines of two trusts of one system, and of its ICB.
pub(crate) const RC: &str = "WIFI/RC/2017-18/revenue";
pub(crate) const RD: &str = "WIFI/RD/2017-18/revenue";
pub(crate) const ICB: &str = "WIFI/QX/2017-18/revenue";
pub(crate) const OUTSIDE: &str = "WIFI/RA/2017-18/revenue";

/// The number of postings that register the system and bring it under a regime.
pub(crate) const SYSTEM: u64 = 6;
pub(crate) const REGIME: u64 = SYSTEM + 3;

pub(crate) fn register(code: &str, kind: &str, parent: &str) -> String {
    format!(
        r#"{{"registerBody":{{"code":"{code}","name":"A body","kind":"{kind}","parent":"{parent}"}}}}"#
    )
}

pub(crate) fn link(deteriorated: &str, by: &str, amount: &str) -> String {
    format!(
        r#"{{"linkOffset":{{"year":"2017-18","deteriorated":"{deteriorated}","by":"{by}","amount":"{amount}"}}}}"#
    )
}

/// A case on two trusts and their ICB below a region.
pub(crate) fn bodies(rule: &'static str) -> Case {
    case(rule)
        .given(register("Y56", "region", "XDH"))
        .given(register("QX", "icb", "Y56"))
        .given(register("RC", "trust", "QX"))
        .given(register("RD", "trust", "QX"))
}

/// The same, each with a budget.
pub(crate) fn system(rule: &'static str) -> Case {
    bodies(rule)
        .given(allocate(OUTSIDE, "700000.00"))
        .given(format!(
            r#"{{"reallocate":{{"month":"M7","from":[{{"line":"{OUTSIDE}","amount":"700000.00"}}],"to":[{{"line":"{RC}","amount":"300000.00"}},{{"line":"{RD}","amount":"200000.00"}},{{"line":"{ICB}","amount":"200000.00"}}]}}}}"#
        ))
}

/// The same, with one trust's forecast deteriorated and the other's compensating it at once.
pub(crate) fn compensated(rule: &'static str) -> Case {
    system(rule)
        .given(forecast(RC, "300000.00"))
        .given(forecast(RD, "198800.00"))
        .given(batch(&[forecast(RC, "301200.00"), link("RC", "RD", "1200.00")]))
}

pub(crate) fn deteriorated(rule: &'static str) -> Case {
    system(rule).given(forecast(RC, "301200.00")).given(forecast(RD, "198800.00"))
}

fn offsets() -> Vec<Case> {
    vec![
        system("without a deterioration there is no regime")
            .when(forecast(RC, "300000.00"))
            .then("regime 2017-18 QX none"),
        system("an uncompensated deterioration puts the system in deficit")
            .when(forecast(RC, "300000.01"))
            .then("regime 2017-18 QX systemDeficit"),
        deteriorated("an improvement counts only once it is linked")
            .when(commit(RC, "1.00", "PO-1"))
            .then("regime 2017-18 QX systemDeficit"),
        deteriorated("offsets that sum to the deterioration end the deficit")
            .given(link("RC", "RD", "1000.00"))
            .when(link("RC", "RD", "200.00"))
            .then("regime 2017-18 QX providerDeteriorated"),
        deteriorated("offsets a penny short leave the system in deficit")
            .when(link("RC", "RD", "1199.99"))
            .then("regime 2017-18 QX systemDeficit"),
        compensated("an improvement lost later no longer counts")
            .when(forecast(RD, "198801.00"))
            .then("regime 2017-18 QX systemDeficit"),
        compensated("a budget that is raised takes the deterioration away")
            .when(reallocate(ICB, RC, "1200.00"))
            .then("regime 2017-18 QX none"),
        compensated("an internal forecast changes no regime")
            .when(forecast(RC, "999999.00").replace("reported", "internal"))
            .then("regime 2017-18 QX providerDeteriorated"),
        deteriorated("an offset is no larger than the unlinked improvement")
            .given(link("RC", "RD", "1000.00"))
            .when(link("RC", "RD", "200.01"))
            .then("refused BEYOND_IMPROVEMENT: RD has improved by £1,200.00 in 2017-18, and £1,000.00 of it is already linked: link no more than is left"),
        deteriorated("an offset for a body without a deterioration is refused")
            .when(link("RD", "RC", "1.00"))
            .then("refused NOT_DETERIORATED: RD reports no deterioration for 2017-18: there is nothing to compensate"),
        deteriorated("an offset from another system is refused")
            .when(link("RC", "RA", "1.00"))
            .then("refused NOT_ONE_SYSTEM: RC and RA are not two bodies of one integrated care system: name bodies below the same ICB"),
        deteriorated("a body does not compensate itself")
            .when(link("RC", "RC", "1.00"))
            .then("refused NOT_ONE_SYSTEM"),
        deteriorated("an offset of nothing is refused")
            .when(link("RC", "RD", "0.00"))
            .then("refused NOT_POSITIVE"),
    ]
}

fn thresholds() -> Vec<Case> {
    let twenty = |number: u32| commit(RC, "20000.00", &format!("PO-{number}"));
    vec![
        system("without a regime any investment passes")
            .when(commit(RC, "250000.00", "PO-1"))
            .then("WIFI/RC/2017-18/revenue committed 250000.00"),
        compensated("£50,000.00 by a trust passes")
            .when(commit(RC, "50000.00", "PO-1"))
            .then("WIFI/RC/2017-18/revenue committed 50000.00"),
        compensated("£50,000.01 by a trust waits for its ICB, and moves nothing")
            .when(commit(RC, "50000.01", "PO-1"))
            .then("waits for icb QX")
            .then("WIFI/RC/2017-18/revenue committed 0.00"),
        compensated("£100,000.00 by the ICB passes")
            .when(commit(ICB, "100000.00", "PO-1"))
            .then("WIFI/QX/2017-18/revenue committed 100000.00"),
        compensated("£100,000.01 by the ICB waits for the region")
            .when(commit(ICB, "100000.01", "PO-1"))
            .then("waits for region Y56"),
        compensated("several trusts in one command count as the system")
            .when(batch(&[commit(RC, "50000.00", "PO-1"), commit(RD, "50000.01", "PO-2")]))
            .then("waits for icb QX, then region Y56"),
        compensated("several trusts of one system up to its limit pass together")
            .when(batch(&[commit(RC, "50000.00", "PO-1"), commit(RD, "50000.00", "PO-2")]))
            .then("WIFI/RC/2017-18/revenue committed 50000.00"),
        deteriorated("in deficit a trust above the system's limit needs the ICB and the region")
            .when(commit(RC, "100000.01", "PO-1"))
            .then("waits for icb QX, then region Y56"),
        deteriorated("in deficit a trust up to the system's limit needs only the ICB")
            .when(commit(RC, "100000.00", "PO-1"))
            .then("waits for icb QX"),
        compensated("a regime holds for every body of the system")
            .when(commit(RD, "50000.01", "PO-1"))
            .then("waits for icb QX"),
        compensated("a regime holds for no other body")
            .when(commit(OUTSIDE, "1.00", "PO-1"))
            .then("WIFI/RA/2017-18/revenue committed 1.00"),
        compensated("capital is not under the protocol")
            .given(allocate("WIFI/RC/2017-18/capital", "90000.00"))
            .when(commit("WIFI/RC/2017-18/capital", "90000.00", "PO-1"))
            .then("WIFI/RC/2017-18/capital committed 90000.00"),
        compensated("an allocation is investment too")
            .when(allocate(RC, "50000.01"))
            .then("waits for icb QX")
            .then("WIFI/RC/2017-18/revenue revised 300000.00"),
        compensated("a second commitment of £20,000 passes")
            .given(twenty(1))
            .when(twenty(2))
            .then("WIFI/RC/2017-18/revenue committed 40000.00"),
        compensated("a third commitment of £20,000 waits: earlier ones within the window count")
            .given(twenty(1))
            .given(twenty(2))
            .when(twenty(3))
            .then("waits for icb QX")
            .then("WIFI/RC/2017-18/revenue committed 40000.00"),
        compensated("a fourth commitment waits and names the posted and pending ones")
            .given(twenty(1))
            .given(twenty(2))
            .given(twenty(3))
            .when(twenty(4))
            .then("waits for icb QX")
            .then(r#"event {"proposal":{"submitted":{"version":1,"by":"generator","command":{"commit":{"line":"WIFI/RC/2017-18/revenue","month":"M7","amount":"20000.00","reference":"PO-4"}},"steps":[{"tier":"icb","body":"QX","because":{"providerInvestment":{"body":"RC","programme":"WIFI","pence":8000000,"limit":5000000,"regime":"providerDeteriorated","counted":[{"entry":20,"pence":2000000},{"entry":21,"pence":2000000},{"entry":22,"pending":true,"pence":2000000}]}}}],"effects":[{"figure":"committed","leg":{"line":"WIFI/RC/2017-18/revenue","pence":2000000}}],"invests":[{"body":"RC","programme":"WIFI","pence":2000000}]}}}"#),
        compensated("four commitments of £20,000 in one batch wait together")
            .when(batch(&[twenty(1), twenty(2), twenty(3), twenty(4)]))
            .then("waits for icb QX")
            .then("WIFI/RC/2017-18/revenue committed 0.00"),
        compensated("the programmes of a body add up")
            .given(twenty(1))
            .given(twenty(2))
            .when(commit("CYBER/RC/2017-18/revenue", "10000.01", "PO-3"))
            .then("warns OVERCOMMITTED")
            .then("waits for icb QX"),
        compensated("a reversed commitment no longer counts")
            .given(twenty(1))
            .given(twenty(2))
            .given(reverse(given(REGIME + 1)))
            .when(twenty(3))
            .then("WIFI/RC/2017-18/revenue committed 40000.00"),
        bodies("under the switch for all trusts the limits hold without a regime")
            .policy(always)
            .when(commit(RC, "50000.01", "PO-1"))
            .then("warns OVERCOMMITTED")
            .then("waits for icb QX"),
        bodies("under the switch for all trusts the window holds as well")
            .policy(always)
            .given(twenty(1))
            .given(twenty(2))
            .when(twenty(3))
            .then("warns OVERCOMMITTED")
            .then("waits for icb QX"),
        case("a movement up to the policy's limit passes")
            .policy(movement_limited)
            .when(allocate(OUTSIDE, "3500.00"))
            .then("WIFI/RA/2017-18/revenue revised 4500.00"),
        case("a movement above the policy's limit waits for the department")
            .policy(movement_limited)
            .when(allocate(OUTSIDE, "3500.01"))
            .then("waits for department XDH"),
    ]
}

/// A limit as large as the largest movement in the small book's opening.
fn movement_limited(policy: &mut Policy) {
    policy.sign_off.movement_over = Some(Pence::new(350_000));
}

fn always(policy: &mut Policy) {
    policy.sign_off.trigger = Trigger::Always;
}

fn findings() -> Vec<Case> {
    vec![
        compensated("spend above the limit without a signed commitment posts, with a finding")
            .when(spend(RC, "50000.01"))
            .then("warns UNSIGNED_INVESTMENT: £50,000.01 was spent on WIFI/RC/2017-18/revenue without a signed commitment; spend over £50,000.00 needs sign-off")
            .then("WIFI/RC/2017-18/revenue actual 50000.01"),
        compensated("spend up to the limit has no finding")
            .when(spend(RC, "50000.00"))
            .then("WIFI/RC/2017-18/revenue actual 50000.00"),
        compensated("spend on a signed commitment has no finding")
            .given(commit(RC, "60000.00", "PO-1"))
            .given(format!(
                r#"ida icb:QX {{"signOff":{{"proposals":[{{"proposal":{},"version":1}}]}}}}"#,
                given(REGIME + 1)
            ))
            .when(r#"{"recordActual":{"line":"WIFI/RC/2017-18/revenue","month":"M7","amount":"60000.00","discharges":"PO-1"}}"#)
            .then("WIFI/RC/2017-18/revenue committed 0.00 actual 60000.00"),
        system("a forecast that changes in the last quarter warns")
            .now("2018-01-16T09:00:00Z")
            .when(forecast(RC, "300000.00").replace("M7", "M10"))
            .then("warns LATE_FORECAST: the forecast of WIFI/RC/2017-18/revenue changes in M10: very poor financial control"),
        system("a forecast that changes before the last quarter does not warn")
            .now("2017-12-16T09:00:00Z")
            .when(forecast(RC, "300000.00").replace("M7", "M9"))
            .then("WIFI/RC/2017-18/revenue forecast 300000.00"),
    ]
}

/// All cases of systems.
pub(crate) fn cases() -> Vec<Case> {
    [offsets(), thresholds(), findings()].concat()
}

#[test]
fn regimes_follow_from_forecasts_and_offsets() {
    check(&offsets());
}

#[test]
fn investment_above_a_limit_waits_for_the_icb_or_the_region() {
    check(&thresholds());
}

#[test]
fn unsigned_spend_above_a_limit_posts_with_a_finding() {
    check(&findings());
}
