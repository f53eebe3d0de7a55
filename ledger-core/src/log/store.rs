//! Stores: where blocks are kept.

use std::io;

use tokio::sync::watch;

use super::block::Block;
use super::merkle::Hash;
use crate::domain::position::Position;

/// A durable, append-only sequence of blocks.
///
/// Appends come from one writer; reads may come from many threads at any time and see whole
/// blocks up to the head.
pub trait Store: Send + Sync {
    /// The last durable position and the tree's root there.
    fn head(&self) -> Head;

    /// Appends a sealed block whose entries follow `expected`: durable when this returns, or not
    /// acknowledged.
    ///
    /// # Errors
    ///
    /// [`AppendError`]; after [`AppendError::OutcomeUnknown`] only the head tells what happened.
    fn append(&self, expected: Position, block: &Block) -> Result<(), AppendError>;

    /// The lines from entry `from` to the head, seals among them.
    ///
    /// # Errors
    ///
    /// [`ReadError`] where the place of that entry cannot be read.
    fn read(&self, from: Position) -> Result<Box<dyn Pieces>, ReadError>;

    /// Tells when the head moves. Carries no entries: whoever wakes reads them.
    fn watch(&self) -> watch::Receiver<Position>;

    /// Turns writes off for good, naming why; reads go on.
    fn poison(&self, reason: &str);
}

/// The end of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last position; 0 in an empty log.
    pub position: Position,
    /// The tree's root there.
    pub root: Hash,
}

impl Head {
    /// The end of an empty log.
    pub fn empty() -> Self {
        Head { position: Position::START, root: Hash::empty() }
    }
}

/// A log read in pieces of whole lines.
pub trait Pieces: Send {
    /// Replaces what is in `piece` by the next lines; false at the end.
    ///
    /// # Errors
    ///
    /// [`ReadError`] where the storage fails.
    fn next(&mut self, piece: &mut Vec<u8>) -> Result<bool, ReadError>;
}

/// Why a block was not appended, or may not have been.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppendError {
    /// Another writer was first.
    #[error("the log has moved on to {head}: read what is new and decide again")]
    Conflict {
        /// The head now.
        head: Position,
    },
    /// Nobody knows whether the block is durable.
    #[error("it is not known whether the entries were kept ({reason}): read the head again")]
    OutcomeUnknown {
        /// What happened.
        reason: String,
    },
    /// The store takes no more blocks until it is opened again.
    #[error("writes are off since {reason}; reads go on: mend the cause and start again")]
    Poisoned {
        /// What turned writes off.
        reason: String,
    },
}

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The storage failed.
    #[error("{name} cannot be read: {source}")]
    Io {
        /// Which file.
        name: String,
        /// How it failed.
        source: io::Error,
    },
    /// What is stored is not what was written.
    #[error(transparent)]
    Damaged(#[from] Damage),
}

/// A place where the log is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the book is damaged at entry {entry}{}: {what}; restore it from a copy", located(.place))]
pub struct Damage {
    /// The first bad entry, or the first entry that the damage may concern.
    pub entry: Position,
    /// The file, where known.
    pub place: Option<String>,
    /// What is wrong.
    pub what: String,
}

fn located(place: &Option<String>) -> String {
    place.as_ref().map(|place| format!(" in {place}")).unwrap_or_default()
}
