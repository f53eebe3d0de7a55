//! What is asked of a book.

use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::position::Position;
use ledger_core::log::entry::Entry;
use projections::AsAt;
use projections::budget::Rollup;

/// A question about a year's figures.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Question {
    pub(in crate::cli) year: FinancialYear,
    /// Only this programme and those below it.
    pub(in crate::cli) programme: Option<ProgrammeCode>,
    /// Only this body and those below it.
    pub(in crate::cli) body: Option<BodyCode>,
    pub(in crate::cli) class: Option<BudgetClass>,
    /// Only what was effective up to this month.
    pub(in crate::cli) through: Option<Month>,
    pub(in crate::cli) as_at: AsAt,
    /// Summed into what; a row for each line where absent.
    pub(in crate::cli) rollup: Option<Rollup>,
}

/// Which entries: those for which everything given here holds.
#[derive(Clone, Default)]
pub(in crate::cli) struct EntryFilter {
    pub(in crate::cli) line: Option<LineKey>,
    pub(in crate::cli) year: Option<FinancialYear>,
    pub(in crate::cli) programme: Option<ProgrammeCode>,
    pub(in crate::cli) by: Option<String>,
    pub(in crate::cli) cites: Option<String>,
}

impl EntryFilter {
    pub(in crate::cli) fn wants_all(&self) -> bool {
        let EntryFilter { line, year, programme, by, cites } = self;
        (line, year, programme, by, cites) == (&None, &None, &None, &None, &None)
    }

    pub(in crate::cli) fn wants(&self, entry: &Entry<'_>) -> bool {
        let lines = || entry.events.iter().flat_map(|event| event.lines());
        self.line.is_none_or(|wanted| lines().any(|line| line == wanted))
            && self.year.is_none_or(|wanted| lines().any(|line| line.year == wanted))
            && self.programme.is_none_or(|wanted| lines().any(|line| line.programme == wanted))
            && self.by.as_ref().is_none_or(|wanted| entry.actor == **wanted)
            && self.cites.as_ref().is_none_or(|wanted| entry.citations().any(|c| c == wanted))
    }
}

/// A question for entries.
pub(in crate::cli) struct EntryQuestion {
    /// The first position to look at.
    pub(in crate::cli) from: Position,
    /// Up to when.
    pub(in crate::cli) as_at: AsAt,
    pub(in crate::cli) filter: EntryFilter,
    /// Whether a folder's whole book is checked first; a server has done that.
    pub(in crate::cli) checked: bool,
}
