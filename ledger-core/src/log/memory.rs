//! A store in memory, for tests and trials.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::block::{Block, Seal};
use super::store::{AppendError, Head, Pieces, ReadError, Store};
use crate::domain::position::Position;

/// A store that keeps its blocks in memory.
#[derive(Debug)]
pub struct MemoryStore {
    log: Mutex<Log>,
    moved: watch::Sender<Position>,
}

#[derive(Debug)]
struct Log {
    bytes: Arc<Vec<u8>>,
    head: Head,
    poisoned: Option<String>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        let log = Log { bytes: Arc::default(), head: Head::empty(), poisoned: None };
        MemoryStore { log: Mutex::new(log), moved: watch::Sender::new(Position::START) }
    }
}

impl MemoryStore {
    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        // No code panics while it holds this lock, so a poisoned lock still guards a whole log.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn head(&self) -> Head {
        self.log().head
    }

    fn append(&self, expected: Position, block: &Block) -> Result<(), AppendError> {
        let mut log = self.log();
        if let Some(reason) = log.poisoned.clone() {
            return Err(AppendError::Poisoned { reason });
        }
        if log.head.position != expected {
            return Err(AppendError::Conflict { head: log.head.position });
        }
        Arc::make_mut(&mut log.bytes).extend_from_slice(block.bytes());
        log.head = Head { position: block.head(), root: block.root() };
        self.moved.send_replace(block.head());
        Ok(())
    }

    fn read(&self, from: Position) -> Result<Box<dyn Pieces>, ReadError> {
        let bytes = Arc::clone(&self.log().bytes);
        let mut start = 0;
        let mut next = Position::new(1);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let seal = Seal::from_line(line.trim_ascii_end()).is_some();
            if next >= from && !seal {
                break;
            }
            start += line.len();
            if !seal {
                next = next.next();
            }
        }
        Ok(Box::new(MemoryPieces { bytes, start }))
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.moved.subscribe()
    }

    fn poison(&self, reason: &str) {
        self.log().poisoned.get_or_insert_with(|| reason.to_owned());
    }
}

struct MemoryPieces {
    bytes: Arc<Vec<u8>>,
    start: usize,
}

impl Pieces for MemoryPieces {
    fn next(&mut self, piece: &mut Vec<u8>) -> Result<bool, ReadError> {
        const PIECE: usize = 1 << 20;
        piece.clear();
        let rest = &self.bytes[self.start..];
        let whole = rest.get(PIECE..).and_then(|after| after.iter().position(|b| *b == b'\n'));
        let length = whole.map_or(rest.len(), |newline| PIECE + newline + 1);
        piece.extend_from_slice(&rest[..length]);
        self.start += length;
        Ok(length > 0)
    }
}
