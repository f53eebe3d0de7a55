//! Bridges, revisions, open commitments and differences match the oracle, on every page.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::domain::calendar::Month;
use ledger_core::domain::event::Series;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::log::read::entry_at;
use ledger_tests::generate::parsed;
use ledger_tests::rounds;
use projections::budget::open_commitments;
use projections::budget::{self, BudgetQuery, BudgetRow, RevisionsQuery, Stage, YearsQuery};
use projections::scope::{Part, Scope};
use projections::{AsAt, QueryError, ReadModels};

use crate::dense_years;
use crate::figures::{ask, figures_of, random_question, text_of, text_of_line};
use crate::live_book::LiveBook;
use crate::oracle::{Figures, ForecastRevision, Kind, Line, Oracle, Question, Step};
use crate::stream::Stream;

fn step(step: &budget::Step) -> Step {
    let pence = |pence: ledger_core::domain::money::Pence| i128::from(pence.get());
    Step {
        position: step.position.get(),
        amount: pence(step.amount),
        before: step.before.map(pence),
        after: step.after.map(pence),
    }
}

/// Compares the bridge of the question's lines at these bodies.
pub(crate) fn check_bridge(
    models: &ReadModels,
    oracle: &Oracle,
    (question, as_at): (&Question, AsAt),
    (line, bodies): (Option<&Line>, Option<&[&str]>),
    turn: &mut dyn FnMut(u64) -> u64,
) {
    let query = ask(models, question, as_at);
    let scope = bodies.map_or_else(Scope::default, |bodies| {
        let bodies = Some(bodies.iter().map(|code| parsed(code)).collect());
        Scope::of(vec![Part { bodies, programmes: None, restricted: true }], BTreeSet::new())
    });
    let within = models.within(&scope);
    let key = line.map(|line| text_of_line(line).parse().unwrap());
    let mut lines: Vec<Line> = match line {
        Some(line) => vec![line.clone()],
        None => oracle.wanted(question),
    };
    lines.retain(|line| bodies.is_none_or(|bodies| bodies.contains(&&*line.body)));
    let struck = oracle.struck(&question.year, question.position);
    let after = struck.map_or(0, |(_, order)| order);
    let expected = [
        (Stage::Revised, oracle.steps(&lines, question, Kind::Revised, after)),
        (Stage::Forecast, oracle.forecast_steps(&lines, question)),
        (Stage::Outturn, oracle.steps(&lines, question, Kind::Actual, 0)),
    ];
    let answer = within.bridge(&query, key.as_ref()).unwrap();
    if lines.is_empty() {
        assert_eq!(answer, None, "{question:?}");
        return;
    }
    let answer = answer.unwrap();
    let sum = oracle.total(&lines, question).figures;
    let pence = |pence: ledger_core::domain::money::Pence| i128::from(pence.get());
    assert_eq!(answer.struck_by.map(Position::get), struck.map(|(at, _)| at), "{question:?}");
    assert_eq!(answer.figures.original.map(pence), sum.original, "{question:?}");
    assert_eq!(pence(answer.figures.revised), sum.revised, "{question:?}");
    assert_eq!(answer.figures.forecast.whole().map(pence), sum.forecast, "{question:?}");
    assert_eq!(pence(answer.figures.actual), sum.actual, "{question:?}");
    let original = sum.original.unwrap_or(0);
    assert_eq!(
        original + pence(answer.effective_later) + pence(answer.movements),
        sum.revised,
        "{question:?}"
    );
    if question.through.is_none() {
        assert_eq!(pence(answer.effective_later), 0, "{question:?}");
    }
    let months = within.spend_by_month(&query, key.as_ref()).unwrap();
    let months: Vec<_> = months
        .iter()
        .map(|of| (of.month.number(), of.entries, of.only.map(Position::get), pence(of.amount)))
        .collect();
    assert_eq!(months, oracle.spend_by_month(&lines, question), "{question:?}");
    for (stage, expected) in expected {
        let page = |after: u64, count| {
            let after = Position::new(after);
            let steps = within.bridge_steps(&query, key.as_ref(), stage, after, count).unwrap();
            steps.iter().map(step).collect::<Vec<_>>()
        };
        assert_eq!(page(0, usize::MAX), expected, "{stage:?} of {question:?}");
        let moved: i128 = expected.iter().map(|step| step.amount).sum();
        let total = match stage {
            Stage::Revised => pence(answer.movements),
            Stage::Forecast => sum.forecast_part.map_or(0, |(known, _)| known),
            Stage::Outturn => sum.actual,
        };
        assert_eq!(moved, total, "{stage:?} of {question:?}");
        for _ in 0..3 {
            let (after, count) = (turn(question.position + 1), 1 + turn(4) as usize);
            let rest = expected.iter().filter(|step| step.position > after);
            let rest: Vec<Step> = rest.take(count).cloned().collect();
            assert_eq!(page(after, count), rest, "{stage:?} of {question:?} after {after}");
        }
    }
}

