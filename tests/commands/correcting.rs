//! Corrections: a reversal and its replacement as one entry; and years opened from the year before.

use ledger_core::domain::policy::Policy;
use ledger_tests::generate::parsed;

use crate::book::given;
use crate::case::{Case, case, check};
use crate::proposals::propose;
use crate::words::{
    CYBER, WIFI, allocate, batch, cancel_to, close_body, close_soft, commit, reallocate, reverse,
    spend,
};

pub(crate) fn correct(entry: u64, replacement: &str) -> String {
    format!(r#"{{"correct":{{"entry":{entry},"replacement":{replacement}}}}}"#)
}

pub(crate) fn cases() -> Vec<Case> {
    [corrections(), openings()].concat()
}

const LINE: &str = "WIFI/RB/2017-18/revenue";

/// An allocation of £100 of which £80 is spent, then this correction of it.
fn partly_spent(rule: &'static str, to: &str) -> Case {
    case(rule)
        .given(allocate(LINE, "100.00"))
        .given(spend(LINE, "80.00"))
        .when(correct(given(1), &allocate(LINE, to)))
}

fn corrections() -> Vec<Case> {
    let first = || correct(given(1), &spend(WIFI, "7.00"));
    let in_m8 = spend(WIFI, "7.00").replace("M7", "M8");
    vec![
        case("a correction reverses an entry and posts another in its place")
            .given(spend(WIFI, "5.00"))
            .when(first())
            .then("WIFI/RA/2017-18/revenue actual 7.00")
            .then(r#"event {"reversed":{"entry":11,"events":1}}"#),
        case("a correction takes effect where the reversal may")
            .now("2017-11-06T09:00:00Z")
            .given(spend(WIFI, "5.00"))
            .given(close_soft("2017-18", "M7"))
            .when(correct(given(1), &in_m8))
            .then(r#"event {"actualRecorded":{"line":"WIFI/RA/2017-18/revenue","month":"M8","pence":-500}}"#)
            .then("WIFI/RA/2017-18/revenue actual 7.00"),
        partly_spent("budget is corrected down to what is spent", "80.00")
            .then("WIFI/RB/2017-18/revenue revised 80.00 available 0.00")
            .then("F/revenue unallocated 998420.00"),
        partly_spent("budget is not corrected below what is spent", "79.99")
            .then("refused BEYOND_AVAILABLE: £20.01 cannot leave WIFI/RB/2017-18/revenue, which has £20.00 available: move no more than that")
            .then("WIFI/RB/2017-18/revenue revised 100.00"),
        case("a correction may use what its reversal returns")
            .given(allocate(WIFI, "998500.00"))
            .when(correct(given(1), &allocate(CYBER, "998500.00")))
            .then("WIFI/RA/2017-18/revenue revised 1000.00")
            .then("CYBER/RA/2017-18/revenue revised 999000.00"),
        case("several commands may replace one entry")
            .given(spend(WIFI, "5.00"))
            .when(correct(given(1), &batch(&[spend(WIFI, "3.00"), spend(CYBER, "2.00")])))
            .then("WIFI/RA/2017-18/revenue actual 3.00")
            .then("CYBER/RA/2017-18/revenue actual 2.00"),
        case("a corrected commitment keeps its reference")
            .given(commit(WIFI, "300.00", "PO-1"))
            .when(correct(given(1), &commit(CYBER, "250.00", "PO-1")))
            .then("WIFI/RA/2017-18/revenue committed 0.00")
            .then("CYBER/RA/2017-18/revenue committed 250.00"),
        case("a corrected commitment is discharged on its new line")
            .given(commit(WIFI, "300.00", "PO-1"))
            .given(correct(given(1), &commit(CYBER, "250.00", "PO-1")))
            .when(spend(CYBER, "250.00").replace("}}", r#","discharges":"PO-1"}}"#))
            .then("CYBER/RA/2017-18/revenue committed 0.00 actual 250.00"),
        case("a correction takes no reference of another commitment")
            .given(commit(WIFI, "300.00", "PO-1"))
            .given(commit(WIFI, "300.00", "PO-2"))
            .when(correct(given(1), &commit(WIFI, "250.00", "PO-2")))
            .then("refused REFERENCE_TAKEN"),
        case("a correction can be corrected")
            .given(spend(WIFI, "5.00"))
            .given(first())
            .when(correct(given(2), &spend(WIFI, "9.00")))
            .then("WIFI/RA/2017-18/revenue actual 9.00"),
        case("a reversed correction takes its replacement back and no more")
            .given(spend(WIFI, "5.00"))
            .given(first())
            .when(reverse(given(2)))
            .then("WIFI/RA/2017-18/revenue actual 0.00"),
        case("an entry is corrected once")
            .given(spend(WIFI, "5.00"))
            .given(first())
            .when(first())
            .then("refused REVERSED_ALREADY: entry 11 was already reversed by entry 12: there is nothing to do"),
        case("a refused replacement leaves the entry as it is")
            .given(spend(WIFI, "5.00"))
            .when(correct(given(1), &spend(WIFI, "0.00")))
            .then("refused ZERO")
            .then("WIFI/RA/2017-18/revenue actual 5.00"),
        case("a replacement holds no other correction")
            .given(spend(WIFI, "5.00"))
            .when(correct(given(1), &first()))
            .then("refused NESTED_CORRECTION: a replacement holds no other correction: correct each entry by itself"),
        case("a replacement is not about sign-off")
            .given(spend(WIFI, "5.00"))
            .when(correct(given(1), &propose(&spend(WIFI, "7.00"))))
            .then("refused NOT_IN_BATCH"),
        case("a correction can be proposed")
            .given(reallocate(WIFI, CYBER, "5.00"))
            .when(propose(&correct(given(1), &reallocate(WIFI, CYBER, "7.00"))))
            .then("waits for department XDH"),
    ]
}

fn open_year(from: &str, more: &str) -> String {
    format!(r#"{{"openYear":{{"from":"{from}","fund":"F","month":"M1"{more}}}}}"#)
}

fn restrict(policy: &mut Policy) {
    policy.restricted = vec![parsed("CYBER")];
}

fn openings() -> Vec<Case> {
    let next = |more| open_year("2017-18", more);
    vec![
        case("a year's lines open at 0.00 in the next")
            .when(next(""))
            .then("WIFI/RA/2018-19/revenue revised 0.00")
            .then(r#"event {"allocated":{"month":"M1","legs":[{"line":"CYBER/RA/2018-19/revenue","pence":0},{"line":"WIFI/RA/2018-19/capital","pence":0},{"line":"WIFI/RA/2018-19/revenue","pence":0}]}}"#)
            .then("F/revenue unallocated 998500.00"),
        case("recurring budget is allocated again, as revised")
            .given(reallocate(WIFI, CYBER, "100.00"))
            .when(next(r#","recurring":true"#))
            .then("WIFI/RA/2018-19/revenue revised 900.00")
            .then("CYBER/RA/2018-19/revenue revised 600.00")
            .then("WIFI/RA/2018-19/capital revised 2000.00")
            .then("F/revenue unallocated 997000.00"),
        case("only a programme's lines are opened")
            .when(next(r#","programme":"CYBER""#))
            .then(r#"event {"allocated":{"month":"M1","legs":[{"line":"CYBER/RA/2018-19/revenue","pence":0}]}}"#),
        case("only the lines of a body and those below it are opened")
            .given(allocate(LINE, "5.00"))
            .when(next(r#","body":"RB""#))
            .then(r#"event {"allocated":{"month":"M1","legs":[{"line":"WIFI/RB/2018-19/revenue","pence":0}]}}"#),
        case("a line that is open already stays as it is")
            .given(allocate("CYBER/RA/2018-19/revenue", "5.00"))
            .when(next(r#","recurring":true,"programme":"CYBER""#))
            .then("refused NOTHING_TO_OPEN: no line of 2017-18 is left to open in 2018-19: they are open already, or their programme or body has ended"),
        case("a cancelled programme is not opened again")
            .given(cancel_to("CYBER", "WIFI"))
            .when(next(r#","recurring":true"#))
            .then("WIFI/RA/2018-19/revenue revised 1500.00")
            .then("F/revenue unallocated 997000.00"),
        case("the lines of a closed body are not opened")
            .given(close_body("RA", "2018-03-31"))
            .when(next(""))
            .then("refused NOTHING_TO_OPEN"),
        case("suspense and exchanged budget are not rolled forward")
            .given(allocate("SUSPENSE/XDH/2017-18/revenue", "5.00"))
            .when(next(r#","body":"XDH","programme":"SUSPENSE""#))
            .then("refused NOTHING_TO_OPEN"),
        case("a restricted programme is opened only by its name")
            .policy(restrict)
            .when(next(""))
            .then(r#"event {"allocated":{"month":"M1","legs":[{"line":"WIFI/RA/2018-19/capital","pence":0},{"line":"WIFI/RA/2018-19/revenue","pence":0}]}}"#),
        case("a restricted programme that is named is opened")
            .policy(restrict)
            .when(next(r#","programme":"CYBER""#))
            .then("CYBER/RA/2018-19/revenue revised 0.00"),
        case("recurring budget needs money settled for the next year")
            .given(allocate(&WIFI.replace("2017-18", "2019-20"), "5.00"))
            .when(open_year("2019-20", r#","recurring":true"#))
            .then("refused YEAR_NOT_SETTLED"),
        case("a year is opened from a fund that is known")
            .when(next("").replace(r#""fund":"F""#, r#""fund":"NOWHERE""#))
            .then("refused UNKNOWN_FUND"),
        case("a year is opened for a programme that is known")
            .when(next(r#","programme":"PAPER""#))
            .then("refused UNKNOWN_PROGRAMME"),
        case("a year is opened for a body that is known")
            .when(next(r#","body":"RZ""#))
            .then("refused UNKNOWN_BODY"),
    ]
}

#[test]
fn a_correction_is_a_reversal_and_its_replacement() {
    check(&corrections());
}

#[test]
fn a_year_opens_the_lines_of_the_year_before() {
    check(&openings());
}
