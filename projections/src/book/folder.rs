//! Where a book is kept, and why it cannot be opened.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::log::segments::{Disk, Folder, OpenError, close_to_others};
use ledger_core::log::store::{AppendError, Damage, ReadError};

/// The folders of a book. In tests they may be on a disk that fails.
#[derive(Clone)]
pub struct DataFolder {
    /// Holds the log.
    pub book: Arc<dyn Disk>,
    /// Holds the snapshots.
    pub snapshots: Arc<dyn Disk>,
    /// Holds the index; none for a book without one.
    pub index: Option<PathBuf>,
}

impl DataFolder {
    /// The folders below a data folder, to write in.
    ///
    /// # Errors
    ///
    /// Where they cannot be made.
    pub fn writable(path: &Path) -> io::Result<Self> {
        let index = path.join("index");
        if index.is_dir() {
            close_to_others(&index);
        }
        Ok(DataFolder {
            book: Arc::new(Folder::writable(&path.join("book"))?),
            snapshots: Arc::new(Folder::writable(&path.join("snapshots"))?),
            index: Some(index),
        })
    }

    /// The folders below a data folder, to read from.
    pub fn read_only(path: &Path) -> Self {
        DataFolder {
            book: Arc::new(Folder::read_only(&path.join("book"))),
            snapshots: Arc::new(Folder::read_only(&path.join("snapshots"))),
            index: None,
        }
    }

    /// Whether there is a book below a path.
    ///
    /// # Errors
    ///
    /// Where the path cannot be looked into.
    pub fn has_book(path: &Path) -> io::Result<bool> {
        match std::fs::metadata(path.join("book")) {
            Ok(found) => Ok(found.is_dir()),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Ok(false)
            }
            Err(error) => {
                let what =
                    format!("{} cannot be read: {error}; check who may read it", path.display());
                Err(io::Error::new(error.kind(), what))
            }
        }
    }
}

/// Why a book cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The log cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The first entry cannot be written.
    #[error("the book cannot be begun: {0}")]
    Begin(#[from] AppendError),
    /// The system gives no folder or thread.
    #[error("the book cannot be opened: {0}")]
    Io(#[from] io::Error),
}

impl BookError {
    /// The damage behind it, if it is that.
    pub const fn damage(&self) -> Option<&Damage> {
        if let BookError::Open(OpenError::Damaged(damage))
        | BookError::Read(ReadError::Damaged(damage)) = self
        {
            return Some(damage);
        }
        None
    }
}

impl From<Damage> for BookError {
    fn from(damage: Damage) -> Self {
        BookError::Read(damage.into())
    }
}
