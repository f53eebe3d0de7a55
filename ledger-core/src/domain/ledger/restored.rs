//! A ledger put together from rows: the state at a position of the past, as read models tell it.

use std::sync::Arc;

use super::rows::{Body, ExchangeUse, Fund, Line, Obligation, PotState, Programme, YearPeriods};
use super::{Adopted, Ledger};
use crate::domain::calendar::{FinancialYear, Month, Timestamp};
use crate::domain::code::{BodyCode, ClaimCode, FundCode, ProgrammeCode, ScopeCode};
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::movement::Pot;
use crate::domain::policy::Policy;
use crate::domain::position::Position;
use crate::domain::text::{BaselineName, Reference};

/// What judging a command looks at, sign-off apart: proposals, delegations and what counts against
/// their limits are not among it, nor is the turnover of the whole book.
#[derive(Debug, Default)]
pub struct Rows {
    /// The last entry.
    pub position: Position,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// The body at the top.
    pub department: Option<BodyCode>,
    /// Each policy, the entry that recorded it, and since when it holds; in order.
    pub policies: Vec<(Position, Option<Timestamp>, Policy)>,
    /// Funds.
    pub funds: Vec<(FundCode, Fund)>,
    /// What is left on them, and the years it was settled for.
    pub pots: Vec<(Pot, PotState)>,
    /// Programmes.
    pub programmes: Vec<(ProgrammeCode, Programme)>,
    /// Bodies.
    pub bodies: Vec<(BodyCode, Body)>,
    /// Lines.
    pub lines: Vec<(LineKey, Line)>,
    /// Commitments and accruals.
    pub obligations: Vec<(Reference, Obligation)>,
    /// Reported forecasts: in which month the standing one was stated, and its level.
    pub forecasts: Vec<(LineKey, (Month, Pence))>,
    /// What lines have exchanged into the next year.
    pub exchanges: Vec<(LineKey, ExchangeUse)>,
    /// How much of lines' underspends is explained.
    pub explained: Vec<(LineKey, Pence)>,
    /// Baselines, and the entries that struck them.
    pub baselines: Vec<((FinancialYear, BaselineName), Position)>,
    /// How months are closed.
    pub periods: Vec<(FinancialYear, YearPeriods)>,
    /// What capital has paid for revenue, by the entry in which it did and the year.
    pub switches: Vec<(Position, FinancialYear, Pence)>,
    /// Entries that were reversed, and by which.
    pub reversed: Vec<(Position, Position)>,
    /// Totals by name.
    pub scopes: Vec<ScopeCode>,
    /// Published figures, each with the one that took its place.
    pub claims: Vec<(ClaimCode, Option<ClaimCode>)>,
}

impl Rows {
    /// The ledger they make up.
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
        bodies.into_iter().for_each(|body| ledger.note_provider(body));
        for (line, stated) in self.forecasts {
            ledger.note_forecast(line, stated);
        }
        for (position, year, pence) in self.switches {
            ledger.note_switch(position, year, pence);
        }
        for (entry, _) in self.reversed {
            ledger.give_back_switches(entry);
        }
        ledger
    }
}
