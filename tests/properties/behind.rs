//! The entries behind a figure are those that make it, and their parts sum to it.

use std::collections::BTreeSet;

use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_tests::rounds;
use projections::budget::{BudgetQuery, Rollup};
use projections::measure::Measure;
use projections::year::Contribution;
use projections::{AsAt, ReadModels};

use crate::figures::{ask, random_question, text_of_line};
use crate::live_book::LiveBook;
use crate::oracle::{Asked, Kind, Oracle};
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

fn check_behind(models: &ReadModels, oracle: &Oracle, asked: &Asked, behind: &[Contribution]) {
    let (at, through) = (asked.position, asked.last_month());
    let lines = oracle.wanted(asked);
    assert!(behind.is_sorted_by_key(|part| part.position), "in order of position");
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
        let mut told = parts(behind, measure);
        expected.sort();
        told.sort();
        assert_eq!(told, expected, "{measure:?} of {asked:?}");
    }
    let series = [(Measure::Forecast, "reported"), (Measure::Internal, "internal")];
    for (measure, series) in series {
        let told = parts(behind, measure);
        for line in &lines {
            let of_line: Vec<&Part> =
                told.iter().filter(|(_, of, _, _)| *of == text_of_line(line)).collect();
            let standing = oracle.forecast(line, series, at, through);
            let level = standing.map_or(0, |stated| stated.pence);
            let sum: i128 = of_line.iter().map(|(_, _, _, pence)| pence).sum();
            assert_eq!(sum, level, "{measure:?} of {line:?} in {asked:?}");
            let stated: BTreeSet<u64> = oracle
                .stated
                .iter()
                .filter(|s| s.line == *line && s.series == series && s.position <= at)
                .filter(|s| s.month <= through)
                .map(|s| s.position)
                .collect();
            let listed: BTreeSet<u64> = of_line.iter().map(|(position, ..)| *position).collect();
            assert_eq!(listed, stated, "{measure:?} of {line:?} in {asked:?}");
        }
    }
    let query = ask(models, asked, AsAt::Position(Position::new(asked.position)));
    let whole = BudgetQuery { rollup: Some(Rollup::Year), ..query };
    for row in models.budget(&whole).unwrap() {
        let figures = row.figures.unwrap();
        let sum = |measure| {
            let of_measure = behind.iter().filter(move |part| part.measure == measure);
            Pence::sum(of_measure.map(|part| part.pence))
        };
        let told = [figures.revised, figures.committed, figures.accrued, figures.actual];
        assert_eq!(kinds.map(|(measure, _)| sum(measure)), told, "{asked:?}");
        assert_eq!(sum(Measure::Forecast), figures.forecast.unwrap_or_default(), "{asked:?}");
    }
}

#[test]
fn every_figure_lists_the_entries_that_make_it_and_no_others() {
    for seed in 1000..1000 + rounds(200, 10) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        for _ in 0..10 {
            let (asked, as_at) = random_question(&mut stream.random, &oracle);
            let models = book.models();
            let behind = models.behind(&ask(&models, &asked, as_at)).unwrap();
            check_behind(&models, &oracle, &asked, &behind);
        }
    }
}
