//! The ledger's state: everything `decide` needs to know about entries already posted.
//!
//! It holds current balances and registrations. History is in the log, and figures at past moments
//! are in the projections. Only [`Ledger::apply`] changes it.

mod apply;
mod detached;
mod forecasts;
mod investments;
mod outflows;
mod payments;
mod proposals;
mod publishing;
mod regimes;
mod restored;
mod rows;
mod systems;
mod table;
mod tally;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use detached::Detached;
use forecasts::LineForecasts;
pub use forecasts::StatedForecast;
use investments::PendingInvestment;
pub(super) use investments::{Invested, Investor, Window};
use outflows::Outflow;
pub use proposals::{Proposal, ProposalStatus, Signature};
pub(super) use regimes::CountingRegime;
use regimes::SystemYear;
pub use regimes::{Deterioration, Standing};
pub use restored::Rows;
pub use rows::{
    Body, Fund, Line, Obligation, Payer, PotBalance, Programme, ProgrammeStatus, YearPeriods,
};
pub use systems::{Place, place_on};
use table::Table;
use tally::Tally;

use super::actor::ActorDigest;
use super::calendar::{FinancialYear, Month, Timestamp};
use super::code::{BodyCode, FigureCode, FundCode, ProgrammeCode, ScopeCode};
use super::command::{Command, RejectProposal, RequestPeerReview, SignOff, SubmitProposal};
use super::event::{Close, DelegationGiven, Event};
use super::line::{BudgetClass, LineKey};
use super::money::Pence;
use super::movement::{Outside, Pot};
use super::policy::Policy;
use super::position::Position;
use super::sign_off::MoneySource;
use super::text::{BaselineName, BookId, Reference};

/// The state that deciding needs.
///
/// A fork borrows its base for `'b`; a ledger with data of its own is `Ledger<'static>`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ledger<'b> {
    book: Option<BookId>,
    department: Option<BodyCode>,
    policies: Arc<Vec<Adopted>>,
    position: Position,
    recorded: Timestamp,
    /// The person whose events are being applied: the maker, where an approver signed them.
    #[serde(skip)]
    by: ActorDigest,
    treasury: Pence,
    existing_budgets: Pence,
    funds: Table<'b, FundCode, Fund>,
    pots: Table<'b, Pot, PotBalance>,
    programmes: Table<'b, ProgrammeCode, Programme>,
    bodies: Table<'b, BodyCode, Body>,
    lines: Table<'b, LineKey, Line>,
    obligations: Table<'b, Reference, Obligation>,
    forecasts: Table<'b, LineKey, LineForecasts>,
    /// Budget exchanged into the next year, by year and class.
    exchanges: Table<'b, (FinancialYear, BudgetClass), Pence>,
    explained: Table<'b, LineKey, Pence>,
    /// `None` once withdrawn.
    baselines: Table<'b, (FinancialYear, BaselineName), Option<Position>>,
    periods: Table<'b, FinancialYear, YearPeriods>,
    switched: Table<'b, FinancialYear, Pence>,
    switches: Table<'b, Position, Vec<(FinancialYear, Pence)>>,
    reversed: Table<'b, Position, Position>,
    /// The latest entry of each payment, by a digest of its line, transaction and amount.
    payments: Table<'b, (u64, u64), Position>,
    outflows: Table<'b, (ActorDigest, MoneySource), Outflow>,
    proposals: Table<'b, Position, Proposal>,
    /// `None` once ended.
    delegations: Table<'b, Position, Option<DelegationGiven>>,
    /// The place of each body that is in a system.
    places: Table<'b, BodyCode, Place>,
    /// The providers of each ICB: the bodies just below it.
    providers: Table<'b, BodyCode, Vec<BodyCode>>,
    /// The years of each system.
    systems: Table<'b, BodyCode, Vec<SystemYear>>,
    /// The systems and years whose regime the entry being applied may have changed.
    #[serde(skip)]
    changed: Vec<(BodyCode, FinancialYear)>,
    /// Budget received, and commitments and accruals made.
    investments: Table<'b, Investor, Tally>,
    /// The keys of `investments`, by provider.
    investors: Table<'b, BodyCode, Vec<Investor>>,
    /// Unsigned spend, and unsigned commitments with the spend beyond them, by provider.
    unsigned: Table<'b, BodyCode, Tally>,
    /// Investments in proposals that wait, by provider.
    pending: Table<'b, BodyCode, Vec<PendingInvestment>>,
    /// The providers of each proposal that waits.
    waiting: Table<'b, Position, Vec<BodyCode>>,
    scopes: Table<'b, ScopeCode, ()>,
    /// Published figures, each with the one that superseded it.
    claims: Table<'b, FigureCode, Option<FigureCode>>,
}

