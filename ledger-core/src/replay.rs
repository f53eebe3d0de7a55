//! Replays a log: checks every hash and seal, and applies every entry in order.
//!
//! Restart, verification and rebuilding all use this path. Workers read and hash pieces of the log
//! in parallel. Each worker then waits its turn to check its piece's seals and apply its entries,
//! so projections see entries in order.

use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::domain::actor::ActorDigest;
use crate::domain::calendar::Timestamp;
use crate::domain::event::Events;
use crate::domain::ledger::Ledger;
use crate::domain::position::Position;
use crate::keys::{KeyDigest, Keys, PendingKeys};
use crate::log::block::SEAL_START;
use crate::log::check::Checker;
use crate::log::entry::{ENTRY_START, Entry};
use crate::log::merkle::{Frontier, Hash};
use crate::log::read::lines_of;
use crate::log::store::{Damage, Pieces, ReadError, Store};
use crate::projection::{Posted, Projection};

/// Options of a replay.
#[derive(Default)]
pub struct Replay<'r> {
    /// The last entry to replay; the head where absent.
    pub until: Option<Position>,
    /// Number of workers; as many as there are processors, at most four, where absent.
    pub threads: Option<NonZeroUsize>,
    /// Called with the position reached, now and then.
    pub progress: Option<&'r (dyn Fn(Position) + Sync)>,
    /// Records the used keys, where given.
    pub keys: Option<&'r mut Keys>,
}

impl Replay<'_> {
    /// Replays the entries after `tree` from the store, into `tree` and `projection`.
    ///
    /// # Errors
    ///
    /// [`ReadError`] where the storage fails, or an entry or seal is not what was written. `tree`
    /// and `projection` are then incomplete: discard them.
    pub fn run(
        self,
        store: &dyn Store,
        tree: &mut Frontier,
        projection: &mut (dyn Projection + Send),
    ) -> Result<(), ReadError> {
        let from = Position::new(tree.size()).next();
        let ahead = store.head().position.get().saturating_sub(tree.size());
        let pending = || PendingKeys::with_capacity(usize::try_from(ahead).unwrap_or(0));
        let fold = Fold {
            checker: Checker::from(std::mem::take(tree)),
            projection,
            recorded: Timestamp::default(),
            disorder: None,
            until: self.until,
            turn: 0,
            done: false,
        };
        let run = Run {
            source: Mutex::new(Source { pieces: store.read(from)?, taken: 0 }),
            keys: self.keys.is_some().then(|| Mutex::new(pending())),
            fold: Mutex::new(fold),
            turned: Condvar::new(),
            until: self.until,
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
        if let (Some(keys), Some(pending)) = (self.keys, run.keys) {
            keys.insert_all(pending.into_inner().unwrap_or_else(PoisonError::into_inner));
        }
        let fold = run.fold.into_inner().unwrap_or_else(PoisonError::into_inner);
        // A replay that stops inside a block has not read its seal; otherwise the log ends with a
        // seal.
        *tree = fold.checker.finish(fold.until.is_some())?;
        Ok(())
    }
}

struct Source {
    pieces: Box<dyn Pieces>,
    taken: u64,
}

struct Run<'r> {
    source: Mutex<Source>,
    /// In any order: a key is used once.
    keys: Option<Mutex<PendingKeys>>,
    fold: Mutex<Fold<'r>>,
    turned: Condvar,
    until: Option<Position>,
    progress: Option<&'r (dyn Fn(Position) + Sync)>,
}

/// The part of a replay that runs in order, one piece at a time.
struct Fold<'r> {
    checker: Checker,
    projection: &'r mut (dyn Projection + Send),
    recorded: Timestamp,
    /// Set where an entry is recorded before the one ahead of it. If either was changed, the seal
    /// names it.
    disorder: Option<Damage>,
    until: Option<Position>,
    turn: u64,
    done: bool,
}

/// The fields of an entry that a replay applies.
struct ReplayedEntry {
    position: Position,
    recorded: Timestamp,
    by: ActorDigest,
    inferred: bool,
    leaf: Hash,
    key: KeyDigest,
    events: Events,
}

/// Lines of a piece that are not entries, each with the number of entries before it.
type NonEntries<'p> = Vec<(usize, NonEntry<'p>)>;

