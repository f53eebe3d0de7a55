//! Precedents: facts that later postings are judged by and no figure shows.
//!
//! They answer no question alone. [`ReadModels::ledger`](crate::ReadModels::ledger) uses them to
//! rebuild the ledger as at a position, so that a what-if follows the same rules as a posting.
//! Payers are kept with their line's year, settlement years with their fund.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::event::Event;
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::Movement;
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

/// Budget of a year and class exchanged into the next year.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Exchange {
    at: Position,
    year: FinancialYear,
    class: BudgetClass,
    /// The amount; negative where the exchange is reversed.
    pence: Pence,
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

    /// The budget exchanged into the next year, by year and class.
    pub(crate) fn exchanged(&self) -> Vec<((FinancialYear, BudgetClass), Pence)> {
        let mut found: BTreeMap<_, Pence> = BTreeMap::new();
        for Exchange { year, class, pence, .. } in &self.exchanges {
            let sum = found.entry((*year, *class)).or_default();
            *sum = sum.plus(*pence);
        }
        found.into_iter().collect()
    }

    pub(crate) fn memory(&self) -> usize {
        self.exchanges.capacity() * size_of::<Exchange>()
            + self.reversed.len() * size_of::<(Position, Position)>()
            + self.named.memory()
    }

    fn exchange(&mut self, at: Position, movement: &Movement) {
        let legs = movement.legs.iter().filter_map(|leg| Some((leg.as_line()?, leg.pence)));
        let Some((line, pence)) = legs.min_by_key(|(line, _)| line.year) else { return };
        let LineKey { year, class, .. } = line;
        self.exchanges.push(Exchange { at, year, class, pence: pence.negated() });
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
        for event in entry.events {
            for reference in event.references() {
                self.named.push((hash(reference), at));
            }
            match event {
                Event::BookOpened(opened) => self.department = Some(opened.department),
                Event::BudgetExchanged(movement) => self.exchange(at, movement),
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
                | Event::FundCancelled(_)
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
                | Event::ForecastWithdrawn(_)
                | Event::UnderspendExplained(_)
                | Event::ProfileSet(_)
                | Event::BaselineStruck(_)
                | Event::BaselineWithdrawn(_)
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
