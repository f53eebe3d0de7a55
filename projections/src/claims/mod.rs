//! Published figures: what somebody stated, and the totals by name that the statements are about.
//!
//! Answers question 6 of `docs/questions.md`: two totals of the same thing differ because each is
//! of its own scope, and `held` says which scope explains a figure and what nothing explains.
//!
//! A scope here is a [`TotalScope`], the definition of a total. Which part of a book somebody may
//! read is another matter, that of [`crate::scope`].

mod held;

use ledger_core::domain::code::{ClaimCode, ScopeCode};
use ledger_core::domain::event::{Event, FigurePublished, ScopeDefined};
use ledger_core::domain::position::Position;
use ledger_core::projection::{Posted, Projection};
use serde::{Deserialize, Serialize};

pub use held::{ClaimsQuery, Explanation, Held, HeldClaim};

/// A total by name, and the entry that defined it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotalScope {
    /// The entry.
    pub defined_by: Position,
    /// What is in it.
    pub definition: ScopeDefined,
}

/// A published figure, and the entry that recorded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The entry.
    pub recorded_by: Position,
    /// What was published.
    pub published: FigurePublished,
}

/// The totals and published figures of a book, in the order they were recorded.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Claims {
    totals: Vec<TotalScope>,
    published: Vec<Claim>,
}

impl Claims {
    /// The totals that were defined by then.
    pub fn totals(&self, at: Position) -> impl Iterator<Item = &TotalScope> {
        self.totals.iter().take_while(move |total| total.defined_by <= at)
    }

    /// A total that was defined by then.
    pub fn total(&self, code: ScopeCode, at: Position) -> Option<&TotalScope> {
        self.totals(at).find(|total| total.definition.code == code)
    }

    /// The figures that were recorded by then.
    pub fn published(&self, at: Position) -> impl Iterator<Item = &Claim> {
        self.published.iter().take_while(move |claim| claim.recorded_by <= at)
    }

    /// The figure that had taken the place of another by then.
    pub fn superseded_by(&self, code: ClaimCode, at: Position) -> Option<ClaimCode> {
        let mut later = self.published(at);
        let found = later.find(|claim| claim.published.supersedes == Some(code));
        found.map(|claim| claim.published.code)
    }

    /// Those there were at a position.
    pub(crate) fn until(&self, at: Position) -> Self {
        Claims {
            totals: self.totals(at).cloned().collect(),
            published: self.published(at).cloned().collect(),
        }
    }

    /// Each figure there was, with the one that had taken its place.
    pub(crate) fn standing(
        &self,
        at: Position,
    ) -> impl Iterator<Item = (ClaimCode, Option<ClaimCode>)> {
        let codes = self.published(at).map(|claim| claim.published.code);
        codes.map(move |code| (code, self.superseded_by(code, at)))
    }

    /// Bytes of memory held, as far as it grows with the number of entries.
    pub fn memory(&self) -> usize {
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
            if let Event::ScopeDefined(defined) = event {
                let definition = defined.clone();
                self.totals.push(TotalScope { defined_by: entry.position, definition });
            } else if let Event::FigurePublished(published) = event {
                let published = published.clone();
                self.published.push(Claim { recorded_by: entry.position, published });
            }
        }
    }
}
