//! Systems: which provider overspends lack an offset, and the regime that puts their system under.
//!
//! Answers question 15 of `docs/questions.md`.

use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::event::{BodyKind, Event, OffsetLinked};
pub use ledger_core::domain::ledger::{Deterioration, Standing};
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::projection::{Posted, Projection};
use serde::{Deserialize, Serialize};

use crate::ReadModels;
use crate::measure::Measure;
use crate::year::Table;

/// The offsets that were linked, in order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Offsets(Vec<(Position, OffsetLinked)>);

impl Projection for Offsets {
    fn apply(&mut self, entry: &Posted<'_>) {
        for event in entry.events {
            if let Event::OffsetLinked(linked) = event {
                self.0.push((entry.position, linked.clone()));
            }
        }
    }
}

impl ReadModels {
    /// Every system known by then, and how it stands in a year.
    pub fn systems(&self, year: FinancialYear, at: Position) -> Vec<(BodyCode, Standing)> {
        let deteriorations = self.deteriorations(year, at);
        let links = self.offsets.0.iter().take_while(|(position, _)| *position <= at);
        let links: Vec<OffsetLinked> =
            links.map(|(_, link)| link).filter(|link| link.year == year).cloned().collect();
        let icbs = self.register.bodies(at).filter(|(_, body)| body.kind == BodyKind::Icb);
        icbs.map(|(system, _)| {
            let bodies = self.register.bodies(at).map(|(code, _)| code);
            let within = bodies.filter(|code| self.system_of(*code, at) == Some(system));
            let by_body = within.map(|code| {
                let found = deteriorations.iter().find(|(body, _)| *body == code);
                (code, found.map(|(_, pence)| *pence).unwrap_or_default())
            });
            let by_body: Vec<_> = by_body.collect();
            let of_system =
                |link: &&OffsetLinked| by_body.iter().any(|(body, _)| *body == link.deteriorated);
            let links: Vec<OffsetLinked> = links.iter().filter(of_system).cloned().collect();
            (system, Standing::new(by_body, &links))
        })
        .collect()
    }

    /// The ICB whose system a provider, or the ICB itself, belongs to.
    fn system_of(&self, body: BodyCode, at: Position) -> Option<BodyCode> {
        let kind = |code| self.register.body(code, at).map(|body| body.kind);
        match kind(body)? {
            BodyKind::Icb => Some(body),
            BodyKind::Trust => {
                self.register.body_path(body).find(|code| kind(*code) == Some(BodyKind::Icb))
            }
            BodyKind::Department
            | BodyKind::NationalBody
            | BodyKind::Region
            | BodyKind::Ccg
            | BodyKind::GpPractice => None,
        }
    }

    /// Of each body with a reported revenue forecast, by how much it is above the budget of the
    /// lines that have one.
    fn deteriorations(&self, year: FinancialYear, at: Position) -> Vec<(BodyCode, Pence)> {
        let Some(year) = self.planned.year(year) else { return Vec::new() };
        let mut table = Table::default();
        year.line_table(at, Month::M13, &mut table);
        let mut sums: Vec<(BodyCode, Pence)> = Vec::new();
        for (number, line) in year.lines().iter().enumerate() {
            let figure = |measure| table.plane(measure).get(number).copied().unwrap_or(0);
            if line.key.class != BudgetClass::Revenue || figure(Measure::ForecastLines) == 0 {
                continue;
            }
            let forecast = Pence::new(figure(Measure::Forecast));
            let over = forecast.minus(Pence::new(figure(Measure::Revised)));
            match sums.iter_mut().find(|(body, _)| *body == line.key.body) {
                Some((_, sum)) => *sum = sum.plus(over),
                None => sums.push((line.key.body, over)),
            }
        }
        sums
    }
}
