//! Chains of sign-off beyond one proposal: what no policy can do away with, what holds within one
//! entry, and what outlives it.

use ledger_core::domain::policy::Policy;
use ledger_tests::generate::parsed;

use crate::book::given;
use crate::case::{Case, case, check};
use crate::proposals::{about, draft, propose, sign};
use crate::signing::set;
use crate::systems::{ICB, RC, RD, REGIME, SYSTEM, compensated, link, system};
use crate::words::{
    CAPITAL, CYBER, WIFI, allocate, authorised, batch, cancel_to, commit, forecast, open_programme,
    reallocate, reverse,
};

/// The first proposal of a case under a regime.
const ID: u64 = given(REGIME + 1);

/// Every chain is emptied: nothing passes a limit any more.
fn unchained(policy: &mut Policy) {
    let chains = &mut policy.sign_off.chains;
    for chain in [&mut chains.policy, &mut chains.proposed, &mut chains.provider] {
        chain.clear();
    }
}

/// A chain that asks of a policy the region alone.
fn by_region(policy: &mut Policy) {
    policy.sign_off.chains.policy = vec![ledger_core::domain::actor::Tier::Region];
}

/// A policy whose cap for 2017-18 is so many pence, adopted by an administrator.
fn capped(pence: i64) -> String {
    let mut policy = Policy::default();
    let cap = ledger_core::domain::money::Pence::new(pence);
    policy.capital_to_revenue.caps.insert(parsed("2017-18"), cap);
    let policy = serde_json::to_string(&policy).expect("JSON");
    format!(r#"{{"adoptPolicy":{{"policy":{policy},"effective":"2017-10-01T00:00:00Z"}}}}"#)
}

fn floors() -> Vec<Case> {
    vec![
        case("no policy lets one person adopt the next")
            .policy(unchained)
            .when(format!("ada administers {}", capped(1)))
            .then("waits for department XDH"),
        case("under a policy without chains too only administrators propose policy")
            .policy(unchained)
            .when(format!("pat {}", capped(1)))
            .then("refused NOT_ADMINISTRATOR"),
        case("whoever else a policy needs, it needs the department")
            .policy(by_region)
            .when(format!("ada administers {}", capped(1)))
            .then("waits for department XDH"),
        case("what is proposed waits for somebody, whatever the policy")
            .policy(unchained)
            .when(propose(&reallocate(WIFI, CYBER, "5.00")))
            .then("waits for department XDH"),
        compensated("a limit whose chain is empty lets pass")
            .policy(unchained)
            .when(commit(RC, "50000.01", "PO-1"))
            .then("WIFI/RC/2017-18/revenue committed 50000.01"),
    ]
}

/// A movement of more than £3,500 needs the department.
fn movements(policy: &mut Policy) {
    policy.sign_off.movement_over = Some(ledger_core::domain::money::Pence::new(350_000));
}

fn together() -> Vec<Case> {
    let next = "WIFI/RC/2018-19/revenue";
    let in_next = |amount| allocate(next, amount).replace("M7", "M1");
    vec![
        case("the movements of a batch count together")
            .policy(movements)
            .when(batch(&[allocate(WIFI, "2000.00"), allocate(CYBER, "1500.01")]))
            .then("waits for department XDH"),
        case("up to the limit the movements of a batch pass together")
            .policy(movements)
            .when(batch(&[allocate(WIFI, "2000.00"), allocate(CYBER, "1500.00")]))
            .then("CYBER/RA/2017-18/revenue revised 2000.00"),
        compensated("what a batch invests in two years counts together, as one after the other")
            .when(batch(&[allocate(RC, "30000.00"), in_next("20000.01")]))
            .then("waits for icb QX"),
        compensated("the years of one command count once each")
            .when(batch(&[allocate(RC, "30000.00"), in_next("20000.00")]))
            .then("WIFI/RC/2018-19/revenue revised 20000.00"),
    ]
}

fn entries() -> Vec<Case> {
    let switch = || reallocate(CAPITAL, WIFI, "10.00");
    vec![
        case("what a batch adopts does not judge the rest of it")
            .when(authorised(&format!("ada administers {}", batch(&[capped(100), switch()]))))
            .then("waits for department XDH")
            .then("WIFI/RA/2017-18/capital revised 2000.00"),
        case("what a set adopts does not judge the rest of it")
            .given(authorised(&format!("pat {}", propose(&switch()))))
            .given(format!("ada administers {}", capped(100)))
            .when(format!("dee department:XDH {}", set(&[(given(2), 1), (given(1), 1)])))
            .then("WIFI/RA/2017-18/capital revised 1990.00"),
        case("a reversal in a batch that is proposed undoes its own entry and no more")
            .given(reallocate(WIFI, CYBER, "5.00"))
            .given(format!(
                "pat {}",
                propose(&batch(&[
                    reverse(given(1)),
                    r#"{"settleFunding":{"fund":"F","class":"revenue","from":"2020-21","to":"2020-21","newMoney":"9.00","reannounced":"0.00"}}"#.into(),
                ]))
            ))
            .given(format!("dee department:XDH {}", sign(given(2), 1)))
            .when(allocate("WIFI/RA/2020-21/revenue", "9.00"))
            .then("WIFI/RA/2020-21/revenue revised 9.00")
            .then("WIFI/RA/2017-18/revenue revised 1000.00"),
        case("a draft of a reversal is submitted")
            .given(reallocate(WIFI, CYBER, "5.00"))
            .given(format!("pat {}", draft(&reverse(given(1)))))
            .given(format!("pat {}", about("submitProposal", given(2), 1)))
            .when(format!("dee department:XDH {}", sign(given(2), 1)))
            .then("WIFI/RA/2017-18/revenue revised 1000.00"),
        compensated("what was signed in a set is reversed, though a step of another was signed in it")
            .given(format!(
                "pat {}",
                batch(&[commit(RC, "50000.00", "PO-1"), commit(RD, "50000.01", "PO-2")])
            ))
            .given(format!("pat {}", commit(ICB, "1.00", "PO-3")))
            .given(format!("pat {}", allocate("CYBER/RC/2017-18/revenue", "60000.00")))
            .given(format!("ida icb:QX {}", set(&[(ID, 1), (ID + 2, 1)])))
            .when(reverse(ID + 3))
            .then("CYBER/RC/2017-18/revenue revised 0.00")
            .then("proposal 20 submitted"),
        compensated("an entry that only signs a step is not reversed")
            .given(format!(
                "pat {}",
                batch(&[commit(RC, "50000.00", "PO-1"), commit(RD, "50000.01", "PO-2")])
            ))
            .given(format!("ida icb:QX {}", sign(ID, 1)))
            .when(reverse(ID + 1))
            .then("refused NOT_REVERSIBLE"),
    ]
}

fn after() -> Vec<Case> {
    let signed = |rule| {
        compensated(rule)
            .given(format!("pat {}", commit(RC, "60000.00", "PO-1")))
            .given(format!("ida icb:QX {}", sign(ID, 1)))
    };
    vec![
        signed("an accrual on a signed commitment is signed for as well")
            .given(r#"{"accrue":{"line":"WIFI/RC/2017-18/revenue","month":"M7","amount":"60000.00","reference":"ACC-1","discharges":"PO-1"}}"#)
            .when(r#"{"recordActual":{"line":"WIFI/RC/2017-18/revenue","month":"M7","amount":"60000.00","discharges":"ACC-1"}}"#)
            .then("WIFI/RC/2017-18/revenue accrued 0.00 actual 60000.00"),
        compensated("spend on an accrual that nobody signed for is found")
            .given(r#"{"accrue":{"line":"WIFI/RC/2017-18/revenue","month":"M7","amount":"60000.00","reference":"ACC-1"}}"#)
            .when(r#"{"recordActual":{"line":"WIFI/RC/2017-18/revenue","month":"M7","amount":"60000.00","discharges":"ACC-1"}}"#)
            .then("warns UNSIGNED_INVESTMENT"),
        compensated("an improvement is linked again once what it compensated is over")
            .given(forecast(RC, "300000.00"))
            .given(forecast(ICB, "201000.00"))
            .when(link("QX", "RD", "1000.00"))
            .then("regime 2017-18 QX providerDeteriorated"),
        system("an improvement of the ICB itself compensates nothing")
            .given(forecast(RC, "301000.00"))
            .given(forecast(ICB, "199000.00"))
            .when(link("RC", "QX", "1000.00"))
            .then("refused NOT_ONE_SYSTEM"),
        system("a voluntary proposal of a trust is sent to a neighbour")
            .given(format!("pat {}", propose(&commit(RC, "1.00", "PO-1"))))
            .when(review(given(SYSTEM + 1), "RD"))
            .then("proposal 17 submitted"),
        compensated("a trust that invests with others does not review that")
            .given(format!(
                "pat {}",
                batch(&[
                    allocate(RC, "50000.00"),
                    allocate("CYBER/RC/2017-18/revenue", "10000.00"),
                    allocate(RD, "45000.00"),
                ])
            ))
            .when(review(ID, "RD"))
            .then("refused NOT_A_NEIGHBOUR"),
        case("a proposal about no trust's revenue has no neighbour to ask")
            .given(format!("pat {}", propose(&reallocate(WIFI, CYBER, "5.00"))))
            .when(review(given(1), "RA"))
            .then("refused NOT_A_NEIGHBOUR"),
        case("what is cancelled stays out of a month that the calendar has closed")
            .policy(calendar)
            .given(open_programme("NEXT"))
            .given(r#"{"allocate":{"fund":"F","month":"M11","to":[{"line":"WIFI/RB/2016-17/revenue","amount":"7.00"}]}}"#)
            .when(cancel_to("WIFI", "NEXT").replace("M7", "M8"))
            .then("NEXT/RB/2016-17/revenue revised 7.00")
            .then("NEXT/RA/2017-18/revenue revised 1000.00")
            .then("NEXT/RA/2017-18/capital revised 2000.00"),
    ]
}

/// March of the year before is closed.
fn calendar(policy: &mut Policy) {
    let march = (parsed("M12"), "2017-05-31".parse().expect("a day"));
    policy.close_calendar.insert(parsed("2016-17"), [march].into());
}

fn review(proposal: u64, body: &str) -> String {
    format!(r#"{{"requestPeerReview":{{"proposal":{proposal},"version":1,"body":"{body}"}}}}"#)
}

/// All cases of chains.
pub(crate) fn cases() -> Vec<Case> {
    [floors(), together(), entries(), after()].concat()
}

#[test]
fn some_signatures_no_policy_does_away_with() {
    check(&floors());
}

#[test]
fn what_one_command_does_is_held_against_a_limit_together() {
    check(&together());
}

#[test]
fn an_entry_is_judged_by_one_policy_and_undone_as_it_was_done() {
    check(&entries());
}

#[test]
fn what_was_signed_and_linked_holds_as_long_as_its_ground() {
    check(&after());
}
