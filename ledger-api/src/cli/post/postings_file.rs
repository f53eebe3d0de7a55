//! Reading a file of postings for the verbs that take one.

use std::io::{self, Read};
use std::path::Path;

use ledger_core::domain::posting::Posting;

use crate::cli::exit::{CliError, Exit, RowError};
use crate::postings::file::{self, FileKind};

/// A file of postings: JSON lines, or tidy CSV.
#[derive(Default)]
pub(crate) struct PostingsFile {
    /// The number of each posting's row in the file, from 1.
    pub(crate) rows: Vec<u64>,
    pub(crate) postings: Vec<Posting>,
}

impl PostingsFile {
    /// Reads a whole file, or stdin for `-`, and fails if any row cannot be read. `undone` says what
    /// then has not happened: posted, supposed.
    pub(crate) fn read(path: &Path, undone: &str) -> Result<Self, CliError> {
        let (file, unread) = PostingsFile::read_some(path)?;
        if unread.is_empty() {
            return Ok(file);
        }
        let count = unread.len();
        let rows = if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
        let message = format!("{rows} cannot be read, so nothing was {undone}");
        Err(CliError::usage(message).with_rows(unread))
    }

    /// Reads a whole file, or stdin for `-`: the rows that can be read, and the errors of the others.
    pub(crate) fn read_some(path: &Path) -> Result<(Self, Vec<RowError>), CliError> {
        let (mut file, mut unread) = (PostingsFile::default(), Vec::new());
        for row in rows(path)? {
            match row.posting {
                Ok(posting) => {
                    file.rows.push(row.number);
                    file.postings.push(posting);
                }
                Err(message) => {
                    let error = CliError::new(Exit::Usage, "MALFORMED", message);
                    unread.push(RowError::new(row.number, error));
                }
            }
        }
        Ok((file, unread))
    }
}

impl PostingsFile {
    /// The postings as lines of JSON.
    pub(crate) fn lines_of_json(&self) -> Result<Vec<String>, CliError> {
        let lines = self.postings.iter().map(serde_json::to_string);
        Ok(lines.collect::<Result<_, _>>().map_err(io::Error::from)?)
    }
}

/// Fails if a posting would be refused, with the error of each.
pub(crate) fn all_pass<T>(
    rows: &[u64],
    outcomes: impl IntoIterator<Item = Result<T, CliError>>,
) -> Result<(), CliError> {
    let refused = rows
        .iter()
        .zip(outcomes)
        .filter_map(|(row, outcome)| Some(RowError::new(*row, outcome.err()?)));
    let refused: Vec<RowError> = refused.collect();
    if refused.is_empty() {
        return Ok(());
    }
    let message = format!("{} of the postings would be refused", refused.len());
    Err(CliError::new(Exit::Refused, "ROWS_REFUSED", message).with_rows(refused))
}

fn rows(path: &Path) -> Result<Vec<file::Row>, CliError> {
    let name = path.display();
    let bytes = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        bytes
    } else {
        std::fs::read(path).map_err(|error| {
            CliError::usage(format!(
                "{name} cannot be read ({error}): check its name, and that you may read it"
            ))
        })?
    };
    let is_csv = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    let kind = if is_csv { FileKind::Csv } else { FileKind::JsonLines };
    file::read(&bytes, kind).map_err(|error| CliError::usage(format!("{name}: {error}")))
}
