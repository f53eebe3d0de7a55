//! Replaying a book, also in a process of its own, and the machine's own speed limit.

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ledger_benches::measure::{memory, timed};
use ledger_core::log::merkle::Hash;
use ledger_core::log::segments::{Folder, SegmentsStore};
use ledger_core::state::State;
use projections::ReadModels;

use super::Anyhow;

/// Lines hashed by each processor, as long as the generated book's average line.
const HASHED: usize = 2_000_000;
const LINE_BYTES: usize = 400;

/// Names a book to replay, in a process that does nothing else.
pub(crate) const REPLAYS: &str = "LEDGER_BENCH_REPLAYS";

pub(crate) struct Replayed {
    pub(crate) state: State,
    pub(crate) models: ReadModels,
    elapsed: Duration,
}

/// Replays a book's log from its first entry with every hash and seal checked.
pub(crate) fn replayed(path: &Path) -> Anyhow<Replayed> {
    let store = SegmentsStore::read_only(Arc::new(Folder::read_only(&path.join("book"))))?;
    let (mut state, mut models) = (State::default(), ReadModels::default());
    let (done, elapsed) = timed(|| state.catch_up(&store, &mut models, None));
    done?;
    Ok(Replayed { state, models, elapsed })
}

/// Replays a book and prints the seconds it took and the bytes of memory it added.
#[expect(clippy::print_stdout, reason = "benchmarks print their results")]
pub(crate) fn replay_alone(path: &Path) -> Anyhow<()> {
    let before = memory("self").0;
    let Replayed { elapsed, state, models } = replayed(path)?;
    println!("{} {}", elapsed.as_secs_f64(), memory("self").0.saturating_sub(before));
    drop((state, models));
    Ok(())
}

/// Reads the output of such a process.
pub(crate) fn replayed_alone(path: &Path) -> Anyhow<(f64, u64)> {
    let output = Command::new(std::env::current_exe()?).env(REPLAYS, path).output()?;
    let printed = String::from_utf8(output.stdout)?;
    let (seconds, resident) = printed.trim().split_once(' ').ok_or("it printed nothing")?;
    Ok((seconds.parse()?, resident.parse()?))
}

/// Leaf hashes a second of average lines on every processor: the upper bound of a verified replay,
/// and a measure of the machine's speed today.
pub(crate) fn hashed() -> f64 {
    let line = [b'x'; LINE_BYTES];
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let ((), elapsed) = timed(|| {
        thread::scope(|scope| {
            for _ in 0..processors {
                scope.spawn(|| {
                    for _ in 0..HASHED {
                        black_box(Hash::leaf(black_box(&line)));
                    }
                });
            }
        });
    });
    (processors * HASHED) as f64 / elapsed.as_secs_f64()
}
