//! Posting takes reading: what an actor may not read is refused as if it were absent.

use super::case::Case;
use super::{Ledger, Rejection};
use crate::domain::command::{Command, Targets};
use crate::domain::line::LineKey;
use crate::domain::position::Position;
use crate::domain::scope::Scope;

/// The version of a line as the reader of a scope knows it.
pub(super) fn version(
    ledger: &Ledger<'_>,
    line: &LineKey,
    reads: &Scope,
) -> Result<Position, Rejection> {
    if !reads.knows(line.programme) {
        return Ok(Position::START);
    }
    if reads.admits(line) { Ok(ledger.version(line)) } else { Err(Rejection::OutOfReach) }
}

impl Case<'_> {
    /// Checks that the actor may read what a command names. Absent or hidden, the refusal is the
    /// same, and comes before every other.
    pub(super) fn check_seen(&self, command: &Command) -> Result<(), Rejection> {
        let reads = &self.context.actor.reads;
        // The commands of a batch are checked one by one, each after those before it.
        if reads.is_everything() || matches!(command, Command::Batch(_) | Command::Propose(_)) {
            return Ok(());
        }
        self.check_targets(&Targets::of(command))
    }

    pub(super) fn check_targets(&self, targets: &Targets<'_>) -> Result<(), Rejection> {
        let reads = &self.context.actor.reads;
        if reads.is_everything() {
            return Ok(());
        }
        let programmes = targets.lines.iter().map(|line| line.programme);
        for code in programmes.chain(targets.programmes.iter().copied()) {
            let known = self.ledger.programme(code).is_some() || targets.opened.contains(&code);
            if !known || !reads.knows(code) {
                return Err(Rejection::UnknownProgramme { code, like: None });
            }
        }
        if !targets.lines.iter().all(|line| reads.admits(line)) {
            return Err(Rejection::OutOfReach);
        }
        for reference in targets.references.iter().copied() {
            let line = self.ledger.obligation(reference).map(|found| found.line);
            if !line.is_some_and(|line| reads.admits(&line)) {
                return Err(Rejection::UnknownReference { reference: reference.clone() });
            }
        }
        for entry in targets.entries.iter().copied() {
            let mut originals = self.context.originals.iter();
            let original = originals.find(|original| original.position == entry);
            if !original.is_some_and(|original| reads.admits_events(&original.events)) {
                return Err(Rejection::UnknownEntry { entry });
            }
        }
        Ok(())
    }
}
