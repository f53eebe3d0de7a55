//! The writer's state: the ledger, the used keys, and the frontier of the tree.

use crate::canonical::CanonicalError;
use crate::domain::calendar::Timestamp;
use crate::domain::code::BodyCode;
use crate::domain::decide::Decision;
use crate::domain::event::{BookOpened, Event};
use crate::domain::ledger::Ledger;
use crate::domain::policy::Policy;
use crate::domain::position::Position;
use crate::domain::text::{ActorId, BookId, Name};
use crate::keys::Keys;
use crate::log::block::Block;
use crate::log::entry::{Envelope, Stamp, write_entry};
use crate::log::merkle::Frontier;
use crate::log::store::{AppendError, ReadError, Store};
use crate::projection::Projection;
use crate::replay::Replay;

/// The state of a book at a position.
#[derive(Default)]
pub struct State {
    /// Balances and registrations.
    pub ledger: Ledger<'static>,
    /// Used idempotency keys.
    pub keys: Keys,
    /// The tree's frontier.
    pub tree: Frontier,
}

impl State {
    /// The position of its last entry.
    pub const fn position(&self) -> Position {
        self.ledger.position()
    }

    /// Replays the entries after this state from a store, into it and into `projection`.
    ///
    /// # Errors
    ///
    /// [`ReadError`]. Discard the state then.
    pub fn catch_up(
        &mut self,
        store: &dyn Store,
        projection: &mut (dyn Projection + Send),
        progress: Option<&(dyn Fn(Position) + Sync)>,
    ) -> Result<(), ReadError> {
        let replay = Replay { keys: Some(&mut self.keys), progress, ..Replay::default() };
        replay.run(store, &mut self.tree, &mut (&mut self.ledger, projection))
    }
}

/// The content of a book's first entry.
#[derive(Clone, Debug)]
pub struct Genesis {
    /// The id of the book.
    pub book: BookId,
    /// The department at the top of the book.
    pub department: BodyCode,
    /// The department's name.
    pub name: Name,
    /// The rules in force from the start.
    pub policy: Policy,
    /// The first entry's recorded time.
    pub recorded: Timestamp,
    /// The actor of the first entry.
    pub actor: ActorId,
}

/// Writes the first entry of a book into an empty store.
///
/// # Errors
///
/// [`AppendError`], including where the store is not empty.
pub fn open_book(store: &dyn Store, genesis: &Genesis) -> Result<(), AppendError> {
    let Genesis { book, department, name, policy, recorded, actor } = genesis.clone();
    let policy = Box::new(policy);
    let opened = Event::BookOpened(BookOpened { book, department, name, policy });
    let decision = Decision { events: smallvec::smallvec![opened], ..Decision::default() };
    // The first entry has no posting, and names itself as its policy.
    let first = Position::new(1);
    let stamp = Stamp { position: first, recorded, policy: first };
    let unknown = |error: CanonicalError| AppendError::OutcomeUnknown { reason: error.to_string() };
    let envelope = Envelope::of_genesis(&actor);
    let mut block = Block::default();
    block.push(|line| write_entry(line, &stamp, &envelope, &decision)).map_err(unknown)?;
    block.seal(&mut Frontier::default());
    store.append(Position::START, &block)
}
