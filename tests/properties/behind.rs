//! The entries behind a figure are complete, and their parts sum to the figure.

use std::collections::BTreeSet;

use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_tests::rounds;
use projections::budget::{BudgetQuery, Rollup};
use projections::measure::Measure;
use projections::scope::Scope;
use projections::year::Contribution;
use projections::{AsAt, ReadModels};

use crate::figures::{ask, random_question, text_of_line};
use crate::live_book::LiveBook;
use crate::oracle::{Kind, Oracle, Question};
use crate::stream::Stream;

/// Position, line, month and pence.
type Part = (u64, String, u8, i128);

fn parts(behind: &[Contribution], measure: Measure) -> Vec<Part> {
    let of_measure = behind.iter().filter(|part| part.measure == measure);
    let part = |c: &Contribution| {
        (c.position.get(), c.line.to_string(), c.month.number(), i128::from(c.pence.get()))
    };
    of_measure.map(part).collect()
}

fn check_behind(
    models: &ReadModels,
    oracle: &Oracle,
    question: &Question,
    behind: &[Contribution],
) {
    let (at, through) = (question.position, question.last_month());
    let lines = oracle.wanted(question);
    assert!(behind.is_sorted_by_key(|part| part.position), "entries are in order of position");
    let kinds = [
        (Measure::Revised, Kind::Revised),
        (Measure::Committed, Kind::Committed),
        (Measure::Accrued, Kind::Accrued),
        (Measure::Actual, Kind::Actual),
    ];
    for (measure, kind) in kinds {
        let changes = oracle.changes.iter().filter(|change| {
            change.kind == kind
                && change.position <= at
                && change.month <= through
                && change.pence != 0
                && lines.contains(&change.line)
        });
        let mut expected: Vec<Part> =
            changes.map(|c| (c.position, text_of_line(&c.line), c.month, c.pence)).collect();
        let mut answer = parts(behind, measure);
        expected.sort();
        answer.sort();
        assert_eq!(answer, expected, "{measure:?} of {question:?}");
    }
    let series = [(Measure::Forecast, "reported"), (Measure::Internal, "internal")];
    for (measure, series) in series {
        let answer = parts(behind, measure);
        for line in &lines {
            let of_line: Vec<&Part> =
                answer.iter().filter(|(_, of, _, _)| *of == text_of_line(line)).collect();
            let standing = oracle.forecast(line, series, at, through);
            let level = standing.map_or(0, |stated| stated.pence);
            let sum: i128 = of_line.iter().map(|(_, _, _, pence)| pence).sum();
            assert_eq!(sum, level, "{measure:?} of {line:?} in {question:?}");
            let withdrawn = oracle.withdrawals.iter().filter(|w| {
                w.line == *line && w.series == series && w.position <= at && w.month <= through
            });
            let stated: BTreeSet<u64> = oracle
                .stated
                .iter()
                .filter(|s| s.line == *line && s.series == series && s.position <= at)
                .filter(|s| s.month <= through)
                .map(|s| s.position)
                .chain(withdrawn.map(|w| w.position))
                .collect();
            let listed: BTreeSet<u64> = of_line.iter().map(|(position, ..)| *position).collect();
            assert_eq!(listed, stated, "{measure:?} of {line:?} in {question:?}");
        }
    }
    let query = ask(models, question, AsAt::Position(Position::new(question.position)));
    let whole = BudgetQuery { rollup: Some(Rollup::Year), ..query };
    for row in models.within(Scope::everything()).budget(&whole).unwrap() {
        let figures = row.figures.unwrap();
        let sum = |measure| {
            let of_measure = behind.iter().filter(move |part| part.measure == measure);
            Pence::sum(of_measure.map(|part| part.pence))
        };
        let answer = [figures.revised, figures.committed, figures.accrued, figures.actual];
        assert_eq!(kinds.map(|(measure, _)| sum(measure)), answer, "{question:?}");
        assert_eq!(
            sum(Measure::Forecast),
            figures.forecast.known.unwrap_or_default(),
            "{question:?}"
        );
    }
}

#[test]
fn every_figure_lists_the_entries_that_make_it_and_no_others() {
    for seed in 1000..1000 + rounds(200, 10) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        for _ in 0..10 {
            let (question, as_at) = random_question(&mut stream.random, &oracle);
            let models = book.models();
            let behind = models
                .within(Scope::everything())
                .contributions(&ask(&models, &question, as_at))
                .unwrap();
            check_behind(&models, &oracle, &question, &behind);
        }
    }
}
