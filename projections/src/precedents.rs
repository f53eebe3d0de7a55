//! Precedents: facts that later postings are judged by and no figure shows.
//!
//! They answer no question alone. [`ReadModels::ledger`](crate::ReadModels::ledger) uses them to
//! rebuild the ledger as at a position, so that a what-if follows the same rules as a posting.
//! Payers are kept with their line's year, settlement years with their fund.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::domain::code::BodyCode;
use ledger_core::domain::event::Event;
use ledger_core::domain::ledger::ExchangedBudget;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::{Leg, Movement};
use ledger_core::domain::position::Position;
use ledger_core::domain::text::Reference;
use ledger_core::projection::{Posted, Projection};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::growing::Growing;

/// Facts that later postings are judged by.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Precedents {
    pub(crate) department: Option<BodyCode>,
    /// Budget exchanged into the next year, in order.
    exchanges: Vec<Exchange>,
    /// Each reversed entry, with the entry that reversed it.
    reversed: BTreeMap<Position, Position>,
    /// Each mention of a commitment or accrual: the hash of its reference, and the entry. In order.
    /// The log has the text.
    #[serde(skip)]
    named: Growing<(u64, Position)>,
}

/// Budget a line exchanged into the next year.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Exchange {
    at: Position,
    line: LineKey,
    /// The amount; negative where the exchange is reversed.
    pence: Pence,
    /// The change to the line's budget by earlier events of the same entry.
    before: Pence,
}

impl Precedents {
    /// A copy as at a position.
    pub(crate) fn until(&self, at: Position) -> Self {
        Precedents {
            department: self.department,
            exchanges: self.exchanges.iter().take_while(|one| one.at <= at).copied().collect(),
            reversed: self.reversed.iter().filter(|(_, by)| **by <= at).map(copied).collect(),
            named: self
                .named
                .first(self.named.partition_point(0..self.named.len(), |(_, entry)| entry <= at)),
        }
    }

    /// The entries that may name any of some commitments and accruals, in order. A hash collision
    /// can add one that does not.
    pub(crate) fn entries_naming(&self, references: &BTreeSet<Reference>) -> Vec<Position> {
        let wanted: BTreeSet<u64> = references.iter().map(hash).collect();
        let mut found: Vec<Position> = Vec::new();
        if wanted.is_empty() {
            return found;
        }
        let naming = self.named.iter().filter(|(hash, _)| wanted.contains(hash));
        found.extend(naming.map(|(_, entry)| entry));
        found.dedup();
        found
    }

    /// The mentions as bytes: faster to read than JSON.
    pub(crate) fn named_to_bytes(&self) -> Vec<u8> {
        let rows = self.named.iter();
        rows.flat_map(|(hash, at)| [hash.to_le_bytes(), at.get().to_le_bytes()]).flatten().collect()
    }

    /// Adds what [`Precedents::named_to_bytes`] wrote.
    pub(crate) fn with_named(self, bytes: &[u8]) -> Option<Self> {
        let (numbers, []) = bytes.as_chunks::<8>() else { return None };
        let (rows, []) = numbers.as_chunks::<2>() else { return None };
        let row = |[hash, at]: &[[u8; 8]; 2]| {
            (u64::from_le_bytes(*hash), Position::new(u64::from_le_bytes(*at)))
        };
        Some(Precedents { named: rows.iter().map(row).collect(), ..self })
    }

    /// The entry that reversed another, if any.
    pub(crate) fn reversal(&self, entry: Position) -> Option<Position> {
        self.reversed.get(&entry).copied()
    }

    pub(crate) fn reversed(&self) -> impl Iterator<Item = (Position, Position)> {
        self.reversed.iter().map(copied)
    }

    /// Each line's exchanges and the base of its limit: its budget before its first exchange, read
    /// by `budget_before`.
    pub(crate) fn exchanged(
        &self,
        budget_before: impl Fn(&LineKey, Position) -> Pence,
    ) -> Vec<(LineKey, ExchangedBudget)> {
        let mut found: BTreeMap<LineKey, ExchangedBudget> = BTreeMap::new();
        for Exchange { at, line, pence, before } in &self.exchanges {
            let used = found.entry(*line).or_default();
            if used.used.is_zero() {
                used.base = budget_before(line, *at).plus(*before);
            }
            used.used = used.used.plus(*pence);
        }
        found.into_iter().collect()
    }

    pub(crate) fn memory(&self) -> usize {
        self.exchanges.capacity() * size_of::<Exchange>()
            + self.reversed.len() * size_of::<(Position, Position)>()
            + self.named.memory()
    }

    fn exchange(&mut self, at: Position, movement: &Movement, before: &[Leg]) {
        let legs = movement.legs.iter().filter_map(|leg| Some((leg.as_line()?, leg.pence)));
        let Some((line, pence)) = legs.min_by_key(|(line, _)| line.year) else { return };
        let before = before.iter().filter(|leg| leg.as_line() == Some(line));
        let before = Pence::sum(before.map(|leg| leg.pence));
        self.exchanges.push(Exchange { at, line, pence: pence.negated(), before });
    }
}

fn hash(reference: &Reference) -> u64 {
    xxh3_64(reference.as_str().as_bytes())
}

fn copied((entry, by): (&Position, &Position)) -> (Position, Position) {
    (*entry, *by)
}

impl Projection for Precedents {
    fn apply(&mut self, entry: &Posted<'_>) {
        let at = entry.position;
        for (index, event) in entry.events.iter().enumerate() {
            for reference in event.references() {
                self.named.push((hash(reference), at));
            }
            match event {
                Event::BookOpened(opened) => self.department = Some(opened.department),
                Event::BudgetExchanged(movement) => {
                    let before = entry.events.iter().take(index).filter_map(Event::movement);
                    let before: Vec<Leg> = before.flat_map(|moved| &moved.legs).copied().collect();
                    self.exchange(at, movement, &before);
                }
                Event::Reversed(reversed) => {
                    self.reversed.insert(reversed.entry, at);
                }
                Event::BodyRegistered(_)
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
                | Event::Allocated(_)
                | Event::Reallocated(_)
                | Event::Cut(_)
                | Event::Withdrawn(_)
                | Event::LineSplit(_)
                | Event::Committed(_)
                | Event::CommitmentReleased(_)
                | Event::Accrued(_)
                | Event::AccrualReleased(_)
                | Event::ActualRecorded(_)
                | Event::ForecastRevised(_)
                | Event::UnderspendExplained(_)
                | Event::ProfileSet(_)
                | Event::BaselineStruck(_)
                | Event::PeriodClosed(_)
                | Event::PeriodReopened(_)
                | Event::PolicyAdopted(_)
                | Event::Proposal(_)
                | Event::Delegation(_)
                | Event::OffsetLinked(_)
                | Event::ScopeDefined(_)
                | Event::FigurePublished(_) => {}
            }
        }
    }
}
