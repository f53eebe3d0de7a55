//! The register: programmes, bodies and funds by code, as at any position.
//!
//! Helps to answer the question: what are capital and revenue by programme, region, ICB and trust?
//! It holds names, trees and statuses.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode};
use ledger_core::domain::event::{BodyKind, Destination, Event, ProgrammeCancelled};
use ledger_core::domain::position::Position;
use ledger_core::projection::{Posted, Projection};
use serde::{Deserialize, Serialize};

/// The values of an attribute, each with the position that set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History<T>(Vec<(Position, T)>);

impl<T> History<T> {
    fn new(at: Position, value: T) -> Self {
        History(vec![(at, value)])
    }

    fn set(&mut self, at: Position, value: T) {
        self.0.push((at, value));
    }

    /// The values set up to a position; None where there are none.
    fn until(&self, at: Position) -> Option<Self>
    where
        T: Clone,
    {
        let values: Vec<_> = self.0.iter().take_while(|(position, _)| *position <= at).collect();
        (!values.is_empty()).then(|| History(values.into_iter().cloned().collect()))
    }

    /// The value as at a position; None before the first.
    pub fn at(&self, at: Position) -> Option<&T> {
        let after = self.0.partition_point(|(position, _)| *position <= at);
        self.0.get(after.checked_sub(1)?).map(|(_, value)| value)
    }
}

/// Which postings a programme accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProgrammeStatus {
    /// Every posting.
    Open,
    /// Only postings that wind it down: it is cancelled.
    Closing,
    /// No posting.
    Closed,
}

/// A programme.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Programme {
    /// Its parent in the tree.
    pub parent: Option<ProgrammeCode>,
    /// Its name.
    pub name: History<Box<str>>,
    /// Which postings it accepts.
    pub status: History<ProgrammeStatus>,
    /// Where its unspent budget goes, once it is cancelled.
    pub destination: Option<History<Destination>>,
}

/// An organisation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Body {
    /// Its name.
    pub name: Box<str>,
    /// Its kind.
    pub kind: BodyKind,
    /// Its parent as registered.
    pub parent: Option<BodyCode>,
    /// The entry that registered it.
    pub registered: Position,
    /// Its first day, if known.
    pub opened_on: Option<NaiveDate>,
    /// Its last day, if it is closed.
    pub closed_on: Option<History<NaiveDate>>,
    /// The body it was merged into.
    pub successor: Option<BodyCode>,
}

impl Body {
    /// The body it had been merged into by a position.
    pub fn merged_into(&self, at: Position) -> Option<BodyCode> {
        self.closed_on.as_ref()?.at(at)?;
        self.successor
    }
}

/// A fund.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fund {
    /// Its name.
    pub name: Box<str>,
    /// Its parent in the tree.
    pub parent: Option<FundCode>,
    /// The entry that established it.
    pub established: Position,
}

/// Programmes, bodies and funds by code.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Register {
    programmes: BTreeMap<ProgrammeCode, Programme>,
    bodies: BTreeMap<BodyCode, Body>,
    funds: BTreeMap<FundCode, Fund>,
}

impl Register {
    /// A copy as at a position.
    pub(crate) fn until(&self, at: Position) -> Self {
        let programmes = self.programmes.iter().filter_map(|(code, programme)| {
            let (name, status) = (programme.name.until(at)?, programme.status.until(at)?);
            let destination = programme.destination.as_ref().and_then(|to| to.until(at));
            Some((*code, Programme { parent: programme.parent, name, status, destination }))
        });
        let bodies = self.bodies(at).map(|(code, body)| {
            let closed_on = body.closed_on.as_ref().and_then(|closed| closed.until(at));
            let successor = body.successor.filter(|_| closed_on.is_some());
            (code, Body { closed_on, successor, ..body.clone() })
        });
        Register {
            programmes: programmes.collect(),
            bodies: bodies.collect(),
            funds: self.funds(at).map(|(code, fund)| (code, fund.clone())).collect(),
        }
    }

    /// A programme opened by a position.
    pub fn programme(&self, code: ProgrammeCode, at: Position) -> Option<&Programme> {
        self.programmes.get(&code).filter(|programme| programme.status.at(at).is_some())
    }

