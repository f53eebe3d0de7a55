//! Chains of sign-off: the signatures no policy can remove, the limits within one entry, and what
//! stays valid after it.

use ledger_core::domain::money::Pence;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::sign_off::MovementLimit;
use ledger_tests::generate::parsed;

use crate::book::given;
use crate::case::{Case, case, check};
use crate::proposals::{about, draft, propose, sign};
use crate::signing::set;
use crate::systems::{ICB, RC, RD, REGIME, SYSTEM, compensated, link, system};
use crate::words::{
    CAPITAL, CYBER, WIFI, allocate, ask_for_second_person, authorised, batch, cancel_to, commit,
    forecast, open_programme, reallocate, reverse,
};

/// The first proposal of a case under a regime.
const ID: u64 = given(REGIME + 1);

/// Empties every chain, so that no amount needs a signature.
fn unchained(policy: &mut Policy) {
    let chains = &mut policy.sign_off.chains;
    for chain in [&mut chains.policy, &mut chains.proposed, &mut chains.provider] {
        chain.clear();
    }
}

/// Sets a policy's own chain to the region alone.
fn by_region(policy: &mut Policy) {
    policy.sign_off.chains.policy = vec![ledger_core::domain::actor::Tier::Region];
}

/// A policy with this cap for 2017-18 in pence, adopted by an administrator.
fn capped(pence: i64) -> String {
    let mut policy = Policy::default();
    let cap = Pence::new(pence);
    policy.capital_to_revenue.caps.insert(parsed("2017-18"), cap);
    let policy = serde_json::to_string(&policy).expect("JSON");
    format!(r#"{{"adoptPolicy":{{"policy":{policy},"effective":"2017-10-01T00:00:00Z"}}}}"#)
}

fn floors() -> Vec<Case> {
    vec![
        case("no policy lets one person alone adopt the next policy")
            .policy(unchained)
            .when(format!("ada administers {}", capped(1)))
            .then("waits for department XDH"),
        case("only administrators propose policy, even without chains")
            .policy(unchained)
            .when(format!("pat {}", capped(1)))
            .then("refused NOT_ADMINISTRATOR"),
        case("every policy needs the department's signature")
            .policy(by_region)
            .when(format!("ada administers {}", capped(1)))
            .then("waits for department XDH"),
        case("every proposal waits for a signature, whatever the policy")
            .policy(unchained)
            .when(propose(&reallocate(WIFI, CYBER, "5.00")))
            .then("waits for department XDH"),
        compensated("a limit with an empty chain asks for no signature")
            .policy(unchained)
            .when(commit(RC, "50000.01", "PO-1"))
            .then("WIFI/RC/2017-18/revenue committed 50000.01"),
    ]
}

/// A movement of more than £3,500 needs the department.
fn large_movements(policy: &mut Policy) {
    policy.sign_off.movement_over = Some(Pence::new(350_000));
}

/// More than £3,500 that one person moves out of a fund or programme needs the department.
pub(crate) fn movements(policy: &mut Policy) {
    policy.sign_off.movements = Some(MovementLimit { over: Pence::new(350_000), window_days: 30 });
}

fn alone() -> Vec<Case> {
    let allocates = |who: &str, amount: &str| format!("{who} {}", allocate(WIFI, amount));
    let moves = |from: &str, amount: &str| format!("bob {}", reallocate(from, CYBER, amount));
    let limited = |rule| case(rule).policy(movements);
    let site = "SITES/RA/2017-18/revenue";
    let below = |rule| {
        limited(rule)
            .given(r#"{"openProgramme":{"code":"SITES","name":"Sites","parent":"WIFI"}}"#)
            .given(format!("carol {}", allocate(WIFI, "3000.00")))
            .given(format!("dan {}", allocate(site, "3500.00")))
    };
    let settle = r#"{"settleFunding":{"fund":"F","class":"revenue","from":"2017-18","to":"2017-18","newMoney":"0.01","reannounced":"0.00"}}"#;
    let unsplit = "WIFI/RA/2017-18/unsplit";
    let split = r#"{"splitLine":{"line":"WIFI/RA/2017-18/unsplit","capital":"4.00","revenue":"6.00","month":"M7"},"evidence":["doc:minutes"]}"#;
    let several =
        |rule| case(rule).given(allocate(unsplit, "10.00")).given(ask_for_second_person());
    vec![
        limited("what one person moves out of a fund adds up to the limit, exactly")
            .given(allocates("bob", "3000.00"))
            .when(allocates("bob", "500.00"))
            .then("WIFI/RA/2017-18/revenue revised 4500.00"),
        limited("beyond the limit what one person moves out of a fund waits for the department")
            .given(allocates("bob", "3000.00"))
            .when(allocates("bob", "500.01"))
            .then("waits for department XDH"),
        limited("each person has a limit of their own")
            .given(allocates("bob", "3000.00"))
            .when(allocates("carol", "3000.00"))
            .then("WIFI/RA/2017-18/revenue revised 7000.00"),
        limited("a person is one, however their id is written")
            .given(allocates("bob", "3000.00"))
            .when(allocates("BOB", "500.01"))
            .then("waits for department XDH"),
        below("what leaves the parts of a programme leaves the programme")
            .given(moves(site, "3500.00"))
            .when(moves(WIFI, "0.01"))
            .then("waits for department XDH"),
        below("what moves within a programme does not leave it")
            .given(format!("bob {}", reallocate(site, WIFI, "3500.00")))
            .when(moves(WIFI, "3500.00"))
            .then("CYBER/RA/2017-18/revenue revised 4000.00"),
        below("what one part of a programme passes to another leaves that part")
            .given(format!("eve {}", allocate(site, "1.00")))
            .when(format!("bob {}", reallocate(site, WIFI, "3500.01")))
            .then("waits for department XDH"),
        limited("what a reversal takes out of a programme counts")
            .given(allocates("carol", "3500.00"))
            .given(allocates("dan", "0.01"))
            .given(format!("bob {}", reverse(given(1))))
            .when(format!("bob {}", reverse(given(2))))
            .then("waits for department XDH"),
        limited("what a cancellation takes out of a programme counts")
            .given(allocates("carol", "500.01"))
            .when(format!("bob {}", cancel_to("WIFI", "CYBER")))
            .then("waits for department XDH"),
        several("settling money waits for the department")
            .when(settle)
            .then("waits for department XDH")
            .then("F/revenue unallocated 998500.00"),
        case("a reversed settlement waits for the department")
            .given(settle)
            .given(ask_for_second_person())
            .when(reverse(given(1)))
            .then("waits for department XDH")
            .then("F/revenue unallocated 998500.01"),
        several("splitting waits for the department, whatever the evidence")
            .when(split)
            .then("waits for department XDH")
            .then("WIFI/RA/2017-18/unsplit revised 10.00"),
        several("merging organisations waits for the department")
            .given(r#"{"registerBody":{"code":"RN","name":"N","kind":"trust","parent":"XDH"}}"#)
            .when(r#"{"mergeBodies":{"from":["RN"],"into":"RA","on":"2017-12-01"}}"#)
            .then("waits for department XDH"),
        several("what an authority allows across classes waits for the department")
            .when(authorised(&reallocate(CAPITAL, WIFI, "5.00")))
            .then("waits for department XDH"),
        several("an authority for what needs none asks nobody")
            .when(authorised(&reallocate(WIFI, CYBER, "5.00")))
            .then("CYBER/RA/2017-18/revenue revised 505.00"),
        several("what an authority allows within a batch waits for the department")
            .when(authorised(&batch(&[
                commit(WIFI, "1.00", "PO-1"),
                reallocate(CAPITAL, WIFI, "5.00"),
            ])))
            .then("waits for department XDH"),
        case("what an authority allows out of a ring-fence waits for the department")
            .given(allocate("WIFI/RA/2017-18/revenue/COVID", "10.00"))
            .given(ask_for_second_person())
            .when(authorised(&reallocate("WIFI/RA/2017-18/revenue/COVID", WIFI, "5.00")))
            .then("waits for department XDH"),
        case("only an administrator asks for a second person")
            .when(ask_for_second_person().replace("ada administers", "pat"))
            .then("refused NOT_ADMINISTRATOR"),
        case("no other policy is adopted alone")
            .given(ask_for_second_person())
            .when(ask_for_second_person())
            .then("waits for department XDH"),
    ]
}

fn together() -> Vec<Case> {
    let next = "WIFI/RC/2018-19/revenue";
    let in_next = |amount| allocate(next, amount).replace("M7", "M1");
    vec![
        case("the movements of a batch count together")
            .policy(large_movements)
            .when(batch(&[allocate(WIFI, "2000.00"), allocate(CYBER, "1500.01")]))
            .then("waits for department XDH"),
        case("up to the limit the movements of a batch pass together")
            .policy(large_movements)
            .when(batch(&[allocate(WIFI, "2000.00"), allocate(CYBER, "1500.00")]))
            .then("CYBER/RA/2017-18/revenue revised 2000.00"),
        compensated("a batch's investment in two years counts together, like two commands")
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
        case("a policy adopted in a batch does not apply to the rest of the batch")
            .when(authorised(&format!("ada administers {}", batch(&[capped(100), switch()]))))
            .then("waits for department XDH")
            .then("WIFI/RA/2017-18/capital revised 2000.00"),
        case("a policy adopted in a signed set does not apply to the rest of the set")
            .given(authorised(&format!("pat {}", propose(&switch()))))
            .given(format!("ada administers {}", capped(100)))
            .when(format!("dee department:XDH {}", set(&[(given(2), 1), (given(1), 1)])))
            .then("WIFI/RA/2017-18/capital revised 1990.00"),
        case("a reversal in a proposed batch undoes only its own entry")
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
        case("a drafted reversal can be submitted")
            .given(reallocate(WIFI, CYBER, "5.00"))
            .given(format!("pat {}", draft(&reverse(given(1)))))
            .given(format!("pat {}", about("submitProposal", given(2), 1)))
            .when(format!("dee department:XDH {}", sign(given(2), 1)))
            .then("WIFI/RA/2017-18/revenue revised 1000.00"),
        compensated("a proposal posted by a set is reversed, though the set also signed a step of another")
            .given(format!(
                "pat {}",
                batch(&[commit(RC, "50000.00", "PO-1"), commit(RD, "50000.01", "PO-2")])
            ))
            .given(format!("pam {}", commit(ICB, "1.00", "PO-3")))
            .given(format!("pam {}", allocate("CYBER/RC/2017-18/revenue", "60000.00")))
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
        signed("spend on an accrual of a signed commitment has no finding")
            .given(r#"{"accrue":{"line":"WIFI/RC/2017-18/revenue","month":"M7","amount":"60000.00","reference":"ACC-1","discharges":"PO-1"}}"#)
            .when(r#"{"recordActual":{"line":"WIFI/RC/2017-18/revenue","month":"M7","amount":"60000.00","discharges":"ACC-1"}}"#)
            .then("WIFI/RC/2017-18/revenue accrued 0.00 actual 60000.00"),
        compensated("spend on an unsigned accrual posts with a finding")
            .given(r#"{"accrue":{"line":"WIFI/RC/2017-18/revenue","month":"M7","amount":"60000.00","reference":"ACC-1"}}"#)
            .when(r#"{"recordActual":{"line":"WIFI/RC/2017-18/revenue","month":"M7","amount":"60000.00","discharges":"ACC-1"}}"#)
            .then("warns UNSIGNED_INVESTMENT"),
        compensated("an improvement is free again once the deterioration it compensated has ended")
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
        compensated("a trust does not review a proposal that it is part of")
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
        case("a proposal without a trust's revenue has no neighbour to review it")
            .given(format!("pat {}", propose(&reallocate(WIFI, CYBER, "5.00"))))
            .when(review(given(1), "RA"))
            .then("refused NOT_A_NEIGHBOUR"),
        case("a cancellation posts nothing in a month that the calendar has closed")
            .policy(calendar)
            .given(open_programme("NEXT"))
            .given(r#"{"allocate":{"fund":"F","month":"M11","to":[{"line":"WIFI/RB/2016-17/revenue","amount":"7.00"}]}}"#)
            .when(cancel_to("WIFI", "NEXT").replace("M7", "M8"))
            .then("NEXT/RB/2016-17/revenue revised 7.00")
            .then("NEXT/RA/2017-18/revenue revised 1000.00")
            .then("NEXT/RA/2017-18/capital revised 2000.00"),
    ]
}

/// The calendar closes March of the year before.
fn calendar(policy: &mut Policy) {
    let march = (parsed("M12"), "2017-05-31".parse().expect("a day"));
    policy.close_calendar.insert(parsed("2016-17"), [march].into());
}

fn review(proposal: u64, body: &str) -> String {
    format!(r#"{{"requestPeerReview":{{"proposal":{proposal},"version":1,"body":"{body}"}}}}"#)
}

/// All cases of chains.
pub(crate) fn cases() -> Vec<Case> {
    [floors(), alone(), together(), entries(), after()].concat()
}

#[test]
fn some_signatures_are_needed_under_every_policy() {
    check(&floors());
}

#[test]
fn one_person_alone_moves_up_to_a_limit_and_does_no_act_that_needs_two() {
    check(&alone());
}

#[test]
fn the_movements_of_one_command_count_together_against_a_limit() {
    check(&together());
}

#[test]
fn an_entry_is_judged_by_one_policy_and_reversed_whole() {
    check(&entries());
}

#[test]
fn signatures_and_offsets_stay_valid_while_their_conditions_hold() {
    check(&after());
}
