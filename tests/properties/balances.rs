//! Fund balances, suspense, months, explanations and adjustments are what the oracle works out.

use ledger_core::domain::calendar::Month;
use ledger_core::domain::command::ClosePeriod;
use ledger_core::domain::event::Close;
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::Pot;
use ledger_core::domain::position::Position;
use ledger_tests::generate::parsed;
use ledger_tests::rounds;
use projections::measure::Measure;
use projections::{AsAt, ReadModels};

use crate::figures::{ask, random_question, text_of_line};
use crate::live_book::LiveBook;
use crate::oracle::{Asked, Kind, Line, Oracle};
use crate::stream::Stream;

fn pence(pence: Pence) -> i128 {
    i128::from(pence.get())
}

fn check_funds(models: &ReadModels, oracle: &Oracle, at: u64) {
    let position = Position::new(at);
    let told: Vec<String> =
        models.register.funds(position).map(|(code, _)| code.to_string()).collect();
    let known = oracle.funds.iter().filter(|(_, fund)| fund.position <= at);
    assert_eq!(told, known.map(|(code, _)| code.clone()).collect::<Vec<_>>(), "funds at {at}");
    for (fund, _) in models.register.funds(position) {
        for class in BudgetClass::ALL {
            let pot = Pot { fund, class };
            let account = pot.to_string();
            let told = models.funds.at(pot, position);
            let flow = |why| oracle.flow(&account, why, at);
            assert_eq!(pence(told.new_money), flow("new"), "new money of {account} at {at}");
            assert_eq!(pence(told.reannounced), flow("reannounced"), "{account} at {at}");
            assert_eq!(pence(told.settled()), flow("settled"), "{account} at {at}");
            assert_eq!(pence(told.earmarked), flow("earmarked"), "{account} at {at}");
            assert_eq!(pence(told.allocated), -flow("allocated"), "{account} at {at}");
            assert_eq!(
                pence(told.unallocated()),
                oracle.balance(&account, at),
                "{account} at {at}"
            );
            let mut behind: Vec<u64> = oracle
                .flows
                .iter()
                .filter(|flow| flow.account == account && flow.position <= at)
                .map(|flow| flow.position)
                .collect();
            behind.dedup();
            let told: Vec<u64> = models.funds.entries(pot, position).map(Position::get).collect();
            assert_eq!(told, behind, "the entries behind {account} at {at}");
        }
    }
}

#[test]
fn fund_balances_and_the_entries_behind_them_are_what_the_oracle_works_out() {
    for seed in 4000..4000 + rounds(200, 8) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        for _ in 0..10 {
            let at = 1 + stream.random.below(book.head());
            check_funds(&book.models(), &oracle, at);
            let (state, _) = book.replayed(at);
            for (code, _) in book.models().register.funds(Position::new(at)) {
                for class in BudgetClass::ALL {
                    let pot = Pot { fund: code, class };
                    let told = pence(state.ledger.unallocated(pot));
                    assert_eq!(told, oracle.balance(&pot.to_string(), at), "{pot} at {at}");
                }
            }
        }
    }
}

fn check_months(models: &ReadModels, oracle: &Oracle, asked: &Asked, as_at: AsAt) {
    let moment = models.moment(as_at).unwrap();
    let at = asked.position;
    for line in oracle.wanted(asked) {
        let key = text_of_line(&line).parse().unwrap();
        let months = models.months(&key, moment).unwrap();
        let plan = oracle.monthly_plan(&line, at, oracle.sum(&line, Kind::Revised, at, 13));
        let forecast = oracle.monthly_forecast(&line, at);
        assert_eq!(months.len(), 13);
        for (index, month) in months.iter().enumerate() {
            let what = format!("{key} in {} at {at}", month.month);
            assert_eq!(month.month.index(), index);
            assert_eq!(pence(month.plan), plan.get(index).copied().unwrap_or(0), "{what}");
            let spent = oracle.spent_in(&line, index as u8 + 1, at);
            assert_eq!(pence(month.actual), spent, "{what}");
            let expected = forecast.as_ref().map(|forecast| forecast[index]);
            assert_eq!(month.forecast.map(pence), expected, "{what}");
        }
    }
}

