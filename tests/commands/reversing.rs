//! Reversals: a whole entry, once, in the same month or the nearest open one.

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::money::Pence;

use crate::book::given;
use crate::case::{Case, case, check};
use crate::words::{
    CYBER, WIFI, accrue, allocate, authorised, batch, cancel_to, close_body, close_hard,
    close_programme, close_soft, commit, concerning, forecast, open_programme, reallocate, reverse,
    spend,
};

const EXCHANGE: &str =
    r#"{"exchangeBudget":{"line":"WIFI/RA/2017-18/revenue","amount":"7.50","month":"M7"}}"#;
const EARLIER: &str = "WIFI/RA/2016-17/revenue";
const FENCED: &str = "CYBER/RA/2017-18/revenue/FENCE";
const RELEASE: &str =
    r#"{"releaseCommitment":{"reference":"PO-1","month":"M7","amount":"AMOUNT"}}"#;

pub(crate) fn cases() -> Vec<Case> {
    [money(), obligations(), refused(), irreversible(), late()].concat()
}

fn year(text: &str) -> FinancialYear {
    text.parse().expect("a year")
}

/// Reverses the case's first posting.
fn undone(rule: &'static str, posting: impl Into<String>) -> Case {
    case(rule).given(posting).when(reverse(given(1)))
}

