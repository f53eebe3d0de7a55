//! A start from a snapshot and the log after it equals a start from the whole log.

use std::fs;
use std::path::Path;

use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::movement::Pot;
use ledger_core::domain::position::Position;
use ledger_core::log::segments::SegmentsStore;
use ledger_core::log::store::Store;
use ledger_core::snapshot::Snapshot;
use ledger_core::state::State;
use ledger_core::writer::Outcome;
use ledger_tests::generate::{Random, acting};
use ledger_tests::rounds;
use ledger_tests::simulated_disk::SimulatedDisk;
use projections::book::{Book, DataFolder, take_snapshot};
use projections::budget::Stage;
use projections::compare::compare;
use projections::scope::{Scope, Within};
use projections::{AsAt, ReadModels};

use crate::figures::{ask, random_question};
use crate::live_book::{LiveBook, SetClock, beginning};
use crate::oracle::Oracle;
use crate::stream::{Stream, TimedPosting};

fn ledger_of(state: &State) -> String {
    serde_json::to_string(&state.ledger).unwrap()
}

/// Compares the answers of two read models, at random moments and at the head.
pub(crate) fn same_answers(one: &ReadModels, other: &ReadModels, oracle: &Oracle, seed: u64) {
    let mut random = Random(seed ^ 0x0051_AB5E);
    for _ in 0..25 {
        let (question, as_at) = random_question(&mut random, oracle);
        let (query, of_other) = (ask(one, &question, as_at), ask(other, &question, as_at));
        assert_eq!(query.moment, of_other.moment, "seed {seed}, {question:?}");
        let what = format!("seed {seed}, {query:?}");
        let (within, others) = (one.within(Scope::everything()), other.within(Scope::everything()));
        let rows = within.budget(&query).unwrap();
        assert_eq!(rows, others.budget(&of_other).unwrap(), "{what}");
        let (behind, entries) = (within.contributions(&query), others.contributions(&of_other));
        assert_eq!(behind.unwrap(), entries.unwrap(), "{what}");
        assert_eq!(within.adjustments(&query), others.adjustments(&of_other), "{what}");
        assert_eq!(within.underspends(&query), others.underspends(&of_other), "{what}");
        assert_eq!(within.bridge(&query, None), others.bridge(&query, None), "{what}");
        for stage in [Stage::Revised, Stage::Forecast, Stage::Outturn] {
            let steps = |of: Within<'_>| of.bridge_steps(&query, None, stage, Position::START, 500);
            assert_eq!(steps(within), steps(others), "{what}, {stage:?}");
        }
        for (line, _) in within.line_figures(&query) {
            let months = |of: Within<'_>| of.months(&line, query.moment);
            assert_eq!(months(within), months(others), "{what}, {line}");
            let version = |of: Within<'_>| of.line_version(&line, query.moment.position);
            assert_eq!(version(within), version(others), "{what}, {line}");
        }
        let at = query.moment.position;
        assert_eq!(one.policy(query.moment), other.policy(query.moment), "{what}");
        for (fund, _) in one.register.funds(at) {
            for class in BudgetClass::ALL {
                let pot = Pot { fund, class };
                assert_eq!(
                    within.fund_balance(pot, at),
                    others.fund_balance(pot, at),
                    "{what}, {pot}"
                );
                assert!(within.fund_entries(pot, at).eq(others.fund_entries(pot, at)), "{what}");
            }
        }
        let differences = compare(one, other, at).differences;
        assert!(differences.is_empty(), "{what}: {differences:?}");
    }
}

