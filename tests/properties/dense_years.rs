//! A year with so many postings that its read model keeps checkpoint tables: figures match the
//! oracle at every position.

use std::collections::BTreeMap;

use ledger_core::domain::calendar::Month;
use ledger_core::domain::command::{
    Allocate, Command, Commit, LineAmount, RecordActual, ReviseForecast, StrikeBaseline,
};
use ledger_core::domain::event::Series;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_tests::generate::parsed;
use ledger_tests::rounds;
use projections::compare::compare;
use projections::measure::{Measure, Measures};
use projections::scope::Scope;
use projections::year::Table;
use projections::{AsAt, ReadModels};

use crate::figures::{ask, random_question, text_of_line};
use crate::live_book::LiveBook;
use crate::oracle::{Change, Kind, Line, Oracle, StatedForecast};
use crate::stream::Stream;
use crate::what_if::apply_entries;

pub(crate) const YEAR: &str = "2017-18";

/// The measures that are sums of amounts.
const KINDS: [(Measure, Kind); 4] = [
    (Measure::Revised, Kind::Revised),
    (Measure::Committed, Kind::Committed),
    (Measure::Accrued, Kind::Accrued),
    (Measure::Actual, Kind::Actual),
];

/// Spend, commitments and forecasts of one year, several in an entry.
fn posting(stream: &mut Stream) -> Command {
    let count = 1 + stream.random.below(6);
    let commands = (0..count).map(|part| {
        let line = LineKey { year: parsed(YEAR), ..stream.line() };
        let (month, amount) = (stream.month(), Pence::new(1 + stream.random.below(9_999) as i64));
        match stream.random.below(6) {
            0 => {
                let reference = parsed(&format!("PO-{}-{part}", stream.count));
                Commit { line, month: month.min(Month::M12), amount, reference }.into()
            }
            1 | 2 => {
                let series = if stream.one_in(4) { Series::Internal } else { Series::Reported };
                let amount = Pence::new(stream.pick(&[0, 500, 700]));
                let month = month.min(Month::M12);
                ReviseForecast { line, month, series, amount, phasing: None }.into()
            }
            _ => RecordActual {
                line,
                month,
                amount,
                transaction: None,
                accounting_class: None,
                discharges: None,
                concerns: None,
            }
            .into(),
        }
    });
    Command::Batch(commands.collect())
}

fn dense(stream: &mut Stream, deltas: usize) -> (LiveBook, Oracle) {
    let book = LiveBook::of_stream(stream, 0);
    fill(&book, stream, deltas, false);
    let oracle = book.oracle();
    let of_year = oracle.changes.iter().filter(|change| change.line.year == YEAR).count();
    assert!(of_year * 2 > deltas, "only {of_year} changes");
    (book, oracle)
}

/// A dense year whose original baseline is struck halfway, in an entry that also records spend.
pub(crate) fn dense_and_struck(stream: &mut Stream, deltas: usize) -> (LiveBook, Oracle) {
    let book = LiveBook::of_stream(stream, 0);
    fill(&book, stream, deltas / 2, true);
    let strike = StrikeBaseline { year: parsed(YEAR), name: parsed("original") }.into();
    let batch = [payment(stream), strike, payment(stream)];
    let sent = stream.send_plainly(Command::Batch(batch.into()));
    book.post(&sent).unwrap();
    fill(&book, stream, deltas / 2, true);
    let oracle = book.oracle();
    let (_, order) = oracle.struck(YEAR, oracle.head()).unwrap();
    let moved = |change: &&Change| change.kind == Kind::Revised && change.order > order;
    let since = oracle.changes.iter().filter(moved).count();
    assert!(since > 100, "only {since} movements after the baseline");
    (book, oracle)
}

/// A few pence of spend on a line.
fn payment(stream: &mut Stream) -> Command {
    let line = LineKey { year: parsed(YEAR), ..stream.line() };
    let to = [LineAmount { line, amount: Pence::new(1 + stream.random.below(999) as i64) }].into();
    let month = stream.month().min(Month::M12);
    Allocate { fund: parsed("P2020"), class: None, month, to, concerns: None }.into()
}

