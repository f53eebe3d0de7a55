//! After bodies have merged, every projection is still what the oracle works out: those that ended
//! keep their figures under their own code, and count with the body they were merged into.

use ledger_tests::rounds;

use crate::analyses::check_reasons;
use crate::bridges::{check_bridge, check_diff};
use crate::claims::check_claims;
use crate::figures::{check_question, random_question};
use crate::live_book::LiveBook;
use crate::oracle::Oracle;
use crate::oracle::flows::transfers;
use crate::stream::Stream;
use crate::{flows, snapshots};

/// A book into the postings of which random mergers fall, and how many of them there were.
fn merged_book(stream: &mut Stream) -> (LiveBook, usize) {
    let book = LiveBook::of_stream(stream, 20);
    let mut merged = 0;
    for _ in 0..8 {
        for _ in 0..3 {
            let merger = stream.merger();
            merged += usize::from(book.post(&stream.send_plainly(merger)).is_ok());
        }
        for _ in 0..20 {
            drop(book.post_next(stream));
        }
    }
    (book, merged)
}

/// One of the bodies that had been registered at a position.
fn some_body(stream: &mut Stream, oracle: &Oracle, at: u64) -> String {
    let known: Vec<_> = oracle.bodies.iter().filter(|(_, body)| body.position <= at).collect();
    known[stream.random.below(known.len() as u64) as usize].0.clone()
}

#[test]
fn every_projection_is_what_the_oracle_works_out_after_random_mergers_of_bodies() {
    let (mut mergers, mut moved) = (0, 0);
    for seed in 9700..9700 + rounds(50, 8) {
        let mut stream = Stream::new(seed);
        let (book, merged) = merged_book(&mut stream);
        mergers += merged;
        let (models, export, oracle) = (book.models(), book.export(), book.oracle());
        let paid = transfers(&export);
        for _ in 0..6 {
            let (mut asked, as_at) = random_question(&mut stream.random, &oracle);
            if stream.one_in(2) {
                asked.body = Some(some_body(&mut stream, &oracle, asked.position));
            }
            let lines = oracle.wanted(&asked);
            moved += lines
                .iter()
                .filter(|line| {
                    let registered = Oracle::path(&oracle.bodies, &line.body);
                    registered != oracle.body_path(&line.body, asked.position)
                })
                .count();
            check_question(&models, &oracle, &asked, as_at);
            check_reasons(&models, &oracle, &asked, as_at);
            let mut turn = |below| stream.random.below(below);
            check_bridge(&models, &oracle, (&asked, as_at), (None, None), &mut turn);
            let since = stream.random.below(oracle.head() + 1);
            check_diff(&models, &oracle, &asked, as_at, since);
            let mut wish = flows::wish(&mut stream.random, &oracle);
            wish.by = "body";
            wish.body =
                asked.body.clone().filter(|code| oracle.bodies[code].position <= wish.position);
            flows::check(&models, &oracle, &paid, &wish);
            check_claims(&models, &oracle, &export, asked.position);
        }
        let rebuilt = book.replayed(book.head()).1;
        snapshots::same_answers(&rebuilt, &models, &oracle, seed);
    }
    assert!(mergers > 15 && moved > 50, "{mergers} mergers, {moved} lines counted elsewhere");
}
