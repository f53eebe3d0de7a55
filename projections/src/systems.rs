//! Integrated care systems: forecast overspends of providers, and the offsets linked to them.
//!
//! Answers the question: which provider overspends lack a compensating offset?

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::event::{Event, OffsetLinked};
use ledger_core::domain::ledger::place_on;
pub use ledger_core::domain::ledger::{Deterioration, Standing};
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::projection::{Posted, Projection};
use serde::{Deserialize, Serialize};

use crate::ReadModels;
use crate::measure::Measure;
use crate::scope::{Scope, Within};
use crate::year::{Table, Year};

/// The offsets linked, in order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Offsets(Vec<(Position, OffsetLinked)>);

impl Offsets {
    /// A copy as at a position.
    pub(crate) fn until(&self, at: Position) -> Self {
        Offsets(self.0.iter().take_while(|(position, _)| *position <= at).cloned().collect())
    }
}

impl Projection for Offsets {
    fn apply(&mut self, entry: &Posted<'_>) {
        for event in entry.events {
            match event {
                Event::OffsetLinked(linked) => self.0.push((entry.position, linked.clone())),
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
                | Event::ScopeDefined(_)
                | Event::FigurePublished(_) => {}
            }
        }
    }
}

/// The figures and offsets of one system.
#[derive(Default)]
struct System {
    by_body: Vec<(BodyCode, Pence)>,
    links: Vec<OffsetLinked>,
}

/// The systems of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Systems {
    /// Each system's ICB and standing, by code.
    pub rows: Vec<(BodyCode, Standing)>,
    /// Whether the scope hides some systems.
    pub partial: bool,
}

impl Within<'_> {
    /// The systems in the scope and their standing in a year. A reader of only part of a system gets
    /// no standing of it.
    pub fn systems(&self, year: FinancialYear, at: Position) -> Systems {
        self.models.systems(year, at, self.scope)
    }
}

impl ReadModels {
    /// The systems known by a position and their standing in a year. A standing sums all revenue of
    /// a system, so a reader of only part of it gets none.
    pub(crate) fn systems(&self, year: FinancialYear, at: Position, scope: &Scope) -> Systems {
        let deteriorations = self.deteriorations(year, at);
        let mut systems: BTreeMap<BodyCode, System> = BTreeMap::new();
        for (body, _) in self.register.bodies(at) {
            if let Some(system) = self.system_of(body, at) {
                let pence = deteriorations.get(&body).copied().unwrap_or_default();
                systems.entry(system).or_default().by_body.push((body, pence));
            }
        }
        let links = self.offsets.0.iter().take_while(|(position, _)| *position <= at);
        for (_, link) in links.filter(|(_, link)| link.year == year) {
            let system = self.system_of(link.deteriorated, at);
            if let Some(system) = system.and_then(|system| systems.get_mut(&system)) {
                system.links.push(link.clone());
            }
        }
        let known = systems.len();
        let hidden = self.partly_hidden(year, at, scope);
        systems.retain(|_, system| {
            let mut bodies = system.by_body.iter().map(|(body, _)| body);
            bodies.all(|body| scope.admits_body(*body) && !hidden.contains(body))
        });
        let rows: Vec<_> = systems
            .into_iter()
            .map(|(icb, System { by_body, links })| (icb, Standing::new(by_body, &links)))
            .collect();
        let partial = rows.len() < known;
        Systems { rows, partial }
    }

    /// The bodies with a revenue line outside the scope.
    fn partly_hidden(
        &self,
        year: FinancialYear,
        at: Position,
        scope: &Scope,
    ) -> BTreeSet<BodyCode> {
        let lines = self.planned.year(year).into_iter().flat_map(Year::lines);
        let revenue =
            lines.filter(|line| line.key.class == BudgetClass::Revenue && line.opened <= at);
        revenue.filter(|line| !scope.admits(&line.key)).map(|line| line.key.body).collect()
    }

    /// The ICB of a body's system.
    fn system_of(&self, body: BodyCode, at: Position) -> Option<BodyCode> {
        let path = self.register.registered_path(body);
        let path = path.map_while(|code| Some((code, self.register.body(code, at)?.kind)));
        place_on(path).map(|place| place.system)
    }

    /// By body, the reported revenue forecast less the budget of the lines forecast.
    fn deteriorations(&self, year: FinancialYear, at: Position) -> BTreeMap<BodyCode, Pence> {
        let mut sums: BTreeMap<BodyCode, Pence> = BTreeMap::new();
        let Some(year) = self.planned.year(year) else { return sums };
        let mut table = Table::default();
        year.line_table(at, Month::M13, &mut table);
        for (number, line) in year.lines().iter().enumerate() {
            let figure = |measure| table.plane(measure).get(number).copied().unwrap_or(0);
            if line.key.class != BudgetClass::Revenue || figure(Measure::ForecastLines) == 0 {
                continue;
            }
            let forecast = Pence::new(figure(Measure::Forecast));
            let over = forecast.minus(Pence::new(figure(Measure::Revised)));
            let sum = sums.entry(line.key.body).or_default();
            *sum = sum.plus(over);
        }
        sums
    }
}
