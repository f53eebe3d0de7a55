//! Long books, whose read models keep checkpoint tables: figures match between two tables and
//! inside an entry that a table divides.

use std::collections::BTreeMap;

use ledger_core::domain::command::{
    Accrue, Allocate, Command, Commit, LineAmount, Reallocate, RecordActual, ReviseForecast,
};
use ledger_core::domain::event::Series;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::snapshot::Snapshot;
use ledger_tests::generate::parsed;
use ledger_tests::rounds;
use ledger_tests::simulated_disk::SimulatedDisk;
use projections::book::take_snapshot;
use projections::measure::Measure;
use projections::scope::Scope;
use projections::year::Table;
use projections::{AsAt, ReadModels};

use crate::figures::{ask, figures_of, text_of_line};
use crate::live_book::LiveBook;
use crate::oracle::{Kind, Oracle, Question};
use crate::stream::Stream;

const YEAR: &str = "2017-18";

/// The lines that the opening allocates money to.
const PAID: [&str; 4] = ["WIFI-GP/RX1", "CYBER/RX2", "LONE/QICB", "PORT/XDH"];

/// Parts of the line codes added as the book grows.
const PROGRAMMES: [&str; 6] = ["WIFI", "APPS", "CYBER", "LONE", "PORT", "WIFI-GP"];
const BODIES: [&str; 5] = ["QICB", "RX1", "RX2", "RX3", "NORTH"];

fn line(text: &str) -> LineKey {
    parsed(&format!("{text}/{YEAR}/revenue"))
}

/// One of the lines that exist after this many postings.
fn any_line(stream: &mut Stream, number: u64) -> LineKey {
    let known = 4 + (number / 8).min(30);
    let index = stream.random.below(known) as usize;
    match PAID.get(index) {
        Some(paid) => line(paid),
        None => line(&format!("{}/{}", PROGRAMMES[index % 6], BODIES[index % 5])),
    }
}

/// Moves pennies from some lines to as many others: an entry of many parts.
fn reallocation(stream: &mut Stream, number: u64) -> Command {
    let (mut from, mut to) = (Vec::new(), Vec::new());
    for _ in 0..12 {
        let amount = Pence::new(1 + stream.random.below(5) as i64);
        let gives = line(stream.pick(&PAID));
        from.push(LineAmount { line: gives, amount });
        to.push(LineAmount { line: any_line(stream, number), amount });
    }
    let month = parsed(&format!("M{}", 1 + stream.random.below(12)));
    Reallocate { month, from: from.into(), to: to.into(), concerns: None }.into()
}

/// Spend, commitments, accruals and forecasts as one entry.
fn spending(stream: &mut Stream, number: u64) -> Command {
    let mut commands: Vec<Command> = Vec::new();
    for part in 0..10 {
        let (line, month) = (any_line(stream, number), stream.month());
        let month = if part < 6 { month } else { month.min(parsed("M12")) };
        let amount = Pence::new(1 + stream.random.below(900) as i64);
        let (discharges, concerns) = (None, None);
        let reference = parsed(&format!("LONG-{number}-{part}"));
        commands.push(match part {
            0..6 => RecordActual {
                line,
                month,
                amount,
                transaction: None,
                accounting_class: None,
                discharges,
                concerns,
            }
            .into(),
            6 => Commit { line, month, amount, reference }.into(),
            7 => Accrue { line, month, amount, reference, discharges, concerns }.into(),
            _ => {
                let series = if part == 8 { Series::Reported } else { Series::Internal };
                // A line that is certainly open.
                let line = self::line(stream.pick(&PAID));
                ReviseForecast { line, month, series, amount, phasing: None }.into()
            }
        });
    }
    Command::Batch(commands)
}

