//! Parties to flows: who pays and who is paid.

use async_graphql::{Enum, SimpleObject};
use ledger_core::domain::movement::Outside;
use projections::flows;

use crate::graphql::kit::scalars;
use crate::graphql::kit::view::View;

/// What flows sum lines by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "flows::Grouping")]
pub(crate) enum FlowsBy {
    /// By programme.
    Programme,
    /// By body.
    Body,
    /// By budget class.
    Class,
}

/// The kind of a party to a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum PartyKind {
    /// The Treasury, outside the book.
    Treasury,
    /// Existing budgets, outside the book.
    ExistingBudgets,
    /// A fund, all classes together.
    Fund,
    /// A programme.
    Programme,
    /// A body.
    Body,
    /// A budget class.
    Class,
    /// Suspense: the other party is not recorded.
    Unattributed,
    /// Lines that the caller may not read.
    Hidden,
    /// Spend, where the path of money ends.
    Spend,
}

/// A party to a flow.
#[derive(SimpleObject)]
pub(crate) struct FlowParty {
    /// The kind of party.
    kind: PartyKind,
    /// The code of the party, or the name of the class; null where it has none.
    code: Option<String>,
    /// The name of the party; null where it has none.
    name: Option<String>,
    /// The financial year of the party where it is not the year of the query: budget exchange moves
    /// money between years.
    year: Option<scalars::Year>,
}

impl FlowParty {
    pub(crate) fn new(view: &View, side: flows::PartyInYear) -> Self {
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
