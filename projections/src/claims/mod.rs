//! Published figures, and the totals they are about.
//!
//! Answers the question: why do two totals of the same thing differ? Each has its own scope; the
//! comparison names the total that explains a published figure, and the part that none explains.
//!
//! In code a published figure is a claim, and the scope of a total a [`TotalScope`]. A reader's
//! scope is another thing: [`crate::scope`].

mod comparison;

use ledger_core::domain::code::{FigureCode, ScopeCode};
use ledger_core::domain::event::{Event, FigurePublished, ScopeDefined};
use ledger_core::domain::position::Position;
use ledger_core::projection::{Posted, Projection};
use serde::{Deserialize, Serialize};

/// The name the command line still uses.
pub use comparison::{ClaimComparison, ClaimsQuery, ComparedClaim, Explanation};

/// A named total, and the entry that defined it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotalScope {
    /// The entry that defined it.
    pub defined_by: Position,
    /// Its definition.
    pub definition: ScopeDefined,
}

/// A published figure, and the entry that recorded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The entry that recorded it.
    pub recorded_by: Position,
    /// The figure, source and date.
    pub published: FigurePublished,
}

/// The totals and published figures, in the order they were recorded.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Claims {
    totals: Vec<TotalScope>,
    published: Vec<Claim>,
}

impl Claims {
    /// The totals defined by a position.
    pub(crate) fn totals(&self, at: Position) -> impl Iterator<Item = &TotalScope> {
        self.totals.iter().take_while(move |total| total.defined_by <= at)
    }

    /// A total defined by a position.
    pub(crate) fn total(&self, code: ScopeCode, at: Position) -> Option<&TotalScope> {
        self.totals(at).find(|total| total.definition.code == code)
    }

    /// The figures recorded by a position.
    pub(crate) fn published(&self, at: Position) -> impl Iterator<Item = &Claim> {
        self.published.iter().take_while(move |claim| claim.recorded_by <= at)
    }

    /// The figure that replaced another by a position, if any.
    pub(crate) fn superseded_by(&self, code: FigureCode, at: Position) -> Option<FigureCode> {
        let mut later = self.published(at);
        let found = later.find(|claim| claim.published.supersedes == Some(code));
        found.map(|claim| claim.published.code)
    }

    /// A copy as at a position.
    pub(crate) fn until(&self, at: Position) -> Self {
        Claims {
            totals: self.totals(at).cloned().collect(),
            published: self.published(at).cloned().collect(),
        }
    }

    /// The figures recorded by a position, each with the one that replaced it.
    pub(crate) fn with_successors(
        &self,
        at: Position,
    ) -> impl Iterator<Item = (FigureCode, Option<FigureCode>)> {
        let codes = self.published(at).map(|claim| claim.published.code);
        codes.map(move |code| (code, self.superseded_by(code, at)))
    }

    /// Bytes of memory that grow with the number of entries.
    pub(crate) fn memory(&self) -> usize {
        let of_total = |total: &TotalScope| {
            let ScopeDefined { name, programmes, bodies, classes, .. } = &total.definition;
            let codes = programmes.len().saturating_add(bodies.len()).saturating_mul(16);
            name.as_str().len().saturating_add(codes).saturating_add(classes.len())
        };
        let of_claim = |claim: &Claim| {
            let FigurePublished { title, source, .. } = &claim.published;
            title.as_str().len().saturating_add(source.as_str().len())
        };
        self.totals.capacity() * size_of::<TotalScope>()
            + self.published.capacity() * size_of::<Claim>()
            + self.totals.iter().map(of_total).sum::<usize>()
            + self.published.iter().map(of_claim).sum::<usize>()
    }
}

impl Projection for Claims {
    fn apply(&mut self, entry: &Posted<'_>) {
        for event in entry.events {
            match event {
                Event::ScopeDefined(defined) => {
                    let definition = defined.clone();
                    self.totals.push(TotalScope { defined_by: entry.position, definition });
                }
                Event::FigurePublished(published) => {
                    let published = published.clone();
                    self.published.push(Claim { recorded_by: entry.position, published });
                }
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
                | Event::Reversed(_)
                | Event::PolicyAdopted(_)
                | Event::Proposal(_)
                | Event::Delegation(_)
                | Event::OffsetLinked(_) => {}
            }
        }
    }
}
