//! A year in a snapshot: its lines, deltas and statements. Reading pushes the deltas again, which
//! rebuilds frames and lists.

use std::io::{self, Write};

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use serde::{Deserialize, Serialize};

use super::Year;
use super::deltas::{Deltas, WRITTEN_BYTES};
use super::forecasts::Forecasts;
use super::statements::Statements;
use super::versions::Versions;

/// The JSON before a year's deltas.
#[derive(Serialize, Deserialize)]
struct Head<V, F, S> {
    year: FinancialYear,
    /// Each line, and the entry that opened it.
    lines: Vec<(LineKey, Position)>,
    versions: V,
    deltas: usize,
    forecasts: F,
    statements: S,
}

impl Year {
    /// Writes the year's length, the head's length, the head and the deltas.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let head = serde_json::to_vec(&Head {
            year: self.year,
            lines: self.lines().iter().map(|line| (line.key, line.opened)).collect(),
            versions: &self.versions,
            deltas: self.deltas.len(),
            forecasts: &self.forecasts,
            statements: &self.statements,
        })?;
        let length = 8 + head.len() + self.deltas.len() * WRITTEN_BYTES;
        out.write_all(&(length as u64).to_le_bytes())?;
        out.write_all(&(head.len() as u64).to_le_bytes())?;
        out.write_all(&head)?;
        self.deltas.write(out)
    }

    /// Reads a year from the bytes after its length; None where they are malformed.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (head, deltas) = split_sized(bytes)?;
        let head: Head<Versions, Forecasts, Statements> = serde_json::from_slice(head).ok()?;
        let mut year = Year::new(head.year);
        for (key, opened) in &head.lines {
            year.line(key, *opened);
        }
        for delta in Deltas::read(deltas, head.deltas)? {
            if delta.key.line() >= year.lines().len() {
                return None;
            }
            year.push(delta);
        }
        (year.forecasts, year.statements) = (head.forecasts, head.statements);
        year.versions = head.versions;
        (year.versions.len() == year.lines().len()).then_some(year)
    }
}

/// Splits off a part that starts with its length. Returns the part and the rest.
pub(crate) fn split_sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_at_checked(8)?;
    let length = u64::from_le_bytes(length.try_into().ok()?);
    rest.split_at_checked(usize::try_from(length).ok()?)
}
