//! Sign-off and delegations: the signers, the objects, and the ban on signing one's own work.

use crate::book::given;
use crate::case::{Case, case, check};
use crate::proposals::{propose, sign};
use crate::systems::{ICB, OUTSIDE, RC, RD, REGIME, compensated, link};
use crate::words::{CYBER, WIFI, batch, commit, forecast, reallocate, reverse, spend};

fn delegate(to: &str, tier: &str, body: &str, begins: &str, ends: &str) -> String {
    format!(
        r#"{{"delegate":{{"to":"{to}","capacity":{{"tier":"{tier}","body":"{body}"}},"begins":"{begins}","ends":"{ends}"}}}}"#
    )
}

/// A delegation of the ICB for the day the cases are posted.
fn to(person: &str) -> String {
    delegate(person, "icb", "QX", "2017-10-16T00:00:00Z", "2017-10-17T00:00:00Z")
}

pub(crate) fn set(proposals: &[(u64, u32)]) -> String {
    let each = proposals.iter();
    let each = each.map(|(id, version)| format!(r#"{{"proposal":{id},"version":{version}}}"#));
    format!(r#"{{"signOff":{{"proposals":[{}]}}}}"#, each.collect::<Vec<_>>().join(","))
}

fn sixty() -> String {
    format!("pat {}", commit(RC, "60000.00", "PO-1"))
}

/// The first proposal of a case under a regime.
const ID: u64 = given(REGIME + 1);

fn signatures() -> Vec<Case> {
    let waiting = |rule| compensated(rule).given(sixty());
    let both = |rule| {
        compensated(rule).given(format!(
            "pat {}",
            batch(&[commit(RC, "50000.00", "PO-1"), commit(RD, "50000.01", "PO-2")])
        ))
    };
    vec![
        waiting("the last signature and the posting are one entry")
            .when(format!("ida icb:QX {}", sign(ID, 1)))
            .then(r#"event {"proposal":{"signed":{"proposal":20,"version":1,"step":0,"by":"ida","capacity":{"tier":"icb","body":"QX"},"posts":true}}}"#)
            .then(r#"event {"committed":{"line":"WIFI/RC/2017-18/revenue","month":"M7","reference":"PO-1","pence":6000000}}"#)
            .then("WIFI/RC/2017-18/revenue committed 60000.00")
            .then("proposal 20 posted"),
        both("a first signature of two moves nothing")
            .when(format!("ida icb:QX {}", sign(ID, 1)))
            .then("WIFI/RC/2017-18/revenue committed 0.00")
            .then("proposal 20 submitted"),
        both("the second of two signatures posts the whole proposal")
            .given(format!("ida icb:QX {}", sign(ID, 1)))
            .when(format!("reg region:Y56 {}", sign(ID, 1)))
            .then("WIFI/RC/2017-18/revenue committed 50000.00")
            .then("WIFI/RD/2017-18/revenue committed 50000.01"),
        both("steps are signed in order")
            .when(format!("reg region:Y56 {}", sign(ID, 1)))
            .then("refused NOT_YOUR_STEP"),
        both("one person does not sign two steps, in any capacity")
            .given(format!("ida icb:QX region:Y56 {}", sign(ID, 1)))
            .when(format!("ida icb:QX region:Y56 {}", sign(ID, 1)))
            .then("refused SIGNED_ALREADY: you have signed another step of proposal 20, and each step needs a different person: ask another approver"),
        waiting("another tier does not sign")
            .when(format!("dee department:XDH {}", sign(ID, 1)))
            .then("refused NOT_YOUR_STEP: proposal 20 waits for the icb QX, for which you do not sign: ask an approver there"),
        waiting("another ICB does not sign")
            .when(format!("ian icb:QY {}", sign(ID, 1)))
            .then("refused NOT_YOUR_STEP"),
        waiting("nobody signs off their own work")
            .when(format!("pat {}", sign(ID, 1)))
            .then("refused OWN_WORK: you made a version of proposal 20, and nobody may sign off, reject or review their own work: ask another approver"),
        waiting("nobody signs off their own work in a second role")
            .when(format!("pat icb:QX {}", sign(ID, 1)))
            .then("refused OWN_WORK"),
        waiting("the preparer of an earlier version does not sign the present one")
            .given(format!(
                "pat {}",
                format_args!(
                    r#"{{"reviseProposal":{{"proposal":{ID},"version":1,"command":{}}}}}"#,
                    commit(RC, "70000.00", "PO-1")
                )
            ))
            .when(format!("pat icb:QX {}", sign(ID, 2)))
            .then("refused OWN_WORK"),
        waiting("nobody signs off their own work in a batch")
            .when(format!("pat icb:QX {}", batch(&[sign(ID, 1)])))
            .then("refused NOT_IN_BATCH"),
        waiting("nobody signs off their own work among others'")
            .given(format!("eve {}", commit(RC, "60000.00", "PO-2")))
            .when(format!("pat icb:QX {}", set(&[(ID + 1, 1), (ID, 1)])))
            .then("refused OWN_WORK"),
        waiting("a posted proposal is not signed again")
            .given(format!("ida icb:QX {}", sign(ID, 1)))
            .when(format!("ian icb:QX {}", sign(ID, 1)))
            .then("refused WRONG_STAGE: proposal 20 is posted: reverse the entry that posted it"),
        waiting("a signed posting is reversed like any other")
            .given(format!("ida icb:QX {}", sign(ID, 1)))
            .when(reverse(ID + 1))
            .then("WIFI/RC/2017-18/revenue committed 0.00"),
        waiting("a proposal is not reversed")
            .when(reverse(ID))
            .then("refused NOT_REVERSIBLE"),
        compensated("a proposal to reverse is signed and reverses")
            .given(commit(RC, "1.00", "PO-1"))
            .given(format!("pat {}", propose(&reverse(ID))))
            .when(format!("dee department:XDH {}", sign(ID + 1, 1)))
            .then("WIFI/RC/2017-18/revenue committed 0.00"),
    ]
}

fn moments() -> Vec<Case> {
    let five = || format!("pat {}", propose(&reallocate(WIFI, CYBER, "600.00")));
    vec![
        case("a proposal that no longer passes the rules is not signed, and nothing is recorded")
            .given(five())
            .given(spend(WIFI, "500.00"))
            .when(format!("dee department:XDH {}", sign(given(1), 1)))
            .then("refused BEYOND_AVAILABLE")
            .then("proposal 11 submitted"),
        case("a set is signed in one act")
            .given(format!("pat {}", propose(&reallocate(WIFI, CYBER, "1.00"))))
            .given(format!("eve {}", propose(&reallocate(WIFI, CYBER, "2.00"))))
            .when(format!("dee department:XDH {}", set(&[(given(1), 1), (given(2), 1)])))
            .then("WIFI/RA/2017-18/revenue revised 997.00"),
        case("all proposals of a set are signed or none")
            .given(five())
            .given(five())
            .when(format!("dee department:XDH {}", set(&[(given(1), 1), (given(2), 1)])))
            .then("refused BEYOND_AVAILABLE: proposal 2 of the set: £600.00 cannot leave WIFI/RA/2017-18/revenue, which has £400.00 available: move no more than that")
            .then("WIFI/RA/2017-18/revenue revised 1000.00")
            .then("proposal 11 submitted"),
        case("a set needs at least one proposal")
            .when(set(&[]))
            .then("refused NO_PROPOSALS: no proposal is named: name at least one, each with the version that was read"),
        compensated("a proposal that now needs another step is not signed")
            .given(format!("pat {}", commit(RC, "110000.00", "PO-1")))
            .given(forecast(RD, "198801.00"))
            .when(format!("ida icb:QX {}", sign(ID, 1)))
            .then("refused NEEDS_MORE_SIGN_OFF: proposal 20 now also needs the region Y56: revise it, so that it waits for them too"),
        compensated("a proposal does not count against itself")
            .given(sixty())
            .given(format!("ida icb:QX {}", sign(ID, 1)))
            .when(commit(ICB, "100000.00", "PO-9"))
            .then("WIFI/QX/2017-18/revenue committed 100000.00"),
    ]
}

fn delegations() -> Vec<Case> {
    let waiting = |rule| compensated(rule).given(sixty());
    vec![
        waiting("a delegate signs")
            .given(format!("ida icb:QX {}", to("sam")))
            .when(format!("sam {}", sign(ID, 1)))
            .then("WIFI/RC/2017-18/revenue committed 60000.00"),
        waiting("a delegation does not let anybody sign off their own work")
            .given(format!("ida icb:QX {}", to("pat")))
            .when(format!("pat {}", sign(ID, 1)))
            .then("refused OWN_WORK"),
        waiting("a delegation from the preparer of the proposal does not count")
            .given(format!("pat icb:QX {}", to("sam")))
            .when(format!("sam {}", sign(ID, 1)))
            .then("refused DELEGATOR_INVOLVED: the person who delegated to you made or signed proposal 20, so you may not sign it for them: ask another approver"),
        compensated("a delegation from the signer of another step does not count")
            .given(format!(
                "pat {}",
                batch(&[commit(RC, "50000.00", "PO-1"), commit(RD, "50000.01", "PO-2")])
            ))
            .given(format!("ida icb:QX region:Y56 {}", sign(ID, 1)))
            .given(format!(
                "ida icb:QX region:Y56 {}",
                to("sam").replace("icb", "region").replace("QX", "Y56")
            ))
            .when(format!("sam {}", sign(ID, 1)))
            .then("refused DELEGATOR_INVOLVED"),
        waiting("a delegation does not count before it begins")
            .given(format!(
                "ida icb:QX {}",
                delegate("sam", "icb", "QX", "2017-10-17T00:00:00Z", "2017-10-18T00:00:00Z")
            ))
            .when(format!("sam {}", sign(ID, 1)))
            .then("refused NOT_YOUR_STEP"),
        waiting("an ended delegation does not count")
            .given(format!("ida icb:QX {}", to("sam")))
            .given(format!(r#"ida icb:QX {{"endDelegation":{{"delegation":{}}}}}"#, ID + 1))
            .when(format!("sam {}", sign(ID, 1)))
            .then("refused NOT_YOUR_STEP"),
        case("a person delegates only a role they have")
            .when(format!("ida icb:QX {}", delegate("sam", "region", "Y56", "2017-10-16T00:00:00Z", "2017-10-17T00:00:00Z")))
            .then("refused NOT_YOUR_CAPACITY: you do not sign for the region Y56 yourself: delegate only what you sign for in your own right"),
        compensated("a delegated role is not delegated again")
            .given(format!("ida icb:QX {}", to("sam")))
            .when(format!("sam {}", to("tom")))
            .then("refused NOT_YOUR_CAPACITY"),
        case("nobody delegates to themselves")
            .when(format!("ida icb:QX {}", to("ida")))
            .then("refused DELEGATION_FORM: a delegation must be to another person and end after it begins and after today: correct it"),
        case("a delegation is accepted")
            .when(format!("ida icb:QX {}", to("sam")))
            .then(r#"event {"delegation":{"given":{"from":"ida","to":"sam","capacity":{"tier":"icb","body":"QX"},"begins":"2017-10-16T00:00:00.000000Z","ends":"2017-10-17T00:00:00.000000Z"}}}"#),
        case("the giver ends a delegation")
            .given(format!("ida icb:QX {}", to("sam")))
            .when(format!(r#"ida icb:QX {{"endDelegation":{{"delegation":{}}}}}"#, given(1)))
            .then(r#"event {"delegation":{"ended":{"delegation":11}}}"#),
        case("another person does not end a delegation")
            .given(format!("ida icb:QX {}", to("sam")))
            .when(format!(r#"sam {{"endDelegation":{{"delegation":{}}}}}"#, given(1)))
            .then("refused UNKNOWN_DELEGATION: you have no delegation 11 in force: correct the number"),
        case("a delegation is not reversed")
            .given(format!("ida icb:QX {}", to("sam")))
            .when(reverse(given(1)))
            .then("refused NOT_REVERSIBLE"),
        compensated("an offset is not reversed")
            .when(reverse(given(REGIME)))
            .then("refused NOT_REVERSIBLE"),
        compensated("an offset can be proposed")
            .given(forecast(RC, "301300.00"))
            .given(forecast(RD, "198700.00"))
            .given(format!("pat {}", propose(&link("RC", "RD", "100.00"))))
            .when(format!("dee department:XDH {}", sign(given(REGIME + 3), 1)))
            .then("regime 2017-18 QX providerDeteriorated"),
        compensated("investment outside the system needs no signature of its ICB")
            .when(format!("ida icb:QX {}", commit(OUTSIDE, "1.00", "PO-1")))
            .then("WIFI/RA/2017-18/revenue committed 1.00"),
    ]
}

/// All cases of sign-off.
pub(crate) fn cases() -> Vec<Case> {
    [signatures(), moments(), delegations()].concat()
}

#[test]
fn each_step_is_signed_by_a_different_person_and_never_by_a_preparer() {
    check(&signatures());
}

#[test]
fn the_last_signature_checks_the_proposal_again() {
    check(&moments());
}

#[test]
fn delegations_have_dates_and_give_only_the_giver_s_own_role() {
    check(&delegations());
}
