//! Reading a generated book: figures at random positions, memory, starts and verified replay.
//!
//! `cargo bench -p ledger-benches --bench reading`. `LEDGER_FULL=1` generates ten million entries;
//! without it a million.

#![expect(clippy::float_arithmetic, reason = "rates and ratios")]

mod replaying;

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ledger_benches::fill::fill;
use ledger_benches::generate::{Generator, Random, YEARS, acting, parsed, programme, year};
use ledger_benches::measure::{Measurement, percentile, report, timed};
use ledger_benches::rounds;
use ledger_core::domain::actor::ActorDigest;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::claim::{Figure, FigureMeasure};
use ledger_core::domain::event::{Event, FigurePublished, ScopeDefined};
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::log::segments::{Disk, Folder};
use ledger_core::projection::{Posted, Projection};
use projections::book::clock::system_clock;
use projections::book::{Book, DataFolder};
use projections::budget::{BudgetQuery, Rollup, Stage};
use projections::claims::ClaimsQuery;
use projections::flows::FlowQuery;
use projections::scope::Scope;
use projections::what_if::WhatIf;
use projections::year::Table;
use projections::{AsAt, Moment, QueryError, ReadModels};

use replaying::{REPLAYS, Replayed, hashed, replay_alone, replayed, replayed_alone};

/// The program's allocator, so that figures match the program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Anyhow<T> = Result<T, Box<dyn std::error::Error>>;

/// Items on a page.
const PAGE: usize = 100;

/// The postings of a what-if.
const SUPPOSED: usize = 1000;

/// Questions asked of each kind.
const QUESTIONS: usize = 1000;

