//! The lock of a folder, and names that must keep leading to the files held open.
//!
//! A deleted lock lets another process write. A deleted segment takes its entries with it.

use std::io;
use std::sync::Arc;

use super::OpenError;
use super::disk::{Claim, Disk, FileId, LOCK};

/// A lock on a folder against other writers.
pub(super) struct Lock {
    pub(super) name: HeldName,
    _claim: Claim,
}

impl Lock {
    pub(super) fn claim(disk: &Arc<dyn Disk>) -> Result<Self, OpenError> {
        let claim = disk.claim().map_err(|error| {
            let claimed = error.kind() == io::ErrorKind::WouldBlock;
            if claimed { OpenError::Claimed } else { OpenError::Io(error) }
        })?;
        Ok(Lock { name: HeldName::new(disk, LOCK)?, _claim: claim })
    }
}

/// The name of a file held open.
#[derive(Clone)]
pub(super) struct HeldName {
    disk: Arc<dyn Disk>,
    name: String,
    file: Option<FileId>,
}

impl HeldName {
    /// The name of a file just opened.
    pub(super) fn new(disk: &Arc<dyn Disk>, name: &str) -> io::Result<Self> {
        let file = disk.id_of(name)?;
        Ok(HeldName { disk: Arc::clone(disk), name: name.to_owned(), file })
    }

    /// Checks that the name still leads to the file. Costs one look-up.
    ///
    /// # Errors
    ///
    /// Why it does not, as a reason for turning writes off.
    pub(super) fn check(&self) -> Result<(), String> {
        let name = &self.name;
        match self.disk.id_of(name) {
            Ok(file) if file == self.file => Ok(()),
            Ok(_) => Err(format!(
                "the file {name} was deleted or replaced while the book was open: stop every program that uses this folder, then verify the book"
            )),
            Err(error) => Err(format!("the file {name} cannot be found: {error}")),
        }
    }
}
