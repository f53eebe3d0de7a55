//! Fund balances, suspense, months, explanations and adjustments match the oracle.

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
use projections::scope::Scope;
use projections::{AsAt, ReadModels};

use crate::figures::{ask, random_question, text_of_line};
use crate::live_book::LiveBook;
use crate::oracle::{Kind, Line, Oracle, Question};
use crate::stream::Stream;

fn pence(pence: Pence) -> i128 {
    i128::from(pence.get())
}

fn check_funds(models: &ReadModels, oracle: &Oracle, at: u64) {
    let position = Position::new(at);
    let answer: Vec<String> =
        models.register.funds(position).map(|(code, _)| code.to_string()).collect();
    let known = oracle.funds.iter().filter(|(_, fund)| fund.position <= at);
    assert_eq!(answer, known.map(|(code, _)| code.clone()).collect::<Vec<_>>(), "funds at {at}");
    let whole = models.within(Scope::everything());
    for (fund, _) in models.register.funds(position) {
        for class in BudgetClass::ALL {
            let pot = Pot { fund, class };
            let account = pot.to_string();
            let answer = whole.fund_balance(pot, position).unwrap();
            let flow = |why| oracle.flow(&account, why, at);
            assert_eq!(pence(answer.new_money), flow("new"), "new money of {account} at {at}");
            assert_eq!(pence(answer.reannounced), flow("reannounced"), "{account} at {at}");
            assert_eq!(pence(answer.settled()), flow("settled"), "{account} at {at}");
            assert_eq!(pence(answer.earmarked), flow("earmarked"), "{account} at {at}");
            assert_eq!(pence(answer.cancelled), -flow("cancelled"), "{account} at {at}");
            assert_eq!(pence(answer.allocated), -flow("allocated"), "{account} at {at}");
            assert_eq!(
                pence(answer.unallocated()),
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
            let answer: Vec<u64> = whole.fund_entries(pot, position).map(Position::get).collect();
            assert_eq!(answer, behind, "the entries behind {account} at {at}");
        }
    }
}

#[test]
fn fund_balances_and_the_entries_behind_them_match_the_oracle() {
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
                    let answer = pence(state.ledger.unallocated(pot));
                    assert_eq!(answer, oracle.balance(&pot.to_string(), at), "{pot} at {at}");
                }
            }
        }
    }
}

fn check_months(models: &ReadModels, oracle: &Oracle, question: &Question, as_at: AsAt) {
    let moment = models.moment(as_at).unwrap();
    let at = question.position;
    for line in oracle.wanted(question) {
        let key = text_of_line(&line).parse().unwrap();
        let months = models.within(Scope::everything()).months(&key, moment).unwrap();
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

fn check_underspends(models: &ReadModels, oracle: &Oracle, question: &Question, as_at: AsAt) {
    let whole = models.within(Scope::everything());
    let underspends = whole.underspends(&ask(models, question, as_at)).unwrap();
    let mut expected = Vec::new();
    for line in oracle.wanted(question) {
        let figures = oracle.figures(std::slice::from_ref(&line), question);
        let underspend = figures.underspend(question);
        let of_line = oracle
            .explained
            .iter()
            .filter(|(position, of, _)| *position <= question.position && *of == line);
        let explained: Vec<(u64, i128)> =
            of_line.map(|(position, _, pence)| (*position, *pence)).collect();
        if underspend > 0 || !explained.is_empty() {
            let left = underspend - explained.iter().map(|(_, pence)| pence).sum::<i128>();
            expected.push((text_of_line(&line), underspend, explained, left));
        }
    }
    let mut answer: Vec<_> = underspends
        .iter()
        .map(|answer| {
            let explained = answer.explained.iter();
            let explained = explained.map(|e| (e.position.get(), pence(e.pence))).collect();
            let left = pence(answer.unexplained);
            (answer.line.to_string(), pence(answer.underspend), explained, left)
        })
        .collect();
    answer.sort();
    expected.sort();
    assert_eq!(answer, expected, "{question:?}");
}

#[test]
fn months_and_underspends_match_the_oracle() {
    for seed in 4500..4500 + rounds(200, 8) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        for _ in 0..8 {
            let (question, as_at) = random_question(&mut stream.random, &oracle);
            check_months(&book.models(), &oracle, &question, as_at);
            check_underspends(&book.models(), &oracle, &question, as_at);
        }
    }
}

fn check_adjustments(
    models: &ReadModels,
    oracle: &Oracle,
    question: &Question,
    as_at: AsAt,
) -> usize {
    let whole = models.within(Scope::everything());
    let answer = whole.adjustments(&ask(models, question, as_at)).unwrap();
    let answer = answer.iter().map(|answer| {
        let kinds = [
            (Measure::Revised, Kind::Revised),
            (Measure::Accrued, Kind::Accrued),
            (Measure::Actual, Kind::Actual),
        ];
        let (_, kind) = kinds.into_iter().find(|(measure, _)| *measure == answer.measure).unwrap();
        (answer.position.get(), answer.posted_on.to_string(), kind, pence(answer.pence))
    });
    let wanted = |line: &Line| {
        let of_its_year = Question { year: line.year.clone(), ..question.clone() };
        oracle.wanted(&of_its_year).contains(line)
    };
    let concerned = oracle.adjusted.iter().filter(|(position, year, line, _, _)| {
        *position <= question.position && *year == question.year && wanted(line)
    });
    let expected =
        concerned.map(|(at, _, line, kind, pence)| (*at, text_of_line(line), *kind, *pence));
    let expected: Vec<_> = expected.collect();
    assert_eq!(answer.collect::<Vec<_>>(), expected, "{question:?}");
    expected.len()
}

#[test]
fn prior_period_adjustments_are_listed_under_the_year_they_concern() {
    let mut seen = 0;
    for seed in 4700..4700 + rounds(200, 12) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 80);
        let year = parsed("2016-17");
        let close = ClosePeriod { year, month: None, close: Close::Hard };
        // Refused where the stream has closed the year.
        drop(book.post(&stream.send_plainly(close.into())));
        for _ in 0..120 {
            drop(book.post_next(&mut stream));
        }
        let oracle = book.oracle();
        for _ in 0..8 {
            let (mut question, as_at) = random_question(&mut stream.random, &oracle);
            "2016-17".clone_into(&mut question.year);
            seen += check_adjustments(&book.models(), &oracle, &question, as_at);
        }
    }
    assert!(seen > 15, "only {seen}");
}

#[test]
fn the_closes_of_periods_match_the_oracle() {
    for seed in 4800..4800 + rounds(200, 8) {
        let mut stream = Stream::new(seed);
        let book = LiveBook::of_stream(&mut stream, 200);
        let oracle = book.oracle();
        let models = book.models();
        for at in (1..=book.head()).step_by(7) {
            let (state, _) = book.replayed(at);
            let whole = models.within(Scope::everything());
            for year in whole.financial_years().filter_map(|year| whole.whole_year(year)) {
                let position = Position::new(at);
                let text = year.year().to_string();
                assert_eq!(year.is_hard_closed(position), oracle.is_hard_closed(&text, at));
                for month in Month::all() {
                    let answer = year.period(position, month);
                    assert_eq!(state.ledger.close(year.year(), month), answer, "{text} {month}");
                    let answer = answer.map(|close| format!("{close:?}").to_lowercase());
                    assert_eq!(answer, oracle.close(&text, month.number(), at), "{text} {month}");
                }
            }
        }
    }
}