pub(crate) fn long_book(seed: u64, postings: u64) -> LiveBook {
    let mut stream = Stream::new(seed);
    let book = LiveBook::of_stream(&mut stream, 0);
    let enough = |paid: &str| LineAmount { line: line(paid), amount: Pence::new(1_000_000) };
    let to = PAID.iter().map(|paid| enough(paid)).collect();
    let (fund, class, month, concerns) = (parsed("P2020"), None, parsed("M1"), None);
    let paid = stream.send_plainly(Allocate { fund, class, month, to, concerns }.into());
    book.post(&paid).unwrap();
    for number in 0..postings {
        let command = if stream.one_in(2) {
            reallocation(&mut stream, number)
        } else {
            spending(&mut stream, number)
        };
        let mut sent = stream.send_plainly(command);
        sent.posting.authority = Some(parsed("letter:HMT"));
        book.post(&sent).unwrap();
    }
    book
}

fn check(models: &ReadModels, oracle: &Oracle, question: &Question) {
    let query = ask(models, question, AsAt::Position(Position::new(question.position)));
    let wanted = oracle.wanted(question);
    let expected: BTreeMap<String, _> = wanted
        .iter()
        .map(|line| (text_of_line(line), oracle.figures(std::slice::from_ref(line), question)))
        .collect();
    let whole = models.within(Scope::everything());
    let rows = whole.budget(&query).unwrap();
    assert_eq!(rows.len(), expected.len(), "{question:?}");
    for (key, figures) in whole.line_figures(&query) {
        let share = models.policy(query.moment).unwrap().policy.underspending_share;
        let answer = figures_of(&figures, figures.status(share));
        assert_eq!(answer, expected[&key.to_string()], "{key}, {question:?}");
        let alone = whole.line(&key, query.moment, query.through);
        assert_eq!(alone, Some(figures), "{key} read alone, {question:?}");
    }
    // The year's table by programme, class and ring-fence.
    let year = whole.whole_year(query.year).unwrap();
    let through = query.through.unwrap_or_else(|| parsed("M13"));
    let mut table = Table::default();
    year.table(query.moment.position, through, &mut table);
    for (number, cell) in year.cells().iter().enumerate() {
        let of_cell = wanted.iter().filter(|line| {
            let fence = cell.ring_fence.map(|fence| fence.to_string());
            line.programme == cell.programme.as_str()
                && line.class == cell.class.as_str()
                && line.fence == fence
        });
        let of_cell: Vec<_> = of_cell.collect();
        let kinds = [
            (Measure::Revised, Kind::Revised),
            (Measure::Committed, Kind::Committed),
            (Measure::Accrued, Kind::Accrued),
            (Measure::Actual, Kind::Actual),
        ];
        for (measure, kind) in kinds {
            let sum = |line: &&crate::oracle::Line| {
                oracle.sum(line, kind, question.position, question.last_month())
            };
            let sum: i128 = of_cell.iter().map(sum).sum();
            let answer = i128::from(table.measures(number).get(measure));
            assert_eq!(answer, sum, "{measure:?} of {}, {question:?}", cell.programme);
        }
    }
}

#[test]
fn figures_between_the_tables_of_a_long_book_match_the_oracle() {
    for seed in 1300..1300 + rounds(6, 1) {
        let mut book = long_book(seed, rounds(600, 310));
        let oracle = book.oracle();
        let parts = oracle.changes.iter().filter(|change| change.line.year == YEAR).count();
        assert!(parts > 4000, "seed {seed}: the year has only {parts} changes");
        let disk = SimulatedDisk::new(seed);
        book.inspect(|state, models| take_snapshot(&disk, state, models)).unwrap();
        let from_snapshot = ReadModels::read(&Snapshot::list(&disk)[0]).unwrap();
        let (_, replayed) = book.replayed(book.head());
        let mut stream = Stream::new(seed);
        for _ in 0..rounds(20, 10) {
            let position = 40 + stream.random.below(oracle.head() - 39);
            let through = (!stream.one_in(3)).then(|| 1 + stream.random.below(13) as u8);
            let time = oracle.entries[position as usize - 1].0.clone();
            let (programme, body, class) = (None, None, None);
            let year = YEAR.to_owned();
            let question = Question { year, programme, body, class, position, time, through };
            check(&book.models(), &oracle, &question);
            check(&from_snapshot, &oracle, &question);
            check(&replayed, &oracle, &question);
        }
    }
}
