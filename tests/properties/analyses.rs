//! Underspends by reason, persistent variances and forecast accuracy match the oracle.

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
use crate::oracle::{Kind, Line, Oracle, Question};
use crate::stream::{Stream, YEARS};

fn pence(pence: Pence) -> i128 {
    i128::from(pence.get())
}

/// The path from `programme` upwards, ending at `up_to` where it is given.
fn path(oracle: &Oracle, programme: &str, up_to: Option<&String>) -> Vec<String> {
    let path = Oracle::path(&oracle.programmes, programme);
    let end = path.iter().position(|code| Some(code) == up_to);
    path[..end.map_or(path.len(), |end| end + 1)].to_vec()
}

/// A line's underspend and the part of it that is explained. None where both are missing.
fn underspend(oracle: &Oracle, line: &Line, question: &Question) -> Option<(i128, i128)> {
    let figures = oracle.total(std::slice::from_ref(line), question).figures;
    let underspend = figures.underspend(question);
    let said = oracle.explained.iter().filter(|(at, of, _)| *at <= question.position && of == line);
    let said: Vec<i128> = said.map(|(_, _, pence)| *pence).collect();
    (underspend > 0 || !said.is_empty()).then(|| (underspend, said.iter().sum()))
}

fn sums_of(rows: &[Reasons], name: impl Fn(&Reasons) -> String) -> BTreeMap<String, (i128, i128)> {
    let rows = rows.iter().map(|row| {
        let Reasons { slippage, saving, clawback, diversion, unknown, .. } = row;
        let said = Pence::sum([*slippage, *saving, *clawback, *diversion, *unknown]);
        assert_eq!(row.unexplained, row.underspend.minus(said), "{row:?}");
        (name(row), (pence(row.underspend), pence(said)))
    });
    rows.collect()
}

pub(crate) fn check_reasons(
    models: &ReadModels,
    oracle: &Oracle,
    question: &Question,
    as_at: AsAt,
) {
    let query = ask(models, question, as_at);
    let within = models.within(Scope::everything());
    let expected = |keys: &dyn Fn(&Line) -> Vec<String>| {
        let mut sums: BTreeMap<String, (i128, i128)> = BTreeMap::new();
        for line in oracle.wanted(question) {
            let Some((under, said)) = underspend(oracle, &line, question) else { continue };
            for key in keys(&line) {
                let sum = sums.entry(key).or_default();
                *sum = (sum.0 + under, sum.1 + said);
            }
        }
        sums
    };
    let rows = |by| within.underspends_by_reason(&query, by).unwrap();
    let by_year = sums_of(&rows(ReasonsBy::Year), |_| String::new());
    assert_eq!(by_year, expected(&|_| vec![String::new()]), "{question:?}");
    let by_class = sums_of(&rows(ReasonsBy::Class), |row| row.class.unwrap().to_string());
    assert_eq!(by_class, expected(&|line| vec![line.class.clone()]), "{question:?}");
    let programme = |row: &Reasons| row.programme.unwrap().to_string();
    let by_programme = sums_of(&rows(ReasonsBy::Programme), programme);
    let paths = |line: &Line| path(oracle, &line.programme, question.programme.as_ref());
    assert_eq!(by_programme, expected(&paths), "{question:?}");
    let outflows = within.outflows(&query, Position::START, usize::MAX).unwrap();
    let outflows = outflows.iter().map(|one| (one.position.get(), pence(one.amount)));
    let steps = oracle.steps(&oracle.wanted(question), question, Kind::Revised, 0).into_iter();
    let taken = steps.filter(|step| step.amount < 0).map(|step| (step.position, -step.amount));
    assert_eq!(outflows.collect::<Vec<_>>(), taken.collect::<Vec<_>>(), "{question:?}");
}

#[test]
fn underspends_by_reason_and_outflows_match_the_oracle() {
    for seed in 9100..9100 + rounds(200, 10) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        for _ in 0..6 {
            let (question, as_at) = random_question(&mut stream.random, &oracle);
            check_reasons(&book.models(), &oracle, &question, as_at);
        }
    }
}

/// The revised budget and outturn of each programme, with the programmes below it, in a closed
/// year.
fn outturns(oracle: &Oracle, year: &str) -> BTreeMap<String, (i128, i128)> {
    let head = oracle.head();
    let mut sums: BTreeMap<String, (i128, i128)> = BTreeMap::new();
    for line in oracle.lines(head).into_iter().filter(|line| line.year == year) {
        let revised = oracle.sum(&line, Kind::Revised, head, 13);
        let outturn = oracle.outturn(&line, head).unwrap();
        for code in path(oracle, &line.programme, None) {
            let sum = sums.entry(code).or_default();
            *sum = (sum.0 + revised, sum.1 + outturn);
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
                // Runs of years with a variance in this direction; these books have no gap between
                // years.
                let off = YEARS.map(|year| {
                    let found = closed.contains(&year).then(|| outturns(oracle, year));
                    let (revised, outturn) = found?.get(code).copied()?;
                    let off = revised - outturn;
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
            let mut answer: BTreeMap<String, Vec<Vec<(String, i128)>>> = BTreeMap::new();
            for pattern in within.persistent_variances(&query, direction, running).unwrap() {
                let year = |of: &Outturn| (of.year.to_string(), pence(of.underspend()));
                let years = pattern.years.iter().map(year).collect();
                answer.entry(pattern.programme.to_string()).or_default().push(years);
            }
            assert_eq!(answer, expected, "{direction:?} {running} years running");
        }
    }
    let mut expected = BTreeMap::new();
    for year in &closed {
        for month in 1..=12 {
            let of_year = oracle.lines(head).into_iter().filter(|line| line.year == **year);
            for line in of_year {
                let stood = oracle.forecast(&line, "reported", head, month).map(|s| s.pence);
                let outturn = oracle.outturn(&line, head).unwrap();
                for code in path(oracle, &line.programme, None) {
                    let key = ((*year).to_owned(), code, month);
                    let sum: &mut (usize, [i128; 3]) = expected.entry(key).or_default();
                    let (spent, forecast, other) = match stood {
                        Some(stood) => (outturn, stood, 0),
                        None => (0, 0, outturn),
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
    let answer = within.accuracy(&query, None).unwrap().into_iter().map(|row| {
        let key = (row.year.to_string(), row.programme.to_string(), row.month.number());
        (key, [pence(row.forecast), pence(row.outturn), pence(row.unforecast)])
    });
    assert_eq!(answer.collect::<BTreeMap<_, _>>(), expected);
    let m6 = within.accuracy(&query, Month::new(6).ok()).unwrap();
    assert!(m6.iter().all(|row| row.month.number() == 6));
}

#[test]
fn persistent_variances_and_forecast_accuracy_of_closed_years_match_the_oracle() {
    for seed in 9500..9500 + rounds(100, 8) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let open = stream.random.below(4) as usize;
        for (index, year) in YEARS.into_iter().enumerate() {
            if index != open {
                let (year, month, close) = (parsed(year), None, Close::Hard);
                // The stream may have closed it.
                drop(book.post(&stream.send_plainly(ClosePeriod { year, month, close }.into())));
            }
        }
        check_years(&book.models(), &book.oracle());
    }
}
