//! Durable postings a second, beside the disk's own speed.
//!
//! `cargo bench -p ledger-benches --bench posting`. `LEDGER_FULL=1` starts with ten million keys,
//! otherwise with a million. A name after `--` picks one: `1`, `16`, `64` posters or `submissions`.

#![expect(clippy::float_arithmetic, reason = "rates and ratios")]

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger_benches::generate::{Generator, actor, genesis};
use ledger_benches::measure::{Measurement, cpu_by_thread, cpu_since, percentile, report, timed};
use ledger_core::domain::posting::Posting;
use ledger_core::log::store::Store;
use ledger_core::writer::Writer;
use projections::book::clock::system_clock;
use projections::book::{Book, DataFolder};
use tokio::runtime::Builder;

/// The program's allocator, so that figures match the program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Anyhow<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Anyhow<()> {
    let full = std::env::var_os("LEDGER_FULL").is_some();
    let folder = std::env::var_os("LEDGER_BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::tempdir_in(folder)?;
    let mut measurements = Vec::new();
    let raw = raw_sync(&folder.path().join("raw"))?;
    measurements.push(Measurement {
        what: "raw fdatasync of 4 KiB, written ahead".into(),
        unit: "/s",
        baseline: None,
        figure: raw,
        goal: None,
        note: String::new(),
    });
    for (posters, seconds, goal) in [(1, 4, 0.85 * raw), (16, 6, 50_000.0), (64, 6, 150_000.0)] {
        if !wanted(&posters.to_string()) {
            continue;
        }
        let book = open(&folder.path().join(format!("posters-{posters}")))?;
        let Posted { mut waits, elapsed, cpu } =
            posters_for(&book, posters, Duration::from_secs(seconds))?;
        let count = waits.len();
        let rate = count as f64 / elapsed.as_secs_f64();
        let (p50, p99) = (percentile(&mut waits, 50), percentile(&mut waits, 99));
        measurements.push(Measurement {
            what: format!("{posters} concurrent posters"),
            unit: "entries/s",
            baseline: Some((raw, "raw sync".into())),
            figure: rate,
            goal: Some((goal, true)),
            note: format!("p50 {p50:.0?} p99 {p99:.0?}, index lag {}; {cpu}", lag(&book)),
        });
        if posters == 64 {
            measurements.push(Measurement {
                what: "64 concurrent posters, p99 wait".into(),
                unit: "us",
                baseline: None,
                figure: p99.as_secs_f64() * 1e6,
                goal: Some((500.0, false)),
                note: String::new(),
            });
        }
        book.close()?;
    }
    if wanted("submissions") {
        measurements.extend(submissions(&folder.path().join("submissions"), full)?);
    }
    report("posting", &measurements);
    Ok(())
}

fn wanted(name: &str) -> bool {
    let mut names =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).peekable();
    names.peek().is_none() || names.any(|picked| picked == name)
}

fn lag(book: &Book) -> u64 {
    book.index().map_or(0, |index| index.lag())
}

/// Syncs a second of 4 KiB written over existing bytes.
fn raw_sync(path: &Path) -> Anyhow<f64> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    let rounds = 4000;
    let block = [b'x'; 4096];
    write_ahead(&file, rounds * 4096)?;
    let (done, elapsed) = timed(|| -> std::io::Result<()> {
        for round in 0..rounds {
            file.write_all_at(&block, round * 4096)?;
            file.sync_data()?;
        }
        Ok(())
    });
    done?;
    Ok(rounds as f64 / elapsed.as_secs_f64())
}

fn write_ahead(file: &File, bytes: u64) -> std::io::Result<()> {
    let fill = vec![b'\n'; 1 << 20];
    for offset in (0..bytes).step_by(fill.len()) {
        file.write_all_at(&fill, offset)?;
    }
    file.sync_all()
}

fn open(path: &Path) -> Anyhow<Book> {
    let book = Book::create(DataFolder::writable(path)?, &genesis(), system_clock())?;
    let opening = Generator::new(1).opening();
    for outcome in book.writer().post_all_blocking(&actor(), opening) {
        outcome?;
    }
    Ok(book)
}

