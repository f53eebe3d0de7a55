//! Posting files: JSON lines of postings, or tidy CSV with a command a row.
//!
//! Every row is read before any is posted. A row without a key gets one from what it says and how
//! many equal rows precede it, so its place, the spelling of the file and other rows do not matter:
//! a corrected file posts only what is new.

mod json_lines;
mod sheet;

use std::collections::HashMap;

use ledger_core::domain::command::Command;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::{Citation, IdempotencyKey, Reason};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The format of a posting file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A JSON posting on each line.
    JsonLines,
    /// A command in each row, under a header.
    Csv,
}

/// A row of a posting file.
#[derive(Debug)]
pub struct Row {
    /// Its number from 1, as an editor numbers lines and a spreadsheet numbers rows.
    pub number: u64,
    /// The posting, or why the row cannot be read.
    pub posting: Result<Posting, String>,
}

/// How the keys of rows without one begin.
const DERIVED: &str = "row-";

/// The key of a row until its own is derived.
const NO_KEY: &str = "row-?";

/// Whether a key was derived from its row.
pub fn is_derived(key: &IdempotencyKey) -> bool {
    key.as_str().starts_with(DERIVED)
}

/// Reads a posting file.
///
/// # Errors
///
/// If no row can be read: the file is not UTF-8, or its header is not understood.
pub fn read(bytes: &[u8], kind: FileKind) -> Result<Vec<Row>, String> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(text).map_err(|error| {
        format!("byte {} is not UTF-8 text: save the file as CSV UTF-8", error.valid_up_to() + 1)
    })?;
    let mut rows = match kind {
        FileKind::JsonLines => json_lines::read(text),
        FileKind::Csv => sheet::read(text)?,
    };
    derive_keys(&mut rows);
    refuse_equal_keys(&mut rows);
    Ok(rows)
}

/// Gives each row without a key the digest of what it says, and its number among equal rows.
fn derive_keys(rows: &mut [Row]) {
    let mut equal: HashMap<u128, u64> = HashMap::new();
    for row in rows {
        let Ok(posting) = &mut row.posting else { continue };
        if posting.key.as_str() != NO_KEY {
            continue;
        }
        let Some(digest) = content(posting) else { continue };
        let number = equal.entry(digest).or_default();
        *number += 1;
        match format!("{DERIVED}{digest:032x}-{number}").parse() {
            Ok(key) => posting.key = key,
            Err(error) => row.posting = Err(format!("key: {error}")),
        }
    }
}

/// The digest of what a row says, however it is spelt.
fn content(posting: &Posting) -> Option<u128> {
    #[derive(Serialize)]
    struct Content<'p> {
        command: &'p Command,
        reason: &'p Reason,
        authority: &'p Option<Citation>,
        evidence: &'p [Citation],
        inferred: &'p Option<Reason>,
    }
    let Posting { command, reason, authority, evidence, inferred, .. } = posting;
    let content = Content { command, reason, authority, evidence, inferred };
    let digest = Sha256::digest(serde_json::to_vec(&content).ok()?);
    digest.first_chunk().copied().map(u128::from_be_bytes)
}

/// A key names one row. Rows that share one are refused, each with the number of another.
fn refuse_equal_keys(rows: &mut [Row]) {
    let mut first: HashMap<IdempotencyKey, usize> = HashMap::with_capacity(rows.len());
    let mut equal: Vec<(usize, usize)> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let Ok(posting) = &row.posting else { continue };
        match first.get(&posting.key) {
            Some(earlier) => equal.push((*earlier, index)),
            None => drop(first.insert(posting.key.clone(), index)),
        }
    }
    for (earlier, later) in equal {
        for (this, other) in [(later, earlier), (earlier, later)] {
            let Some(other) = rows.get(other).map(|row| row.number) else { continue };
            if let Some(row) = rows.get_mut(this)
                && let Ok(posting) = &row.posting
            {
                row.posting = Err(format!(
                    "the key {} is also the key of row {other}: give each row a key of its own, or leave keys out",
                    posting.key
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests;
