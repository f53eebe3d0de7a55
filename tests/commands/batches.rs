//! Batches: several commands as one entry; and the largest sizes of entries and books.

use crate::book::given;
use crate::case::{Case, case, check};
use crate::words::{
    CYBER, WIFI, allocate, batch, commit, open_programme, reallocate, reverse, spend,
};

pub(crate) fn cases() -> Vec<Case> {
    [batches(), limits()].concat()
}

fn batches() -> Vec<Case> {
    vec![
        case("a batch posts all of its commands")
            .when(batch(&[reallocate(WIFI, CYBER, "100.00"), spend(WIFI, "5.00")]))
            .then("WIFI/RA/2017-18/revenue revised 900.00 actual 5.00")
            .then("CYBER/RA/2017-18/revenue revised 600.00"),
        case("a command is judged after those before it")
            .when(batch(&[
                open_programme("PAPER"),
                allocate("PAPER/RA/2017-18/revenue", "7.00"),
                commit("PAPER/RA/2017-18/revenue", "7.00", "PO-1"),
            ]))
            .then("PAPER/RA/2017-18/revenue revised 7.00 committed 7.00"),
        case("a batch cannot use money that a later command brings")
            .when(batch(&[reallocate(WIFI, CYBER, "1000.01"), allocate(WIFI, "0.01")]))
            .then("refused BEYOND_AVAILABLE: command 1 of the batch: £1,000.01 cannot leave WIFI/RA/2017-18/revenue, which has £1,000.00 available: move no more than that"),
        case("a batch can use money that an earlier command brings")
            .when(batch(&[allocate(WIFI, "0.01"), reallocate(WIFI, CYBER, "1000.01")]))
            .then("WIFI/RA/2017-18/revenue revised 0.00"),
        case("one command that is refused refuses them all")
            .when(batch(&[spend(WIFI, "5.00"), spend(WIFI, "0.00"), spend(WIFI, "5.00")]))
            .then("refused ZERO: command 2 of the batch: an amount of £0.00 changes nothing: state another amount (only an allocation may be £0.00, to open a line)")
            .then("WIFI/RA/2017-18/revenue actual 0.00"),
        case("a batch keeps the warnings of its commands")
            .when(batch(&[spend(WIFI, "1000.01"), spend(CYBER, "500.02")]))
            .then("warns OVERSPENT: WIFI/RA/2017-18/revenue is overspent by £0.01")
            .then("warns OVERSPENT: CYBER/RA/2017-18/revenue is overspent by £0.02"),
        case("a batch can reverse an entry and post its correction")
            .given(spend(WIFI, "5.00"))
            .when(batch(&[reverse(given(1)), spend(CYBER, "5.00")]))
            .then("WIFI/RA/2017-18/revenue actual 0.00")
            .then("CYBER/RA/2017-18/revenue actual 5.00")
            .then(r#"event {"reversed":{"entry":11,"events":1}}"#),
        case("a batch reverses an entry once")
            .given(spend(WIFI, "5.00"))
            .when(batch(&[reverse(given(1)), reverse(given(1))]))
            .then("refused REVERSED_ALREADY: command 2 of the batch: entry 11 was already reversed by entry 12: there is nothing to do"),
        case("a batch needs at least one command")
            .when(batch(&[]))
            .then("refused BATCH_FORM: a batch holds at least one command and no other batch: correct the batch"),
        case("a batch does not contain a batch")
            .when(batch(&[spend(WIFI, "5.00"), batch(&[spend(WIFI, "5.00")])]))
            .then("refused BATCH_FORM"),
    ]
}

const PART: &str = r#"{"line":"PAPER/RB/2017-18/revenue","amount":"5.00"}"#;

/// Parts of a command, as many as given.
fn parts(count: usize) -> String {
    vec![PART; count].join(",")
}

fn limits() -> Vec<Case> {
    let nothing = |count: usize| vec![allocate(WIFI, "0.00"); count];
    vec![
        case("an entry beyond the largest size is refused")
            .when(batch(&nothing(900)))
            .then("refused ENTRY_TOO_LARGE: this is too large for one entry (74883 bytes of at most 65,535): post it in parts"),
        case("an entry below the largest size is accepted")
            .when(batch(&nothing(700)))
            .then("WIFI/RA/2017-18/revenue revised 1000.00"),
        case("a command with too many parts is refused before it is judged")
            .when(reallocate("PAPER/RB/2017-18/revenue", CYBER, "5.00").replace(PART, &parts(2200)))
            .then("refused ENTRY_TOO_LARGE"),
        case("a batch is judged on the state it results in, too")
            .when(batch(&[reallocate(WIFI, CYBER, "600.00"), commit(WIFI, "500.00", "PO-1")]))
            .then("refused BEYOND_AVAILABLE: £1,100.00 cannot leave WIFI/RA/2017-18/revenue, which has £1,000.00 available: move no more than that"),
    ]
}

#[test]
fn a_batch_posts_all_of_its_commands_or_none() {
    check(&batches());
}

#[test]
fn entries_have_a_largest_size() {
    check(&limits());
}
