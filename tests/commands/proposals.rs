//! Proposals: made, revised, withdrawn, rejected and reviewed; and policy, which one person alone
//! never adopts.

use ledger_core::domain::money::Pence;
use ledger_core::domain::policy::Policy;
use ledger_tests::generate::parsed;

use crate::book::given;
use crate::case::{Case, case, check};
use crate::systems::{RC, REGIME, compensated};
use crate::words::{
    CAPITAL, CYBER, WIFI, allocate, authorised, batch, cancel_to, commit, open_programme,
    reallocate, spend,
};

pub(crate) fn propose(command: &str) -> String {
    format!(r#"{{"propose":{{"command":{command}}}}}"#)
}

pub(crate) fn draft(command: &str) -> String {
    format!(r#"{{"propose":{{"command":{command},"draft":true}}}}"#)
}

pub(crate) fn about(verb: &str, proposal: u64, version: u32) -> String {
    format!(r#"{{"{verb}":{{"proposal":{proposal},"version":{version}}}}}"#)
}

fn revise(proposal: u64, version: u32, command: &str) -> String {
    format!(
        r#"{{"reviseProposal":{{"proposal":{proposal},"version":{version},"command":{command}}}}}"#
    )
}

fn withdraw(proposal: u64) -> String {
    format!(r#"{{"withdrawProposal":{{"proposal":{proposal}}}}}"#)
}

pub(crate) fn sign(proposal: u64, version: u32) -> String {
    format!(r#"{{"signOff":{{"proposals":[{{"proposal":{proposal},"version":{version}}}]}}}}"#)
}

fn review(verb: &str, proposal: u64, body: &str, rest: &str) -> String {
    format!(r#"{{"{verb}":{{"proposal":{proposal},"version":1,"body":"{body}"{rest}}}}}"#)
}

fn five() -> String {
    reallocate(WIFI, CYBER, "5.00")
}

fn making() -> Vec<Case> {
    let made = |rule| case(rule).given(format!("pat {}", propose(&five())));
    let drafted = |rule| case(rule).given(format!("pat {}", draft(&five())));
    vec![
        case("a proposal waits for the department and moves no money")
            .when(propose(&five()))
            .then("waits for department XDH")
            .then("WIFI/RA/2017-18/revenue revised 1000.00"),
        case("a command that would be refused is not proposed")
            .when(propose(&reallocate(WIFI, CYBER, "1000.01")))
            .then("refused BEYOND_AVAILABLE"),
        case("a draft waits for no signature and is not checked yet")
            .when(draft(&reallocate(WIFI, CYBER, "1000.01")))
            .then("proposal 11 draft"),
        drafted("a draft is submitted")
            .when(format!("pat {}", about("submitProposal", given(1), 1)))
            .then("waits for department XDH")
            .then("proposal 11 submitted"),
        drafted("a draft is revised as a draft")
            .given(format!("pat {}", revise(given(1), 1, &reallocate(WIFI, CYBER, "6.00"))))
            .when(format!("pat {}", about("submitProposal", given(1), 1)))
            .then("refused SUPERSEDED: proposal 11 has changed since you read it (version 2, not 1): read it again and decide afresh"),
        drafted("a draft cannot be signed")
            .when(format!("dee department:XDH {}", sign(given(1), 1)))
            .then("refused WRONG_STAGE: proposal 11 is a draft: submit it first"),
        made("a submitted proposal is not submitted again")
            .when(format!("pat {}", about("submitProposal", given(1), 1)))
            .then("refused WRONG_STAGE"),
        made("a revision replaces the proposed command")
            .given(format!("pat {}", revise(given(1), 1, &reallocate(WIFI, CYBER, "6.00"))))
            .when(format!("dee department:XDH {}", sign(given(1), 2)))
            .then("WIFI/RA/2017-18/revenue revised 994.00"),
        made("a revision waits for sign-off again")
            .when(format!("pat {}", revise(given(1), 1, &reallocate(WIFI, CYBER, "6.00"))))
            .then("waits for department XDH"),
        made("a signature of an older version is refused")
            .given(format!("pat {}", revise(given(1), 1, &reallocate(WIFI, CYBER, "6.00"))))
            .when(format!("dee department:XDH {}", sign(given(1), 1)))
            .then("refused SUPERSEDED"),
        case("a proposal whose amounts have changed since it was submitted is not signed")
            .given(format!("pat {}", propose(&cancel_to("WIFI", "CYBER"))))
            .given(allocate(WIFI, "1.00"))
            .when(format!("dee department:XDH {}", sign(given(1), 1)))
            .then("refused EFFECTS_CHANGED"),
        made("a preparer withdraws their proposal")
            .when(format!("pat {}", withdraw(given(1))))
            .then("proposal 11 withdrawn"),
        made("another person does not withdraw a proposal")
            .when(format!("eve {}", withdraw(given(1))))
            .then("refused NOT_YOURS: proposal 11 was made by somebody else: ask them to change or withdraw it, or reject it"),
        made("another person does not revise a proposal")
            .when(format!("eve {}", revise(given(1), 1, &reallocate(WIFI, CYBER, "6.00"))))
            .then("refused NOT_YOURS"),
        drafted("another person does not submit a draft")
            .when(format!("eve {}", about("submitProposal", given(1), 1)))
            .then("refused NOT_YOURS"),
        made("a withdrawn proposal is not signed")
            .given(format!("pat {}", withdraw(given(1))))
            .when(format!("dee department:XDH {}", sign(given(1), 1)))
            .then("refused WRONG_STAGE: proposal 11 is withdrawn: make another proposal"),
        case("an unknown proposal is refused")
            .when(withdraw(7))
            .then("refused UNKNOWN_PROPOSAL: there is no proposal 7: use the number of the entry that made the proposal"),
        case("proposals are not proposed")
            .when(propose(&propose(&five())))
            .then("refused NOT_PROPOSABLE: proposals, signatures and delegations cannot be proposed: post them directly"),
        case("proposals are no part of a batch")
            .when(batch(&[propose(&five())]))
            .then("refused NOT_IN_BATCH: proposals, signatures and delegations cannot be part of a batch: post each by itself"),
        case("a batch is proposed whole")
            .given(propose(&batch(&[open_programme("PAPER"), five()])))
            .when(format!("dee department:XDH {}", sign(given(1), 1)))
            .then("programme PAPER open")
            .then("WIFI/RA/2017-18/revenue revised 995.00"),
        case("the evidence of a proposal counts when it is signed")
            .given(authorised(&propose(&reallocate(CAPITAL, WIFI, "5.00"))))
            .when(format!("dee department:XDH {}", sign(given(1), 1)))
            .then("WIFI/RA/2017-18/revenue revised 1005.00"),
        made("a proposal reserves nothing")
            .when(spend(WIFI, "1000.00"))
            .then("WIFI/RA/2017-18/revenue actual 1000.00"),
    ]
}

fn judging() -> Vec<Case> {
    let made = |rule| compensated(rule).given(format!("pat {}", commit(RC, "60000.00", "PO-1")));
    let id = given(REGIME + 1);
    vec![
        made("an approver it waits for rejects a proposal")
            .when(format!("ida icb:QX {}", about("rejectProposal", id, 1)))
            .then("proposal 20 rejected"),
        made("an approver it does not wait for cannot reject a proposal")
            .when(format!("dee department:XDH {}", about("rejectProposal", id, 1)))
            .then("refused NOT_YOUR_STEP: proposal 20 waits for the icb QX, for which you do not sign: ask an approver there"),
        made("a preparer withdraws their own proposal and cannot reject it")
            .when(format!("pat icb:QX {}", about("rejectProposal", id, 1)))
            .then("refused OWN_WORK"),
        made("a rejected proposal is not revised")
            .given(format!("ida icb:QX {}", about("rejectProposal", id, 1)))
            .when(format!("pat {}", revise(id, 1, &commit(RC, "1.00", "PO-1"))))
            .then("refused WRONG_STAGE: proposal 20 is rejected: make another proposal"),
        made("a rejected proposal no longer counts against a limit")
            .given(format!("ida icb:QX {}", about("rejectProposal", id, 1)))
            .when(commit(RC, "50000.00", "PO-2"))
            .then("WIFI/RC/2017-18/revenue committed 50000.00"),
        made("a neighbour is asked for a review")
            .when(format!("pat {}", review("requestPeerReview", id, "RD", "")))
            .then("proposal 20 submitted"),
        made("a neighbour gives the requested review")
            .given(review("requestPeerReview", id, "RD", ""))
            .when(format!("roy {}", review("reviewProposal", id, "RD", r#","outcome":"supported""#)))
            .then("proposal 20 submitted"),
        made("a requested review does not block the signature")
            .given(review("requestPeerReview", id, "RD", ""))
            .when(format!("ida icb:QX {}", sign(id, 1)))
            .then("WIFI/RC/2017-18/revenue committed 60000.00"),
        made("the investing trust does not review its own proposal")
            .when(review("requestPeerReview", id, "RC", ""))
            .then("refused NOT_A_NEIGHBOUR"),
        made("a trust of another system does not review a proposal")
            .when(review("requestPeerReview", id, "RA", ""))
            .then("refused NOT_A_NEIGHBOUR: RA is not another provider in the system of proposal 20: ask a neighbouring provider"),
        made("a review without a request is refused")
            .when(format!("roy {}", review("reviewProposal", id, "RD", r#","outcome":"notSupported""#)))
            .then("refused NO_REVIEW_ASKED: RD was not asked to review this version of proposal 20, or has already reviewed it: ask its makers to request a review"),
        made("a preparer does not review their own proposal")
            .given(review("requestPeerReview", id, "RD", ""))
            .when(format!("pat {}", review("reviewProposal", id, "RD", r#","outcome":"supported""#)))
            .then("refused OWN_WORK"),
    ]
}

/// The default policy with this cap for 2017-18 in pounds.
fn policy(cap: u64) -> String {
    let mut policy = Policy::default();
    let cap = Pence::new(cap as i64 * 100);
    policy.capital_to_revenue.caps.insert(parsed("2017-18"), cap);
    serde_json::to_string(&policy).expect("JSON")
}

fn adopt(cap: u64, effective: &str) -> String {
    let policy = policy(cap);
    format!(r#"{{"adoptPolicy":{{"policy":{policy},"effective":"{effective}"}}}}"#)
}

fn adopting() -> Vec<Case> {
    let adopted = |rule, cap, effective| {
        case(rule)
            .given(format!("ada administers {}", adopt(cap, effective)))
            .given(format!("dee department:XDH {}", sign(given(1), 1)))
    };
    let switch = |amount: &str| authorised(&reallocate(CAPITAL, WIFI, amount));
    vec![
        case("a policy waits for the department")
            .when(format!("ada administers {}", adopt(1, "2017-10-01T00:00:00Z")))
            .then("waits for department XDH"),
        case("only administrators propose policy")
            .when(format!("pat {}", adopt(1, "2017-10-01T00:00:00Z")))
            .then("refused NOT_ADMINISTRATOR: only an administrator may propose a policy: ask one to propose it"),
        case("a policy within a batch is policy")
            .when(format!("pat {}", batch(&[adopt(1, "2017-10-01T00:00:00Z")])))
            .then("refused NOT_ADMINISTRATOR"),
        case("an administrator does not sign their own policy, whatever else they are")
            .given(format!("ada administers department:XDH {}", adopt(1, "2017-10-01T00:00:00Z")))
            .when(format!("ada administers department:XDH {}", sign(given(1), 1)))
            .then("refused OWN_WORK"),
        adopted("a refusal names the cap in force and its first day", 10, "2017-10-01T00:00:00Z")
            .given(switch("4.00"))
            .when(switch("6.01"))
            .then("refused CAPITAL_TO_REVENUE_CAP: £6.01 of capital would pay for revenue in 2017-18. The year's cap has been £10.00 since 2017-10-01, and £4.00 of it is used: move no more than is left of the cap"),
        adopted("a policy does not apply before its day", 10, "2017-10-17T00:00:00Z")
            .when(switch("10.01"))
            .then("WIFI/RA/2017-18/capital revised 1989.99"),
        adopted("of two policies in force the one recorded last applies", 10, "2017-10-01T00:00:00Z")
            .given(format!("ada administers {}", adopt(20, "2017-09-01T00:00:00Z")))
            .given(format!("dee department:XDH {}", sign(given(3), 1)))
            .when(switch("20.00"))
            .then("WIFI/RA/2017-18/capital revised 1980.00"),
        case("a month that the calendar has closed takes no postings")
            .policy(calendar)
            .when(spend(WIFI, "1.00"))
            .then("refused CLOSED_PERIOD"),
        case("a month that the calendar has closed is reopened under an authority, and stays open")
            .policy(calendar)
            .given(authorised(r#"{"reopenPeriod":{"year":"2017-18","month":"M7"}}"#))
            .when(spend(WIFI, "1.00"))
            .then("WIFI/RA/2017-18/revenue actual 1.00"),
        case("a month that the calendar has not closed is open")
            .policy(calendar)
            .when(allocate(WIFI, "1.00").replace("M7", "M8"))
            .then("WIFI/RA/2017-18/revenue revised 1001.00"),
    ]
}

/// M7 closes on the day before the cases are posted, M8 on that day.
fn calendar(policy: &mut Policy) {
    let day = |text: &str| text.parse().expect("a day");
    let months = [("M7", day("2017-10-15")), ("M8", day("2017-10-16"))];
    let months = months.map(|(month, day)| (parsed(month), day));
    policy.close_calendar.insert(parsed("2017-18"), months.into());
}

/// All cases of proposals.
pub(crate) fn cases() -> Vec<Case> {
    [making(), judging(), adopting()].concat()
}

#[test]
fn proposals_are_made_revised_and_withdrawn() {
    check(&making());
}

#[test]
fn proposals_are_rejected_and_reviewed_by_others() {
    check(&judging());
}

#[test]
fn a_policy_needs_two_people_and_has_a_date() {
    check(&adopting());
}
