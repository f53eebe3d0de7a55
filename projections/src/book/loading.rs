//! Loading a book: its newest good snapshot, and the log after it.

use std::thread;

use ledger_core::domain::event::Event;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::BookId;
use ledger_core::log::merkle::Frontier;
use ledger_core::log::read::entry_at;
use ledger_core::log::store::{Damage, Head, ReadError, Store};
use ledger_core::replay::Replay;
use ledger_core::snapshot::Snapshot;
use ledger_core::state::State;

use super::{BookError, Progress};
use crate::ReadModels;

/// What is brought up to the head of a log.
pub(super) trait CatchUp: Default {
    fn catch_up(
        &mut self,
        store: &dyn Store,
        models: &mut ReadModels,
        progress: Progress<'_>,
    ) -> Result<(), ReadError>;

    fn position(&self) -> Position;
}

impl CatchUp for State {
    fn catch_up(
        &mut self,
        store: &dyn Store,
        models: &mut ReadModels,
        progress: Progress<'_>,
    ) -> Result<(), ReadError> {
        State::catch_up(self, store, models, progress)
    }

    fn position(&self) -> Position {
        State::position(self)
    }
}

/// Who only reads needs no balances and no keys.
impl CatchUp for Frontier {
    fn catch_up(
        &mut self,
        store: &dyn Store,
        models: &mut ReadModels,
        progress: Progress<'_>,
    ) -> Result<(), ReadError> {
        Replay { progress, ..Replay::default() }.run(store, self, models)
    }

    fn position(&self) -> Position {
        Position::new(self.size())
    }
}

/// What a book is opened with, and the position of its snapshot.
pub(super) struct Loaded<S> {
    pub(super) state: S,
    pub(super) models: ReadModels,
    pub(super) from: Position,
}

/// The newest good snapshot and the log after it; the log alone where no snapshot is good.
pub(super) fn load<S: CatchUp + Send>(
    snapshots: Vec<Snapshot>,
    store: &dyn Store,
    progress: Progress<'_>,
    state_in: impl Fn(&Snapshot) -> Option<S> + Sync,
) -> Result<Loaded<S>, BookError> {
    let head = store.head();
    for snapshot in snapshots_of(book_of(store)?, snapshots, head)? {
        if snapshot.position() == head.position && snapshot.root() != head.root {
            continue;
        }
        let (state, models) = thread::scope(|scope| {
            let state = scope.spawn(|| state_in(&snapshot));
            let models = ReadModels::read(&snapshot);
            (state.join().ok().flatten(), models)
        });
        let (Some(mut state), Some(mut models)) = (state, models) else { continue };
        if state.position() == snapshot.position()
            && state.catch_up(store, &mut models, progress).is_ok()
        {
            return Ok(Loaded { state, models, from: snapshot.position() });
        }
    }
    let (mut state, mut models) = (S::default(), ReadModels::default());
    state.catch_up(store, &mut models, progress)?;
    Ok(Loaded { state, models, from: Position::START })
}

/// The snapshots of a book, newest first. None may know entries beyond the head: those were durable
/// and have been lost.
pub(super) fn snapshots_of(
    book: BookId,
    mut snapshots: Vec<Snapshot>,
    head: Head,
) -> Result<Vec<Snapshot>, Damage> {
    snapshots.retain(|snapshot| snapshot.book() == Some(book));
    let known = snapshots.iter().map(Snapshot::position).max();
    let Some(known) = known.filter(|known| *known > head.position) else { return Ok(snapshots) };
    let what = format!(
        "the log ends with entry {}, and a snapshot knows entries up to {known} (if this older log is the one to keep, delete the folder snapshots)",
        head.position
    );
    Err(Damage { entry: head.position.next(), place: None, what })
}

/// The id of the book, from its first entry.
pub(super) fn book_of(store: &dyn Store) -> Result<BookId, BookError> {
    let first = entry_at(store, Position::new(1))?;
    let mut events = first.iter().flat_map(|entry| &entry.events);
    let opened = events.find_map(|event| {
        if let Event::BookOpened(opened) = event { Some(opened.book) } else { None }
    });
    opened.ok_or_else(|| {
        let what = "it does not open a book".to_owned();
        Damage { entry: Position::new(1), place: None, what }.into()
    })
}