fn money() -> Vec<Case> {
    let settle = r#"{"settleFunding":{"fund":"F","class":"revenue","from":"2017-18","to":"2017-18","newMoney":"4.00","reannounced":"1.00"}}"#;
    let earmark =
        r#"{"earmark":{"fund":"F","class":"revenue","to":[{"fund":"G","amount":"30.00"}]}}"#;
    let cut = r#"{"cut":{"line":"WIFI/RA/2017-18/revenue","amount":"8.00","month":"M7"}}"#;
    let discharging = |amount: &str| spend(WIFI, amount).replace("}}", r#","discharges":"PO-1"}}"#);
    let committed_and_spent = batch(&[commit(WIFI, "300.00", "PO-1"), discharging("300.00")]);
    vec![
        undone("a settlement is reversed", settle)
            .then("F/revenue unallocated 998500.00"),
        case("an earmark is reversed")
            .given(r#"{"establishFund":{"code":"G","name":"Part","parent":"F"}}"#)
            .given(earmark)
            .when(reverse(given(2)))
            .then("F/revenue unallocated 998500.00")
            .then("G/revenue unallocated 0.00"),
        undone("an allocation is reversed", allocate(WIFI, "5.00"))
            .then("WIFI/RA/2017-18/revenue revised 1000.00")
            .then("F/revenue unallocated 998500.00"),
        undone("a cut is reversed", cut)
            .then("WIFI/RA/2017-18/revenue revised 1000.00")
            .then("F/revenue unallocated 998500.00"),
        undone("a reallocation is reversed, and says what it undoes", reallocate(WIFI, CYBER, "5.00"))
            .then("WIFI/RA/2017-18/revenue revised 1000.00")
            .then("CYBER/RA/2017-18/revenue revised 500.00")
            .then(r#"event {"reversed":{"entry":11}}"#)
            .then(r#"event {"reallocated":{"month":"M7","legs":[{"line":"WIFI/RA/2017-18/revenue","pence":500},{"line":"CYBER/RA/2017-18/revenue","pence":-500}]}}"#),
        case("a split is reversed")
            .given(allocate("WIFI/RA/2017-18/unsplit", "10.00"))
            .given(r#"{"splitLine":{"line":"WIFI/RA/2017-18/unsplit","capital":"4.00","revenue":"6.00","month":"M7"},"evidence":["doc:minutes"]}"#)
            .when(reverse(given(2)))
            .then("WIFI/RA/2017-18/unsplit revised 10.00")
            .then("WIFI/RA/2017-18/capital revised 2000.00")
            .then("WIFI/RA/2017-18/revenue revised 1000.00"),
        undone("an exchange is reversed", EXCHANGE)
            .then("WIFI/RA/2017-18/revenue revised 1000.00")
            .then("EXCHANGE/XDH/2018-19/revenue revised 0.00"),
        case("an exchange is not reversed in a year whose first month is closed")
            .now("2018-05-16T09:00:00Z")
            .given(EXCHANGE)
            .given(close_soft("2018-19", "M1"))
            .when(reverse(given(1)))
            .then("refused CLOSED_PERIOD: 2018-19 M1 is closed: post in an open month, or reopen it under an authority"),
        case("an exchange is not reversed once it has arrived elsewhere")
            .given(EXCHANGE)
            .given(reallocate("EXCHANGE/XDH/2018-19/revenue", "CYBER/RA/2018-19/revenue", "7.50"))
            .when(reverse(given(1)))
            .then("refused BEYOND_AVAILABLE"),
        case("an allocation is not reversed once its money is committed")
            .given(allocate(WIFI, "5.00"))
            .given(commit(WIFI, "1000.01", "PO-1"))
            .when(reverse(given(1)))
            .then("refused BEYOND_AVAILABLE: £5.00 cannot leave WIFI/RA/2017-18/revenue, which has £4.99 available: move no more than that"),
        undone(
            "a batch is reversed as a whole",
            batch(&[allocate(WIFI, "5.00"), spend(WIFI, "3.00")]),
        )
        .then("WIFI/RA/2017-18/revenue revised 1000.00 actual 0.00")
        .then("F/revenue unallocated 998500.00"),
        case("a credit that was given away is not reversed out of nothing")
            .given(spend(CYBER, "-100.00"))
            .when(reallocate(CYBER, WIFI, "600.00"))
            .then("refused BEYOND_REVISED: £600.00 cannot leave CYBER/RA/2017-18/revenue, whose revised budget is £500.00: a credit can be spent again on its line, and budget moves only up to the revised budget"),
        case("a credit can be spent again on its line")
            .given(spend(CYBER, "-100.00"))
            .when(spend(CYBER, "600.00"))
            .then("CYBER/RA/2017-18/revenue actual 500.00 available 0.00"),
        case("a reversal of spend posts although the credit's room was given away")
            .given(spend(CYBER, "-100.00"))
            .given(commit(CYBER, "600.00", "PO-1"))
            .when(reverse(given(1)))
            .then("warns OVERCOMMITTED: CYBER/RA/2017-18/revenue is committed £100.00 beyond what is available")
            .then("CYBER/RA/2017-18/revenue available -100.00"),
        case("a reversal is judged on the state it results in")
            .given(commit(WIFI, "1000.00", "PO-1"))
            .given(batch(&[RELEASE.replace("AMOUNT", "50.00"), allocate(WIFI, "50.00")]))
            .given(reallocate(WIFI, CYBER, "50.00"))
            .when(reverse(given(2)))
            .then("refused BEYOND_AVAILABLE: £100.00 cannot leave WIFI/RA/2017-18/revenue, which has £50.00 available: move no more than that"),
        case("a reversal that only commits again posts and warns")
            .given(commit(WIFI, "1000.00", "PO-1"))
            .given(RELEASE.replace("AMOUNT", "50.00"))
            .given(reallocate(WIFI, CYBER, "50.00"))
            .when(reverse(given(2)))
            .then("warns OVERCOMMITTED: WIFI/RA/2017-18/revenue is committed £50.00 beyond what is available")
            .then("WIFI/RA/2017-18/revenue available -50.00"),
        case("a reversal that gives capital back to revenue cites an authority")
            .given(reallocate(WIFI, "WIFI/RA/2017-18/capital", "5.00"))
            .when(reverse(given(1)))
            .then("refused CAPITAL_TO_REVENUE: £5.00 of capital would pay for revenue in 2017-18: cite the Treasury authority that allows it"),
        case("a reversal that gives capital back to revenue uses the cap")
            .policy(|policy| {
                policy.capital_to_revenue.caps = [(year("2017-18"), Pence::new(499))].into();
            })
            .given(reallocate(WIFI, "WIFI/RA/2017-18/capital", "5.00"))
            .when(authorised(&reverse(given(1))))
            .then("refused CAPITAL_TO_REVENUE_CAP: £5.00 of capital would pay for revenue in 2017-18. The year's cap has been £4.99 since the book was opened, and £0.00 of it is used: move no more than is left of the cap"),
        case("a reversal that leaves a ring-fence cites an authority")
            .given(reallocate(WIFI, FENCED, "5.00"))
            .when(reverse(given(1)))
            .then("refused RING_FENCE: £5.00 would leave the ring-fence FENCE: cite the authority that allows it"),
        undone("a batch that spends what it commits is reversed as a whole", committed_and_spent)
            .then("WIFI/RA/2017-18/revenue committed 0.00 actual 0.00 available 1000.00"),
        case("a batch whose commitment is only partly spent is not reversed")
            .given(batch(&[commit(WIFI, "300.00", "PO-1"), discharging("120.00")]))
            .given(discharging("30.00"))
            .when(reverse(given(1)))
            .then("refused BEYOND_OPEN: PO-1 has £270.00 open: release no more than that"),
        case("a release is not reversed into more than a line can hold")
            .given(commit(WIFI, "9999999999999.99", "PO-1"))
            .given(r#"{"releaseCommitment":{"reference":"PO-1","month":"M7"}}"#)
            .given(commit(WIFI, "0.01", "PO-2"))
            .when(reverse(given(2)))
            .then("refused OUT_OF_RANGE"),
        case("a batch's credits together are not reversed beyond what a line can hold")
            .given(batch(&[spend(WIFI, "-1.00"), spend(WIFI, "-1.00")]))
            .given(spend(WIFI, "9999999999999.99"))
            .given(spend(WIFI, "0.50"))
            .when(reverse(given(1)))
            .then("refused OUT_OF_RANGE"),
    ]
}

fn obligations() -> Vec<Case> {
    let discharging = spend(WIFI, "120.00").replace("}}", r#","discharges":"PO-1"}}"#);
    let accruing = accrue(WIFI, "120.00", "AC-1").replace("}}", r#","discharges":"PO-1"}}"#);
    let release = r#"{"releaseCommitment":{"reference":"PO-1","month":"M7"}}"#;
    vec![
        undone("a commitment is reversed", commit(WIFI, "300.00", "PO-1"))
            .then("WIFI/RA/2017-18/revenue committed 0.00 available 1000.00"),
        case("a commitment is not reversed once some of it is discharged")
            .given(commit(WIFI, "300.00", "PO-1"))
            .given(discharging.clone())
            .when(reverse(given(1)))
            .then("refused BEYOND_OPEN"),
        undone("an accrual is reversed", accrue(WIFI, "300.00", "AC-1"))
            .then("WIFI/RA/2017-18/revenue accrued 0.00 available 1000.00"),
        case("an accrual is not reversed once some of it is released")
            .given(accrue(WIFI, "300.00", "PO-1"))
            .given(release)
            .when(reverse(given(1)))
            .then("refused BEYOND_OPEN"),
        case("an accrual that is reversed opens the commitment it discharged")
            .given(commit(WIFI, "300.00", "PO-1"))
            .given(accruing)
            .when(reverse(given(2)))
            .then("WIFI/RA/2017-18/revenue committed 300.00 accrued 0.00"),
        case("a release is reversed")
            .given(commit(WIFI, "300.00", "PO-1"))
            .given(release)
            .when(reverse(given(2)))
            .then("WIFI/RA/2017-18/revenue committed 300.00"),
        case("a release of an accrual is reversed")
            .given(accrue(WIFI, "300.00", "PO-1"))
            .given(release)
            .when(reverse(given(2)))
            .then("WIFI/RA/2017-18/revenue accrued 300.00"),
        case("spend that is reversed opens what it discharged")
            .given(commit(WIFI, "300.00", "PO-1"))
            .given(discharging)
            .when(reverse(given(2)))
            .then("WIFI/RA/2017-18/revenue committed 300.00 actual 0.00"),
        undone("a credit is reversed, even where that overspends the line", spend(WIFI, "-3.00"))
            .then("WIFI/RA/2017-18/revenue actual 0.00"),
        case("spend is reversed on a closed programme of a closed body")
            .given(spend(CYBER, "500.00"))
            .given(close_programme("CYBER"))
            .given(close_body("RA", "2017-06-30"))
            .when(reverse(given(1)))
            .then("CYBER/RA/2017-18/revenue actual 0.00 available 500.00"),
    ]
}

fn refused() -> Vec<Case> {
    vec![
        case("reversing an unknown entry is refused")
            .when(reverse(99))
            .then("refused UNKNOWN_ENTRY: there is no entry 99: correct the number"),
        case("an entry is reversed once")
            .given(spend(WIFI, "3.00"))
            .given(reverse(given(1)))
            .when(reverse(given(1)))
            .then("refused REVERSED_ALREADY: entry 11 was already reversed by entry 12: there is nothing to do"),
        case("a reversal is not reversed")
            .given(spend(WIFI, "3.00"))
            .given(reverse(given(1)))
            .when(reverse(given(2)))
            .then("refused REVERSAL_OF_REVERSAL: entry 12 is a reversal, which cannot be reversed: post the original again"),
    ]
}

fn irreversible() -> Vec<Case> {
    let kept = |rule, posting: &str, said| undone(rule, posting).then(said);
    let profile =
        r#"{"setProfile":{"line":"WIFI/RA/2017-18/revenue","profile":[1,0,0,0,0,0,0,0,0,0,0,0]}}"#;
    vec![
        case("the first entry is not reversed")
            .when(reverse(1))
            .then("refused NOT_REVERSIBLE: entry 1 opened the book, which cannot be reversed: start another book"),
        kept("a forecast is not reversed", &forecast(WIFI, "1.00"), "refused NOT_REVERSIBLE: entry 11 stated a forecast, which cannot be reversed: withdraw it, or state a new one"),
        kept("a baseline is not reversed", r#"{"strikeBaseline":{"year":"2017-18","name":"original"}}"#, "refused NOT_REVERSIBLE: entry 11 struck a baseline, which cannot be reversed: withdraw the baseline"),
        kept("a profile is not reversed", profile, "refused NOT_REVERSIBLE: entry 11 set a profile, which cannot be reversed: set it again"),
        kept("a close is not reversed", &close_soft("2017-18", "M1"), "refused NOT_REVERSIBLE: entry 11 closed a period, which cannot be reversed: reopen it if the close is soft"),
        case("a reopening is not reversed")
            .given(close_soft("2017-18", "M1"))
            .given(r#"{"reopenPeriod":{"year":"2017-18","month":"M1"},"authority":"letter"}"#)
            .when(reverse(given(2)))
            .then("refused NOT_REVERSIBLE: entry 12 reopened a period, which cannot be reversed: close it"),
        kept("a registration of a body is not reversed", r#"{"registerBody":{"code":"RC","name":"C","kind":"trust"}}"#, "refused NOT_REVERSIBLE: entry 11 changed the register of bodies, which cannot be reversed: register the correct body"),
        kept("a closed body stays closed", &close_body("RB", "2017-12-31"), "refused NOT_REVERSIBLE"),
        kept("a merger is not reversed", r#"{"mergeBodies":{"from":["RA"],"into":"RB","on":"2017-12-31"}}"#, "refused NOT_REVERSIBLE"),
        kept("an opening of a programme is not reversed", &open_programme("PAPER"), "refused NOT_REVERSIBLE: entry 11 opened or closed a programme, which cannot be reversed: close the programme or open another"),
        case("a closed programme stays closed")
            .given(open_programme("PAPER"))
            .given(close_programme("PAPER"))
            .when(reverse(given(2)))
            .then("refused NOT_REVERSIBLE"),
        kept("a renaming of a programme is not reversed", r#"{"renameProgramme":{"code":"WIFI","name":"Wireless"}}"#, "refused NOT_REVERSIBLE: entry 11 renamed a programme, which cannot be reversed: rename it again"),
        kept("an establishment of a fund is not reversed", r#"{"establishFund":{"code":"G","name":"G"}}"#, "refused NOT_REVERSIBLE: entry 11 established a fund, which cannot be reversed: leave it without money"),
        kept("a batch with an irreversible command is not reversed", &batch(&[spend(WIFI, "1.00"), forecast(WIFI, "1.00")]), "refused NOT_REVERSIBLE"),
        case("an exchange out of a hard-closed year is not reversed")
            .given(allocate(EARLIER, "1000.00"))
            .given(EXCHANGE.replace("2017-18", "2016-17"))
            .given(close_hard("2016-17"))
            .when(reverse(given(2)))
            .then("refused NOT_REVERSIBLE: entry 12 exchanged budget out of a year that is hard-closed, which cannot be reversed: reallocate from the holding line of the later year"),
    ]
}

fn late() -> Vec<Case> {
    let spent = |rule, line: &str| case(rule).given(spend(line, "3.00"));
    let closed = |case: Case, months: std::ops::RangeInclusive<u8>| {
        let case = case.now("2018-05-16T09:00:00Z");
        months.fold(case, |case, month| case.given(close_soft("2017-18", &format!("M{month}"))))
    };
    vec![
        spent("a reversal is posted in its entry's month", WIFI)
            .when(reverse(given(1)))
            .then(r#"event {"actualRecorded":{"line":"WIFI/RA/2017-18/revenue","month":"M7","pence":-300}}"#),
        closed(spent("a reversal is posted in the next open month", WIFI), 7..=8)
            .when(reverse(given(1)))
            .then(r#"event {"actualRecorded":{"line":"WIFI/RA/2017-18/revenue","month":"M9","pence":-300}}"#),
        closed(spent("spend may be reversed in M13", WIFI), 7..=12)
            .when(reverse(given(1)))
            .then(r#"event {"actualRecorded":{"line":"WIFI/RA/2017-18/revenue","month":"M13","pence":-300}}"#),
        closed(case("budget is not reversed in M13").given(allocate(WIFI, "5.00")), 7..=12)
            .when(reverse(given(1)))
            .then("refused NO_OPEN_PERIOD: 2017-18 M7 is closed and no later month is open: reopen a month for the reversal"),
        spent("a reversal in a hard-closed year adjusts the current year", EARLIER)
            .given(close_hard("2016-17"))
            .when(reverse(given(1)))
            .then("WIFI/RA/2016-17/revenue actual 3.00")
            .then("WIFI/RA/2017-18/revenue actual -3.00")
            .then(r#"event {"actualRecorded":{"line":"WIFI/RA/2017-18/revenue","month":"M7","pence":-300,"concerns":"2016-17"}}"#),
        spent("a reversal goes to the year current in UK local time", WIFI)
            .now("2018-03-31T23:30:00Z")
            .given(close_hard("2017-18"))
            .when(reverse(given(1)))
            .then(r#"event {"actualRecorded":{"line":"WIFI/RA/2018-19/revenue","month":"M1","pence":-300,"concerns":"2017-18"}}"#),
        case("a late reversal of spend concerns the year the spend concerned")
            .given(close_hard("2016-17"))
            .now("2018-05-16T09:00:00Z")
            .given(concerning(&spend(WIFI, "5.00"), "2016-17"))
            .given(close_hard("2017-18"))
            .when(reverse(given(2)))
            .then(r#"event {"actualRecorded":{"line":"WIFI/RA/2018-19/revenue","month":"M2","pence":-500,"concerns":"2016-17"}}"#),
        case("budget of a hard-closed year has lapsed and is not reversed")
            .given(allocate(EARLIER, "5.00"))
            .given(close_hard("2016-17"))
            .when(reverse(given(1)))
            .then("refused NOT_REVERSIBLE: entry 11 moved budget of a year that is hard-closed, so the budget has lapsed, which cannot be reversed: reallocate budget of an open year"),
        case("a split of a hard-closed year is not reversed")
            .given(allocate("WIFI/RA/2016-17/unsplit", "10.00"))
            .given(r#"{"splitLine":{"line":"WIFI/RA/2016-17/unsplit","capital":"4.00","revenue":"6.00","month":"M7"},"evidence":["doc:minutes"]}"#)
            .given(close_hard("2016-17"))
            .when(reverse(given(2)))
            .then("refused NOT_REVERSIBLE"),
        case("a late reversal opens the current year's line")
            .given(spend("CYBER/RB/2016-17/revenue", "3.00"))
            .given(close_hard("2016-17"))
            .when(reverse(given(1)))
            .then("CYBER/RB/2017-18/revenue revised 0.00 actual -3.00"),
        case("a commitment of a hard-closed year is not reversed")
            .given(commit(EARLIER, "3.00", "PO-1"))
            .given(close_hard("2016-17"))
            .when(reverse(given(1)))
            .then("refused HARD_CLOSED"),
        case("a credit of an earlier year frees nothing on a cancelled programme")
            .given(spend(EARLIER, "3.00"))
            .given(close_hard("2016-17"))
            .given(cancel_to("WIFI", "CYBER"))
            .when(reverse(given(1)))
            .then("WIFI/RA/2017-18/revenue revised 0.00 actual -3.00 available 0.00")
            .then("CYBER/RA/2017-18/revenue revised 1500.00"),
    ]
}

#[test]
fn a_movement_is_reversed_only_while_its_money_is_available() {
    check(&money());
}

#[test]
fn a_reversal_of_spend_always_posts_and_reopens_what_it_discharged() {
    check(&obligations());
}

#[test]
fn an_entry_is_reversed_once_and_a_reversal_never() {
    check(&refused());
}

#[test]
fn entries_without_money_are_not_reversed() {
    check(&irreversible());
}

#[test]
fn a_late_reversal_posts_in_the_nearest_open_month() {
    check(&late());
}
