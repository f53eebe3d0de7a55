//! Long books: read models keep whole tables now and then, and what is asked as at a moment between
//! two of them, or inside an entry of many parts that one of them cuts, is the same.

use std::collections::BTreeMap;

use ledger_api::book::take_snapshot;
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
use projections::measure::Measure;
use projections::year::Table;
use projections::{AsAt, ReadModels};

use crate::figures::{ask, text_of_line, told};
use crate::live_book::LiveBook;
use crate::oracle::{Asked, Kind, Oracle};
use crate::stream::Stream;

const YEAR: &str = "2017-18";

/// The lines that the opening pays.
const PAID: [&str; 4] = ["WIFI-GP/RX1", "CYBER/RX2", "LONE/QICB", "PORT/XDH"];

/// The parts of lines that come one after the other while the book grows.
const PROGRAMMES: [&str; 6] = ["WIFI", "APPS", "CYBER", "LONE", "PORT", "WIFI-GP"];
const BODIES: [&str; 5] = ["QICB", "RX1", "RX2", "RX3", "NORTH"];

fn line(text: &str) -> LineKey {
    parsed(&format!("{text}/{YEAR}/revenue"))
}

/// A line of those there are once so many postings have been made.
fn any_line(stream: &mut Stream, number: u64) -> LineKey {
    let known = 4 + (number / 8).min(30);
    let index = stream.random.below(known) as usize;
    match PAID.get(index) {
        Some(paid) => line(paid),
        None => line(&format!("{}/{}", PROGRAMMES[index % 6], BODIES[index % 5])),
    }
}

/// Pennies from some lines to as many others: an entry of many parts.
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
                // On a line that is open for certain.
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

fn check(models: &ReadModels, oracle: &Oracle, asked: &Asked) {
    let query = ask(models, asked, AsAt::Position(Position::new(asked.position)));
    let wanted = oracle.wanted(asked);
    let expected: BTreeMap<String, _> = wanted
        .iter()
        .map(|line| (text_of_line(line), oracle.figures(std::slice::from_ref(line), asked)))
        .collect();
    let rows = models.budget(&query).unwrap();
    assert_eq!(rows.len(), expected.len(), "{asked:?}");
    for (key, figures) in models.line_figures(&query) {
        let share = models.policy(query.moment).unwrap().policy.underspending_share;
        let told = told(&figures, figures.status(share));
        assert_eq!(told, expected[&key.to_string()], "{key}, {asked:?}");
        let alone = models.line(&key, query.moment, query.through);
        assert_eq!(alone, Some(figures), "{key} read alone, {asked:?}");
    }
    // The table of the year by programme, class and ring-fence.
    let year = models.planned.year(query.year).unwrap();
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
                oracle.sum(line, kind, asked.position, asked.last_month())
            };
            let sum: i128 = of_cell.iter().map(sum).sum();
            let told = i128::from(table.measures(number).get(measure));
            assert_eq!(told, sum, "{measure:?} of {}, {asked:?}", cell.programme);
        }
    }
}

#[test]
fn figures_between_the_tables_of_a_long_book_are_what_the_oracle_works_out() {
    for seed in 1300..1300 + rounds(6, 1) {
        let mut book = long_book(seed, rounds(600, 310));
        let oracle = book.oracle();
        let parts = oracle.changes.iter().filter(|change| change.line.year == YEAR).count();
        assert!(parts > 4000, "seed {seed}: the year has only {parts} changes");
        let disk = SimulatedDisk::new(seed);
        book.look(|state, models| take_snapshot(&disk, state, models)).unwrap();
        let from_snapshot = ReadModels::read(&Snapshot::list(&disk)[0]).unwrap();
        let (_, replayed) = book.replayed(book.head());
        let mut stream = Stream::new(seed);
        for _ in 0..rounds(20, 10) {
            let position = 40 + stream.random.below(oracle.head() - 39);
            let through = (!stream.one_in(3)).then(|| 1 + stream.random.below(13) as u8);
            let time = oracle.entries[position as usize - 1].0.clone();
            let (programme, body, class) = (None, None, None);
            let year = YEAR.to_owned();
            let asked = Asked { year, programme, body, class, position, time, through };
            check(&book.models(), &oracle, &asked);
            check(&from_snapshot, &oracle, &asked);
            check(&replayed, &oracle, &asked);
        }
    }
}
