//! A chained file: JSON lines, each with the digest of the line before it, appended under a lock.
//!
//! Unlike a book it has several writers: a server, and the command line beside it. Each takes the
//! lock for one batch, which it appends with one write and one sync.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::hex::hex;

/// What the first line names as the one before it.
const NONE_BEFORE: &str = "";

/// A line that is longer than this is none of ours.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// One line, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct Line<T> {
    /// The digest of the line before it.
    previous: String,
    #[serde(flatten)]
    record: T,
}

/// Why a chained file cannot be read or added to.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The storage failed.
    #[error("{path} cannot be read or written: {error}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is not what was written.
    #[error(
        "{path} is damaged at line {line}: {what}; keep it as evidence, and restore the folder from a copy"
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// The first bad line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
}

/// A chained file.
#[derive(Debug)]
pub struct Chain {
    path: PathBuf,
}

/// A chained file that nobody else writes to meanwhile.
#[derive(Debug)]
pub struct Locked<'c> {
    chain: &'c Chain,
    file: File,
}

impl Chain {
    /// The chained file at a path, whether it is there yet or not.
    pub const fn at(path: PathBuf) -> Self {
        Chain { path }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn failed(&self, error: io::Error) -> ChainError {
        ChainError::Io { path: self.path.clone(), error }
    }

    /// Takes the lock, and makes the file where there is none.
    ///
    /// # Errors
    ///
    /// [`ChainError::Io`].
    pub fn lock(&self) -> Result<Locked<'_>, ChainError> {
        let open = || {
            let file = OpenOptions::new().read(true).append(true).create(true).open(&self.path)?;
            file.lock()?;
            Ok(file)
        };
        Ok(Locked { chain: self, file: open().map_err(|error| self.failed(error))? })
    }

    /// Every record, checked against the one before it; none where there is no file. A last line
    /// that was never finished is passed over: nobody was told that it is there.
    ///
    /// # Errors
    ///
    /// [`ChainError`], naming the first line that is not what was written.
    pub fn records<T: DeserializeOwned>(&self) -> Result<Vec<T>, ChainError> {
        match File::open(&self.path) {
            Ok(file) => self.read(&file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn read<T: DeserializeOwned>(&self, file: &File) -> Result<Vec<T>, ChainError> {
        let mut lines = BufReader::new(file);
        let (mut records, mut before, mut number) = (Vec::new(), NONE_BEFORE.to_owned(), 0_u64);
        loop {
            let mut line = Vec::new();
            let read = lines.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
            if read.map_err(|error| self.failed(error))? == 0 {
                return Ok(records);
            }
            number = number.saturating_add(1);
            let damaged =
                |what| ChainError::Damaged { path: self.path.clone(), line: number, what };
            if line.pop() != Some(b'\n') {
                let at_end = lines.fill_buf().is_ok_and(<[u8]>::is_empty);
                return if at_end {
                    Ok(records)
                } else {
                    Err(damaged("it is too long".to_owned()))
                };
            }
            let Line { previous, record } = serde_json::from_slice(&line)
                .map_err(|error| damaged(format!("it is no record: {error}")))?;
            if previous != before {
                return Err(damaged("it does not follow the line before it".to_owned()));
            }
            before = digest(&line);
            records.push(record);
        }
    }
}

impl Locked<'_> {
    /// Every record, as [`Chain::records`] gives them.
    ///
    /// # Errors
    ///
    /// [`ChainError`].
    pub fn records<T: DeserializeOwned>(&mut self) -> Result<Vec<T>, ChainError> {
        self.file.rewind().map_err(|error| self.chain.failed(error))?;
        self.chain.read(&self.file)
    }

    /// Appends records, and waits until they are durable.
    ///
    /// # Errors
    ///
    /// [`ChainError::Io`]; some of them may then be there.
    pub fn append<T: Serialize>(&mut self, records: &[T]) -> Result<(), ChainError> {
        self.write(records).map_err(|error| self.chain.failed(error))
    }

    fn write<T: Serialize>(&mut self, records: &[T]) -> io::Result<()> {
        let mut before = self.last()?;
        let mut bytes = Vec::new();
        for record in records {
            let line = serde_json::to_vec(&Line { previous: before, record })?;
            before = digest(&line);
            bytes.extend_from_slice(&line);
            bytes.push(b'\n');
        }
        self.file.write_all(&bytes)?;
        self.file.sync_data()
    }

    /// The digest of the last whole line. What follows it was never finished, and is cut off.
    fn last(&mut self) -> io::Result<String> {
        let length = self.file.seek(SeekFrom::End(0))?;
        // A line and what was begun after it: two lines at most.
        let from = length.saturating_sub(LINE_BYTES_MAX.saturating_mul(2));
        self.file.seek(SeekFrom::Start(from))?;
        let mut end = Vec::new();
        self.file.read_to_end(&mut end)?;
        let whole =
            end.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1));
        let unfinished = u64::try_from(end.len().saturating_sub(whole)).unwrap_or(0);
        if unfinished > 0 {
            self.file.set_len(length.saturating_sub(unfinished))?;
        }
        let mut lines = end.get(..whole).unwrap_or_default().rsplit(|byte| *byte == b'\n');
        // What follows the last line's end is nothing.
        lines.next();
        Ok(lines.next().map_or_else(|| NONE_BEFORE.to_owned(), digest))
    }
}

/// The digest of bytes, in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn chain(folder: &tempfile::TempDir) -> Chain {
        let chain = Chain::at(folder.path().join("log.jsonl"));
        let records: Vec<Value> = (0..3).map(|n| json!({ "n": n })).collect();
        chain.lock().unwrap().append(&records[..1]).unwrap();
        chain.lock().unwrap().append(&records[1..]).unwrap();
        chain
    }

    #[test]
    fn records_come_back_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let records: Vec<Value> = chain(&folder).records().unwrap();
        assert_eq!(records, [json!({ "n": 0 }), json!({ "n": 1 }), json!({ "n": 2 })]);
    }

    #[test]
    fn a_line_that_is_changed_taken_out_or_put_in_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let chain = chain(&folder);
        let text = std::fs::read_to_string(chain.path()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let cases = [
            (text.replace("\"n\":0", "\"n\":7"), 2),
            (format!("{}\n{}\n", lines[0], lines[2]), 2),
            (format!("{}\n{text}", lines[0]), 2),
            (format!("{}\n", lines[1]), 1),
            ("nonsense\n".to_owned(), 1),
        ];
        for (changed, at) in cases {
            std::fs::write(chain.path(), &changed).unwrap();
            let error = chain.records::<Value>().unwrap_err();
            assert!(matches!(error, ChainError::Damaged { line, .. } if line == at), "{error}");
        }
    }

    #[test]
    fn a_line_that_was_never_finished_is_cut_off_by_the_next_writer() {
        let folder = tempfile::tempdir().unwrap();
        let chain = chain(&folder);
        let whole = std::fs::read(chain.path()).unwrap();
        let torn = [whole.as_slice(), &b"{\"previous\":\"ab"[..]].concat();
        std::fs::write(chain.path(), torn).unwrap();
        assert_eq!(chain.records::<Value>().unwrap().len(), 3);
        chain.lock().unwrap().append(&[json!({ "n": 3 })]).unwrap();
        assert_eq!(chain.records::<Value>().unwrap().len(), 4);
    }
}
