//! The ledger's state: what `decide` needs to know about everything posted so far.
//!
//! It holds current balances and registrations, no history: history is in the log, and figures
//! as at any moment are the projections' business. It changes only by [`Ledger::apply`].

mod apply;
mod claims;
mod proposals;
mod restored;
mod rows;
mod systems;
mod table;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use proposals::{Proposal, ProposalStatus, Signature};
pub use restored::Rows;
pub use rows::{
    Body, ExchangeUse, Fund, Line, Obligation, Payer, PotState, Programme, ProgrammeStatus,
    YearPeriods,
};
use systems::Investments;
pub use systems::{Deterioration, Standing, system_on};
use table::Table;

use super::calendar::{FinancialYear, Month, Timestamp};
use super::code::{BodyCode, ClaimCode, FundCode, ProgrammeCode, ScopeCode};
use super::command::{Command, SignOff, SubmitProposal};
use super::event::{Close, DelegationGiven, OffsetLinked};
use super::line::{BudgetClass, LineKey};
use super::money::Pence;
use super::movement::{Outside, Pot};
use super::policy::Policy;
use super::position::Position;
use super::text::{BaselineName, BookId, Reference};

/// Everything that deciding needs.
///
/// The lifetime is that of the ledger it was forked from; a ledger of its own is
/// `Ledger<'static>`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ledger<'b> {
    book: Option<BookId>,
    department: Option<BodyCode>,
    policies: Arc<Vec<Adopted>>,
    position: Position,
    recorded: Timestamp,
    turnover: Pence,
    treasury: Pence,
    existing_budgets: Pence,
    funds: Table<'b, FundCode, Fund>,
    pots: Table<'b, Pot, PotState>,
    programmes: Table<'b, ProgrammeCode, Programme>,
    bodies: Table<'b, BodyCode, Body>,
    lines: Table<'b, LineKey, Line>,
    obligations: Table<'b, Reference, Obligation>,
    forecasts: Table<'b, LineKey, (Month, Pence)>,
    exchanges: Table<'b, LineKey, ExchangeUse>,
    explained: Table<'b, LineKey, Pence>,
    baselines: Table<'b, (FinancialYear, BaselineName), Position>,
    periods: Table<'b, FinancialYear, YearPeriods>,
    switched: Table<'b, FinancialYear, Pence>,
    switches: Table<'b, Position, Vec<(FinancialYear, Pence)>>,
    reversed: Table<'b, Position, Position>,
    proposals: Table<'b, Position, Proposal>,
    /// Of each proposal that waits, what of it counts as investment.
    pending: Table<'b, Position, Vec<(BodyCode, ProgrammeCode)>>,
    /// None once it was ended.
    delegations: Table<'b, Position, Option<DelegationGiven>>,
    investments: Table<'b, (BodyCode, ProgrammeCode), Investments>,
    /// Of each body of a system, its revenue lines with a reported forecast.
    forecast_lines: Table<'b, (BodyCode, FinancialYear), Vec<LineKey>>,
    /// Of each ICB.
    providers: Table<'b, BodyCode, Vec<BodyCode>>,
    /// Of each system and year, as they were linked.
    offsets: Table<'b, (BodyCode, FinancialYear), Vec<OffsetLinked>>,
    scopes: Table<'b, ScopeCode, ()>,
    /// Each with the one that took its place.
    claims: Table<'b, ClaimCode, Option<ClaimCode>>,
}

/// A policy, the entry that recorded it, and since when it holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Adopted {
    at: Position,
    /// None for the one the book was opened with, which holds for all time before.
    effective: Option<Timestamp>,
    policy: Arc<Policy>,
}

impl<'b> Ledger<'b> {
    /// A ledger before its first entry.
    pub fn new() -> Self {
        Ledger::default()
    }

