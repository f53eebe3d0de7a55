//! A book whose sums would become inexact takes no further counted amount.

use ledger_core::domain::money::Pence;
use ledger_core::writer::Refusal;

use crate::book::{Book, NOW, given};
use crate::words::{
    CYBER, WIFI, accrue, allocate, batch, cancel_to, commit, evidenced, forecast, open_programme,
    reallocate, reverse, spend,
};

const UNSPLIT: &str = "WIFI/RA/2017-18/unsplit";

/// A book that cannot count another penny, and the position of a commitment in it.
fn full_book() -> (Book, u64) {
    let mut book = Book::open(|_| (), NOW);
    book.given(&commit(WIFI, "5.00", "PO-1")).expect("a posting");
    book.given(&allocate(UNSPLIT, "5.00")).expect("a posting");
    book.given(r#"{"establishFund":{"code":"G","name":"Part","parent":"F"}}"#).expect("a posting");
    let internal = |pence: i64| {
        forecast(CYBER, &Pence::new(pence).to_string()).replace("reported", "internal")
    };
    let mut pence = Pence::LIMIT.get();
    let many = batch(&vec![internal(pence); 500]);
    // A book can count 4,611 largest amounts.
    let batches = (0..10).take_while(|_| book.post(&many).is_ok()).count();
    assert_eq!(batches, 9, "a book holds about 4,600 of the largest amounts");
    while pence > 0 {
        if book.post(&internal(pence)).is_err() {
            pence /= 2;
        }
    }
    (book, given(1))
}

#[test]
fn a_full_book_refuses_every_posting_with_an_amount() {
    let (mut book, committed) = full_book();
    let penny = "0.01";
    let counted = [
        r#"{"settleFunding":{"fund":"F","class":"revenue","from":"2017-18","to":"2017-18","newMoney":"0.01","reannounced":"0.00"}}"#.to_owned(),
        r#"{"earmark":{"fund":"F","class":"revenue","to":[{"fund":"G","amount":"0.01"}]}}"#.to_owned(),
        allocate(WIFI, penny),
        r#"{"cut":{"line":"WIFI/RA/2017-18/revenue","amount":"0.01","month":"M7"}}"#.to_owned(),
        reallocate(WIFI, CYBER, penny),
        evidenced(r#"{"splitLine":{"line":"WIFI/RA/2017-18/unsplit","capital":"0.01","revenue":"0.00","month":"M7"}}"#),
        r#"{"exchangeBudget":{"line":"WIFI/RA/2017-18/revenue","amount":"0.01","month":"M7"}}"#.to_owned(),
        cancel_to("WIFI", "CYBER"),
        commit(WIFI, penny, "PO-2"),
        r#"{"releaseCommitment":{"reference":"PO-1","month":"M7","amount":"0.01"}}"#.to_owned(),
        accrue(WIFI, penny, "AC-1"),
        spend(WIFI, penny),
        spend(WIFI, "-0.01"),
        forecast(WIFI, penny),
        r#"{"explainUnderspend":{"line":"WIFI/RA/2017-18/revenue","cause":"saving","amount":"0.01"}}"#.to_owned(),
        reverse(committed),
    ];
    for posting in counted {
        match book.post(&posting) {
            Err(Refusal::Rejected(rejection)) => {
                assert_eq!(rejection.code(), "OUT_OF_RANGE", "{posting}: {rejection}");
            }
            other => panic!("{posting}: {other:?}"),
        }
    }
}

#[test]
fn a_full_book_accepts_postings_without_an_amount() {
    let (mut book, _) = full_book();
    book.given(&open_programme("PAPER")).expect("a posting");
    book.given(&allocate("PAPER/RA/2017-18/revenue", "0.00")).expect("a posting");
    book.given(r#"{"closePeriod":{"year":"2017-18","close":"hard"}}"#).expect("a posting");
}