#[test]
fn every_step_of_a_bridge_matches_the_oracle_on_any_page() {
    for seed in 3000..3000 + rounds(200, 10) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        for _ in 0..6 {
            let (question, as_at) = random_question(&mut stream.random, &oracle);
            let lines = oracle.wanted(&question);
            let line = (!lines.is_empty() && stream.random.below(2) == 0)
                .then(|| lines[stream.random.below(lines.len() as u64) as usize].clone());
            let bodies: Option<&[&str]> =
                (stream.random.below(3) == 0).then_some(&["XDH", "RX1"][..]);
            let mut turn = |below| stream.random.below(below);
            let lines = (line.as_ref(), bodies);
            check_bridge(&book.models(), &oracle, (&question, as_at), lines, &mut turn);
        }
    }
}

/// The year has enough postings for checkpoint tables, and the baseline falls between two of them.
#[test]
fn a_dense_year_s_bridge_matches_the_oracle_on_any_page() {
    for seed in 3500..3500 + rounds(10, 1) {
        let mut stream = Stream::new(seed);
        let (book, oracle) = dense_years::dense_and_struck(&mut stream, 4_000);
        for number in 0..6 {
            let (mut question, mut as_at) = random_question(&mut stream.random, &oracle);
            if number == 0 {
                // All steps, with the movements that follow the baseline within its own entry.
                as_at = AsAt::Position(Position::new(oracle.head()));
                let time = oracle.entries[oracle.head() as usize - 1].0.clone();
                question = Question { position: oracle.head(), time, through: None, ..question };
            }
            let year = dense_years::YEAR.to_owned();
            let lines = Question { year, programme: None, body: None, class: None, ..question };
            let line = oracle.wanted(&lines).pop().filter(|_| number % 2 == 1);
            let mut turn = |below| stream.random.below(below);
            let lines = (&lines, as_at);
            check_bridge(&book.models(), &oracle, lines, (line.as_ref(), None), &mut turn);
        }
        let models = book.models();
        for series in ["reported", "internal"] {
            let (question, as_at) = random_question(&mut stream.random, &oracle);
            let question = Question { year: dense_years::YEAR.to_owned(), ..question };
            check_revisions(&models, &oracle, (&question, as_at), series, stream.random.below(14));
        }
    }
}