    /// A ledger that begins as this one and leaves it alone.
    pub fn fork(&'b self) -> Ledger<'b> {
        Ledger {
            book: self.book,
            department: self.department,
            policies: Arc::clone(&self.policies),
            position: self.position,
            recorded: self.recorded,
            turnover: self.turnover,
            treasury: self.treasury,
            existing_budgets: self.existing_budgets,
            funds: self.funds.fork(),
            pots: self.pots.fork(),
            programmes: self.programmes.fork(),
            bodies: self.bodies.fork(),
            lines: self.lines.fork(),
            obligations: self.obligations.fork(),
            forecasts: self.forecasts.fork(),
            exchanges: self.exchanges.fork(),
            explained: self.explained.fork(),
            baselines: self.baselines.fork(),
            periods: self.periods.fork(),
            switched: self.switched.fork(),
            switches: self.switches.fork(),
            reversed: self.reversed.fork(),
            proposals: self.proposals.fork(),
            pending: self.pending.fork(),
            delegations: self.delegations.fork(),
            investments: self.investments.fork(),
            forecast_lines: self.forecast_lines.fork(),
            providers: self.providers.fork(),
            offsets: self.offsets.fork(),
            scopes: self.scopes.fork(),
            claims: self.claims.fork(),
        }
    }

    /// The position of the last entry applied.
    pub const fn position(&self) -> Position {
        self.position
    }

    /// When the last entry was recorded.
    pub const fn recorded(&self) -> Timestamp {
        self.recorded
    }

    /// The book's id; none before its first entry.
    pub const fn book(&self) -> Option<BookId> {
        self.book
    }

    /// The body at the top, which holds suspense and exchanged budget.
    pub const fn department(&self) -> Option<BodyCode> {
        self.department
    }

    /// The policy that an entry recorded at a moment is judged by, and the entry that recorded it:
    /// the latest recorded of those that hold by then.
    pub fn policy(&self, at: Timestamp) -> Option<(Position, &Policy)> {
        self.adopted(at).map(|adopted| (adopted.at, &*adopted.policy))
    }

    /// Since when that policy holds; none where it always has.
    pub(super) fn policy_since(&self, at: Timestamp) -> Option<Timestamp> {
        self.adopted(at)?.effective
    }

    fn adopted(&self, at: Timestamp) -> Option<&Adopted> {
        let holds = |adopted: &&Adopted| adopted.effective.is_none_or(|since| since <= at);
        self.policies.iter().rev().find(holds)
    }

    /// The entries whose events a command needs to be decided: those it reverses, itself or by
    /// submitting or signing off a proposal that does.
    pub fn reverses(&self, command: &Command) -> Vec<Position> {
        let proposed = |proposal: Position| {
            self.proposal(proposal).map_or_else(Vec::new, |found| found.command.reverses())
        };
        if let Command::SignOff(SignOff { proposals }) = command {
            return proposals.iter().flat_map(|signed| proposed(signed.proposal)).collect();
        }
        if let Command::SubmitProposal(SubmitProposal { proposal, .. }) = command {
            return proposed(*proposal);
        }
        command.reverses()
    }

    /// A line's balances and version; none where it was never posted to.
    pub fn line(&self, key: &LineKey) -> Option<&Line> {
        self.lines.get(key)
    }

    /// A line's version: the last entry that changed it, 0 where it was never posted to.
    pub fn version(&self, key: &LineKey) -> Position {
        self.line(key).map_or(Position::START, |line| line.version)
    }

    /// A registered programme.
    pub fn programme(&self, code: ProgrammeCode) -> Option<&Programme> {
        self.programmes.get(&code)
    }

    /// A registered body.
    pub fn body(&self, code: BodyCode) -> Option<&Body> {
        self.bodies.get(&code)
    }

    /// An established fund.
    pub fn fund(&self, code: FundCode) -> Option<&Fund> {
        self.funds.get(&code)
    }

    /// What a fund has left to allocate in one class.
    pub fn unallocated(&self, pot: Pot) -> Pence {
        self.pots.get(&pot).map_or(Pence::ZERO, |state| state.unallocated)
    }

    /// A commitment or accrual, open or not.
    pub fn obligation(&self, reference: &Reference) -> Option<&Obligation> {
        self.obligations.get(reference)
    }

    /// How a month is closed, if it is.
    pub fn close(&self, year: FinancialYear, month: Month) -> Option<Close> {
        self.periods.get(&year)?.get(month)
    }

    /// Whether a month was closed and reopened since.
    pub(super) fn was_reopened(&self, year: FinancialYear, month: Month) -> bool {
        self.periods.get(&year).is_some_and(|periods| periods.was_reopened(month))
    }

    /// Whether every month of the year is closed for good.
    pub fn is_hard_closed(&self, year: FinancialYear) -> bool {
        self.periods.get(&year).is_some_and(YearPeriods::is_hard_closed)
    }

    /// The entry that reversed this one.
    pub fn reversed_by(&self, entry: Position) -> Option<Position> {
        self.reversed.get(&entry).copied()
    }

    /// The balances whose sum is zero over any prefix of the log: funds, lines, outside.
    pub fn conservation(&self) -> [Pence; 3] {
        let pots = self.pots.sorted_keys();
        let lines = self.lines.sorted_keys();
        [
            Pence::sum(pots.iter().map(|pot| self.unallocated(*pot))),
            Pence::sum(lines.iter().filter_map(|key| self.line(key)).map(|line| line.revised)),
            self.treasury.plus(self.existing_budgets),
        ]
    }

    /// How many lines are open.
    pub fn line_keys(&self) -> Vec<LineKey> {
        self.lines.sorted_keys()
    }

    pub(super) fn has_baseline(&self, year: FinancialYear, name: &BaselineName) -> bool {
        self.baselines.contains(&(year, name.clone()))
    }

    pub(super) fn is_settled_for(&self, pot: Pot, year: FinancialYear) -> bool {
        // A fund below another is paid by earmarks from it, so it has the years of those above.
        let mut next = Some(pot.fund);
        while let Some(fund) = next {
            let state = self.pots.get(&Pot { fund, ..pot });
            if state.is_some_and(|state| state.covers(year)) {
                return true;
            }
            next = self.fund(fund).and_then(|fund| fund.parent);
        }
        false
    }

    pub(super) fn reported_forecast(&self, line: &LineKey) -> Option<Pence> {
        self.forecasts.get(line).map(|(_, level)| *level)
    }

    pub(super) fn exchange_use(&self, line: &LineKey) -> Option<ExchangeUse> {
        self.exchanges.get(line).copied().filter(|exchanged| !exchanged.used.is_zero())
    }

    pub(super) fn explained(&self, line: &LineKey) -> Pence {
        self.explained.get(line).copied().unwrap_or_default()
    }

    pub(super) fn switched(&self, year: FinancialYear) -> Pence {
        self.switched.get(&year).copied().unwrap_or_default()
    }

    pub(super) const fn turnover(&self) -> Pence {
        self.turnover
    }

    pub(super) fn suspense_line(&self, year: FinancialYear, class: BudgetClass) -> Option<LineKey> {
        let (programme, body) = (ProgrammeCode::SUSPENSE, self.department?);
        Some(LineKey { programme, body, year, class, ring_fence: None })
    }

    pub(super) fn programme_codes(&self) -> Vec<ProgrammeCode> {
        self.programmes.sorted_keys()
    }

    pub(super) fn body_codes(&self) -> Vec<BodyCode> {
        self.bodies.sorted_keys()
    }

    pub(super) fn fund_codes(&self) -> Vec<FundCode> {
        self.funds.sorted_keys()
    }

    const fn outside_mut(&mut self, outside: Outside) -> &mut Pence {
        match outside {
            Outside::Treasury => &mut self.treasury,
            Outside::ExistingBudgets => &mut self.existing_budgets,
        }
    }
}
