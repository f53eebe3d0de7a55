//! Parties: what accounts are summed into where it is told who paid for whom.

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::movement::{Account, Outside};
use serde::{Deserialize, Serialize};

use super::FlowQuery;
use crate::ReadModels;
use crate::scope::Scope;

/// What lines are summed into.
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

/// Who pays or is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// Beyond the book.
    Outside(Outside),
    /// A fund, of all its classes.
    Fund(FundCode),
    /// A programme.
    Programme(ProgrammeCode),
    /// A body.
    Body(BodyCode),
    /// A budget class.
    Class(BudgetClass),
    /// Suspense: money whose destination, or source, nobody has named.
    Unattributed,
    /// Lines that the reader may not be told of.
    Hidden,
    /// What was spent: where the path of money ends.
    Spend,
}

/// A party, and its year where that is not the one asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InYear {
    /// None for the year that is asked for, and for funds, which have no year.
    pub year: Option<FinancialYear>,
    /// Who.
    pub party: Party,
}

impl InYear {
    /// A party of the year that is asked for.
    pub const fn asked(party: Party) -> Self {
        InYear { year: None, party }
    }
}

impl Party {
    /// Whether it holds the money of lines.
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

/// The element at a depth of a path that leads from below to the top; the lowest where it is not
/// as deep.
fn at_depth<C: Copy>(path: impl Iterator<Item = C>, depth: Option<usize>, lowest: C) -> C {
    let Some(depth) = depth else { return lowest };
    let path: Vec<C> = path.collect();
    path.len().checked_sub(depth + 1).and_then(|index| path.get(index)).copied().unwrap_or(lowest)
}

impl ReadModels {
    /// The party of an account, as a reader is told.
    pub(super) fn party(&self, account: &Account, query: &FlowQuery, scope: &Scope) -> InYear {
        let line = match account {
            Account::Outside(outside) => return InYear::asked(Party::Outside(*outside)),
            Account::Fund(pot) => return InYear::asked(Party::Fund(pot.fund)),
            Account::Line(line) => line,
        };
        let year = (line.year != query.year).then_some(line.year);
        if !scope.admits(line) {
            return InYear { year, party: Party::Hidden };
        }
        InYear { year, party: self.party_of_line(line, query) }
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

    /// A party and the groups that it is part of, where it stands on its own.
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
    fn a_level_is_counted_from_the_top_and_what_is_higher_stands_for_itself() {
        let path = || ["trust", "board", "region", "department"].into_iter();
        let at = |depth| at_depth(path(), depth, "trust");
        assert_eq!(at(None), "trust");
        assert_eq!(
            [0, 1, 2, 3, 4].map(Some).map(at),
            ["department", "region", "board", "trust", "trust"]
        );
    }
}
