//! The register: programmes, bodies and funds by code, as at any position.
//!
//! Answers what things are called, what they are part of, and whether they are open.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode};
use ledger_core::domain::event::{BodyKind, Destination, Event, ProgrammeCancelled};
use ledger_core::domain::position::Position;
use ledger_core::projection::{Posted, Projection};
use serde::{Deserialize, Serialize};

/// A value that changes now and then, with the position of each change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History<T>(Vec<(Position, T)>);

impl<T> History<T> {
    fn new(at: Position, value: T) -> Self {
        History(vec![(at, value)])
    }

    fn set(&mut self, at: Position, value: T) {
        self.0.push((at, value));
    }

    /// The values up to a position; none where there was none.
    fn until(&self, at: Position) -> Option<Self>
    where
        T: Clone,
    {
        let values: Vec<_> = self.0.iter().take_while(|(position, _)| *position <= at).collect();
        (!values.is_empty()).then(|| History(values.into_iter().cloned().collect()))
    }

    /// The value as at a position; none before the first.
    pub fn at(&self, at: Position) -> Option<&T> {
        let after = self.0.partition_point(|(position, _)| *position <= at);
        self.0.get(after.checked_sub(1)?).map(|(_, value)| value)
    }
}

/// What a programme takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProgrammeStatus {
    /// Everything.
    Open,
    /// Cancelled: only what winds it down.
    Closing,
    /// Nothing.
    Closed,
}

/// A programme.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Programme {
    /// The programme it is part of.
    pub parent: Option<ProgrammeCode>,
    /// What it is called.
    pub name: History<Box<str>>,
    /// What it takes.
    pub status: History<ProgrammeStatus>,
    /// Where what it frees goes, once it was cancelled.
    pub destination: Option<History<Destination>>,
}

/// An organisation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Body {
    /// What it is called.
    pub name: Box<str>,
    /// What sort it is.
    pub kind: BodyKind,
    /// The body above it.
    pub parent: Option<BodyCode>,
    /// The entry that registered it.
    pub registered: Position,
    /// Its first day, where known.
    pub opened_on: Option<NaiveDate>,
    /// Its last day, once known.
    pub closed_on: Option<History<NaiveDate>>,
    /// The body that succeeded it.
    pub successor: Option<BodyCode>,
}

impl Body {
    /// The body that it had been merged into at a position.
    pub fn merged_into(&self, at: Position) -> Option<BodyCode> {
        self.closed_on.as_ref()?.at(at)?;
        self.successor
    }
}

/// A fund.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fund {
    /// What it is called.
    pub name: Box<str>,
    /// The fund it is part of.
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
    /// The register as it stood at a position, to go on otherwise from there.
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

    /// A programme that was open at or before a position.
    pub fn programme(&self, code: ProgrammeCode, at: Position) -> Option<&Programme> {
        self.programmes.get(&code).filter(|programme| programme.status.at(at).is_some())
    }

    /// What a programme was called.
    pub fn programme_name(&self, code: ProgrammeCode, at: Position) -> Option<&str> {
        Some(self.programmes.get(&code)?.name.at(at)?)
    }

    /// The programmes there were, by code.
    pub fn programmes(&self, at: Position) -> impl Iterator<Item = (ProgrammeCode, &Programme)> {
        let all = self.programmes.iter().map(|(code, programme)| (*code, programme));
        all.filter(move |(_, programme)| programme.status.at(at).is_some())
    }

    /// A programme and those above it, from itself to the top.
    pub fn programme_path(&self, code: ProgrammeCode) -> impl Iterator<Item = ProgrammeCode> {
        std::iter::successors(Some(code), |code| self.programmes.get(code)?.parent)
    }

    /// A body that was registered at or before a position.
    pub fn body(&self, code: BodyCode, at: Position) -> Option<&Body> {
        self.bodies.get(&code).filter(|body| body.registered <= at)
    }

    /// The bodies there were, by code.
    pub fn bodies(&self, at: Position) -> impl Iterator<Item = (BodyCode, &Body)> {
        let all = self.bodies.iter().map(|(code, body)| (*code, body));
        all.filter(move |(_, body)| body.registered <= at)
    }

    /// A body and those that its figures count with, from itself to the top: one that was merged
    /// counts with the body it was merged into, for all years, and with those above that.
    pub fn body_path(&self, code: BodyCode, at: Position) -> impl Iterator<Item = BodyCode> {
        code.path(move |code| {
            let body = self.bodies.get(&code)?;
            body.merged_into(at).or(body.parent)
        })
    }

    /// A body and those above it as they were registered, whatever was merged since.
    pub fn registered_path(&self, code: BodyCode) -> impl Iterator<Item = BodyCode> {
        std::iter::successors(Some(code), |code| self.bodies.get(code)?.parent)
    }

    /// The bodies with which a body is read: itself, and of each of them both the body above it as it
    /// was registered and the one it was merged into. So a merger gives its books to read to those
    /// above its successor, and takes them from nobody.
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

    /// The funds there were, by code.
    pub fn funds(&self, at: Position) -> impl Iterator<Item = (FundCode, &Fund)> {
        let all = self.funds.iter().map(|(code, fund)| (*code, fund));
        all.filter(move |(_, fund)| fund.established <= at)
    }

    /// A fund and those above it, from itself to the top.
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
                | Event::UnderspendExplained(_)
                | Event::ProfileSet(_)
                | Event::BaselineStruck(_)
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

    /// As an earlier program allowed.
    #[test]
    fn a_body_merged_into_a_part_of_itself_has_a_path_that_ends() {
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
        let (position, recorded) = (Position::new(1), Default::default());
        register.apply(&Posted { position, recorded, inferred: false, events: &events });
        let path: Vec<_> = register.body_path(code("RA"), position).collect();
        assert_eq!(path, [code("RA"), code("RB")]);
        assert_eq!(register.read_with(code("RB")), BTreeSet::from([code("RA"), code("RB")]));
    }
}
