//! Flows as somebody may read them.

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::movement::Account;
use ledger_core::domain::position::Position;

use super::{Exchanges, FlowQuery, InYear, Origins, Party, PathStep, Transferred, YearFlows};
use crate::QueryError;
use crate::measure::Measure;
use crate::scope::Within;

impl Within<'_> {
    /// Who paid for whom in a year, as far as either side may be read. A side that may not is told
    /// as hidden.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn flows(&self, query: &FlowQuery) -> Result<YearFlows, QueryError> {
        self.check(&query.lines())?;
        self.models.flows_in(query, self.scope)
    }

    /// The entries behind a flow, or behind all of a party's where the other side is left out, in
    /// order of position.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn behind_flow(
        &self,
        query: &FlowQuery,
        from: Option<InYear>,
        to: Option<InYear>,
    ) -> Result<Vec<Transferred>, QueryError> {
        self.check(&query.lines())?;
        let mut behind = self.models.behind_flow_in(query, from, to, self.scope)?;
        // What moves money on funds alone is told to those who read everything.
        let admitted = |told: &Transferred| {
            let line = |account| matches!(account, Some(Account::Line(_)));
            self.scope.is_everything() || line(told.from) || line(told.to)
        };
        behind.retain(admitted);
        Ok(behind)
    }

    /// Which settlements the money came from.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn origins(&self, query: &FlowQuery) -> Result<Origins, QueryError> {
        self.check(&query.lines())?;
        self.models.origins_in(query, self.scope)
    }

    /// The path of a programme's money. What was settled on funds is told to those who read
    /// everything.
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

    /// The entries behind a step of a path, in order of position; of what was spent, the spend.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code or a position is not known.
    pub fn behind_step(
        &self,
        query: &FlowQuery,
        step: &PathStep,
    ) -> Result<Vec<Transferred>, QueryError> {
        let (of_step, from, to) = query.of_step(&step.flow);
        if to.party != Party::Spend {
            return self.behind_flow(&of_step, Some(from), Some(to));
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
        let behind = self.behind(&FlowQuery { programme, ..of_step }.lines())?.into_iter();
        let spent = behind.filter(|contribution| contribution.measure == Measure::Actual);
        let transferred = spent.map(|contribution| Transferred {
            position: contribution.position,
            from: Some(Account::Line(contribution.line)),
            to: None,
            month: Some(contribution.month),
            pence: contribution.pence,
            by_rule: false,
        });
        Ok(transferred.collect())
    }

    /// What was deferred from a year to the next, and how much of it arrived.
    pub fn exchanges(&self, year: FinancialYear, at: Position) -> Exchanges {
        self.models.exchanges_in(year, at, self.scope)
    }
}