/// A policy, with the entry that recorded it and the moment it takes effect.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Adopted {
    at: Position,
    /// `None` for the policy the book was opened with.
    effective: Option<Timestamp>,
    policy: Arc<Policy>,
}

impl<'b> Ledger<'b> {
    /// A ledger without entries.
    pub fn new() -> Self {
        Ledger::default()
    }

    /// A ledger with this one's state. Changes to it leave this one as it is.
    pub fn fork(&'b self) -> Ledger<'b> {
        Ledger {
            book: self.book,
            department: self.department,
            policies: Arc::clone(&self.policies),
            position: self.position,
            recorded: self.recorded,
            by: self.by,
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
            payments: self.payments.fork(),
            outflows: self.outflows.fork(),
            proposals: self.proposals.fork(),
            delegations: self.delegations.fork(),
            places: self.places.fork(),
            providers: self.providers.fork(),
            systems: self.systems.fork(),
            changed: self.changed.clone(),
            investments: self.investments.fork(),
            investors: self.investors.fork(),
            unsigned: self.unsigned.fork(),
            pending: self.pending.fork(),
            waiting: self.waiting.fork(),
            scopes: self.scopes.fork(),
            claims: self.claims.fork(),
        }
    }

    /// The state that one more entry, of these events, would leave.
    pub(in crate::domain) fn after(
        &'b self,
        recorded: Timestamp,
        by: ActorDigest,
        events: &[Event],
    ) -> Ledger<'b> {
        let mut after = self.fork();
        after.apply(self.position.next(), recorded, by, events);
        after
    }

    /// The position of the last entry applied.
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The recorded time of the last entry.
    pub const fn recorded(&self) -> Timestamp {
        self.recorded
    }

    /// The book's id; `None` before its first entry.
    pub const fn book(&self) -> Option<BookId> {
        self.book
    }

    /// The body at the top, which holds suspense and exchanged budget.
    pub const fn department(&self) -> Option<BodyCode> {
        self.department
    }

    /// The policy in force at a moment, with its entry: the latest recorded of those in effect.
    pub fn policy(&self, at: Timestamp) -> Option<(Position, &Policy)> {
        self.adopted(at).map(|adopted| (adopted.at, &*adopted.policy))
    }

    /// The moment that policy took effect; `None` for the book's first.
    pub(super) fn policy_since(&self, at: Timestamp) -> Option<Timestamp> {
        self.adopted(at)?.effective
    }

    fn adopted(&self, at: Timestamp) -> Option<&Adopted> {
        let holds = |adopted: &&Adopted| adopted.effective.is_none_or(|since| since <= at);
        self.policies.iter().rev().find(holds)
    }

    /// The entries to load for deciding a command: those it undoes, also through a proposal that it
    /// submits, signs, rejects or has reviewed.
    pub fn undoes(&self, command: &Command) -> Vec<Position> {
        let proposed = |proposal: Position| {
            self.proposal(proposal).map_or_else(Vec::new, |found| found.command.undoes())
        };
        if let Command::SignOff(SignOff { proposals }) = command {
            return proposals.iter().flat_map(|signed| proposed(signed.proposal)).collect();
        }
        if let Command::SubmitProposal(SubmitProposal { proposal, .. })
        | Command::RejectProposal(RejectProposal { proposal, .. })
        | Command::RequestPeerReview(RequestPeerReview { proposal, .. }) = command
        {
            return proposed(*proposal);
        }
        command.undoes()
    }

