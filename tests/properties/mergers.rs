//! After mergers every projection matches the oracle: a merged body keeps its figures under its own
//! code and counts within its successor.

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

/// A book with random mergers among its postings, and the number of mergers.
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

/// A body registered by this position.
fn some_body(stream: &mut Stream, oracle: &Oracle, at: u64) -> String {
    let known: Vec<_> = oracle.bodies.iter().filter(|(_, body)| body.position <= at).collect();
    known[stream.random.below(known.len() as u64) as usize].0.clone()
}

#[test]
fn every_projection_matches_the_oracle_after_random_mergers_of_bodies() {
    let (mut mergers, mut moved) = (0, 0);
    for seed in 9700..9700 + rounds(50, 10) {
        let mut stream = Stream::new(seed);
        let (book, merged) = merged_book(&mut stream);
        mergers += merged;
        let (models, export, oracle) = (book.models(), book.export(), book.oracle());
        let paid = transfers(&export);
        for _ in 0..6 {
            let (mut question, as_at) = random_question(&mut stream.random, &oracle);
            if stream.one_in(2) {
                question.body = Some(some_body(&mut stream, &oracle, question.position));
            }
            let lines = oracle.wanted(&question);
            moved += lines
                .iter()
                .filter(|line| {
                    let registered = Oracle::path(&oracle.bodies, &line.body);
                    registered != oracle.body_path(&line.body, question.position)
                })
                .count();
            check_question(&models, &oracle, &question, as_at);
            check_reasons(&models, &oracle, &question, as_at);
            let mut turn = |below| stream.random.below(below);
            check_bridge(&models, &oracle, (&question, as_at), (None, None), &mut turn);
            let since = stream.random.below(oracle.head() + 1);
            check_diff(&models, &oracle, &question, as_at, since);
            let mut flow_question = flows::question(&mut stream.random, &oracle);
            flow_question.by = "body";
            flow_question.body = question
                .body
                .clone()
                .filter(|code| oracle.bodies[code].position <= flow_question.position);
            flows::check(&models, &oracle, &paid, &flow_question);
            check_claims(&models, &oracle, &export, question.position);
        }
        let rebuilt = book.replayed(book.head()).1;
        snapshots::same_answers(&rebuilt, &models, &oracle, seed);
    }
    assert!(mergers > 15 && moved > 50, "{mergers} mergers, {moved} lines counted elsewhere");
}
