//! Replaying a log: every hash and seal checked, every entry applied, in order.
//!
//! Restart, verification and rebuilding are all this one path. Workers read and hash pieces of
//! the log side by side; each then waits its turn to check the seals in its piece and to apply
//! its entries, so that state and projections see them in order.

use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::domain::calendar::Timestamp;
use crate::domain::position::Position;
use crate::keys::KeyDigest;
use crate::log::block::SEAL_START;
use crate::log::check::Checker;
use crate::log::entry::{ENTRY_START, Entry};
use crate::log::merkle::Hash;
use crate::log::store::{Pieces, ReadError, Store};
use crate::projection::Projection;
use crate::state::State;

/// How far to replay, and with how many threads.
#[derive(Clone, Copy, Default)]
pub struct Replay<'p> {
    /// Stop after this entry; at the head where absent.
    pub until: Option<Position>,
    /// How many workers; as many as there are processors where absent.
    pub threads: Option<NonZeroUsize>,
    /// Told the position reached, now and then.
    pub progress: Option<&'p (dyn Fn(Position) + Sync)>,
}

impl Replay<'_> {
    /// Replays what follows `state` in the store, into it and into `projection`.
    ///
    /// # Errors
    ///
    /// [`ReadError`]: the storage fails, or an entry or seal is not what was written. State and
    /// projection are then half-way and of no use.
    pub fn run(
        self,
        store: &dyn Store,
        state: &mut State,
        projection: &mut (dyn Projection + Send),
    ) -> Result<(), ReadError> {
        let from = state.position().next();
        let expected = usize::try_from(store.head().position.get()).unwrap_or(usize::MAX);
        state.keys.reserve(expected.saturating_sub(state.keys.len()));
        let source = Source { pieces: store.read(from)?, taken: 0 };
        let fold = Fold {
            recorded: state.ledger.recorded(),
            checker: Checker::from(std::mem::take(&mut state.tree)),
            state,
            projection,
            until: self.until,
            turn: 0,
            done: false,
        };
        let run = Run {
            source: Mutex::new(source),
            fold: Mutex::new(fold),
            turned: Condvar::new(),
            progress: self.progress,
        };
        let threads = self.threads.map_or_else(
            || thread::available_parallelism().map_or(1, NonZeroUsize::get).min(4),
            NonZeroUsize::get,
        );
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| run.work())).collect();
            let first = run.work();
            let joined = others.into_iter().map(|other| match other.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            joined.fold(first, Result::and)
        })?;
        let fold = run.fold.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Stopped inside a block, its seal was not read; otherwise the log ends with a seal.
        fold.state.tree = fold.checker.finish(fold.until.is_some())?;
        Ok(())
    }
}

struct Source {
    pieces: Box<dyn Pieces>,
    taken: u64,
}

struct Run<'r> {
    source: Mutex<Source>,
    fold: Mutex<Fold<'r>>,
    turned: Condvar,
    progress: Option<&'r (dyn Fn(Position) + Sync)>,
}

/// What is done in order.
struct Fold<'r> {
    state: &'r mut State,
    projection: &'r mut (dyn Projection + Send),
    recorded: Timestamp,
    until: Option<Position>,
    checker: Checker,
    turn: u64,
    done: bool,
}

/// A line of a piece, parsed beside the others.
enum Line<'p> {
    Entry { entry: Box<Entry<'p>>, leaf: Hash, key: KeyDigest },
    Seal(&'p [u8]),
    Wrong(String),
}

impl<'r> Run<'r> {
    fn work(&self) -> Result<(), ReadError> {
        let mut piece = Vec::new();
        loop {
            let Some(turn) = self.take(&mut piece)? else { return Ok(()) };
            let text = piece.strip_suffix(b"\n").unwrap_or(&piece);
            let lines: Vec<Line<'_>> = text.split(|byte| *byte == b'\n').map(parse).collect();
            let mut fold = self.wait_for(turn);
            let result = if fold.done { Ok(()) } else { fold.take_in(lines) };
            fold.done |= result.is_err();
            fold.turn += 1;
            let reached = fold.state.position();
            drop(fold);
            self.turned.notify_all();
            result?;
            if let Some(progress) = self.progress {
                progress(reached);
            }
        }
    }

    /// The next piece and its number.
    fn take(&self, piece: &mut Vec<u8>) -> Result<Option<u64>, ReadError> {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        if self.fold().done {
            return Ok(None);
        }
        let taken = match source.pieces.next(piece) {
            Ok(taken) => taken,
            Err(error) => {
                self.fold().done = true;
                self.turned.notify_all();
                return Err(error);
            }
        };
        source.taken += u64::from(taken);
        Ok(taken.then(|| source.taken - 1))
    }

    fn fold(&self) -> MutexGuard<'_, Fold<'r>> {
        self.fold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for(&self, turn: u64) -> MutexGuard<'_, Fold<'r>> {
        let mut fold = self.fold();
        while fold.turn != turn && !fold.done {
            fold = self.turned.wait(fold).unwrap_or_else(PoisonError::into_inner);
        }
        fold
    }
}

fn parse(line: &[u8]) -> Line<'_> {
    if line.starts_with(SEAL_START) {
        return Line::Seal(line);
    }
    if !line.starts_with(ENTRY_START) {
        return Line::Wrong("its line does not begin as an entry does".to_owned());
    }
    match Entry::from_line(line) {
        Ok(entry) => {
            let key = KeyDigest::new(&entry.actor, &entry.key);
            Line::Entry { entry: Box::new(entry), leaf: Hash::leaf(line), key }
        }
        Err(error) => Line::Wrong(error.to_string()),
    }
}

impl Fold<'_> {
    fn take_in(&mut self, lines: Vec<Line<'_>>) -> Result<(), ReadError> {
        for line in lines {
            match line {
                Line::Entry { entry, leaf, key } => {
                    if self.until.is_some_and(|until| entry.position > until) {
                        self.done = true;
                        return Ok(());
                    }
                    if entry.recorded < self.recorded {
                        let what = "it was recorded before the entry before it".to_owned();
                        return Err(self.checker.damage(what).into());
                    }
                    self.recorded = entry.recorded;
                    self.checker.entry(entry.position, leaf)?;
                    self.state.apply(&entry, key);
                    self.projection.apply(&entry);
                }
                Line::Seal(line) => self.checker.seal(line)?,
                Line::Wrong(what) => return Err(self.checker.damage(what).into()),
            }
        }
        Ok(())
    }
}
