//! Precedents: what later postings are judged by and no figure shows. Which funds have paid a line is
//! kept with its year, and the years a fund's money was settled for with the fund.
//!
//! They answer no question by themselves. With them read models can tell the ledger as it stood at
//! any position ([`ReadModels::ledger`]), so that a what-if is decided by the rules that postings are
//! decided by.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::domain::code::BodyCode;
use ledger_core::domain::event::Event;
use ledger_core::domain::ledger::ExchangeUse;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::{Leg, Movement};
use ledger_core::domain::position::Position;
use ledger_core::domain::text::Reference;
use ledger_core::projection::{Posted, Projection};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::growing::Growing;

/// What later postings are judged by.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Precedents {
    pub(crate) department: Option<BodyCode>,
    /// Budget that left for the next year, in order.
    exchanges: Vec<Exchange>,
    /// Entries that were reversed, and by which.
    reversed: BTreeMap<Position, Position>,
    /// Each naming of a commitment or accrual: the hash of its reference and the entry, in order. The
    /// texts are in the log.
    #[serde(skip)]
    named: Growing<(u64, Position)>,
}

/// Budget that left a line for the next year.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Exchange {
    at: Position,
    line: LineKey,
    /// How much; negative where it came back.
    pence: Pence,
    /// By how much the line's budget had changed before in the same entry.
    before: Pence,
}

impl Precedents {
    /// Those there were at a position.
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

    /// The entries that may name any of some commitments and accruals, in order: all that do, and now
    /// and then one that does not.
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

    /// The namings of commitments and accruals as bytes, which would take long to read as JSON.
    pub(crate) fn named_to_bytes(&self) -> Vec<u8> {
        let rows = self.named.iter();
        rows.flat_map(|(hash, at)| [hash.to_le_bytes(), at.get().to_le_bytes()]).flatten().collect()
    }

    /// Takes in what [`Precedents::named_to_bytes`] wrote.
    pub(crate) fn with_named(self, bytes: &[u8]) -> Option<Self> {
        let (numbers, []) = bytes.as_chunks::<8>() else { return None };
        let (rows, []) = numbers.as_chunks::<2>() else { return None };
        let row = |[hash, at]: &[[u8; 8]; 2]| {
            (u64::from_le_bytes(*hash), Position::new(u64::from_le_bytes(*at)))
        };
        Some(Precedents { named: rows.iter().map(row).collect(), ..self })
    }

    /// The entry that reversed another.
    pub(crate) fn reversal(&self, entry: Position) -> Option<Position> {
        self.reversed.get(&entry).copied()
    }

    pub(crate) fn reversed(&self) -> impl Iterator<Item = (Position, Position)> {
        self.reversed.iter().map(copied)
    }

    /// What each line has exchanged. The base of the limit is what a line had before its first
    /// exchange, which `budget_before` an entry tells.
    pub(crate) fn exchanged(
        &self,
        budget_before: impl Fn(&LineKey, Position) -> Pence,
    ) -> Vec<(LineKey, ExchangeUse)> {
        let mut found: BTreeMap<LineKey, ExchangeUse> = BTreeMap::new();
        for Exchange { at, line, pence, before } in &self.exchanges {
            let used = found.entry(*line).or_default();
            if used.used.is_zero() {
                used.base = budget_before(line, *at).plus(*before);
            }
            used.used = used.used.plus(*pence);
        }
        found.into_iter().collect()
    }

    /// Bytes of memory held.
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
