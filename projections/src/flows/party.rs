//! Parties: the payers and payees that accounts are grouped into.

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::movement::{Account, Outside};
use serde::{Deserialize, Serialize};

use super::FlowQuery;
use crate::ReadModels;
use crate::scope::Scope;

/// The parties lines are grouped into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Grouping {
    /// Programmes.
    #[default]
    Programme,
    /// Bodies.
    Body,
    /// Budget classes.
    Class,
}

/// A payer or payee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// An account outside the book.
    Outside(Outside),
    /// A fund, all classes together.
    Fund(FundCode),
    /// A programme.
    Programme(ProgrammeCode),
    /// A body.
    Body(BodyCode),
    /// A budget class.
    Class(BudgetClass),
    /// Suspense: the source or destination is not known.
    Unattributed,
    /// Lines outside the reader's scope.
    Hidden,
    /// Spend: the end of a path.
    Spend,
}

/// A party, and its year where it is not the query's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartyInYear {
    /// None for the query's year, and for funds, which have no year.
    pub year: Option<FinancialYear>,
    /// The party.
    pub party: Party,
}

impl PartyInYear {
    /// A party of the query's year.
    pub const fn asked(party: Party) -> Self {
        PartyInYear { year: None, party }
    }
}

impl Party {
    /// Whether its money is on lines.
    pub const fn holds_lines(&self) -> bool {
        match self {
            Party::Programme(_)
            | Party::Body(_)
            | Party::Class(_)
            | Party::Unattributed
            | Party::Hidden => true,
            Party::Outside(_) | Party::Fund(_) | Party::Spend => false,
        }
    }
}

/// The element at a depth from the root, of a path from leaf to root; `lowest` where the path is
/// shorter.
fn at_depth<C: Copy>(path: impl Iterator<Item = C>, depth: Option<usize>, lowest: C) -> C {
    let Some(depth) = depth else { return lowest };
    let path: Vec<C> = path.collect();
    path.len().checked_sub(depth + 1).and_then(|index| path.get(index)).copied().unwrap_or(lowest)
}

impl ReadModels {
    /// The party of an account, for a query and a scope.
    pub(super) fn party(&self, account: &Account, query: &FlowQuery, scope: &Scope) -> PartyInYear {
        let line = match account {
            Account::Outside(outside) => return PartyInYear::asked(Party::Outside(*outside)),
            Account::Fund(pot) => return PartyInYear::asked(Party::Fund(pot.fund)),
            Account::Line(line) => line,
        };
        let year = (line.year != query.year).then_some(line.year);
        if !scope.admits(line) {
            return PartyInYear { year, party: Party::Hidden };
        }
        PartyInYear { year, party: self.party_of_line(line, query) }
    }

    fn party_of_line(&self, line: &LineKey, query: &FlowQuery) -> Party {
        if line.is_suspense() {
            return Party::Unattributed;
        }
        let level = query.level;
        match query.by {
            Grouping::Programme => {
                let path = self.register.programme_path(line.programme);
                Party::Programme(at_depth(path, level, line.programme))
            }
            Grouping::Body => {
                let path = self.register.body_path(line.body, query.moment.position);
                Party::Body(at_depth(path, level, line.body))
            }
            Grouping::Class => Party::Class(line.class),
        }
    }

    /// The groups that include a party, itself first.
    pub(super) fn groups(&self, party: Party, query: &FlowQuery) -> Vec<Party> {
        if query.level.is_some() {
            return vec![party];
        }
        match party {
            Party::Programme(code) => {
                self.register.programme_path(code).map(Party::Programme).collect()
            }
            Party::Body(code) => {
                let path = self.register.body_path(code, query.moment.position);
                path.map(Party::Body).collect()
            }
            Party::Outside(_)
            | Party::Fund(_)
            | Party::Class(_)
            | Party::Unattributed
            | Party::Hidden
            | Party::Spend => vec![party],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_counts_from_the_root_and_a_shorter_path_keeps_its_leaf() {
        let path = || ["trust", "board", "region", "department"].into_iter();
        let at = |depth| at_depth(path(), depth, "trust");
        assert_eq!(at(None), "trust");
        assert_eq!(
            [0, 1, 2, 3, 4].map(Some).map(at),
            ["department", "region", "board", "trust", "trust"]
        );
    }
}
