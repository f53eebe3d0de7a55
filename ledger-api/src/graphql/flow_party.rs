//! Parties: who pays and is paid where it is told who paid for whom.

use async_graphql::{Enum, SimpleObject};
use ledger_core::domain::movement::Outside;
use projections::flows;

use super::scalars;
use super::view::View;

/// What lines are summed into where it is told who paid for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "flows::Grouping")]
pub(super) enum FlowsBy {
    /// Programmes.
    Programme,
    /// Bodies.
    Body,
    /// Budget classes.
    Class,
}

/// What sort of party pays or is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(super) enum PartyKind {
    /// The Treasury: beyond the book.
    Treasury,
    /// Existing budgets: beyond the book.
    ExistingBudgets,
    /// A fund, of all its classes.
    Fund,
    /// A programme.
    Programme,
    /// A body.
    Body,
    /// A budget class.
    Class,
    /// Suspense: nobody has named where the money went, or where it came from.
    Unattributed,
    /// Lines that the caller may not read.
    Hidden,
    /// What was spent: where the path of money ends.
    Spend,
}

/// Who pays or is paid.
#[derive(SimpleObject)]
pub(super) struct FlowParty {
    /// What sort of party.
    kind: PartyKind,
    /// Its code, or the name of the class; null where it has none.
    code: Option<String>,
    /// What it was called, where it has a name.
    name: Option<String>,
    /// Its financial year, where that is not the one asked for: money comes from the year before
    /// and goes to the next by budget exchange.
    year: Option<scalars::Year>,
}

impl FlowParty {
    pub(super) fn new(view: &View, side: flows::InYear) -> Self {
        let at = view.position();
        let models = view.models();
        let (kind, code, name) = match side.party {
            flows::Party::Outside(Outside::Treasury) => (PartyKind::Treasury, None, None),
            flows::Party::Outside(Outside::ExistingBudgets) => {
                (PartyKind::ExistingBudgets, None, None)
            }
            flows::Party::Fund(code) => {
                let fund = models.register.funds(at).find(|(known, _)| *known == code);
                let name = fund.map(|(_, fund)| fund.name.to_string());
                (PartyKind::Fund, Some(code.to_string()), name)
            }
            flows::Party::Programme(code) => {
                let name = models.register.programme_name(code, at).map(str::to_owned);
                (PartyKind::Programme, Some(code.to_string()), name)
            }
            flows::Party::Body(code) => {
                let name = models.register.body(code, at).map(|body| body.name.to_string());
                (PartyKind::Body, Some(code.to_string()), name)
            }
            flows::Party::Class(class) => (PartyKind::Class, Some(class.to_string()), None),
            flows::Party::Unattributed => (PartyKind::Unattributed, None, None),
            flows::Party::Hidden => (PartyKind::Hidden, None, None),
            flows::Party::Spend => (PartyKind::Spend, None, None),
        };
        FlowParty { kind, code, name, year: side.year.map(Into::into) }
    }
}
