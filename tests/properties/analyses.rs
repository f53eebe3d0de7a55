//! Underspends by reason, programmes off year after year, and forecasts against outturns are what
//! the oracle works out.

use std::collections::BTreeMap;

use ledger_core::domain::calendar::Month;
use ledger_core::domain::command::ClosePeriod;
use ledger_core::domain::event::Close;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_tests::generate::parsed;
use ledger_tests::rounds;
use projections::budget::{Direction, Outturn, Reasons, ReasonsBy, YearsQuery};
use projections::scope::Scope;
use projections::{AsAt, ReadModels};

use crate::figures::{ask, random_question};
use crate::live_book::LiveBook;
use crate::oracle::{Asked, Kind, Line, Oracle};
use crate::stream::{Stream, YEARS};

fn pence(pence: Pence) -> i128 {
    i128::from(pence.get())
}

/// A code and those above it, up to one.
fn path(oracle: &Oracle, programme: &str, up_to: Option<&String>) -> Vec<String> {
    let path = Oracle::path(&oracle.programmes, programme);
    let end = path.iter().position(|code| Some(code) == up_to);
    path[..end.map_or(path.len(), |end| end + 1)].to_vec()
}

/// The underspend of a line and what has been said of it; none where there is neither.
fn underspend(oracle: &Oracle, line: &Line, asked: &Asked) -> Option<(i128, i128)> {
    let figures = oracle.total(std::slice::from_ref(line), asked).figures;
    let closed = oracle.is_hard_closed(&asked.year, asked.position);
    let spent = figures.forecast.filter(|_| !closed).unwrap_or(figures.actual);
    let underspend = (figures.revised - spent).max(0);
    let said = oracle.explained.iter().filter(|(at, of, _)| *at <= asked.position && of == line);
    let said: Vec<i128> = said.map(|(_, _, pence)| *pence).collect();
    (underspend > 0 || !said.is_empty()).then(|| (underspend, said.iter().sum()))
}

fn told(rows: &[Reasons], name: impl Fn(&Reasons) -> String) -> BTreeMap<String, (i128, i128)> {
    let rows = rows.iter().map(|row| {
        let Reasons { slippage, saving, clawback, diversion, unknown, .. } = row;
        let said = Pence::sum([*slippage, *saving, *clawback, *diversion, *unknown]);
        assert_eq!(row.unexplained, row.underspend.minus(said), "{row:?}");
        (name(row), (pence(row.underspend), pence(said)))
    });
    rows.collect()
}

pub(crate) fn check_reasons(models: &ReadModels, oracle: &Oracle, asked: &Asked, as_at: AsAt) {
    let query = ask(models, asked, as_at);
    let within = models.within(Scope::everything());
    let expected = |keys: &dyn Fn(&Line) -> Vec<String>| {
        let mut sums: BTreeMap<String, (i128, i128)> = BTreeMap::new();
        for line in oracle.wanted(asked) {
            let Some((under, said)) = underspend(oracle, &line, asked) else { continue };
            for key in keys(&line) {
                let sum = sums.entry(key).or_default();
                *sum = (sum.0 + under, sum.1 + said);
            }
        }
        sums
    };
    let rows = |by| within.underspends_by_reason(&query, by).unwrap();
    let by_year = told(&rows(ReasonsBy::Year), |_| String::new());
    assert_eq!(by_year, expected(&|_| vec![String::new()]), "{asked:?}");
    let by_class = told(&rows(ReasonsBy::Class), |row| row.class.unwrap().to_string());
    assert_eq!(by_class, expected(&|line| vec![line.class.clone()]), "{asked:?}");
    let programme = |row: &Reasons| row.programme.unwrap().to_string();
    let by_programme = told(&rows(ReasonsBy::Programme), programme);
    let paths = |line: &Line| path(oracle, &line.programme, asked.programme.as_ref());
    assert_eq!(by_programme, expected(&paths), "{asked:?}");
    let outflows = within.outflows(&query, Position::START, usize::MAX).unwrap();
    let outflows = outflows.iter().map(|one| (one.position.get(), pence(one.amount)));
    let steps = oracle.steps(&oracle.wanted(asked), asked, Kind::Revised, 0).into_iter();
    let taken = steps.filter(|step| step.amount < 0).map(|step| (step.position, -step.amount));
    assert_eq!(outflows.collect::<Vec<_>>(), taken.collect::<Vec<_>>(), "{asked:?}");
}

#[test]
fn underspends_by_reason_and_outflows_are_what_the_oracle_works_out() {
    for seed in 9100..9100 + rounds(200, 10) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        for _ in 0..6 {
            let (asked, as_at) = random_question(&mut stream.random, &oracle);
            check_reasons(&book.models(), &oracle, &asked, as_at);
        }
    }
}