fn main() -> Anyhow<()> {
    if let Some(path) = std::env::var_os(REPLAYS) {
        return replay_alone(Path::new(&path));
    }
    let entries = rounds(10_000_000, 1_000_000);
    let folder = std::env::var_os("LEDGER_BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::tempdir_in(folder)?;
    let (small, large) = (folder.path().join("small"), folder.path().join("large"));
    fill(&small, 100_000)?;
    fill(&large, entries)?;

    let mut measurements = Vec::new();
    measurements.extend(starts(&large, entries)?);
    let small = replayed(&small)?.models;
    let Replayed { state, models, .. } = replayed(&large)?;
    let keys = state.keys.memory();
    let (seconds, resident) = replayed_alone(&large)?;
    measurements.push(Measurement {
        what: "verified replay: hashes, seals, state, read models".into(),
        unit: "entries/s",
        baseline: Some((hashed(), "leaf hashes of such lines alone, on every processor".into())),
        figure: entries as f64 / seconds,
        goal: Some((600_000.0, true)),
        note: "in a process of its own; ledger's balance report does 134,000".into(),
    });
    let each = |bytes: usize| bytes as f64 / entries as f64;
    measurements.push(Measurement {
        what: "resident memory of such a process, an entry".into(),
        unit: "bytes",
        baseline: Some((each(models.memory() + keys), "what it counts itself".into())),
        figure: resident as f64 / entries as f64,
        goal: Some((200.0, false)),
        note: "above that of the process before".into(),
    });
    measurements.push(Measurement {
        what: "read models and idempotency map, an entry".into(),
        unit: "bytes",
        baseline: None,
        figure: each(models.memory() + keys),
        goal: Some((150.0, false)),
        note: format!("read models {:.1}, keys {:.1}", each(models.memory()), each(keys)),
    });
    measurements.extend(reads(&small, &models));
    report(&format!("reading, {entries} entries"), &measurements);
    Ok(())
}

/// Starts from the newest snapshot, and from the log alone.
fn starts(path: &Path, entries: u64) -> Anyhow<Vec<Measurement>> {
    let mut measurements = Vec::new();
    let scale = entries as f64 / 10_000_000.0;
    for (what, snapshots, cold, goal) in [
        ("start from a snapshot", "snapshots", false, 3.0),
        ("start from the log alone", "no-snapshots", false, 12.0),
        ("start from the log alone, on a cold disk", "none-either", true, 12.0),
    ] {
        if cold {
            forget(&path.join("book"))?;
        }
        let snapshots = Arc::new(Folder::writable(&path.join(snapshots))?);
        let folder = DataFolder { snapshots, index: None, ..DataFolder::writable(path)? };
        let (book, elapsed) = timed(|| Book::open(folder, system_clock(), None));
        let book = book?;
        measurements.push(Measurement {
            what: what.into(),
            unit: "s",
            baseline: None,
            figure: elapsed.as_secs_f64(),
            goal: Some((goal * scale, false)),
            note: format!("replayed after {}", book.replayed_from()),
        });
        book.close()?;
    }
    Ok(measurements)
}

/// Drops a folder's files from the system's memory.
fn forget(folder: &Path) -> Anyhow<()> {
    let folder = Folder::writable(folder)?;
    for name in folder.list()? {
        let file = folder.open(&name)?;
        file.sync()?;
        file.forget(0, 0);
    }
    Ok(())
}

/// A question at a random position and month.
struct Question {
    year: FinancialYear,
    at: Moment,
    through: Month,
}

fn questions(models: &ReadModels) -> Vec<Question> {
    let mut random = Random(99);
    let head = models.times.head().get();
    (0..QUESTIONS)
        .filter_map(|_| {
            let position = Position::new(1 + random.below(head));
            let through = Month::new(1 + random.below(13) as u8).ok()?;
            let at = models.moment(AsAt::Position(position)).ok()?;
            Some(Question { year: year(random.below(YEARS)), at, through })
        })
        .collect()
}

/// A what-if with a thousand reallocations halfway back and a year's figures, from read models to
/// answer.
fn what_ifs(models: &ReadModels) -> (Duration, Duration) {
    let mut generator = Generator::new(7);
    let postings: Vec<_> = (0..SUPPOSED).map(|_| generator.reallocation()).collect();
    let actor = acting("bench");
    let half_way = AsAt::Position(Position::new(models.times.head().get() / 2));
    let mut times: Vec<Duration> = (0..20)
        .filter_map(|number| {
            let moment = models.moment(half_way).ok()?;
            let work = || {
                let mut supposed = WhatIf::new(models, moment);
                let judged = supposed.suppose(&postings, &actor, &|_| None);
                let accepted = judged.iter().filter(|judged| judged.is_ok()).count();
                let (year, moment) = (year(number % YEARS), supposed.moment());
                let (programme, body, class, through) = (None, None, None, None);
                let rollup = Some(Rollup::Programme);
                let query = BudgetQuery { year, programme, body, class, moment, through, rollup };
                (
                    accepted,
                    supposed
                        .models()
                        .within(Scope::everything())
                        .budget(&query)
                        .map_or(0, |rows| rows.len()),
                )
            };
            Some(timed(|| black_box(work())).1)
        })
        .collect();
    (percentile(&mut times, 50), percentile(&mut times, 99))
}

/// The published figures of a random year, each compared with the present ledger and with every
/// scope.
fn published(models: &ReadModels) -> (Duration, Duration) {
    let head = models.times.head();
    let mut with_claims = models.until(head);
    let scope = |number: u64| ScopeDefined {
        code: parsed(&format!("S{number}")),
        name: parsed("A total"),
        programmes: (0..=number).map(programme).collect(),
        bodies: Vec::new(),
        classes: Vec::new(),
    };
    let claim = |number: u64| FigurePublished {
        code: parsed(&format!("C{number}")),
        title: parsed("A figure"),
        scope: Some(parsed(&format!("S{}", number % 10))),
        fund: None,
        year: Some(year(number % YEARS)),
        measure: Some(FigureMeasure::Revised),
        figure: Figure::About(Pence::new(1_000_000_000)),
        source: parsed("A source"),
        published_on: Default::default(),
        bearer: None,
        supersedes: None,
    };
    let scopes = (0..10).map(scope).map(Event::ScopeDefined);
    let events: Vec<Event> =
        scopes.chain((0..120).map(claim).map(Event::FigurePublished)).collect();
    let recorded = models.times.recorded(head).unwrap_or_default();
    let position = head.next();
    let by = ActorDigest::default();
    with_claims.apply(&Posted { position, recorded, by, inferred: false, events: &events });
    let now = Moment { position, time: recorded };
    let within = with_claims.within(Scope::everything());
    ask(models, |asked, _| {
        let of = ClaimsQuery { year: Some(asked.year), moment: now };
        within.compare_claims(&within.published(&of), now).len()
    })
}

/// The p50 and p99 of all questions.
fn ask<T>(models: &ReadModels, question: impl Fn(&Question, usize) -> T) -> (Duration, Duration) {
    let asked = questions(models);
    let mut times: Vec<Duration> = asked
        .iter()
        .enumerate()
        .map(|(number, asked)| timed(|| black_box(question(asked, number))).1)
        .collect();
    (percentile(&mut times, 50), percentile(&mut times, 99))
}

fn reads(small: &ReadModels, large: &ReadModels) -> Vec<Measurement> {
    let table = std::cell::RefCell::new(Table::default());
    let by_programme = |models: &ReadModels| {
        ask(models, |asked, _| {
            if let Some(year) = models.within(Scope::everything()).whole_year(asked.year) {
                year.table(asked.at.position, asked.through, &mut table.borrow_mut());
            }
            table.borrow().cells()
        })
    };
    let every_line = |models: &ReadModels| {
        ask(models, |asked, _| {
            if let Some(year) = models.within(Scope::everything()).whole_year(asked.year) {
                year.line_table(asked.at.position, asked.through, &mut table.borrow_mut());
            }
        })
    };
    let lines: Vec<_> = Generator::new(1).lines().to_vec();
    let one_line = |models: &ReadModels| {
        ask(models, |asked, number| {
            let line = lines[number * 7919 % lines.len()];
            let whole = models.within(Scope::everything());
            whole.line(&line, asked.at, Some(asked.through))
        })
    };
    let query = |asked: &Question| BudgetQuery {
        year: asked.year,
        programme: None,
        body: None,
        class: None,
        moment: asked.at,
        through: Some(asked.through),
        rollup: Some(Rollup::Programme),
    };
    let answer = |models: &ReadModels| {
        let whole = models.within(Scope::everything());
        ask(models, |asked, _| whole.budget(&query(asked)).map(|r| r.len()))
    };
    // A year's totals, and a page of each stage far into a list of a hundred entries each.
    let bridge = |models: &ReadModels, percent: u64| {
        let within = models.within(Scope::everything());
        ask(models, |asked, _| {
            let after = Position::new(asked.at.position.get() / 100 * percent);
            let steps = [Stage::Revised, Stage::Forecast, Stage::Outturn].map(|stage| {
                let steps = within.bridge_steps(&query(asked), None, stage, after, PAGE);
                steps.map_or(0, |steps| steps.len())
            });
            (within.bridge(&query(asked), None), steps)
        })
    };
    let since = |models: &ReadModels, asked: &Question| {
        models.moment(AsAt::Position(Position::new(asked.at.position.get() / 2)))
    };
    let diff = |models: &ReadModels| {
        let within = models.within(Scope::everything());
        ask(models, |asked, _| {
            let of = BudgetQuery { rollup: None, ..query(asked) };
            let rows = within.diff(&of, since(models, asked)?)?;
            Ok::<_, QueryError>(rows.len())
        })
    };
    let diff_page = |models: &ReadModels| {
        let within = models.within(Scope::everything());
        ask(models, |asked, _| {
            let since = since(models, asked)?;
            let entries = within.diff_entries(&query(asked), since, since.position, PAGE)?;
            Ok::<_, QueryError>(entries.len())
        })
    };
    let of = |asked: &Question| FlowQuery {
        through: Some(asked.through),
        ..FlowQuery::of_year(asked.year, asked.at)
    };
    let everything = Scope::everything();
    let flows =
        |models: &ReadModels| ask(models, |asked, _| models.within(everything).flows(&of(asked)));
    let origins =
        |models: &ReadModels| ask(models, |asked, _| models.within(everything).origins(&of(asked)));
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let measured = |what: &str, figure, baseline: Duration, goal: Option<f64>, p50| Measurement {
        what: what.to_owned(),
        unit: "us",
        baseline: Some((micros(baseline), "p50 of the small book".into())),
        figure: micros(figure),
        goal: goal.map(|goal| (goal, false)),
        note: format!("(p50 {p50:.1?})"),
    };
    let mut measurements = Vec::new();
    let ((small_p50, _), (p50, p99)) = (by_programme(small), by_programme(large));
    let twice = 2.0 * micros(small_p50);
    measurements.push(measured("year by programme, p50", p50, small_p50, Some(twice), p50));
    measurements.push(measured("year by programme, p99", p99, small_p50, Some(250.0), p50));
    for (what, goal, (small, _), (p50, p99)) in [
        ("every line of the year, p99", Some(1000.0), every_line(small), every_line(large)),
        ("one line, p99", Some(20.0), one_line(small), one_line(large)),
        ("planned versus actual answered, p99", None, answer(small), answer(large)),
        ("published figures of a year, p99", Some(20_000.0), published(small), published(large)),
        ("a what-if of 1,000 half-way back, p99", Some(50_000.0), what_ifs(small), what_ifs(large)),
        ("bridge of a year, first pages, p99", Some(20_000.0), bridge(small, 0), bridge(large, 0)),
        (
            "bridge of a year, in the middle, p99",
            Some(20_000.0),
            bridge(small, 50),
            bridge(large, 50),
        ),
        ("bridge of a year, last pages, p99", Some(20_000.0), bridge(small, 99), bridge(large, 99)),
        ("difference of every line, p99", Some(20_000.0), diff(small), diff(large)),
        ("entries between two moments, p99", Some(20_000.0), diff_page(small), diff_page(large)),
        ("who paid for whom in the year, p99", Some(20_000.0), flows(small), flows(large)),
        ("origins of the year's money, p99", Some(20_000.0), origins(small), origins(large)),
    ] {
        measurements.push(measured(what, p99, small, goal, p50));
    }
    measurements
}