    /// A programme's name as at a position.
    pub fn programme_name(&self, code: ProgrammeCode, at: Position) -> Option<&str> {
        Some(self.programmes.get(&code)?.name.at(at)?)
    }

    /// The programmes opened by a position, by code.
    pub fn programmes(&self, at: Position) -> impl Iterator<Item = (ProgrammeCode, &Programme)> {
        let all = self.programmes.iter().map(|(code, programme)| (*code, programme));
        all.filter(move |(_, programme)| programme.status.at(at).is_some())
    }

    /// A programme and its ancestors, from itself to the root.
    pub fn programme_path(&self, code: ProgrammeCode) -> impl Iterator<Item = ProgrammeCode> {
        std::iter::successors(Some(code), |code| self.programmes.get(code)?.parent)
    }

    /// A body registered by a position.
    pub fn body(&self, code: BodyCode, at: Position) -> Option<&Body> {
        self.bodies.get(&code).filter(|body| body.registered <= at)
    }

    /// The bodies registered by a position, by code.
    pub fn bodies(&self, at: Position) -> impl Iterator<Item = (BodyCode, &Body)> {
        let all = self.bodies.iter().map(|(code, body)| (*code, body));
        all.filter(move |(_, body)| body.registered <= at)
    }

    /// A body and its ancestors, from itself to the root. A merged body counts under its successor,
    /// for every year.
    pub fn body_path(&self, code: BodyCode, at: Position) -> impl Iterator<Item = BodyCode> {
        code.path(move |code| {
            let body = self.bodies.get(&code)?;
            body.merged_into(at).or(body.parent)
        })
    }

    /// A body and its ancestors as registered, mergers aside.
    pub fn registered_path(&self, code: BodyCode) -> impl Iterator<Item = BodyCode> {
        std::iter::successors(Some(code), |code| self.bodies.get(code)?.parent)
    }

    /// The bodies whose readers may read a body: itself and its registered ancestors, and likewise
    /// for its successor. A merger adds readers and removes none.
    pub fn read_with(&self, code: BodyCode) -> BTreeSet<BodyCode> {
        let (mut found, mut next) = (BTreeSet::new(), vec![code]);
        while let Some(code) = next.pop() {
            if found.insert(code)
                && let Some(body) = self.bodies.get(&code)
            {
                next.extend(body.parent.into_iter().chain(body.successor));
            }
        }
        found
    }

    /// The funds established by a position, by code.
    pub fn funds(&self, at: Position) -> impl Iterator<Item = (FundCode, &Fund)> {
        let all = self.funds.iter().map(|(code, fund)| (*code, fund));
        all.filter(move |(_, fund)| fund.established <= at)
    }

    /// A fund and its ancestors, from itself to the root.
    pub fn fund_path(&self, code: FundCode) -> impl Iterator<Item = FundCode> {
        std::iter::successors(Some(code), |code| self.funds.get(code)?.parent)
    }

    fn open_programme(
        &mut self,
        code: ProgrammeCode,
        parent: Option<ProgrammeCode>,
        name: &str,
        at: Position,
    ) {
        let programme = Programme {
            parent,
            name: History::new(at, name.into()),
            status: History::new(at, ProgrammeStatus::Open),
            destination: None,
        };
        self.programmes.insert(code, programme);
    }

    fn set_status(&mut self, codes: &[ProgrammeCode], status: ProgrammeStatus, at: Position) {
        for code in codes {
            if let Some(programme) = self.programmes.get_mut(code) {
                programme.status.set(at, status);
            }
        }
    }

    fn set_destination(&mut self, cancelled: &ProgrammeCancelled, at: Position) {
        for code in &cancelled.programmes {
            let Some(programme) = self.programmes.get_mut(code) else { continue };
            match &mut programme.destination {
                Some(destination) => destination.set(at, cancelled.to),
                None => programme.destination = Some(History::new(at, cancelled.to)),
            }
        }
    }