/// Revised and outturn of each programme, those below it included, in a closed year.
fn outturns(oracle: &Oracle, year: &str) -> BTreeMap<String, (i128, i128)> {
    let head = oracle.head();
    let mut sums: BTreeMap<String, (i128, i128)> = BTreeMap::new();
    for line in oracle.lines(head).into_iter().filter(|line| line.year == year) {
        let (revised, actual) =
            (oracle.sum(&line, Kind::Revised, head, 13), oracle.sum(&line, Kind::Actual, head, 13));
        for code in path(oracle, &line.programme, None) {
            let sum = sums.entry(code).or_default();
            *sum = (sum.0 + revised, sum.1 + actual);
        }
    }
    sums
}

fn check_years(models: &ReadModels, oracle: &Oracle) {
    let (from, to, programme, body, class) = (None, None, None, None, None);
    let moment = models.moment(AsAt::Now).unwrap();
    let query = YearsQuery { from, to, programme, body, class, moment };
    let within = models.within(Scope::everything());
    let head = oracle.head();
    let closed: Vec<&str> =
        YEARS.into_iter().filter(|year| oracle.is_hard_closed(year, head)).collect();
    assert!(closed.len() >= 2, "{closed:?}");
    for (direction, sign) in [(Direction::Underspent, 1), (Direction::Overspent, -1)] {
        for running in 1..=3 {
            let mut expected: BTreeMap<String, Vec<Vec<(String, i128)>>> = BTreeMap::new();
            for code in oracle.programmes.keys() {
                // Years that are off, in runs; the years of these books follow each other.
                let off = YEARS.map(|year| {
                    let found = closed.contains(&year).then(|| outturns(oracle, year));
                    let (revised, actual) = found?.get(code).copied()?;
                    let off = revised - actual;
                    (off * sign > 0).then(|| (year.to_owned(), off))
                });
                let runs = off.split(Option::is_none).map(|run| run.iter().flatten().cloned());
                let runs: Vec<Vec<_>> = runs.map(Iterator::collect).collect();
                let long = runs.into_iter().filter(|run| !run.is_empty() && run.len() >= running);
                let long: Vec<_> = long.collect();
                if !long.is_empty() {
                    expected.insert(code.clone(), long);
                }
            }
            let mut told: BTreeMap<String, Vec<Vec<(String, i128)>>> = BTreeMap::new();
            for pattern in within.patterns(&query, direction, running).unwrap() {
                let year = |of: &Outturn| (of.year.to_string(), pence(of.underspend()));
                let years = pattern.years.iter().map(year).collect();
                told.entry(pattern.programme.to_string()).or_default().push(years);
            }
            assert_eq!(told, expected, "{direction:?} {running} years running");
        }
    }
    let mut expected = BTreeMap::new();
    for year in &closed {
        for month in 1..=12 {
            let of_year = oracle.lines(head).into_iter().filter(|line| line.year == **year);
            for line in of_year {
                let stood = oracle.forecast(&line, "reported", head, month).map(|s| s.pence);
                let actual = oracle.sum(&line, Kind::Actual, head, 13);
                for code in path(oracle, &line.programme, None) {
                    let key = ((*year).to_owned(), code, month);
                    let sum: &mut (usize, [i128; 3]) = expected.entry(key).or_default();
                    let (spent, forecast, other) = match stood {
                        Some(stood) => (actual, stood, 0),
                        None => (0, 0, actual),
                    };
                    sum.0 += usize::from(stood.is_some());
                    sum.1[0] += forecast;
                    sum.1[1] += spent;
                    sum.1[2] += other;
                }
            }
        }
    }
    expected.retain(|_, (lines, _)| *lines > 0);
    let expected: BTreeMap<_, _> =
        expected.into_iter().map(|(key, (_, figures))| (key, figures)).collect();
    let told = within.accuracy(&query, None).unwrap().into_iter().map(|row| {
        let key = (row.year.to_string(), row.programme.to_string(), row.month.number());
        (key, [pence(row.forecast), pence(row.outturn), pence(row.unforecast)])
    });
    assert_eq!(told.collect::<BTreeMap<_, _>>(), expected);
    let m6 = within.accuracy(&query, Month::new(6).ok()).unwrap();
    assert!(m6.iter().all(|row| row.month.number() == 6));
}

#[test]
fn closed_years_give_the_patterns_and_the_accuracy_that_the_oracle_works_out() {
    for seed in 9500..9500 + rounds(100, 8) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let open = stream.random.below(4) as usize;
        for (index, year) in YEARS.into_iter().enumerate() {
            if index != open {
                let (year, month, close) = (parsed(year), None, Close::Hard);
                // It may be closed already.
                drop(book.post(&stream.send_plainly(ClosePeriod { year, month, close }.into())));
            }
        }
        check_years(&book.models(), &book.oracle());
    }
}