fn check_underspends(models: &ReadModels, oracle: &Oracle, asked: &Asked, as_at: AsAt) {
    let underspends = models.underspends(&ask(models, asked, as_at)).unwrap();
    let mut expected = Vec::new();
    for line in oracle.wanted(asked) {
        let figures = oracle.figures(std::slice::from_ref(&line), asked);
        let closed = oracle.is_hard_closed(&line.year, asked.position);
        let spent = figures.forecast.filter(|_| !closed).unwrap_or(figures.actual);
        let underspend = (figures.revised - spent).max(0);
        let of_line = oracle
            .explained
            .iter()
            .filter(|(position, of, _)| *position <= asked.position && *of == line);
        let explained: Vec<(u64, i128)> =
            of_line.map(|(position, _, pence)| (*position, *pence)).collect();
        if underspend > 0 || !explained.is_empty() {
            let left = underspend - explained.iter().map(|(_, pence)| pence).sum::<i128>();
            expected.push((text_of_line(&line), underspend, explained, left));
        }
    }
    let mut told: Vec<_> = underspends
        .iter()
        .map(|told| {
            let explained = told.explained.iter();
            let explained = explained.map(|e| (e.position.get(), pence(e.pence))).collect();
            let left = pence(told.unexplained);
            (told.line.to_string(), pence(told.underspend), explained, left)
        })
        .collect();
    told.sort();
    expected.sort();
    assert_eq!(told, expected, "{asked:?}");
}

#[test]
fn months_and_underspends_are_what_the_oracle_works_out() {
    for seed in 4500..4500 + rounds(200, 8) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        for _ in 0..8 {
            let (asked, as_at) = random_question(&mut stream.random, &oracle);
            check_months(&book.models(), &oracle, &asked, as_at);
            check_underspends(&book.models(), &oracle, &asked, as_at);
        }
    }
}

fn check_adjustments(models: &ReadModels, oracle: &Oracle, asked: &Asked, as_at: AsAt) -> usize {
    let told = models.adjustments(&ask(models, asked, as_at)).unwrap();
    let told = told.iter().map(|told| {
        let kinds = [
            (Measure::Revised, Kind::Revised),
            (Measure::Accrued, Kind::Accrued),
            (Measure::Actual, Kind::Actual),
        ];
        let (_, kind) = kinds.into_iter().find(|(measure, _)| *measure == told.measure).unwrap();
        (told.position.get(), told.posted_on.to_string(), kind, pence(told.pence))
    });
    let wanted = |line: &Line| {
        let of_its_year = Asked { year: line.year.clone(), ..asked.clone() };
        oracle.wanted(&of_its_year).contains(line)
    };
    let concerned = oracle.adjusted.iter().filter(|(position, year, line, _, _)| {
        *position <= asked.position && *year == asked.year && wanted(line)
    });
    let expected =
        concerned.map(|(at, _, line, kind, pence)| (*at, text_of_line(line), *kind, *pence));
    let expected: Vec<_> = expected.collect();
    assert_eq!(told.collect::<Vec<_>>(), expected, "{asked:?}");
    expected.len()
}

#[test]
fn prior_period_adjustments_are_told_of_the_year_they_concern() {
    let mut seen = 0;
    for seed in 4700..4700 + rounds(200, 12) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 80);
        let year = parsed("2016-17");
        let close = ClosePeriod { year, month: None, close: Close::Hard };
        // Refused where the stream has closed it already.
        drop(book.post(&stream.send_plainly(close.into())));
        for _ in 0..120 {
            drop(book.post_next(&mut stream));
        }
        let oracle = book.oracle();
        for _ in 0..8 {
            let (mut asked, as_at) = random_question(&mut stream.random, &oracle);
            "2016-17".clone_into(&mut asked.year);
            seen += check_adjustments(&book.models(), &oracle, &asked, as_at);
        }
    }
    assert!(seen > 15, "only {seen}");
}

#[test]
fn periods_are_closed_as_the_oracle_works_out() {
    for seed in 4800..4800 + rounds(200, 8) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        let models = book.models();
        for at in (1..=book.head()).step_by(7) {
            let (state, _) = book.replayed(at);
            for year in models.planned.years() {
                let position = Position::new(at);
                let text = year.year().to_string();
                assert_eq!(year.is_hard_closed(position), oracle.is_hard_closed(&text, at));
                for month in Month::all() {
                    let told = year.period(position, month);
                    assert_eq!(state.ledger.close(year.year(), month), told, "{text} {month}");
                    let told = told.map(|close| format!("{close:?}").to_lowercase());
                    assert_eq!(told, oracle.close(&text, month.number(), at), "{text} {month}");
                }
            }
        }
    }
}