fn fill(book: &LiveBook, stream: &mut Stream, deltas: usize, paid: bool) {
    let mut changes = 0;
    while changes < deltas {
        let sent: Vec<_> = (0..100)
            .map(|_| {
                let command =
                    if paid && stream.one_in(4) { payment(stream) } else { posting(stream) };
                stream.send_plainly(command).posting
            })
            .collect();
        let outcomes = book.post_all(sent);
        let posted = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert!(posted > 10, "of 100 {posted} are posted");
        changes += posted * 3;
    }
}

/// Every line's measures as at a position, for the months up to `through`.
fn expected(oracle: &Oracle, at: u64, through: u8) -> BTreeMap<String, Measures> {
    let mut all: BTreeMap<&Line, Measures> = BTreeMap::new();
    for (line, named) in &oracle.named {
        if line.year == YEAR && named[0] <= at {
            all.insert(line, Measures::default());
        }
    }
    for change in &oracle.changes {
        if change.position <= at && change.month <= through && change.line.year == YEAR {
            let (measure, _) = KINDS.into_iter().find(|(_, kind)| *kind == change.kind).unwrap();
            all.get_mut(&change.line).unwrap().add(measure, change.pence as i64);
        }
    }
    let mut latest: BTreeMap<(&Line, &str), &StatedForecast> = BTreeMap::new();
    for stated in &oracle.stated {
        if stated.position <= at && stated.month <= through && stated.line.year == YEAR {
            let standing = latest.entry((&stated.line, &stated.series)).or_insert(stated);
            if stated.month >= standing.month {
                *standing = stated;
            }
        }
    }
    for ((line, series), stated) in latest {
        let (level, count) = match series {
            "reported" => (Measure::Forecast, Measure::ForecastLines),
            _ => (Measure::Internal, Measure::InternalLines),
        };
        let measures = all.get_mut(line).unwrap();
        measures.add(level, stated.pence as i64);
        measures.add(count, 1);
    }
    all.into_iter().map(|(line, measures)| (text_of_line(line), measures)).collect()
}

fn check(models: &ReadModels, oracle: &Oracle, at: u64, through: u8) {
    let year = models.within(Scope::everything()).whole_year(parsed(YEAR)).unwrap();
    let (position, month) = (Position::new(at), Month::new(through).unwrap());
    let expected = expected(oracle, at, through);
    let mut table = Table::default();
    year.line_table(position, month, &mut table);
    let mut cells: BTreeMap<String, Measures> = BTreeMap::new();
    for (number, line) in year.lines().iter().enumerate() {
        let what = format!("{} at {at} through {month}", line.key);
        let measures = expected.get(&line.key.to_string()).copied();
        assert_eq!(line.opened <= position, measures.is_some(), "{what}");
        let measures = measures.unwrap_or_default();
        assert_eq!(table.measures(number), measures, "{what}");
        assert_eq!(year.line_measures(number, position, month), measures, "{what}, alone");
        let LineKey { programme, class, ring_fence, .. } = line.key;
        let cell = cells.entry(format!("{programme} {class} {ring_fence:?}")).or_default();
        for measure in Measure::ALL {
            cell.add(measure, measures.get(measure));
        }
    }
    year.table(position, month, &mut table);
    assert_eq!(year.cells().len(), cells.len());
    for (number, cell) in year.cells().iter().enumerate() {
        let key = format!("{} {} {:?}", cell.programme, cell.class, cell.ring_fence);
        assert_eq!(table.measures(number), cells[&key], "{key} at {at} through {month}");
    }
}

#[test]
fn a_dense_year_matches_the_oracle_at_every_position() {
    for seed in 8000..8000 + rounds(20, 1) {
        let mut stream = Stream::new(seed);
        let (book, oracle) = dense(&mut stream, 8_000);
        let models = book.models();
        for _ in 0..25 {
            let at = 1 + stream.random.below(oracle.head());
            check(&models, &oracle, at, 1 + stream.random.below(13) as u8);
        }
        check(&models, &oracle, oracle.head(), 13);
        check_every_position(&models, &oracle);
    }
}

/// The copy ends between two checkpoint tables, and forecasts are restated after it.
#[test]
fn a_copy_of_a_dense_year_takes_later_entries_like_the_original() {
    for seed in 8100..8100 + rounds(10, 1) {
        let mut stream = Stream::new(seed);
        let (book, oracle) = dense(&mut stream, 8_000);
        for _ in 0..3 {
            let at = 1 + stream.random.below(oracle.head());
            let mut copy = book.models().until(Position::new(at));
            check_until(&copy, &oracle, at);
            apply_entries(&mut copy, &book, at);
            for _ in 0..5 {
                let question = 1 + stream.random.below(oracle.head());
                check(&copy, &oracle, question, 1 + stream.random.below(13) as u8);
            }
            check(&copy, &oracle, oracle.head(), 13);
        }
    }
}

