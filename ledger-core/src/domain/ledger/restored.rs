//! Rebuilds the ledger at a past position from rows that projections supply.

use std::sync::Arc;

use super::rows::{Body, Fund, Line, Obligation, PotBalance, Programme, YearPeriods};
use super::{Adopted, Ledger, StatedForecast};
use crate::domain::calendar::{FinancialYear, Timestamp};
use crate::domain::code::{BodyCode, FigureCode, FundCode, ProgrammeCode, ScopeCode};
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::money::Pence;
use crate::domain::movement::Pot;
use crate::domain::policy::Policy;
use crate::domain::position::Position;
use crate::domain::text::{BaselineName, Reference};

/// The rows that judging a command reads. Proposals, delegations, and what counts towards
/// sign-off limits are left out.
#[derive(Debug, Default)]
pub struct Rows {
    /// The last entry.
    pub position: Position,
    /// The recorded time of the last entry.
    pub recorded: Timestamp,
    /// The body at the top.
    pub department: Option<BodyCode>,
    /// Each policy with its entry and the moment it takes effect, in order.
    pub policies: Vec<(Position, Option<Timestamp>, Policy)>,
    /// The funds.
    pub funds: Vec<(FundCode, Fund)>,
    /// Unallocated balances, with the years they were settled for.
    pub pots: Vec<(Pot, PotBalance)>,
    /// The programmes.
    pub programmes: Vec<(ProgrammeCode, Programme)>,
    /// The bodies.
    pub bodies: Vec<(BodyCode, Body)>,
    /// The lines.
    pub lines: Vec<(LineKey, Line)>,
    /// Commitments and accruals.
    pub obligations: Vec<(Reference, Obligation)>,
    /// Forecasts: at least the ones in force.
    pub forecasts: Vec<(LineKey, StatedForecast)>,
    /// Budget exchanged into the next year, by year and class.
    pub exchanges: Vec<((FinancialYear, BudgetClass), Pence)>,
    /// Explained parts of underspends.
    pub explained: Vec<(LineKey, Pence)>,
    /// Baselines, with the entries that struck them.
    pub baselines: Vec<((FinancialYear, BaselineName), Option<Position>)>,
    /// Closed and reopened months.
    pub periods: Vec<(FinancialYear, YearPeriods)>,
    /// Capital switched to revenue, by entry and year of effect.
    pub switches: Vec<(Position, FinancialYear, Pence)>,
    /// Reversed entries, each with the entry that reversed it.
    pub reversed: Vec<(Position, Position)>,
    /// The scopes.
    pub scopes: Vec<ScopeCode>,
    /// Published figures, each with the one that superseded it.
    pub claims: Vec<(FigureCode, Option<FigureCode>)>,
}

impl Rows {
    /// Builds the ledger.
    pub fn into_ledger(self) -> Ledger<'static> {
        let adopted = self.policies.into_iter().map(|(at, effective, policy)| {
            let policy = Arc::new(policy);
            Adopted { at, effective, policy }
        });
        let mut ledger = Ledger {
            department: self.department,
            policies: Arc::new(adopted.collect()),
            position: self.position,
            recorded: self.recorded,
            funds: self.funds.into(),
            pots: self.pots.into(),
            programmes: self.programmes.into(),
            lines: self.lines.into(),
            obligations: self.obligations.into(),
            exchanges: self.exchanges.into(),
            explained: self.explained.into(),
            baselines: self.baselines.into(),
            periods: self.periods.into(),
            reversed: self.reversed.clone().into(),
            scopes: self.scopes.into_iter().map(|code| (code, ())).collect::<Vec<_>>().into(),
            claims: self.claims.into(),
            ..Ledger::default()
        };
        let bodies: Vec<BodyCode> = self.bodies.iter().map(|(code, _)| *code).collect();
        ledger.bodies = self.bodies.into();
        bodies.into_iter().for_each(|body| ledger.record_place(body));
        for (line, stated) in self.forecasts {
            ledger.record_forecast(line, stated);
        }
        ledger.review_regimes();
        for (position, year, pence) in self.switches {
            ledger.record_switch(position, year, pence);
        }
        for (entry, _) in self.reversed {
            ledger.return_switches(entry);
        }
        ledger
    }
}
