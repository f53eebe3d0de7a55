//! What analysts ask of a book, and what they are told.

use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::event::Series;
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::Reference;
use projections::AsAt;
use projections::budget::{
    Accuracy, DiffRow, Direction, Pattern, Reasons, ReasonsBy, Revision, Stage, Step,
};
use projections::claims::{HeldClaim, TotalScope};
use projections::measure::Measures;

use super::answer::Answer;
use super::question::Question;
use crate::cli::exit::CliError;
use crate::cli::output::Cell;

/// A question about several years.
#[derive(Clone, Copy)]
pub(in crate::cli) struct YearsQuestion {
    pub(in crate::cli) from: Option<FinancialYear>,
    pub(in crate::cli) to: Option<FinancialYear>,
    pub(in crate::cli) programme: Option<ProgrammeCode>,
    pub(in crate::cli) body: Option<BodyCode>,
    pub(in crate::cli) class: Option<BudgetClass>,
    pub(in crate::cli) as_at: AsAt,
}

/// Which statements of forecasts are wanted, of those of a question.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Statements {
    /// Stated in this month or later.
    pub(in crate::cli) from_month: Option<Month>,
    /// Recorded after this moment.
    pub(in crate::cli) since: Option<AsAt>,
    pub(in crate::cli) series: Series,
}

/// An entry's place, and who posted it, when and why as far as that may be read.
#[derive(Clone)]
pub(in crate::cli) struct Who {
    pub(in crate::cli) position: Position,
    pub(in crate::cli) recorded: Option<Timestamp>,
    pub(in crate::cli) said: Option<Said>,
}

impl Who {
    /// The cells of the columns entry, recorded, actor and reason.
    pub(in crate::cli) fn cells(&self) -> Vec<Cell> {
        let said = self.said.as_ref();
        vec![
            Cell::Number(self.position.get()),
            Cell::maybe_text(self.recorded),
            Cell::maybe_text(said.map(|said| said.actor.as_str())),
            Cell::maybe_text(said.map(|said| said.reason.as_str())),
        ]
    }
}

/// Who posted an entry, and why.
#[derive(Clone)]
pub(in crate::cli) struct Said {
    pub(in crate::cli) actor: String,
    pub(in crate::cli) reason: String,
}

/// The totals of a bridge.
pub(in crate::cli) struct BridgeTotals {
    pub(in crate::cli) struck_by: Option<Position>,
    pub(in crate::cli) original: Option<Pence>,
    pub(in crate::cli) effective_later: Pence,
    pub(in crate::cli) revised: Pence,
    pub(in crate::cli) forecast: Option<Pence>,
    pub(in crate::cli) outturn: Pence,
    pub(in crate::cli) closed: bool,
}

/// A bridge: its totals and steps; none where there was no such line.
pub(in crate::cli) struct BridgeTold {
    pub(in crate::cli) position: Position,
    pub(in crate::cli) totals: Option<BridgeTotals>,
    pub(in crate::cli) steps: Vec<(Stage, Step, Who)>,
}

/// An entry between two moments, and what it changed.
pub(in crate::cli) struct ChangeRow {
    pub(in crate::cli) who: Who,
    pub(in crate::cli) measures: Measures,
}

/// Where an entry moved budget to: what moved it, the account, and how much.
pub(in crate::cli) struct MovedTo {
    pub(in crate::cli) how: String,
    pub(in crate::cli) account: String,
    pub(in crate::cli) pence: Pence,
}

/// An entry that took budget out of lines, how much, and where that went as far as may be read.
pub(in crate::cli) struct OutflowRow {
    pub(in crate::cli) who: Who,
    pub(in crate::cli) amount: Pence,
    pub(in crate::cli) to: Vec<MovedTo>,
}

/// What of a year's budget in one class is spent, promised, and neither.
pub(in crate::cli) struct BalanceRow {
    pub(in crate::cli) year: FinancialYear,
    pub(in crate::cli) class: BudgetClass,
    pub(in crate::cli) revised: Pence,
    pub(in crate::cli) actual: Pence,
    pub(in crate::cli) accrued: Pence,
    pub(in crate::cli) committed: Pence,
    pub(in crate::cli) uncancelled: Pence,
}

/// A commitment that is open.
pub(in crate::cli) struct AtRiskRow {
    pub(in crate::cli) line: LineKey,
    pub(in crate::cli) reference: Reference,
    pub(in crate::cli) made: Pence,
    pub(in crate::cli) open: Pence,
    pub(in crate::cli) who: Who,
}

/// A book that analysts can ask.
pub(in crate::cli) trait Analyses {
    /// The bridge from original to outturn of a question's lines, or of one.
    fn bridge(&self, question: &Question, line: Option<&LineKey>) -> Result<BridgeTold, CliError>;

    /// What changed since a moment.
    fn diff(&self, question: &Question, since: AsAt) -> Result<Answer<DiffRow>, CliError>;

    /// The entries that changed it.
    fn diff_entries(&self, question: &Question, since: AsAt)
    -> Result<Answer<ChangeRow>, CliError>;

    /// Underspends by the reasons given for them.
    fn reasons(&self, question: &Question, by: ReasonsBy) -> Result<Answer<Reasons>, CliError>;

    /// The entries that took budget out.
    fn outflows(&self, question: &Question) -> Result<Answer<OutflowRow>, CliError>;

    /// Programmes off the same way several years running.
    fn persistent(
        &self,
        question: &YearsQuestion,
        direction: Direction,
        running: usize,
    ) -> Result<Answer<Pattern>, CliError>;

    /// Uncancelled balances by year and class.
    fn balances(&self, question: &YearsQuestion) -> Result<Answer<BalanceRow>, CliError>;

    /// Forecasts against outturns.
    fn accuracy(
        &self,
        question: &YearsQuestion,
        month: Option<Month>,
    ) -> Result<Answer<Accuracy>, CliError>;

    /// Forecasts as they were revised.
    fn revisions(
        &self,
        question: &Question,
        statements: &Statements,
    ) -> Result<Answer<(Revision, Who)>, CliError>;

    /// Published figures, of one year or all, each held against the ledger.
    fn claims(
        &self,
        year: Option<FinancialYear>,
        as_at: AsAt,
    ) -> Result<Answer<HeldClaim>, CliError>;

    /// The totals by name that published figures are about.
    fn scopes(&self, as_at: AsAt) -> Result<Answer<TotalScope>, CliError>;

    /// Open commitments, at the end of M12 unless the question says through which month.
    fn at_risk(&self, question: &Question) -> Result<Answer<AtRiskRow>, CliError>;
}