/// A copy that ends at a position has the figures of its lines, there and before.
fn check_until(copy: &ReadModels, oracle: &Oracle, at: u64) {
    let Some(year) = copy.within(Scope::everything()).whole_year(parsed(YEAR)) else {
        return assert!(expected(oracle, at, 13).is_empty(), "no year in a copy of {at}");
    };
    assert_eq!(year.lines().len(), expected(oracle, at, 13).len(), "lines in a copy of {at}");
    for question in [at, at / 2 + 1] {
        let expected = expected(oracle, question, 13);
        for (number, line) in year.lines().iter().enumerate() {
            let answer = year.line_measures(number, Position::new(question), Month::M13);
            let of_line = expected.get(&line.key.to_string()).copied().unwrap_or_default();
            assert_eq!(answer, of_line, "{} at {question} in a copy of {at}", line.key);
        }
    }
}

/// The positions of checkpoint tables are private, so every position is checked.
fn check_every_position(models: &ReadModels, oracle: &Oracle) {
    let year = models.within(Scope::everything()).whole_year(parsed(YEAR)).unwrap();
    let names: Vec<String> = year.lines().iter().map(|line| line.key.to_string()).collect();
    let mut changes = oracle.changes.iter().filter(|change| change.line.year == YEAR).peekable();
    let mut so_far: BTreeMap<(String, Kind), i128> = BTreeMap::new();
    let (mut table, mut cells) = (Table::default(), Table::default());
    for at in 1..=oracle.head() {
        while let Some(change) = changes.next_if(|change| change.position <= at) {
            *so_far.entry((text_of_line(&change.line), change.kind)).or_default() += change.pence;
        }
        year.line_table(Position::new(at), Month::M13, &mut table);
        year.table(Position::new(at), Month::M13, &mut cells);
        for (measure, kind) in KINDS {
            let of = |name: &String| so_far.get(&(name.clone(), kind)).copied().unwrap_or(0);
            let expected: Vec<i128> = names.iter().map(of).collect();
            let plane: Vec<i128> = table.plane(measure).iter().map(|p| i128::from(*p)).collect();
            assert_eq!(plane, expected, "{measure:?} at {at}");
            let sum: i128 = cells.plane(measure).iter().map(|pence| i128::from(*pence)).sum();
            assert_eq!(sum, expected.iter().sum::<i128>(), "{measure:?} by programme at {at}");
        }
    }
}

#[test]
fn a_dense_year_rebuilt_up_to_a_position_equals_the_live_year_there() {
    let mut stream = Stream::new(8500);
    let (book, oracle) = dense(&mut stream, 8_000);
    let models = book.models();
    for _ in 0..rounds(20, 3) {
        let at = 1 + stream.random.below(oracle.head());
        let (_, rebuilt) = book.replayed(at);
        let compared = compare(&models, &rebuilt, Position::new(at));
        assert_eq!(compared.differences, Vec::<String>::new(), "at {at}");
    }
}

#[test]
fn before_the_first_entry_there_is_nothing() {
    let mut stream = Stream::new(8600);
    let book = LiveBook::of_stream(&mut stream, 50);
    let oracle = book.oracle();
    let models = book.models();
    let (mut question, _) = random_question(&mut stream.random, &oracle);
    (question.programme, question.body) = (None, None);
    let long_ago = AsAt::Recorded(ledger_core::domain::calendar::Timestamp::from_micros(0));
    for as_at in [AsAt::Position(Position::START), long_ago] {
        assert_eq!(models.moment(as_at).unwrap().position, Position::START);
        let whole = models.within(Scope::everything());
        assert_eq!(whole.budget(&ask(&models, &question, as_at)).unwrap(), Vec::new());
        assert_eq!(whole.contributions(&ask(&models, &question, as_at)).unwrap(), Vec::new());
    }
    let beyond = AsAt::Position(Position::new(book.head() + 1));
    assert!(models.moment(beyond).is_err(), "there is no entry {beyond:?}");
}
