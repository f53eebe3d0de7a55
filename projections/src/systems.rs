//! Systems: which provider overspends lack an offset, and the regime that puts their system under.
//!
//! Answers question 15 of `docs/questions.md`.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::event::{Event, OffsetLinked};
use ledger_core::domain::ledger::system_on;
pub use ledger_core::domain::ledger::{Deterioration, Standing};
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::projection::{Posted, Projection};
use serde::{Deserialize, Serialize};

use crate::ReadModels;
use crate::measure::Measure;
use crate::scope::Scope;
use crate::year::{Table, Year};

/// The offsets that were linked, in order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Offsets(Vec<(Position, OffsetLinked)>);

impl Offsets {
    /// Those that had been linked by a position.
    pub(crate) fn until(&self, at: Position) -> Self {
        Offsets(self.0.iter().take_while(|(position, _)| *position <= at).cloned().collect())
    }
}

impl Projection for Offsets {
    fn apply(&mut self, entry: &Posted<'_>) {
        for event in entry.events {
            if let Event::OffsetLinked(linked) = event {
                self.0.push((entry.position, linked.clone()));
            }
        }
    }
}

/// What a system's standing is told from.
#[derive(Default)]
struct System {
    by_body: Vec<(BodyCode, Pence)>,
    links: Vec<OffsetLinked>,
}

/// Systems as somebody is told of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Systems {
    /// The ICB of each, in order, and how it stands.
    pub rows: Vec<(BodyCode, Standing)>,
    /// Whether there are others that may not be read.
    pub partial: bool,
}

impl ReadModels {
    /// Every system known by then, and how it stands in a year. A standing sums the revenue of all
    /// bodies of its system: whoever may not read all of that is not told of it.
    pub fn systems(&self, year: FinancialYear, at: Position, scope: &Scope) -> Systems {
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

    /// The bodies of which a revenue line of a year may not be read.
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

    /// The ICB whose system a provider, or the ICB itself, belongs to.
    fn system_of(&self, body: BodyCode, at: Position) -> Option<BodyCode> {
        let path = self.register.registered_path(body);
        system_on(path.map_while(|code| Some((code, self.register.body(code, at)?.kind))))
    }

    /// Of each body with a reported revenue forecast, by how much it is above the budget of the
    /// lines that have one.
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