/// The outcome of one run of posters.
struct Posted {
    waits: Vec<Duration>,
    elapsed: Duration,
    cpu: String,
}

/// This many callers post for `time`; each waits until its reallocation is durable.
fn posters_for(book: &Book, posters: u64, time: Duration) -> Anyhow<Posted> {
    let runtime = Builder::new_current_thread().build()?;
    let per_poster = time.as_secs() * 400_000 / posters / if posters == 1 { 10 } else { 1 };
    let prepared: Vec<Vec<Posting>> = (0..posters)
        .map(|poster| {
            let mut generator = Generator::new(100 + poster);
            (0..per_poster.min(60_000)).map(|_| generator.reallocation()).collect()
        })
        .collect();
    let (began, before) = (Instant::now(), cpu_by_thread());
    let waits = runtime.block_on(async {
        let tasks: Vec<_> = prepared
            .into_iter()
            .map(|postings| {
                let writer: Writer = book.writer();
                tokio::spawn(async move {
                    let actor = actor();
                    let mut waits = Vec::with_capacity(postings.len());
                    for posting in postings {
                        let asked = Instant::now();
                        if writer.post(&actor, posting).await.is_ok() {
                            waits.push(asked.elapsed());
                        }
                        if began.elapsed() > time {
                            break;
                        }
                    }
                    waits
                })
            })
            .collect();
        let mut waits = Vec::new();
        for task in tasks {
            waits.extend(task.await.unwrap_or_default());
        }
        waits
    });
    let (elapsed, cpu) = (began.elapsed(), cpu_since(&before, waits.len() as u64));
    Ok(Posted { waits, elapsed, cpu })
}

/// Submissions of 8,189 reallocations each, with many keys present.
fn submissions(path: &Path, full: bool) -> Anyhow<Vec<Measurement>> {
    let present: u64 = if full { 10_000_000 } else { 1_000_000 };
    let book = open(path)?;
    let (writer, actor) = (book.writer(), actor());
    let mut generator = Generator::new(42);
    let mut left = present;
    while left > 0 {
        let some = left.min(8189);
        let postings = (0..some).map(|_| generator.posting_of_the_mix()).collect();
        writer.post_all_blocking(&actor, postings);
        left -= some;
    }
    let rounds = 100;
    let submissions: Vec<Vec<Posting>> =
        (0..rounds).map(|_| (0..8189).map(|_| generator.reallocation()).collect()).collect();
    let runtime = Builder::new_current_thread().build()?;
    let (before, cpu) = (book.store().head().position.get(), cpu_by_thread());
    let (refused, elapsed) = timed(|| {
        runtime.block_on(async {
            // Two submissions in progress, like an importer.
            let actor = Arc::new(actor.clone());
            let mut under_way = std::collections::VecDeque::new();
            let mut refused = 0;
            for postings in submissions {
                let (writer, actor) = (writer.clone(), Arc::clone(&actor));
                under_way.push_back(tokio::spawn(async move {
                    writer.post_all(&*actor, postings).await
                }));
                if under_way.len() > 2
                    && let Some(first) = under_way.pop_front()
                {
                    refused +=
                        first.await.unwrap_or_default().iter().filter(|o| o.is_err()).count();
                }
            }
            for rest in under_way {
                refused += rest.await.unwrap_or_default().iter().filter(|o| o.is_err()).count();
            }
            refused
        })
    });
    let posted = book.store().head().position.get() - before;
    let cpu = cpu_since(&cpu, posted);
    let lag = lag(&book);
    book.close()?;
    Ok(vec![Measurement {
        what: format!("submissions of 8,189, {present} keys present"),
        unit: "entries/s",
        baseline: Some((487_000.0, "TigerBeetle, published elsewhere".into())),
        figure: posted as f64 / elapsed.as_secs_f64(),
        goal: Some((800_000.0, true)),
        note: format!("{refused} refused, index lag {lag}; {cpu}"),
    }])
}
