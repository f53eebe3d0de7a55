//! Commitments open at the end of a year: the money lapses unless it is drawn down.
//!
//! Answers the question: what is committed but not drawn down, at risk on 31 March?
//!
//! The projection keeps no list of open commitments. They are found by reading the few entries
//! behind a line's committed figure.

use std::collections::HashMap;

use ledger_core::domain::calendar::Month;
use ledger_core::domain::event::{Discharge, Event, Events, ObligationKind};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::Reference;
use ledger_core::log::store::ReadError;

use super::BudgetQuery;
use crate::QueryError;
use crate::measure::Measure;
use crate::scope::Within;

/// A line with open commitments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtRisk {
    /// The line.
    pub line: LineKey,
    /// Its open commitments, summed.
    pub open: Pence,
}

/// A commitment of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// Its own reference.
    pub reference: Reference,
    /// The entry that made it.
    pub made_by: Position,
    /// The amount committed.
    pub made: Pence,
    /// The amount neither drawn down nor released.
    pub open: Pence,
}

impl Within<'_> {
    /// The lines of a query with commitments open at the end of its month, M12 by default, in
    /// order.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn at_risk(&self, query: &BudgetQuery) -> Result<Vec<AtRisk>, QueryError> {
        let query = BudgetQuery { through: query.through.or(Some(Month::M12)), ..*query };
        self.check(&query)?;
        self.models.check_codes(&query)?;
        let lines = self.line_figures(&query).into_iter();
        let mut at_risk: Vec<AtRisk> = lines
            .filter(|(_, figures)| !figures.committed.is_zero())
            .map(|(line, figures)| AtRisk { line, open: figures.committed })
            .collect();
        at_risk.sort_unstable_by_key(|at_risk| at_risk.line);
        Ok(at_risk)
    }

    /// The entries that changed a line's committed figure, effective up to a month, in order of
    /// position, each once.
    pub fn committing(&self, line: &LineKey, at: Position, through: Month) -> Vec<Position> {
        let contributions = self.line_contributions(line, at, through);
        let committed = contributions.filter(|one| one.measure == Measure::Committed);
        let mut entries: Vec<Position> = committed.map(|one| one.position).collect();
        entries.reverse();
        entries.dedup();
        entries
    }
}

/// The open commitments of a line, effective up to a month, in the order they were made.
///
/// `entries` are those of [`Within::committing`]. `events_of` reads one entry from the log; call
/// this without a lock on the read models.
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
    let mut commitments =
        Commitments { line, through, all: Vec::new(), by_reference: HashMap::new() };
    for position in entries {
        let Some(events) = events_of(*position)? else { continue };
        events.iter().for_each(|event| commitments.apply(*position, event));
    }
    commitments.all.retain(|commitment| !commitment.open.is_zero());
    Ok(commitments.all)
}

/// The commitments of a line, folded from entries.
struct Commitments<'l> {
    line: &'l LineKey,
    through: Month,
    /// In the order they were made.
    all: Vec<Commitment>,
    /// Index into `all`.
    by_reference: HashMap<Reference, usize>,
}

impl Commitments<'_> {
    fn apply(&mut self, at: Position, event: &Event) {
        let effective = event.month().is_some_and(|month| month <= self.through);
        if !effective || !event.lines().contains(self.line) {
            return;
        }
        match event {
            Event::Committed(made) => self.change(at, &made.reference, made.pence, made.pence),
            Event::CommitmentReleased(released) => {
                self.change(at, &released.reference, Pence::ZERO, released.pence.negated());
            }
            Event::Accrued(accrual) => self.discharge(at, accrual.discharges.as_ref()),
            Event::ActualRecorded(actual) => self.discharge(at, actual.discharges.as_ref()),
            Event::BookOpened(_)
            | Event::BodyRegistered(_)
            | Event::BodyClosed(_)
            | Event::BodiesMerged(_)
            | Event::ProgrammeOpened(_)
            | Event::ProgrammeRenamed(_)
            | Event::ProgrammeClosed(_)
            | Event::ProgrammeCancelled(_)
            | Event::ProgrammeReinstated(_)
            | Event::FundEstablished(_)
            | Event::FundingSettled(_)
            | Event::Earmarked(_)
            | Event::FundCancelled(_)
            | Event::Allocated(_)
            | Event::Cut(_)
            | Event::Reallocated(_)
            | Event::Withdrawn(_)
            | Event::LineSplit(_)
            | Event::BudgetExchanged(_)
            | Event::AccrualReleased(_)
            | Event::ForecastRevised(_)
            | Event::ForecastWithdrawn(_)
            | Event::UnderspendExplained(_)
            | Event::ProfileSet(_)
            | Event::BaselineStruck(_)
            | Event::BaselineWithdrawn(_)
            | Event::PeriodClosed(_)
            | Event::PeriodReopened(_)
            | Event::Reversed(_)
            | Event::PolicyAdopted(_)
            | Event::Proposal(_)
            | Event::Delegation(_)
            | Event::OffsetLinked(_)
            | Event::ScopeDefined(_)
            | Event::FigurePublished(_) => {}
        }
    }

    fn discharge(&mut self, at: Position, discharge: Option<&Discharge>) {
        let of_commitment = |taken: &&Discharge| taken.kind == ObligationKind::Commitment;
        if let Some(taken) = discharge.filter(of_commitment) {
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
