//! Which entries each posted file made: a line of JSON for each, in a file beside the log.
//!
//! The record tells a changed version of a posted file from a new file. Nothing else needs it:
//! without it, a file still posts no row twice.

use std::collections::{BTreeSet, HashSet};
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ledger_core::domain::position::Position;
use ledger_core::domain::text::ActorId;
use serde::{Deserialize, Serialize};

/// Who may read the record: its owner alone.
const MODE: u32 = 0o600;

/// The record of posted files in a data folder.
pub(crate) struct PostedFiles {
    path: PathBuf,
}

/// The entries of one posted file.
#[derive(Serialize, Deserialize)]
struct PostedFile {
    actor: ActorId,
    /// The first and last entry of each run.
    entries: Vec<(u64, u64)>,
}

impl PostedFiles {
    /// The record in a data folder.
    pub(crate) fn below(folder: &Path) -> Self {
        PostedFiles { path: folder.join("posted-files.jsonl") }
    }

    /// Adds a file with the entries of its rows.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the record cannot be written.
    pub(crate) fn add(&self, actor: &ActorId, entries: &[Position]) -> io::Result<()> {
        let entries: BTreeSet<u64> = entries.iter().map(|position| position.get()).collect();
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for entry in entries {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == entry => *last = entry,
                _ => runs.push((entry, entry)),
            }
        }
        let file = PostedFile { actor: actor.clone(), entries: runs };
        // The break comes first, so that a line cut short does not spoil the next.
        let line = format!("\n{}", serde_json::to_string(&file)?);
        let mut record =
            OpenOptions::new().append(true).create(true).mode(MODE).open(&self.path)?;
        record.write_all(line.as_bytes())
    }

    /// The entries that earlier versions of a file made and that the file lacks, by the entries of
    /// its rows. An entry belongs to the latest file that had it.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the record cannot be read.
    pub(crate) fn gone(&self, actor: &ActorId, known: &[Position]) -> io::Result<Vec<Position>> {
        let text = match std::fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let has: HashSet<u64> = known.iter().map(|position| position.get()).collect();
        let mut unclaimed: BTreeSet<u64> = has.iter().copied().collect();
        let mut gone = BTreeSet::new();
        for line in text.split(|byte| *byte == b'\n').rev() {
            // A line that was cut short says nothing.
            let Ok(file) = serde_json::from_slice::<PostedFile>(line) else { continue };
            if file.actor != *actor {
                continue;
            }
            let held =
                file.entries.iter().flat_map(|(first, last)| unclaimed.range(*first..=*last));
            let held: Vec<u64> = held.copied().collect();
            if held.is_empty() {
                continue;
            }
            for entry in held {
                unclaimed.remove(&entry);
            }
            let entries = file.entries.iter().flat_map(|(first, last)| *first..=*last);
            gone.extend(entries.filter(|entry| !has.contains(entry)));
        }
        Ok(gone.into_iter().map(Position::new).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(numbers: &[u64]) -> Vec<Position> {
        numbers.iter().copied().map(Position::new).collect()
    }

    #[test]
    fn an_entry_belongs_to_the_latest_file_that_had_it() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let files = PostedFiles::below(folder.path());
        let (pat, other) = ("pat".parse().expect("an id"), "other".parse().expect("an id"));
        let gone = |known: &[u64]| files.gone(&pat, &positions(known)).expect("reads");
        assert!(gone(&[5]).is_empty(), "no file was posted");
        files.add(&pat, &positions(&[7, 5, 6, 9])).expect("writes");
        files.add(&other, &positions(&[8])).expect("writes");
        assert_eq!(gone(&[5, 6, 9]), positions(&[7]));
        assert!(gone(&[5, 6, 7, 9]).is_empty());
        assert!(gone(&[8]).is_empty(), "it is another's");
        // The changed version that was posted takes the place of the first.
        files.add(&pat, &positions(&[5, 6, 9, 10])).expect("writes");
        assert!(gone(&[5, 6, 9, 10]).is_empty());
        assert_eq!(gone(&[5, 6, 7, 9]), positions(&[10]));
        // A line cut short by a crash is passed over.
        let mut record = OpenOptions::new().append(true).open(&files.path).expect("opens");
        record.write_all(b"\n{\"actor\":\"pat\",\"entr").expect("writes");
        assert_eq!(gone(&[5, 6, 9]), positions(&[10]));
        files.add(&pat, &positions(&[20, 21])).expect("writes");
        assert_eq!(gone(&[20]), positions(&[21]));
    }
}