#[test]
fn state_and_projections_from_a_snapshot_and_from_the_log_are_the_same() {
    for seed in 700..700 + rounds(100, 10) {
        let mut stream = Stream::new(seed);
        let before = stream.random.below(250) as usize;
        let mut book = LiveBook::of_stream(&mut stream, before);
        let disk = SimulatedDisk::new(seed);
        book.inspect(|state, models| take_snapshot(&disk, state, models)).unwrap();
        let taken = book.head();
        for _ in 0..120 {
            drop(book.post_next(&mut stream));
        }
        let snapshot = Snapshot::list(&disk).into_iter().next().unwrap();
        assert_eq!(snapshot.position().get(), taken);
        let (mut state, mut models) =
            (snapshot.state().unwrap(), ReadModels::read(&snapshot).unwrap());
        state.catch_up(&*book.store, &mut models, None).unwrap();
        let (from_log, models_from_log) = book.replayed(book.head());
        assert_eq!(ledger_of(&state), ledger_of(&from_log), "seed {seed}");
        assert_eq!(state.tree.root(), book.store.head().root, "seed {seed}");
        assert_eq!(state.keys.len(), from_log.keys.len(), "seed {seed}");
        let oracle = book.oracle();
        same_answers(&models, &models_from_log, &oracle, seed);
        same_answers(&models, &book.models(), &oracle, seed);
    }
}

fn post(book: &Book, clock: &SetClock, sent: &TimedPosting) -> Outcome {
    clock.set(sent.at);
    book.writer().post_all_blocking(acting(sent.by), vec![sent.posting.clone()]).pop().unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// The log's lines, including seals.
fn log_of(folder: &DataFolder) -> Vec<u8> {
    let store = SegmentsStore::read_only(folder.book.clone()).unwrap();
    let (mut pieces, mut piece, mut log) =
        (store.read(Position::new(1)).unwrap(), Vec::new(), Vec::new());
    while pieces.next(&mut piece).unwrap() {
        log.extend_from_slice(&piece);
    }
    log
}

#[test]
fn books_opened_from_a_snapshot_and_from_the_log_answer_alike_and_write_the_same_bytes() {
    for seed in 800..800 + rounds(20, 3) {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let clock = SetClock::default();
        let mut stream = Stream::new(seed);
        let folder = DataFolder::writable(one.path()).unwrap();
        let book = Book::create(folder.clone(), &beginning(), clock.clock()).unwrap();
        for sent in stream.opening() {
            post(&book, &clock, &sent).unwrap();
        }
        stream.head = book.store().head().position.get();
        for number in 0..120 {
            let known = stream.references.len();
            let sent = stream.next();
            let outcome = post(&book, &clock, &sent);
            stream.record_outcome(&sent, &outcome, known);
            if number == 60 {
                let (mut state, mut models) = (State::default(), ReadModels::default());
                state.catch_up(&**book.store(), &mut models, None).unwrap();
                take_snapshot(&*folder.snapshots, &state, &models).unwrap();
            }
        }
        book.close().unwrap();
        copy(&one.path().join("book"), &other.path().join("book"));
        let without = DataFolder::writable(other.path()).unwrap();
        let book = Book::open(folder.clone(), clock.clock(), None).unwrap();
        let of_log = Book::open(without.clone(), clock.clock(), None).unwrap();
        assert!(book.replayed_from() > Position::START, "opened from the snapshot");
        assert_eq!(of_log.replayed_from(), Position::START, "opened from the log");
        for _ in 0..80 {
            let known = stream.references.len();
            let sent = stream.next();
            let outcome = post(&book, &clock, &sent);
            assert_eq!(outcome, post(&of_log, &clock, &sent), "seed {seed}, {sent:?}");
            stream.record_outcome(&sent, &outcome, known);
        }
        let moment = book.models().moment(AsAt::Now).unwrap();
        assert_eq!(moment, of_log.models().moment(AsAt::Now).unwrap());
        let differences = compare(&book.models(), &of_log.models(), moment.position).differences;
        assert!(differences.is_empty(), "seed {seed}: {differences:?}");
        assert_eq!(book.store().head(), of_log.store().head(), "seed {seed}");
        book.close().unwrap();
        of_log.close().unwrap();
        assert_eq!(log_of(&folder), log_of(&without), "seed {seed}");
    }
}
