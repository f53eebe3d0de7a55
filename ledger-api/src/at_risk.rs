//! Which commitments of a line are open, reference by reference: told from the entries behind them.

use std::collections::HashMap;

use ledger_core::domain::calendar::Month;
use ledger_core::domain::event::{Discharge, Event, Events, ObligationKind};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::Reference;
use ledger_core::log::store::ReadError;

/// A commitment of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// Its own reference.
    pub reference: Reference,
    /// The entry that made it.
    pub made_by: Position,
    /// How much was committed.
    pub made: Pence,
    /// What of it is neither drawn down nor released.
    pub open: Pence,
}

/// The open commitments of a line in the order in which they were made, of what is effective up to
/// a month. `entries` are those that changed what is committed on it, `events_of` reads one.
///
/// # Errors
///
/// [`ReadError`] where the log cannot be read.
pub fn open_commitments(
    events_of: impl Fn(Position) -> Result<Option<Events>, ReadError>,
    line: &LineKey,
    entries: &[Position],
    through: Month,
) -> Result<Vec<Commitment>, ReadError> {
    let mut made = Made { line, through, all: Vec::new(), by_reference: HashMap::new() };
    for position in entries {
        let Some(events) = events_of(*position)? else { continue };
        events.iter().for_each(|event| made.take_in(*position, event));
    }
    made.all.retain(|commitment| !commitment.open.is_zero());
    Ok(made.all)
}

/// The commitments of a line as far as entries have been gone through.
struct Made<'l> {
    line: &'l LineKey,
    through: Month,
    /// In the order in which they were made.
    all: Vec<Commitment>,
    /// Where each is among them.
    by_reference: HashMap<Reference, usize>,
}

impl Made<'_> {
    fn take_in(&mut self, at: Position, event: &Event) {
        let counts = event.month().is_some_and(|month| month <= self.through);
        if !counts || !event.lines().contains(self.line) {
            return;
        }
        if let Event::Accrued(accrual) = event {
            self.discharge(at, accrual.discharges.as_ref());
        } else if let Event::ActualRecorded(actual) = event {
            self.discharge(at, actual.discharges.as_ref());
        } else if let Event::Committed(made) = event {
            self.change(at, &made.reference, made.pence, made.pence);
        } else if let Event::CommitmentReleased(released) = event {
            self.change(at, &released.reference, Pence::ZERO, released.pence.negated());
        }
    }

    fn discharge(&mut self, at: Position, taken: Option<&Discharge>) {
        let taken = taken.filter(|taken| taken.kind == ObligationKind::Commitment);
        if let Some(taken) = taken {
            self.change(at, &taken.reference, Pence::ZERO, taken.pence.negated());
        }
    }

    fn change(&mut self, at: Position, reference: &Reference, made: Pence, open: Pence) {
        let known = self.by_reference.get(reference).and_then(|index| self.all.get_mut(*index));
        if let Some(known) = known {
            known.made = known.made.plus(made);
            known.open = known.open.plus(open);
        } else {
            self.by_reference.insert(reference.clone(), self.all.len());
            let reference = reference.clone();
            self.all.push(Commitment { reference, made_by: at, made, open });
        }
    }
}
