//! Idempotency: a key sent again with the same command gets the same answer and posts nothing; with
//! another command it is refused. Restarts and a late or missing index change nothing.

use std::fs;
use std::time::Duration;

use ledger_core::domain::position::Position;
use ledger_core::domain::posting::{ExpectedVersion, Posting};
use ledger_core::log::store::Store;
use ledger_core::writer::{Outcome, Receipt, Refusal, Writer};
use ledger_tests::generate::{Random, actor, parsed};
use ledger_tests::rounds;
use projections::book::{Book, DataFolder};

use crate::live_book::{LiveBook, SetClock, beginning};
use crate::stream::{GENERATOR, Stream, TimedPosting};

/// Postings with the receipts they got.
type PostedReceipts = Vec<(Posting, Receipt)>;

fn keep_receipt(posted: &mut PostedReceipts, sent: TimedPosting, outcome: Outcome) {
    if let Ok(receipt) = outcome
        && !receipt.replayed
    {
        posted.push((sent.posting, receipt));
    }
}

/// The same key with other content: another command, another reason or another citation.
fn altered(posting: &Posting, others: &PostedReceipts, random: &mut Random) -> Posting {
    let mut other = posting.clone();
    match random.below(4) {
        0 => other.reason = parsed("Another reason"),
        1 => other.authority = Some(parsed("letter:another")),
        2 => other.evidence = std::iter::once(parsed("doc:another")).collect(),
        _ => {
            let (taken, _) = &others[random.below(others.len() as u64) as usize];
            other.command = taken.command.clone();
            other.reason = parsed("Another command, or the same");
        }
    }
    other
}

/// Repeats postings in random order, unchanged and changed.
fn check(
    posted: &PostedReceipts,
    post: impl Fn(Posting) -> Outcome,
    random: &mut Random,
    what: &str,
) {
    for _ in 0..posted.len() {
        let (posting, receipt) = &posted[random.below(posted.len() as u64) as usize];
        let again = Receipt { replayed: true, ..receipt.clone() };
        assert_eq!(post(posting.clone()), Ok(again.clone()), "{what}: {}", posting.key);
        // The key is checked first: stale versions are ignored.
        let mut stale = posting.clone();
        let version = Position::new(1_000_000);
        stale.expected_versions =
            vec![ExpectedVersion { line: parsed("WIFI/RX1/2017-18/revenue"), version }];
        assert_eq!(post(stale), Ok(again), "{what}: {} with stale versions", posting.key);
        let reused = Refusal::KeyReused { position: receipt.position };
        let other = altered(posting, posted, random);
        assert_eq!(post(other), Err(reused), "{what}: {} for something else", posting.key);
    }
}

#[test]
fn a_repeated_key_gets_the_same_answer_and_with_another_command_a_refusal() {
    for seed in 1000..1000 + rounds(100, 10) {
        let mut stream = Stream::new(seed);
        let mut book = LiveBook::of_stream(&mut stream, 0);
        let (mut posted, mut refused) = (PostedReceipts::new(), Vec::new());
        for _ in 0..150 {
            let (sent, outcome) = book.post_next(&mut stream);
            match outcome {
                Err(Refusal::Rejected(_)) => refused.push(sent.posting.key),
                outcome if sent.by == GENERATOR => keep_receipt(&mut posted, sent, outcome),
                _ => {}
            }
        }
        let contents = book.contents();
        let mut random = Random(seed);
        let post = |posting| book.post_all(vec![posting]).pop().unwrap();
        check(&posted, post, &mut random, &format!("seed {seed}"));
        assert_eq!(book.contents(), contents, "seed {seed}: asking again changes nothing");
        // A refused posting does not use its key.
        let used = |key| posted.iter().any(|(posting, _)| posting.key == key);
        let free = refused.into_iter().find(|key| !used(key.clone())).unwrap();
        let command = serde_json::json!(
            {"openProgramme": {"code": "FREE", "name": "Posted under a refused key"}});
        let (like, _) = &posted[0];
        let command = serde_json::from_value(command).unwrap();
        let posting = Posting { key: free, command, expected_versions: Vec::new(), ..like.clone() };
        let receipt = book.post_all(vec![posting]).pop().unwrap().unwrap();
        assert!(!receipt.replayed, "seed {seed}");
    }
}