    fn close_body(&mut self, code: BodyCode, on: NaiveDate, into: Option<BodyCode>, at: Position) {
        if let Some(body) = self.bodies.get_mut(&code) {
            body.closed_on = Some(History::new(at, on));
            body.successor = into;
        }
    }
}

impl Projection for Register {
    fn apply(&mut self, entry: &Posted<'_>) {
        let at = entry.position;
        for event in entry.events {
            match event {
                Event::BookOpened(opened) => {
                    let body = Body {
                        name: opened.name.as_str().into(),
                        kind: BodyKind::Department,
                        parent: None,
                        registered: at,
                        opened_on: None,
                        closed_on: None,
                        successor: None,
                    };
                    self.bodies.insert(opened.department, body);
                    let suspense = "Suspense: destination not known";
                    self.open_programme(ProgrammeCode::SUSPENSE, None, suspense, at);
                    let exchange = "Budget exchanged from the year before";
                    self.open_programme(ProgrammeCode::EXCHANGE, None, exchange, at);
                }
                Event::BodyRegistered(registered) => {
                    let body = Body {
                        name: registered.name.as_str().into(),
                        kind: registered.kind,
                        parent: registered.parent,
                        registered: at,
                        opened_on: registered.opened_on,
                        closed_on: None,
                        successor: None,
                    };
                    self.bodies.insert(registered.code, body);
                }
                Event::BodyClosed(closed) => self.close_body(closed.code, closed.on, None, at),
                Event::BodiesMerged(merged) => {
                    for code in &merged.from {
                        self.close_body(*code, merged.on, Some(merged.into), at);
                    }
                }
                Event::ProgrammeOpened(opened) => {
                    self.open_programme(opened.code, opened.parent, opened.name.as_str(), at);
                }
                Event::ProgrammeRenamed(renamed) => {
                    if let Some(programme) = self.programmes.get_mut(&renamed.code) {
                        programme.name.set(at, renamed.name.as_str().into());
                    }
                }
                Event::ProgrammeClosed(closed) => {
                    self.set_status(&[closed.code], ProgrammeStatus::Closed, at);
                }
                Event::ProgrammeCancelled(cancelled) => {
                    self.set_status(&cancelled.programmes, ProgrammeStatus::Closing, at);
                    self.set_destination(cancelled, at);
                }
                Event::ProgrammeReinstated(reinstated) => {
                    self.set_status(&reinstated.programmes, ProgrammeStatus::Open, at);
                }
                Event::FundEstablished(established) => {
                    let (name, parent) = (established.name.as_str().into(), established.parent);
                    self.funds.insert(established.code, Fund { name, parent, established: at });
                }
                Event::FundingSettled(_)
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
                | Event::OffsetLinked(_)
                | Event::ScopeDefined(_)
                | Event::FigurePublished(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::domain::event::{BodiesMerged, BodyRegistered};
    use ledger_core::domain::text::Name;

    use super::*;

    fn code(text: &str) -> BodyCode {
        text.parse().expect("a code")
    }

    /// Earlier versions accepted such a merger.
    #[test]
    fn a_body_merged_into_its_own_child_has_a_finite_path() {
        let mut register = Register::default();
        let name: Name = "A body".parse().expect("a name");
        let body = |text: &str, parent: Option<&str>| {
            Event::BodyRegistered(BodyRegistered {
                code: code(text),
                name: name.clone(),
                kind: BodyKind::Trust,
                parent: parent.map(code),
                opened_on: None,
            })
        };
        let merged =
            BodiesMerged { from: vec![code("RA")], into: code("RB"), on: NaiveDate::default() };
        let others = [body("RC", None), body("RD", None), body("RE", None)];
        let events = [body("RA", None), body("RB", Some("RA")), Event::BodiesMerged(merged)];
        let events: Vec<Event> = others.into_iter().chain(events).collect();
        let (position, recorded, by) = (Position::new(1), Default::default(), Default::default());
        register.apply(&Posted { position, recorded, by, inferred: false, events: &events });
        let path: Vec<_> = register.body_path(code("RA"), position).collect();
        assert_eq!(path, [code("RA"), code("RB")]);
        assert_eq!(register.read_with(code("RB")), BTreeSet::from([code("RA"), code("RB")]));
    }
}