enum NonEntry<'p> {
    Seal(&'p [u8]),
    Wrong(String),
}

impl<'r> Run<'r> {
    fn work(&self) -> Result<(), ReadError> {
        let (mut piece, mut entries) = (Vec::new(), Vec::new());
        loop {
            let Some(turn) = self.take(&mut piece)? else { return Ok(()) };
            let others = parse(&piece, &mut entries);
            self.record_keys(&entries);
            let mut fold = self.wait_for(turn);
            let result = if fold.done { Ok(()) } else { fold.apply_piece(&entries, &others) };
            fold.done |= result.is_err();
            fold.turn += 1;
            let reached = fold.checker.position();
            drop(fold);
            self.turned.notify_all();
            result?;
            if let Some(progress) = self.progress {
                progress(reached);
            }
        }
    }

    /// Reads the next piece. Returns its number.
    fn take(&self, piece: &mut Vec<u8>) -> Result<Option<u64>, ReadError> {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        if self.fold().done {
            return Ok(None);
        }
        let taken = source.pieces.next(piece).inspect_err(|_| {
            self.fold().done = true;
            self.turned.notify_all();
        })?;
        source.taken += u64::from(taken);
        Ok(taken.then(|| source.taken - 1))
    }

    fn record_keys(&self, entries: &[ReplayedEntry]) {
        let Some(keys) = &self.keys else { return };
        let mut keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted =
            |entry: &&ReplayedEntry| self.until.is_none_or(|until| entry.position <= until);
        entries.iter().filter(wanted).for_each(|entry| keys.push(entry.key, entry.position));
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

/// Parses a piece of the log into `entries`, reusing its memory. Returns the other lines.
fn parse<'p>(piece: &'p [u8], entries: &mut Vec<ReplayedEntry>) -> NonEntries<'p> {
    let mut others = Vec::new();
    entries.clear();
    for line in lines_of(piece) {
        let other = if line.starts_with(ENTRY_START) {
            match Entry::from_line(line) {
                Ok(entry) => {
                    entries.push(ReplayedEntry {
                        position: entry.position,
                        recorded: entry.recorded,
                        by: ActorDigest::new(&entry.actor),
                        inferred: entry.inferred.is_some(),
                        leaf: Hash::leaf(line),
                        key: KeyDigest::new(&entry.actor, &entry.key),
                        events: entry.events,
                    });
                    continue;
                }
                Err(error) => NonEntry::Wrong(error.to_string()),
            }
        } else if line.starts_with(SEAL_START) {
            NonEntry::Seal(line)
        } else {
            NonEntry::Wrong("the line is neither an entry nor a seal".to_owned())
        };
        others.push((entries.len(), other));
    }
    others
}

impl Fold<'_> {
    fn apply_piece(
        &mut self,
        entries: &[ReplayedEntry],
        others: &NonEntries<'_>,
    ) -> Result<(), ReadError> {
        let mut others = others.iter().peekable();
        for before in 0..=entries.len() {
            while let Some((_, other)) = others.next_if(|(place, _)| *place == before) {
                match other {
                    NonEntry::Seal(line) => {
                        self.checker.seal(line)?;
                        self.disorder.take().map_or(Ok(()), Err)?;
                    }
                    NonEntry::Wrong(what) => return Err(self.checker.damage(what.clone()).into()),
                }
            }
            let Some(entry) = entries.get(before) else { break };
            if self.until.is_some_and(|until| entry.position > until) {
                self.done = true;
                break;
            }
            if entry.recorded < self.recorded && self.disorder.is_none() {
                let what =
                    "its recorded time is earlier than that of the entry before it".to_owned();
                self.disorder = Some(self.checker.damage(what));
            }
            self.recorded = entry.recorded;
            self.checker.entry(entry.position, entry.leaf)?;
            let ReplayedEntry { position, recorded, by, inferred, ref events, .. } = *entry;
            self.projection.apply(&Posted { position, recorded, by, inferred, events });
        }
        Ok(())
    }
}

impl Projection for Ledger<'_> {
    fn apply(&mut self, entry: &Posted<'_>) {
        self.apply(entry.position, entry.recorded, entry.by, entry.events);
    }
}