    /// A line's balances and version; `None` where it is not open.
    pub fn line(&self, key: &LineKey) -> Option<&Line> {
        self.lines.get(key)
    }

    /// The largest balance that a line may grow to.
    pub(super) fn line_limit(&self) -> Pence {
        Pence::limit_of_each(u64::try_from(self.lines.len()).unwrap_or(u64::MAX))
    }

    /// A line's version: the last entry that changed it, or 0 where it is not open.
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

    /// A programme and those above it, up to the top of its tree.
    pub fn programme_path(&self, code: ProgrammeCode) -> impl Iterator<Item = ProgrammeCode> {
        std::iter::successors(Some(code), |code| self.programme(*code)?.parent)
    }

    /// The programme at the top of a programme's tree.
    pub fn root_of(&self, code: ProgrammeCode) -> ProgrammeCode {
        self.programme_path(code).last().unwrap_or(code)
    }

    /// An established fund.
    pub fn fund(&self, code: FundCode) -> Option<&Fund> {
        self.funds.get(&code)
    }

    /// A fund's unallocated balance in one class.
    pub fn unallocated(&self, pot: Pot) -> Pence {
        self.pots.get(&pot).map_or(Pence::ZERO, |state| state.unallocated)
    }

    /// A commitment or accrual, open or not.
    pub fn obligation(&self, reference: &Reference) -> Option<&Obligation> {
        self.obligations.get(reference)
    }

    /// The close of a month, where it is closed.
    pub fn close(&self, year: FinancialYear, month: Month) -> Option<Close> {
        self.periods.get(&year)?.get(month)
    }

    /// Whether a month was closed and later reopened.
    pub(super) fn was_reopened(&self, year: FinancialYear, month: Month) -> bool {
        self.periods.get(&year).is_some_and(|periods| periods.was_reopened(month))
    }

    /// Whether every month of the year is hard-closed.
    pub fn is_hard_closed(&self, year: FinancialYear) -> bool {
        self.periods.get(&year).is_some_and(YearPeriods::is_hard_closed)
    }

    /// The entry that reversed this one.
    pub fn reversed_by(&self, entry: Position) -> Option<Position> {
        self.reversed.get(&entry).copied()
    }

    /// The sums over funds, lines and outside accounts. Together they are zero at every position.
    pub fn conservation(&self) -> [Pence; 3] {
        let pots = self.pots.sorted_keys();
        let lines = self.lines.sorted_keys();
        [
            Pence::sum(pots.iter().map(|pot| self.unallocated(*pot))),
            Pence::sum(lines.iter().filter_map(|key| self.line(key)).map(|line| line.revised)),
            self.treasury.plus(self.existing_budgets),
        ]
    }

    /// The open lines, sorted.
    pub fn line_keys(&self) -> Vec<LineKey> {
        self.lines.sorted_keys()
    }

    pub(super) fn has_baseline(&self, year: FinancialYear, name: &BaselineName) -> bool {
        self.baselines.get(&(year, name.clone())).is_some_and(Option::is_some)
    }

    pub(super) fn is_settled_for(&self, pot: Pot, year: FinancialYear) -> bool {
        // A fund below another is paid by earmarks, so it has the years of the funds above it.
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

    /// The budget of a year and class exchanged into the next year.
    pub(super) fn exchanged(&self, year: FinancialYear, class: BudgetClass) -> Pence {
        self.exchanges.get(&(year, class)).copied().unwrap_or_default()
    }

    /// The revised budget of a year and class over the whole book.
    pub(super) fn class_budget(&self, year: FinancialYear, class: BudgetClass) -> Pence {
        let rows = self.lines.rows();
        let of_class = rows.filter(|(key, _)| key.year == year && key.class == class);
        Pence::sum(of_class.map(|(_, line)| line.revised))
    }

    pub(super) fn explained(&self, line: &LineKey) -> Pence {
        self.explained.get(line).copied().unwrap_or_default()
    }

    pub(super) fn switched(&self, year: FinancialYear) -> Pence {
        self.switched.get(&year).copied().unwrap_or_default()
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
