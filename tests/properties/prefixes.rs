//! Replaying any prefix gives the state and read models that were live there, and in any prefix the
//! money sums to zero.

use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::keys::KeyDigest;
use ledger_core::projection::{Posted, Projection};
use ledger_core::replay::Replay;
use ledger_core::state::State;
use ledger_tests::rounds;
use projections::AsAt;
use projections::compare::compare;
use projections::scope::Scope;

use crate::figures::{check_question, random_question};
use crate::live_book::LiveBook;
use crate::oracle::{Kind, Line, Oracle};
use crate::stream::Stream;

#[test]
fn replay_of_any_prefix_gives_the_state_and_read_models_that_were_live_there() {
    for seed in 2000..2000 + rounds(100, 5) {
        let mut stream = Stream::new(seed);
        let mut book = LiveBook::of_stream(&mut stream, 0);
        let mut seen = Vec::new();
        for number in 0..240 {
            drop(book.post_next(&mut stream));
            if number % 30 == 0 {
                seen.push((book.head(), book.contents(), book.oracle()));
            }
        }
        let live = book.models();
        for (at, contents, oracle) in seen {
            let (state, models) = book.replayed(at);
            assert_eq!(state.position().get(), at);
            assert_eq!(serde_json::to_value(&state.ledger).unwrap(), contents.ledger, "at {at}");
            assert_eq!(format!("{:?}", state.tree.root()), contents.root, "at {at}");
            check_keys(&state, &book.oracle());
            let compared = compare(&live, &models, Position::new(at));
            assert_eq!(compared.differences, Vec::<String>::new(), "as at {at}");
            // The recorded questions, asked of the rebuilt models and of the live ones now.
            for _ in 0..3 {
                let (question, as_at) = random_question(&mut stream.random, &oracle);
                let then = AsAt::Position(Position::new(question.position));
                check_question(&models, &oracle, &question, as_at);
                if as_at == then {
                    check_question(&live, &oracle, &question, then);
                }
            }
        }
    }
}

/// At any position, in read models and in a copy that ends there.
#[test]
fn versions_of_lines_are_the_last_entries_that_named_them() {
    for seed in 2700..2700 + rounds(100, 6) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let (live, oracle) = (book.models(), book.oracle());
        let cut = Position::new(1 + stream.random.below(book.head()));
        for (models, head) in [(&*live, book.head()), (&live.until(cut), cut.get())] {
            let whole = models.within(Scope::everything());
            for year in whole.financial_years().filter_map(|year| whole.whole_year(year)) {
                for (number, line) in year.lines().iter().enumerate() {
                    let named = &oracle.named[&Line::parse(&line.key.to_string())];
                    for at in 1..=head {
                        let expected = named.iter().filter(|entry| **entry <= at).max();
                        let answer = year.version(number, Position::new(at)).get();
                        let what = format!("{line:?} at {at} of {head}, seed {seed}");
                        assert_eq!(answer, expected.copied().unwrap_or(0), "{what}");
                    }
                }
            }
        }
    }
}

/// The used keys of a state are the keys of its entries, and no others.
fn check_keys(state: &State, oracle: &Oracle) {
    for ((actor, key), (position, _)) in &oracle.keys {
        let found = state.keys.find(KeyDigest::new(actor, key)).map(Position::get);
        let used = *position <= state.position().get();
        assert_eq!(found, used.then_some(*position), "the key {key}");
    }
    assert_eq!(state.keys.len() as u64, state.position().get());
}

#[test]
fn the_ledger_s_lines_and_their_versions_match_the_oracle() {
    for seed in 2500..2500 + rounds(100, 6) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        for _ in 0..4 {
            let at = 1 + stream.random.below(book.head());
            let (state, _) = book.replayed(at);
            let lines = oracle.lines(at);
            assert_eq!(state.ledger.line_keys().len(), lines.len(), "as at {at}");
            for key in state.ledger.line_keys() {
                let line = Line::parse(&key.to_string());
                let answer = state.ledger.line(&key).unwrap();
                let pence = |pence: Pence| i128::from(pence.get());
                let sum = |kind| oracle.sum(&line, kind, at, 13);
                assert_eq!(pence(answer.revised), sum(Kind::Revised), "{key} at {at}");
                assert_eq!(pence(answer.committed), sum(Kind::Committed), "{key} at {at}");
                assert_eq!(pence(answer.accrued), sum(Kind::Accrued), "{key} at {at}");
                assert_eq!(pence(answer.actual), sum(Kind::Actual), "{key} at {at}");
                let spoken_for = sum(Kind::Committed) + sum(Kind::Accrued) + sum(Kind::Actual);
                // A credit of an earlier year is no budget of this one.
                let available = sum(Kind::Revised) - spoken_for + sum(Kind::Prior).min(0);
                assert_eq!(pence(answer.available()), available, "{key} at {at}");
                let changed = oracle.named[&line].iter().filter(|entry| **entry <= at).max();
                assert_eq!(answer.version.get(), *changed.unwrap(), "the version of {key} at {at}");
            }
            for (reference, history) in &oracle.obligations {
                let known = history.iter().rfind(|(position, _)| *position <= at);
                let answer = state.ledger.obligation(&reference.parse().unwrap());
                let answer = answer.map(|obligation| i128::from(obligation.open.get()));
                assert_eq!(answer, known.map(|(_, open)| *open), "what is open of {reference}");
            }
        }
    }
}

/// Checks the sums after every entry.
#[derive(Default)]
struct Conservation {
    ledger: ledger_core::domain::ledger::Ledger<'static>,
    checked: u64,
}

impl Projection for Conservation {
    fn apply(&mut self, entry: &Posted<'_>) {
        self.ledger.apply(entry.position, entry.recorded, entry.by, entry.events);
        let parts = self.ledger.conservation();
        assert_eq!(Pence::sum(parts), Pence::ZERO, "{parts:?} at {}", entry.position);
        self.checked += 1;
    }
}

#[test]
fn in_every_prefix_the_legs_and_the_money_in_funds_lines_and_outside_sum_to_zero() {
    for seed in 3000..3000 + rounds(200, 8) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        assert_eq!(oracle.unbalanced, Vec::<u64>::new());
        let (mut conservation, mut tree) = (Conservation::default(), Default::default());
        Replay::default().run(&*book.store, &mut tree, &mut conservation).unwrap();
        assert_eq!(conservation.checked, book.head());
        for at in 1..=book.head() {
            let lines: i128 =
                oracle.lines(at).iter().map(|line| oracle.sum(line, Kind::Revised, at, 13)).sum();
            let of = |why: &[&str], outside: bool| -> i128 {
                let flows = oracle.flows.iter().filter(|flow| {
                    let is_outside = !flow.account.contains('/');
                    flow.position <= at && why.contains(&flow.why) && is_outside == outside
                });
                flows.map(|flow| flow.pence).sum()
            };
            let came_in = of(&["new", "reannounced"], false);
            let gone_out = of(&["allocated"], true);
            let allocated = -of(&["allocated"], false);
            let unallocated = of(&["settled", "earmarked", "allocated"], false);
            assert_eq!(
                came_in,
                allocated + unallocated,
                "money received is allocated or unallocated, at {at}"
            );
            assert_eq!(allocated, lines + gone_out, "allocated money is on lines, at {at}");
            assert_eq!(
                of(&["earmarked"], false),
                0,
                "earmarks move money between funds only, at {at}"
            );
        }
    }
}
