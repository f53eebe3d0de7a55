//! The store of a log's blocks.

use std::io;

use tokio::sync::watch;

use super::block::Block;
use super::merkle::Hash;
use crate::domain::position::Position;

/// A durable, append-only sequence of blocks.
///
/// One writer appends. Many threads may read at any time; they see whole blocks up to the head.
pub trait Store: Send + Sync {
    /// The last durable position and the tree's root there.
    fn head(&self) -> Head;

    /// Appends a sealed block after `expected`. On success the block is durable.
    ///
    /// # Errors
    ///
    /// [`AppendError`]. After [`AppendError::OutcomeUnknown`] only the head shows what happened.
    fn append(&self, expected: Position, block: &Block) -> Result<(), AppendError>;

    /// The lines from entry `from` to the head, including seals.
    ///
    /// # Errors
    ///
    /// [`ReadError`] where that entry's place cannot be read.
    fn read(&self, from: Position) -> Result<Box<dyn Pieces>, ReadError>;

    /// Announces each new head. Receivers read the entries themselves.
    fn watch(&self) -> watch::Receiver<Position>;

    /// Turns writes off for good, with a reason. Reads still work.
    fn poison(&self, reason: &str);
}

/// The end of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last position; 0 in an empty log.
    pub position: Position,
    /// The tree's root at that position.
    pub root: Hash,
}

impl Head {
    /// The end of an empty log.
    pub fn empty() -> Self {
        Head { position: Position::START, root: Hash::empty() }
    }
}

/// A log as a sequence of pieces of whole lines.
pub trait Pieces: Send {
    /// Replaces the content of `piece` with the next lines. Returns false at the end.
    ///
    /// # Errors
    ///
    /// [`ReadError`] where the storage fails.
    fn next(&mut self, piece: &mut Vec<u8>) -> Result<bool, ReadError>;
}

/// Why a block was not appended, or may not have been.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppendError {
    /// Another writer appended first.
    #[error("another program has posted up to entry {head}: post again")]
    Conflict {
        /// The current head.
        head: Position,
    },
    /// It is unknown whether the block is durable.
    #[error(
        "it is not known whether the entries were kept ({reason}): restart, then check the last entry"
    )]
    OutcomeUnknown {
        /// What happened.
        reason: String,
    },
    /// The store accepts no blocks until it is reopened.
    #[error("writes are off since {reason}; reading still works: mend the cause and start again")]
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
        /// The file's name.
        name: String,
        /// The cause.
        source: io::Error,
    },
    /// The stored bytes are not those that were written.
    #[error(transparent)]
    Damaged(#[from] Damage),
}

/// Damage: a place where the log is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the book is damaged at entry {entry}{}: {what}; restore it from a copy", located(.place))]
pub struct Damage {
    /// The first changed entry, or the first that the damage may affect.
    pub entry: Position,
    /// The file, where known.
    pub place: Option<String>,
    /// What is wrong.
    pub what: String,
}

fn located(place: &Option<String>) -> String {
    place.as_ref().map(|place| format!(" in {place}")).unwrap_or_default()
}