fn check_revisions(
    models: &ReadModels,
    oracle: &Oracle,
    (question, as_at): (&Question, AsAt),
    series: &str,
    from_month: u64,
) {
    let since = question.position / 3;
    // Half of the questions are about every year, and some up to an earlier entry.
    let of_all = since % 2 == 0;
    let until = (since % 3 == 0).then_some(since * 2);
    let BudgetQuery { year, programme, body, class, moment, through, .. } =
        ask(models, question, as_at);
    let year = (!of_all).then_some(year);
    let query = RevisionsQuery {
        lines: YearsQuery { from: year, to: year, programme, body, class, moment },
        from_month: Month::new(from_month as u8).ok(),
        through,
        since: Position::new(since),
        until: until.map(Position::new),
        series: if series == "reported" { Series::Reported } else { Series::Internal },
    };
    let within = models.within(Scope::everything());
    let pence = |pence: Pence| i128::from(pence.get());
    let page = |from: u64, skipped, count| {
        let from = Position::new(from);
        let page = within.forecast_revisions(&query, from, skipped, count).unwrap();
        let of = page.into_iter().map(|found| ForecastRevision {
            position: found.position.get(),
            line: found.line.to_string(),
            month: found.month.number(),
            before: found.before.map(pence),
            after: found.after.map(pence),
        });
        of.collect::<Vec<_>>()
    };
    let years = ["2016-17", "2017-18", "2018-19", "2019-20"].map(str::to_owned);
    let years = years.into_iter().filter(|year| of_all || *year == question.year);
    let of_year = |year| oracle.revisions(&Question { year, ..question.clone() }, series, since);
    let mut expected: Vec<ForecastRevision> = years.flat_map(of_year).collect();
    expected.retain(|found| {
        u64::from(found.month) >= from_month && until.is_none_or(|until| found.position <= until)
    });
    expected.sort_by_key(|found| found.position);
    assert_eq!(page(0, 0, usize::MAX), expected, "{series} of {question:?}");
    // One page after another, each from the last entry of the page before.
    let (mut answer, mut from, mut own) = (Vec::new(), 0, 0);
    loop {
        let next = page(from, own, 2);
        for found in &next {
            own = if found.position == from { own + 1 } else { 1 };
            from = found.position;
        }
        if next.is_empty() || answer.len() > 60 {
            break;
        }
        answer.extend(next);
    }
    assert_eq!(answer, expected[..answer.len()], "{series} of {question:?}");
    assert!(answer.len() == expected.len() || answer.len() > 60);
}

#[test]
fn every_revision_of_a_forecast_matches_the_oracle() {
    for seed in 5000..5000 + rounds(200, 10) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        for _ in 0..6 {
            let (question, as_at) = random_question(&mut stream.random, &oracle);
            let series = if stream.random.below(3) == 0 { "internal" } else { "reported" };
            let from = stream.random.below(14);
            check_revisions(&book.models(), &oracle, (&question, as_at), series, from);
        }
    }
}

#[test]
fn every_open_commitment_matches_the_oracle() {
    let mut open = 0;
    for seed in 6000..6000 + rounds(200, 30) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let (oracle, models) = (book.oracle(), book.models());
        for _ in 0..6 {
            let (question, as_at) = random_question(&mut stream.random, &oracle);
            let through = question.through.unwrap_or(12);
            let month = Month::new(through).unwrap();
            let query = ask(&models, &question, as_at);
            let within = models.within(Scope::everything());
            let events_of = |entry| Ok(entry_at(&*book.store, entry)?.map(|entry| entry.events));
            let mut answer = BTreeMap::new();
            for at_risk in within.at_risk(&query).unwrap() {
                let entries = within.committing(&at_risk.line, query.moment.position, month);
                let found = open_commitments(events_of, &at_risk.line, &entries, month).unwrap();
                let sum = Pence::sum(found.iter().map(|commitment| commitment.open));
                assert_eq!(sum, at_risk.open, "{} of {question:?}", at_risk.line);
                for found in found {
                    open += 1;
                    if through == 13 {
                        let history = &oracle.obligations[found.reference.as_str()];
                        let then =
                            history.iter().rfind(|(at, _)| *at <= question.position).unwrap().1;
                        assert_eq!(i128::from(found.open.get()), then, "{}", found.reference);
                        assert_eq!(found.made_by.get(), history[0].0, "{}", found.reference);
                    }
                }
                answer.insert(at_risk.line.to_string(), i128::from(at_risk.open.get()));
            }
            let lines = oracle.wanted(&question).into_iter().map(|line| {
                let committed = oracle.sum(&line, Kind::Committed, question.position, through);
                (text_of_line(&line), committed)
            });
            let expected: BTreeMap<_, _> = lines.filter(|(_, open)| *open != 0).collect();
            assert_eq!(answer, expected, "{question:?}");
        }
    }
    assert!(open > 10, "only {open} were open");
}