#[test]
fn a_command_repeated_in_one_submission_posts_once() {
    for seed in 1200..1200 + rounds(100, 10) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 30);
        let postings: Vec<Posting> = (0..60).map(|_| stream.next().posting).collect();
        let twice: Vec<Posting> = postings.iter().flat_map(|p| [p.clone(), p.clone()]).collect();
        let head = book.head();
        let outcomes = book.post_all(twice);
        let mut new = 0;
        for pair in outcomes.chunks(2) {
            match pair {
                [Ok(first), Ok(second)] => {
                    assert_eq!(second, &Receipt { replayed: true, ..first.clone() }, "seed {seed}");
                    new += u64::from(!first.replayed);
                }
                pair => assert!(pair.iter().all(Result::is_err), "seed {seed}: {pair:?}"),
            }
        }
        assert_eq!(book.head(), head + new, "seed {seed}");
        assert!(new > 5, "seed {seed} posted only {new}");
    }
}

#[test]
fn two_actors_may_use_the_same_key() {
    let book = LiveBook::begin();
    let mut stream = Stream::new(1);
    let sent = stream.opening().swap_remove(0);
    let first = book.post(&sent).unwrap();
    let mut other = sent.clone();
    other.posting.command = stream.opening().swap_remove(1).posting.command;
    let receipt = book.post_as("another", &other).unwrap();
    assert!(!receipt.replayed && receipt.position > first.position);
    assert_eq!(book.post(&sent).unwrap().position, first.position);
    assert_eq!(book.post_as("another", &other).unwrap().position, receipt.position);
}

fn post_to(writer: &Writer, posting: Posting) -> Outcome {
    writer.post_all_blocking(&actor(), vec![posting]).pop().unwrap()
}

/// The state of the index between two runs of a program.
#[derive(Clone, Copy, Debug)]
enum Index {
    Kept,
    Removed,
    Stale,
    Garbage,
    None,
}

#[test]
fn keys_survive_restarts_with_any_damage_to_the_index() {
    let mut lagged = 0;
    let fates = [Index::Kept, Index::Removed, Index::Stale, Index::Garbage, Index::None];
    for seed in 1100..1100 + rounds(12, 2) {
        let directory = tempfile::tempdir().unwrap();
        let (index, stale) = (directory.path().join("index"), directory.path().join("stale"));
        let folder = DataFolder::writable(directory.path()).unwrap();
        let clock = SetClock::default();
        let (mut stream, mut random) = (Stream::new(seed), Random(seed));
        let mut posted = PostedReceipts::new();
        let book = Book::create(folder.clone(), &beginning(), clock.clock()).unwrap();
        for sent in stream.opening() {
            clock.set(sent.at);
            let outcome = post_to(&book.writer(), sent.posting.clone());
            keep_receipt(&mut posted, sent, outcome);
        }
        stream.head = book.store().head().position.get();
        book.close().unwrap();
        for fate in fates {
            let what = format!("seed {seed}, index {fate:?}");
            match fate {
                Index::Kept => copy(&index, &stale),
                Index::Removed => fs::remove_dir_all(&index).unwrap(),
                Index::Stale => {
                    fs::remove_dir_all(&index).unwrap();
                    fs::rename(&stale, &index).unwrap();
                }
                Index::Garbage => fs::write(index.join("db"), b"no database").unwrap(),
                Index::None => {}
            }
            let mut folder = folder.clone();
            if matches!(fate, Index::None) {
                folder.index = None;
            }
            let book = Book::open(folder, clock.clock(), None).unwrap();
            let writer = book.writer();
            // Immediately, while the index has hardly started.
            let head = book.store().head();
            check(&posted, |posting| post_to(&writer, posting), &mut random, &what);
            assert_eq!(book.store().head(), head, "{what}");
            for _ in 0..40 {
                let known = stream.references.len();
                let sent = stream.next();
                clock.set(sent.at);
                let outcome = post_to(&writer, sent.posting.clone());
                stream.record_outcome(&sent, &outcome, known);
                keep_receipt(&mut posted, sent, outcome);
            }
            // The index is late for these postings.
            lagged += book.index().map_or(0, |index| index.lag());
            let head = book.store().head();
            check(&posted, |posting| post_to(&writer, posting), &mut random, &what);
            assert_eq!(book.store().head(), head, "{what}");
            if let Some(index) = book.index() {
                assert!(index.catch_up(Duration::from_secs(20)), "{what}: {}", index.lag());
                for (posting, receipt) in &posted {
                    let found = index.find_key(actor().as_str(), posting.key.as_str());
                    assert_eq!(found, Some(receipt.position), "{what}: {}", posting.key);
                }
            }
            book.close().unwrap();
        }
    }
    assert!(lagged > 0, "the index never lagged");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let to = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy(&file.path(), &to);
        } else {
            fs::copy(file.path(), to).unwrap();
        }
    }
}
