//! Batches: several commands as one entry; and what no entry or book can hold.

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
        case("money that comes after it has gone is not there")
            .when(batch(&[reallocate(WIFI, CYBER, "1000.01"), allocate(WIFI, "0.01")]))
            .then("refused BEYOND_AVAILABLE: command 1 of the batch: £1000.01 cannot leave WIFI/RA/2017-18/revenue: £1000.00 is available there"),
        case("money that comes first is")
            .when(batch(&[allocate(WIFI, "0.01"), reallocate(WIFI, CYBER, "1000.01")]))
            .then("WIFI/RA/2017-18/revenue revised 0.00"),
        case("one command that is refused refuses them all")
            .when(batch(&[spend(WIFI, "5.00"), spend(WIFI, "0.00"), spend(WIFI, "5.00")]))
            .then("refused ZERO: command 2 of the batch: an amount of 0.00 changes nothing: state an amount (only an allocation of 0.00 means something: it opens a line)")
            .then("WIFI/RA/2017-18/revenue actual 0.00"),
        case("a batch keeps the warnings of its commands")
            .when(batch(&[spend(WIFI, "1000.01"), spend(CYBER, "500.02")]))
            .then("warns OVERSPENT: WIFI/RA/2017-18/revenue is overspent by £0.01")
            .then("warns OVERSPENT: CYBER/RA/2017-18/revenue is overspent by £0.02"),
        case("a batch corrects and posts again in one")
            .given(spend(WIFI, "5.00"))
            .when(batch(&[reverse(given(1)), spend(CYBER, "5.00")]))
            .then("WIFI/RA/2017-18/revenue actual 0.00")
            .then("CYBER/RA/2017-18/revenue actual 5.00")
            .then(r#"event {"reversed":{"entry":11,"events":1}}"#),
        case("a batch reverses an entry once")
            .given(spend(WIFI, "5.00"))
            .when(batch(&[reverse(given(1)), reverse(given(1))]))
            .then("refused REVERSED_ALREADY: command 2 of the batch: entry 11 was reversed by entry 12: an entry is reversed once"),
        case("a batch holds a command")
            .when(batch(&[]))
            .then("refused BATCH_FORM: a batch holds at least one command and no other batch"),
        case("a batch holds no batch")
            .when(batch(&[spend(WIFI, "5.00"), batch(&[spend(WIFI, "5.00")])]))
            .then("refused BATCH_FORM"),
    ]
}

/// The largest amount spent and given back, so many times.
fn there_and_back(times: usize) -> String {
    let most = "9999999999999.99";
    let pair = [spend(CYBER, most), spend(CYBER, &format!("-{most}"))].join(",");
    batch(&vec![pair; times])
}

fn limits() -> Vec<Case> {
    let nothing = |count: usize| vec![allocate(WIFI, "0.00"); count];
    // A book's postings sum to 4,611 largest amounts, whatever their sign: 9 times 480 fit.
    let rule = "a book takes no more than it can sum exactly";
    let full = (0..9).fold(case(rule), |case, _| case.given(there_and_back(240)));
    vec![
        case("an entry is no larger than an entry may be")
            .when(batch(&nothing(900)))
            .then("refused ENTRY_TOO_LARGE: the entry would have 74883 bytes and an entry has at most 65535: post it in parts"),
        case("an entry may be large")
            .when(batch(&nothing(700)))
            .then("WIFI/RA/2017-18/revenue revised 1000.00"),
        full.when(there_and_back(240)).then("refused OUT_OF_RANGE"),
    ]
}

#[test]
fn a_batch_posts_all_of_its_commands_or_none() {
    check(&batches());
}

#[test]
fn entries_and_books_have_a_largest_size() {
    check(&limits());
}