/// The figures that only entries can change.
fn entered(figures: &Figures, closed: bool) -> impl PartialEq + std::fmt::Debug + use<> {
    let Figures { original, revised, committed, accrued, actual, forecast, .. } = *figures;
    let sums = (original, revised, committed, accrued, actual);
    (sums, forecast, figures.internal_forecast, figures.inferred, closed)
}

pub(crate) fn check_diff(
    models: &ReadModels,
    oracle: &Oracle,
    question: &Question,
    as_at: AsAt,
    since: u64,
) {
    let query = ask(models, question, as_at);
    let within = models.within(Scope::everything());
    let since_moment = models.moment(AsAt::Position(Position::new(since))).unwrap();
    if since > question.position {
        let refused =
            Err(QueryError::Backwards { since: Position::new(since), at: query.moment.position });
        assert_eq!(within.diff(&query, since_moment), refused);
        return;
    }
    let time = match since {
        0 => String::new(),
        since => oracle.entries[since as usize - 1].0.clone(),
    };
    let earlier = Question { position: since, time, ..question.clone() };
    let by_line = |question: &Question| {
        let sums = oracle.grouped(question, |line| vec![text_of_line(line)]);
        let closed = oracle.is_hard_closed(&question.year, question.position);
        let of = sums.into_iter().map(|(line, sum)| (line, (sum.figures, closed)));
        of.collect::<BTreeMap<_, _>>()
    };
    let (before, mut after) = (by_line(&earlier), by_line(question));
    after.retain(|line, (figures, closed)| {
        before
            .get(line)
            .is_none_or(|(was, was_closed)| entered(was, *was_closed) != entered(figures, *closed))
    });
    let rows = within.diff(&query, since_moment).unwrap();
    let figures = |row: &BudgetRow| figures_of(&row.figures.unwrap(), row.status.unwrap());
    let mut changed = BTreeMap::new();
    for row in &rows {
        let line = text_of(&row.after);
        assert_eq!(row.before.as_ref().map(figures).as_ref(), before.get(&line).map(|(f, _)| f));
        let change = |of: fn(&Figures) -> i128| {
            of(&after[&line].0) - before.get(&line).map_or(0, |(figures, _)| of(figures))
        };
        let changes = row.changes();
        assert_eq!(i128::from(changes.revised.get()), change(|f| f.revised), "{line}");
        assert_eq!(i128::from(changes.available.get()), change(|f| f.available), "{line}");
        assert_eq!(i128::from(changes.variance.get()), change(|f| f.variance), "{line}");
        let forecast = change(|figures| figures.forecast.unwrap_or(0));
        assert_eq!(i128::from(changes.forecast.get()), forecast, "{line}");
        changed.insert(line, figures(&row.after));
    }
    let expected: BTreeMap<_, _> = after.into_iter().map(|(line, (f, _))| (line, f)).collect();
    assert_eq!(changed, expected, "{question:?} since {since}");
    let touching = oracle.touching(question, since);
    let entries = |after: u64, count| {
        let after = Position::new(after);
        let entries = within.diff_entries(&query, since_moment, after, count).unwrap();
        entries.iter().map(|entry| entry.position.get()).collect::<Vec<_>>()
    };
    let expected: Vec<u64> = touching.iter().copied().collect();
    assert_eq!(entries(0, usize::MAX), expected, "{question:?} since {since}");
    let middle = (since + question.position) / 2;
    let rest = touching.iter().copied().filter(|at| *at > middle).take(3);
    assert_eq!(entries(middle, 3), rest.collect::<Vec<_>>(), "{question:?} since {since}");
}

#[test]
fn every_difference_between_two_moments_matches_the_oracle() {
    for seed in 4000..4000 + rounds(200, 10) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        for _ in 0..6 {
            let (question, as_at) = random_question(&mut stream.random, &oracle);
            let since = stream.random.below(oracle.head() + 1);
            check_diff(&book.models(), &oracle, &question, as_at, since);
            let rollup = Some(budget::Rollup::Programme);
            let models = book.models();
            let query = BudgetQuery { rollup, ..ask(&models, &question, as_at) };
            let rows = models.within(Scope::everything()).diff(&query, query.moment).unwrap();
            assert!(rows.is_empty(), "a moment differs from itself");
        }
    }
}
