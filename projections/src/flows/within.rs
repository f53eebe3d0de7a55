//! Flows as the scoped reader gives them.

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::movement::Account;
use ledger_core::domain::position::Position;

use super::{
    Exchanges, FlowContribution, FlowQuery, Origins, Party, PartyInYear, PathStep, YearFlows,
};
use crate::QueryError;
use crate::measure::Measure;
use crate::scope::Within;

impl Within<'_> {
    /// Who paid for whom in a year. Flows have a side in the scope; the other side may be hidden.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn flows(&self, query: &FlowQuery) -> Result<YearFlows, QueryError> {
        self.check(&query.lines())?;
        self.models.flows_in(query, self.scope)
    }

    /// The contributions to a flow, or to all flows of one party, in order of position.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn flow_contributions(
        &self,
        query: &FlowQuery,
        from: Option<PartyInYear>,
        to: Option<PartyInYear>,
    ) -> Result<Vec<FlowContribution>, QueryError> {
        self.check(&query.lines())?;
        let mut behind = self.models.flow_contributions_in(query, from, to, self.scope)?;
        // Movements of funds alone need the whole book.
        let admitted = |one: &FlowContribution| {
            let line = |account| matches!(account, Some(Account::Line(_)));
            self.scope.is_everything() || line(one.from) || line(one.to)
        };
        behind.retain(admitted);
        Ok(behind)
    }

    /// The settlements that budget and spend came from.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn origins(&self, query: &FlowQuery) -> Result<Origins, QueryError> {
        self.check(&query.lines())?;
        self.models.origins_in(query, self.scope)
    }

    /// The path of a programme's money. Settlements on funds need the whole book.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn flow_path(
        &self,
        query: &FlowQuery,
        programme: ProgrammeCode,
    ) -> Result<Vec<PathStep>, QueryError> {
        self.check(&FlowQuery { programme: Some(programme), ..*query }.lines())?;
        let mut path = self.models.path_in(query, programme, self.scope)?;
        let of_lines = |step: &PathStep| {
            step.flow.from.party.holds_lines() || step.flow.to.party.holds_lines()
        };
        path.retain(|step| self.scope.is_everything() || of_lines(step));
        Ok(path)
    }

    /// The contributions to a step of a path, in order of position. For spend, the actuals.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn step_contributions(
        &self,
        query: &FlowQuery,
        step: &PathStep,
    ) -> Result<Vec<FlowContribution>, QueryError> {
        let (of_step, from, to) = query.of_step(&step.flow);
        if to.party != Party::Spend {
            return self.flow_contributions(&of_step, Some(from), Some(to));
        }
        let programme = match from.party {
            Party::Programme(code) => Some(code),
            Party::Unattributed => Some(ProgrammeCode::SUSPENSE),
            Party::Outside(_)
            | Party::Fund(_)
            | Party::Body(_)
            | Party::Class(_)
            | Party::Hidden
            | Party::Spend => None,
        };
        let contributions =
            self.contributions(&FlowQuery { programme, ..of_step }.lines())?.into_iter();
        let spent = contributions.filter(|contribution| contribution.measure == Measure::Actual);
        let transferred = spent.map(|contribution| FlowContribution {
            position: contribution.position,
            from: Some(Account::Line(contribution.line)),
            to: None,
            month: Some(contribution.month),
            pence: contribution.pence,
            by_rule: false,
        });
        Ok(transferred.collect())
    }

    /// What was deferred from a year to the next, and how much arrived.
    pub fn exchanges(&self, year: FinancialYear, at: Position) -> Exchanges {
        self.models.exchanges_in(year, at, self.scope)
    }
}
