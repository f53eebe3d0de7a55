//! A what-if is judged, and changes its copy, like a posting at that moment. The book itself stays
//! unchanged.

use std::collections::{BTreeSet, VecDeque};

use ledger_core::domain::actor::ActorDigest;
use ledger_core::domain::decide::{Context, Decision, Original, judge};
use ledger_core::domain::event::Events;
use ledger_core::domain::position::Position;
use ledger_core::domain::warning::Warning;
use ledger_core::log::entry::Entry;
use ledger_core::log::read::{line_at, visit_lines};
use ledger_core::log::store::Store;
use ledger_core::projection::{Posted, Projection};
use ledger_tests::generate::acting;
use ledger_tests::rounds;
use projections::compare::compare;
use projections::scope::Scope;
use projections::what_if::{WhatIf, WhatIfError};
use projections::{AsAt, ReadModels};

use crate::live_book::LiveBook;
use crate::snapshots::same_answers;
use crate::stream::Stream;

/// Applies the entries of a book after a position to read models.
pub(crate) fn apply_entries(models: &mut ReadModels, book: &LiveBook, after: u64) {
    visit_lines(&*book.store, Position::new(after + 1), |line| {
        let entry = Entry::from_line(line).unwrap();
        let Entry { position, recorded, actor, events, inferred, .. } = &entry;
        let by = ActorDigest::new(actor);
        let (position, recorded, inferred) = (*position, *recorded, inferred.is_some());
        models.apply(&Posted { position, recorded, by, inferred, events });
        true
    })
    .unwrap();
}

#[test]
fn a_copy_at_a_position_equals_a_book_that_ends_there_and_takes_later_entries() {
    for seed in 9000..9000 + rounds(60, 5) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let (live, oracle) = (book.models(), book.oracle());
        for _ in 0..4 {
            let at = 1 + stream.random.below(book.head());
            let mut copy = live.until(Position::new(at));
            let (_, rebuilt) = book.replayed(at);
            let differences = compare(&copy, &rebuilt, Position::new(at)).differences;
            assert_eq!(differences, Vec::<String>::new(), "seed {seed}, at {at}");
            assert_eq!(copy.moment(AsAt::Now), rebuilt.moment(AsAt::Now));
            apply_entries(&mut copy, &book, at);
            same_answers(&copy, &live, &oracle, seed);
            let (whole, of_copy) =
                (live.within(Scope::everything()), copy.within(Scope::everything()));
            for year in whole.financial_years().filter_map(|year| whole.whole_year(year)) {
                let other = of_copy.whole_year(year.year()).unwrap();
                for (number, line) in year.lines().iter().enumerate() {
                    let now = Position::new(book.head());
                    assert_eq!(year.version(number, now), other.version(number, now), "{line:?}");
                }
            }
        }
    }
}

/// A decision without the warnings of what a what-if does not know of the past: unsigned spend and
/// payments.
fn comparable(mut decision: Decision) -> Decision {
    let unknown = |warning: &Warning| {
        matches!(warning, Warning::UnsignedInvestment { .. } | Warning::LikeEntry { .. })
    };
    decision.warnings.retain(|warning| !unknown(warning));
    decision
}

/// Reads the events of an entry.
fn events_in(book: &LiveBook) -> impl Fn(Position) -> Option<Events> + '_ {
    |position| {
        let line = line_at(&*book.store, position).ok()??;
        Some(Entry::from_line(&line).ok()?.events)
    }
}

#[test]
fn a_what_if_is_judged_like_a_posting_at_that_position() {
    let (mut accepted, mut refused) = (0, BTreeSet::new());
    for seed in 9100..9100 + rounds(100, 10) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 150);
        for _ in 0..3 {
            let at = 1 + stream.random.below(book.head());
            let (mut state, mut models) = book.replayed(at);
            let head = book.store.head();
            let moment = book.models().moment(AsAt::Position(Position::new(at))).unwrap();
            let mut supposed = WhatIf::new(&book.models(), moment);
            let postings: Vec<_> = (0..40).map(|_| stream.next().posting).collect();
            let actor = acting("generator");
            let mut left = &postings[..];
            let mut outcomes = VecDeque::new();
            for posting in &postings {
                // A few postings at a time: each call builds the state it is judged on.
                if outcomes.is_empty() {
                    let (few, rest) =
                        left.split_at(left.len().min(1 + stream.random.below(3) as usize));
                    outcomes.extend(supposed.suppose(few, &actor, &events_in(&book)));
                    left = rest;
                }
                let outcome = outcomes.pop_front().unwrap();
                let what = format!("seed {seed}, at {at}: {posting:?}");
                if posting.command.is_about_sign_off() {
                    assert_eq!(outcome, Err(WhatIfError::ConcernsSignOff), "{what}");
                    continue;
                }
                let originals: Vec<Original> = posting
                    .command
                    .undoes()
                    .into_iter()
                    .filter_map(|position| {
                        if position > Position::new(at) {
                            let events = supposed.decision(position)?.events.clone();
                            return (position <= state.position())
                                .then_some(Original { position, events });
                        }
                        let line = line_at(&*book.store, position).unwrap()?;
                        let events = Entry::from_line(&line).unwrap().events;
                        Some(Original { position, events })
                    })
                    .collect();
                let context = Context {
                    actor: &actor,
                    recorded: moment.time,
                    has_authority: posting.authority.is_some(),
                    has_evidence: !posting.evidence.is_empty(),
                    originals: &originals,
                };
                let versions = ledger_core::domain::decide::check_versions(
                    &state.ledger,
                    &posting.expected_versions,
                    &actor.reads,
                );
                let judged =
                    versions.and_then(|()| judge(&state.ledger, &posting.command, &context));
                match (judged, outcome) {
                    (Ok(decision), Ok(position)) => {
                        accepted += 1;
                        assert_eq!(position, state.position().next(), "{what}");
                        let supposed = supposed.decision(position).cloned();
                        let (supposed, judged) =
                            (supposed.map(comparable), comparable(decision.clone()));
                        assert_eq!(supposed, Some(judged), "{what}");
                        let (recorded, events) = (moment.time, &decision.events);
                        let inferred = posting.inferred.is_some();
                        let by = actor.digest();
                        state.ledger.apply(position, recorded, by, events);
                        models.apply(&Posted { position, recorded, by, inferred, events });
                    }
                    (Err(rejection), outcome) => {
                        assert_eq!(outcome, Err(rejection.clone().into()), "{what}");
                        refused.insert(rejection.code());
                    }
                    (Ok(decision), Err(not)) => panic!("{not}, but {decision:?}: {what}"),
                }
            }
            let differences = compare(supposed.models(), &models, models.times.head()).differences;
            assert_eq!(differences, Vec::<String>::new(), "seed {seed}, at {at}");
            assert_eq!(book.store.head(), head, "the book is unchanged");
        }
    }
    assert!(accepted > 300 && refused.len() > 15, "{accepted} accepted, {refused:?}");
}
