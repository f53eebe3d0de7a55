//! What is supposed to have been posted, wherever the book is that is asked.

use std::path::PathBuf;

use ledger_core::domain::position::Position;
use projections::AsAt;

use crate::cli::exit::CliError;
use crate::cli::postings_file::PostingsFile;
use crate::cli::write;

/// Postings that are supposed.
pub(in crate::cli) struct Supposing {
    /// How they were named.
    pub(in crate::cli) name: PathBuf,
    /// After which moment.
    pub(in crate::cli) after: AsAt,
    pub(in crate::cli) postings: PostingsFile,
}

impl Supposing {
    /// Says what an answer rests on.
    pub(super) fn note(&self, from: Position) {
        let name = self.name.display();
        write::note(&format!("as if {name} had been posted after entry {from}: nothing is stored"));
    }
}

/// For what reads the log or writes to it: what is supposed is not in it.
pub(super) fn nothing(supposed: bool) -> Result<(), CliError> {
    if supposed {
        let message = "what is supposed is no part of the log: leave --what-if out";
        return Err(CliError::usage(message));
    }
    Ok(())
}
