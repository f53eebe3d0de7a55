//! What is asked about flows of money, and told of them, whichever way a book was asked.

mod folder;
mod node;
mod server;

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::{FundCode, ProgrammeCode};
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::Outside;
use ledger_core::domain::position::Position;
use projections::AsAt;
use projections::flows::{Exchanged, FlowTotals, Grouping, InYear, OriginShare, Party};

use super::answer::Answer;
use super::question::Question;
use crate::cli::exit::CliError;

/// A question about a year's flows.
#[derive(Clone, Copy)]
pub(in crate::cli) struct FlowQuestion {
    /// Which lines, as at when, through which month.
    pub(in crate::cli) of: Question,
    pub(in crate::cli) by: Grouping,
    pub(in crate::cli) level: Option<u32>,
}

/// Who pays or is paid: what sort of party, its code, and its year where it is another.
pub(in crate::cli) struct PartyRow {
    pub(in crate::cli) kind: String,
    pub(in crate::cli) code: Option<String>,
    pub(in crate::cli) year: Option<FinancialYear>,
}

/// One party paid another; in a path, so many steps from its end.
pub(in crate::cli) struct FlowRow {
    pub(in crate::cli) distance: Option<usize>,
    pub(in crate::cli) from: PartyRow,
    pub(in crate::cli) to: PartyRow,
    pub(in crate::cli) pence: Pence,
    pub(in crate::cli) by_rule: Pence,
    pub(in crate::cli) unattributed: bool,
}

/// What a party with those below it paid and got.
pub(in crate::cli) struct MarginRow {
    pub(in crate::cli) party: PartyRow,
    pub(in crate::cli) totals: FlowTotals,
}

/// What a settlement paid of a budget and its spend.
pub(in crate::cli) struct OriginRow {
    pub(in crate::cli) fund: Option<FundCode>,
    pub(in crate::cli) kind: String,
    pub(in crate::cli) budget: Pence,
    pub(in crate::cli) spent: Pence,
}

/// What a programme deferred, or got of what was deferred; without one, all of it and what became
/// of the rest.
pub(in crate::cli) struct ExchangedRow {
    pub(in crate::cli) programme: Option<ProgrammeCode>,
    pub(in crate::cli) deferred: Pence,
    pub(in crate::cli) arrived: Pence,
    pub(in crate::cli) elsewhere: Option<Pence>,
    pub(in crate::cli) waiting: Option<Pence>,
}

/// A movement in which capital paid for revenue.
pub(in crate::cli) struct SwitchRow {
    pub(in crate::cli) entry: Position,
    pub(in crate::cli) pence: Pence,
    pub(in crate::cli) used: Pence,
    pub(in crate::cli) cap: Option<Pence>,
    pub(in crate::cli) authority: Option<String>,
    pub(in crate::cli) policy: Option<Position>,
    pub(in crate::cli) reversed_by: Option<Position>,
}

/// A book that can be asked about flows.
pub(in crate::cli) trait FlowSource {
    /// Who paid whom.
    fn flows(&self, question: &FlowQuestion) -> Result<Answer<FlowRow>, CliError>;

    /// What each party, with those below it, paid and got.
    fn flow_margins(&self, question: &FlowQuestion) -> Result<Answer<MarginRow>, CliError>;

    /// Which settlements the money came from.
    fn origins(&self, question: &FlowQuestion) -> Result<Answer<OriginRow>, CliError>;

    /// The path of a programme's money, the nearest step first.
    fn flow_path(
        &self,
        question: &FlowQuestion,
        programme: ProgrammeCode,
    ) -> Result<Answer<FlowRow>, CliError>;

    /// What was deferred from a year to the next; all of it last.
    fn exchanges(&self, year: FinancialYear, as_at: AsAt)
    -> Result<Answer<ExchangedRow>, CliError>;

    /// The movements of a year in which capital paid for revenue.
    fn switches(&self, year: FinancialYear, as_at: AsAt) -> Result<Answer<SwitchRow>, CliError>;
}

impl From<InYear> for PartyRow {
    fn from(side: InYear) -> Self {
        let (kind, code) = match side.party {
            Party::Outside(Outside::Treasury) => ("treasury", None),
            Party::Outside(Outside::ExistingBudgets) => ("existingBudgets", None),
            Party::Fund(code) => ("fund", Some(code.to_string())),
            Party::Programme(code) => ("programme", Some(code.to_string())),
            Party::Body(code) => ("body", Some(code.to_string())),
            Party::Class(class) => ("class", Some(class.to_string())),
            Party::Unattributed => ("unattributed", None),
            Party::Hidden => ("hidden", None),
            Party::Spend => ("spend", None),
        };
        PartyRow { kind: kind.to_owned(), code, year: side.year }
    }
}

impl From<OriginShare> for OriginRow {
    fn from(share: OriginShare) -> Self {
        let kind = share.origin.map_or("unknown", |origin| match origin.from {
            Outside::Treasury => "newMoney",
            Outside::ExistingBudgets => "reannounced",
        });
        OriginRow {
            fund: share.origin.map(|origin| origin.fund),
            kind: kind.to_owned(),
            budget: share.budget,
            spent: share.spent,
        }
    }
}

impl From<Exchanged> for ExchangedRow {
    fn from(told: Exchanged) -> Self {
        let Exchanged { programme, deferred, arrived } = told;
        let programme = Some(programme);
        ExchangedRow { programme, deferred, arrived, elsewhere: None, waiting: None }
    }
}
