//! However much is stated, others go on posting, and balances stay exact.

use ledger_core::domain::money::Pence;
use ledger_core::writer::Refusal;

use crate::book::{Book, NOW};
use crate::words::{CYBER, WIFI, allocate, batch, commit, forecast, reallocate, spend};

#[test]
fn nobody_uses_up_the_book_for_others() {
    let mut book = Book::open(|_| (), NOW);
    let largest = Pence::LIMIT.to_string();
    let stated = forecast(CYBER, &largest).replace("reported", "internal");
    let many = format!("lim {}", batch(&vec![stated; 250]));
    for _ in 0..50 {
        book.given(&many).expect("a forecast of the largest amount");
    }
    for posting in
        [allocate(WIFI, "5.00"), reallocate(WIFI, CYBER, "5.00"), commit(WIFI, "5.00", "PO-1")]
    {
        book.given(&posting).expect("a posting by another person");
    }
    let wifi = WIFI.parse().expect("a line");
    let closed = book.close();
    let line = closed.state.ledger.line(&wifi).expect("an open line");
    assert_eq!((line.revised, line.committed), (Pence::new(100_000), Pence::new(500)));
}

#[test]
fn a_line_stays_within_thirteen_digits() {
    let mut book = Book::open(|_| (), NOW);
    book.given(&spend(WIFI, &Pence::LIMIT.to_string())).expect("the largest amount");
    let Err(Refusal::Rejected(rejection)) = book.post(&spend(WIFI, "0.01")) else {
        panic!("a line held more than the largest amount");
    };
    assert_eq!(rejection.code(), "OUT_OF_RANGE");
    book.given(&spend(CYBER, "0.01")).expect("spend on another line");
}
