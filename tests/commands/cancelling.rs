//! Cancelling a programme: the lines it covers, the money it releases, and the destination.

use crate::book::given;
use crate::case::{Case, case, check};
use crate::chains::movements;
use crate::words::{
    CYBER, WIFI, accrue, allocate, authorised, batch, cancel_to, close_hard, close_programme,
    close_soft, commit, open_programme, reverse, spend,
};

fn cancel(programme: &str, to: &str) -> String {
    format!(r#"{{"cancelProgramme":{{"programme":"{programme}","to":{to},"month":"M7"}}}}"#)
}

/// Softly closes every month of the year and leaves M13 open.
fn months_of(year: &str) -> Vec<String> {
    (1..=12).map(|month| close_soft(year, &format!("M{month}"))).collect()
}

const SETTLE_MUCH: &str = r#"{"settleFunding":{"fund":"F","class":"revenue","from":"2017-18","to":"2017-18","newMoney":"9999999000000.00","reannounced":"0.00"}}"#;

const FENCED: &str = "WIFI/RA/2017-18/revenue/COVID";

pub(crate) fn cases() -> Vec<Case> {
    [destinations(), reach(), freed_later(), undoing()].concat()
}

fn destinations() -> Vec<Case> {
    vec![
        case("a programme is cancelled into another, in the same body, year and class")
            .when(cancel_to("WIFI", "CYBER"))
            .then("programme WIFI closing")
            .then("WIFI/RA/2017-18/revenue revised 0.00")
            .then("WIFI/RA/2017-18/capital revised 0.00")
            .then("CYBER/RA/2017-18/revenue revised 1500.00")
            .then("CYBER/RA/2017-18/capital revised 2000.00"),
        case("a programme is cancelled into a fund")
            .when(cancel("WIFI", r#"{"fund":"F"}"#))
            .then("WIFI/RA/2017-18/revenue revised 0.00")
            .then("F/revenue unallocated 999500.00")
            .then("F/capital unallocated 1000000.00"),
        case("a programme is cancelled out to the Treasury")
            .when(cancel("WIFI", r#""treasury""#))
            .then("WIFI/RA/2017-18/revenue revised 0.00")
            .then("F/revenue unallocated 998500.00"),
        case("a programme is cancelled into the department's suspense")
            .when(cancel_to("WIFI", "SUSPENSE"))
            .then("SUSPENSE/XDH/2017-18/revenue revised 1000.00")
            .then("SUSPENSE/XDH/2017-18/capital revised 2000.00"),
        case("a programme is not cancelled into more than a line can hold")
            .given(SETTLE_MUCH)
            .given(allocate(CYBER, "9999999998500.00"))
            .when(cancel_to("WIFI", "CYBER"))
            .then("refused OUT_OF_RANGE")
            .then("programme WIFI open"),
        case("a programme is not cancelled into exchanged budget")
            .when(cancel_to("WIFI", "EXCHANGE"))
            .then("refused RESERVED_PROGRAMME"),
        case("an empty programme is not cancelled into exchanged budget either")
            .given(open_programme("PAPER"))
            .when(cancel_to("PAPER", "EXCHANGE"))
            .then("refused RESERVED_PROGRAMME"),
        case("a programme is not cancelled into itself")
            .when(cancel_to("WIFI", "WIFI"))
            .then("refused PROGRAMME_CLOSING"),
        case("a programme is not cancelled into one below it")
            .given(r#"{"openProgramme":{"code":"SITES","name":"Sites","parent":"WIFI"}}"#)
            .when(cancel_to("WIFI", "SITES"))
            .then("refused PROGRAMME_CLOSING"),
        case("a programme is not cancelled into one that is closed")
            .given(open_programme("PAPER"))
            .given(close_programme("PAPER"))
            .when(cancel_to("WIFI", "PAPER"))
            .then("refused PROGRAMME_CLOSING"),
        case("a cancellation into an unknown programme is refused")
            .when(cancel_to("WIFI", "PAPER"))
            .then("refused UNKNOWN_PROGRAMME"),
        case("a cancellation into an unknown fund is refused")
            .when(cancel("WIFI", r#"{"fund":"NOWHERE"}"#))
            .then("refused UNKNOWN_FUND"),
        case("a cancellation of an unknown programme is refused")
            .when(cancel_to("PAPER", "CYBER"))
            .then("refused UNKNOWN_PROGRAMME"),
        case("a programme is cancelled once")
            .given(cancel_to("WIFI", "CYBER"))
            .when(cancel_to("WIFI", "SUSPENSE"))
            .then("refused PROGRAMME_CLOSING"),
        case("a programme that is closed is not cancelled")
            .given(open_programme("PAPER"))
            .given(close_programme("PAPER"))
            .when(cancel_to("PAPER", "CYBER"))
            .then("refused PROGRAMME_CLOSED"),
        case("suspense is not cancelled")
            .when(cancel_to("SUSPENSE", "CYBER"))
            .then("refused RESERVED_PROGRAMME"),
    ]
}

fn reach() -> Vec<Case> {
    let closed_body = r#"{"closeBody":{"code":"RA","on":"2017-06-30"}}"#;
    vec![
        case("a cancellation covers the programmes below")
            .given(r#"{"openProgramme":{"code":"SITES","name":"Sites","parent":"WIFI"}}"#)
            .given(r#"{"openProgramme":{"code":"MASTS","name":"Masts","parent":"SITES"}}"#)
            .given(allocate("MASTS/RB/2017-18/revenue", "70.00"))
            .when(cancel_to("WIFI", "CYBER"))
            .then("programme WIFI closing")
            .then("programme SITES closing")
            .then("programme MASTS closing")
            .then("programme CYBER open")
            .then("MASTS/RB/2017-18/revenue revised 0.00")
            .then("CYBER/RB/2017-18/revenue revised 70.00"),
        case("a cancellation releases what spend and commitments leave")
            .given(spend(WIFI, "100.00"))
            .given(accrue(WIFI, "20.00", "AC-1"))
            .given(commit(WIFI, "3.00", "PO-1"))
            .when(cancel_to("WIFI", "CYBER"))
            .then("WIFI/RA/2017-18/revenue revised 123.00 available 0.00")
            .then("CYBER/RA/2017-18/revenue revised 1377.00"),
        case("an overspent line releases nothing and keeps its budget")
            .given(spend(WIFI, "1200.00"))
            .when(cancel_to("WIFI", "CYBER"))
            .then("WIFI/RA/2017-18/revenue revised 1000.00 available -200.00"),
        case("a cancellation covers later years, in their M1")
            .given(allocate("WIFI/RA/2018-19/revenue", "40.00"))
            .when(cancel_to("WIFI", "CYBER"))
            .then("WIFI/RA/2018-19/revenue revised 0.00")
            .then(r#"event {"withdrawn":{"month":"M1","legs":[{"line":"WIFI/RA/2018-19/revenue","pence":-4000},{"line":"CYBER/RA/2018-19/revenue","pence":4000}]}}"#),
        case("a cancellation covers earlier years that are open, in their last open month")
            .given(allocate("WIFI/RA/2016-17/revenue", "40.00"))
            .given(close_soft("2016-17", "M12"))
            .when(cancel_to("WIFI", "CYBER"))
            .then(r#"event {"withdrawn":{"month":"M11","legs":[{"line":"WIFI/RA/2016-17/revenue","pence":-4000},{"line":"CYBER/RA/2016-17/revenue","pence":4000}]}}"#),
        case("a cancellation is refused while only M13 of an earlier year is open")
            .given(allocate("WIFI/RA/2016-17/revenue", "40.00"))
            .given(batch(&months_of("2016-17")))
            .when(cancel_to("WIFI", "CYBER"))
            .then("refused CLOSED_PERIOD: 2016-17 M12 is closed: post in an open month, or reopen it under an authority"),
        case("a cancellation leaves hard-closed years unchanged")
            .given(allocate("WIFI/RA/2016-17/revenue", "40.00"))
            .given(close_hard("2016-17"))
            .when(cancel_to("WIFI", "CYBER"))
            .then("WIFI/RA/2016-17/revenue revised 40.00")
            .then("WIFI/RA/2017-18/revenue revised 0.00"),
        case("a cancellation into a closed month is refused")
            .given(close_soft("2017-18", "M6"))
            .when(cancel_to("WIFI", "CYBER").replace("M7", "M6"))
            .then("refused CLOSED_PERIOD"),
        case("M13 takes no cancellation")
            .when(cancel_to("WIFI", "CYBER").replace("M7", "M13"))
            .then("refused OUTTURN_PERIOD"),
        case("a body that has closed gets nothing from a cancellation")
            .given(closed_body)
            .when(cancel_to("WIFI", "CYBER"))
            .then("refused BODY_CLOSED"),
        case("a closed body's money can be cancelled into a fund")
            .given(closed_body)
            .when(cancel("WIFI", r#"{"fund":"F"}"#))
            .then("F/revenue unallocated 999500.00"),
        case("a ring-fence goes with the money to another programme")
            .given(allocate(FENCED, "60.00"))
            .when(cancel_to("WIFI", "CYBER"))
            .then("CYBER/RA/2017-18/revenue/COVID revised 60.00"),
        case("a cancellation out of a ring-fence needs an authority")
            .given(allocate(FENCED, "60.00"))
            .when(cancel("WIFI", r#"{"fund":"F"}"#))
            .then("refused RING_FENCE: £60.00 would leave the ring-fence COVID: cite the authority that allows it"),
        case("a cancellation takes money out of a ring-fence under an authority")
            .given(allocate(FENCED, "60.00"))
            .when(authorised(&cancel("WIFI", r#"{"fund":"F"}"#)))
            .then("WIFI/RA/2017-18/revenue/COVID revised 0.00")
            .then("F/revenue unallocated 999500.00"),
    ]
}

fn freed_later() -> Vec<Case> {
    let release = r#"{"releaseCommitment":{"reference":"PO-1","month":"M7"}}"#;
    let fenced = |rule, to: &str| {
        let case =
            case(rule).given(allocate(FENCED, "60.00")).given(commit(FENCED, "60.00", "PO-1"));
        case.given(cancel("WIFI", to))
    };
    vec![
        fenced("money freed later stays in its ring-fence", r#"{"fund":"F"}"#)
            .when(release)
            .then("warns FREED_MONEY_STAYS: £60.00 freed on WIFI/RA/2017-18/revenue/COVID stays there: its destination cannot take it now, or a rule refuses the movement or wants it signed")
            .then("WIFI/RA/2017-18/revenue/COVID revised 60.00 available 60.00"),
        fenced("money freed later goes with its ring-fence", r#"{"programme":"CYBER"}"#)
            .when(release)
            .then("CYBER/RA/2017-18/revenue/COVID revised 60.00"),
        case("money freed later stays where its movement wants a signature")
            .policy(movements)
            .given(format!("bob {}", allocate(WIFI, "3000.00")))
            .given(spend(WIFI, "2000.00"))
            .given(commit(WIFI, "2000.00", "PO-1"))
            .given(cancel_to("WIFI", "CYBER"))
            .when(release)
            .then("warns FREED_MONEY_STAYS")
            .then("WIFI/RA/2017-18/revenue revised 4000.00 available 2000.00"),
        case("a credit on a cancelled programme moves no more than its budget")
            .given(spend(WIFI, "1000.00"))
            .given(cancel_to("WIFI", "CYBER"))
            .when(reverse(given(1)))
            .then("WIFI/RA/2017-18/revenue revised 0.00 actual 0.00")
            .then("CYBER/RA/2017-18/revenue revised 1500.00"),
        case("a cancellation moves no more than the revised budget of a line with a credit")
            .given(spend(WIFI, "-10.00"))
            .when(cancel_to("WIFI", "CYBER"))
            .then("WIFI/RA/2017-18/revenue revised 0.00 actual -10.00 available 10.00")
            .then("CYBER/RA/2017-18/revenue revised 1500.00"),
    ]
}

fn undoing() -> Vec<Case> {
    let cancelled = |rule| case(rule).given(spend(WIFI, "30.00")).given(cancel_to("WIFI", "CYBER"));
    vec![
        cancelled("a reversed cancellation reopens the programme and returns its money")
            .when(reverse(given(2)))
            .then("programme WIFI open")
            .then("WIFI/RA/2017-18/revenue revised 1000.00 available 970.00")
            .then("CYBER/RA/2017-18/revenue revised 500.00"),
        cancelled("a cancellation is not reversed once its money is committed")
            .given(commit(CYBER, "600.00", "PO-1"))
            .when(reverse(given(2)))
            .then("refused BEYOND_AVAILABLE"),
        cancelled("a cancellation is not reversed once the programme is closed")
            .given(close_programme("WIFI"))
            .when(reverse(given(2)))
            .then("refused PROGRAMME_CLOSED"),
        case("a cancellation is not reversed once a programme above is cancelled")
            .given(r#"{"openProgramme":{"code":"SITES","name":"Sites","parent":"WIFI"}}"#)
            .given(cancel_to("SITES", "CYBER"))
            .given(cancel_to("WIFI", "CYBER"))
            .when(reverse(given(2)))
            .then("refused PROGRAMME_CLOSING: the programme WIFI is cancelled and accepts only spend, accruals and releases that discharge a commitment: post to another programme"),
        case("a cancellation with the programmes below is reversed with them")
            .given(r#"{"openProgramme":{"code":"SITES","name":"Sites","parent":"WIFI"}}"#)
            .given(cancel_to("WIFI", "CYBER"))
            .when(reverse(given(2)))
            .then("programme WIFI open")
            .then("programme SITES open"),
        cancelled("spend reversed on a cancelled programme frees money for its destination")
            .when(reverse(given(1)))
            .then("WIFI/RA/2017-18/revenue revised 0.00 actual 0.00")
            .then("CYBER/RA/2017-18/revenue revised 1500.00"),
        case("a commitment reversed on a cancelled programme frees money for its destination")
            .given(commit(WIFI, "40.00", "PO-1"))
            .given(cancel_to("WIFI", "CYBER"))
            .when(reverse(given(1)))
            .then("WIFI/RA/2017-18/revenue revised 0.00 committed 0.00 available 0.00")
            .then("CYBER/RA/2017-18/revenue revised 1500.00"),
        case("a cut reversed on a cancelled programme frees money for its destination")
            .given(r#"{"cut":{"line":"WIFI/RA/2017-18/revenue","amount":"8.00","month":"M7"}}"#)
            .given(cancel_to("WIFI", "CYBER"))
            .when(reverse(given(1)))
            .then("WIFI/RA/2017-18/revenue revised 0.00 available 0.00")
            .then("CYBER/RA/2017-18/revenue revised 1500.00"),
        case("a reversed release takes its money back from the destination")
            .given(commit(WIFI, "40.00", "PO-1"))
            .given(cancel_to("WIFI", "CYBER"))
            .given(r#"{"releaseCommitment":{"reference":"PO-1","month":"M7"}}"#)
            .when(reverse(given(3)))
            .then("WIFI/RA/2017-18/revenue revised 40.00 committed 40.00 available 0.00")
            .then("CYBER/RA/2017-18/revenue revised 1460.00"),
    ]
}

#[test]
fn cancelled_budget_goes_to_the_named_destination() {
    check(&destinations());
}

#[test]
fn a_cancellation_covers_the_programmes_below_and_the_open_years() {
    check(&reach());
}

#[test]
fn money_freed_later_passes_every_rule_of_movements() {
    check(&freed_later());
}

#[test]
fn money_freed_by_a_reversal_goes_to_the_destination_of_the_cancellation() {
    check(&undoing());
}
