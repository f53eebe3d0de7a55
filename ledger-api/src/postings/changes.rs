//! The figures that a dry run or a proposal would change, within the caller's scope.

use std::fmt::Display;

use ledger_core::domain::event::{Effect, Figure};
use ledger_core::domain::ledger::Line;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::{Account, Pot};
use ledger_core::domain::position::Position;
use ledger_core::writer::Preview;
use projections::scope::Scope;
use projections::{Moment, ReadModels};

/// A figure that a posting would change.
pub struct Change {
    /// The line, or the fund and class.
    pub account: String,
    /// The name of the figure.
    pub figure: &'static str,
    /// The amount before.
    pub before: Pence,
    /// The amount after.
    pub after: Pence,
}

/// The figures that a posting would change, within a scope.
pub fn changes(preview: &Preview, scope: &Scope) -> Vec<Change> {
    let pots = preview.pots.iter().filter(|(pot, ..)| scope.admits_fund(pot.fund));
    let lines = preview.lines.iter().filter(|(line, ..)| scope.admits(line));
    between(pots.copied(), lines.copied())
}

/// The figures of funds and lines that differ between before and after, and those of opened lines.
pub(crate) fn between(
    pots: impl IntoIterator<Item = (Pot, Pence, Pence)>,
    lines: impl IntoIterator<Item = (LineKey, Line, Line)>,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut show = |account: &dyn Display, figure, before: Pence, after: Pence, opens: bool| {
        if opens || before != after {
            changes.push(Change { account: account.to_string(), figure, before, after });
        }
    };
    for (pot, before, after) in pots {
        show(&pot, "unallocated", before, after, false);
    }
    for (line, before, after) in lines {
        let opens = before.version == Position::START && after.version != Position::START;
        show(&line, "revised", before.revised, after.revised, opens);
        let mut change = |figure, before, after| show(&line, figure, before, after, false);
        change("committed", before.committed, after.committed);
        change("accrued", before.accrued, after.accrued);
        change("actual", before.actual, after.actual);
        change("available", before.available(), after.available());
    }
    changes
}

/// The state that a proposal is judged on.
pub(crate) struct Ground {
    /// The moment in the log.
    pub(crate) moment: Moment,
    /// What the next entry changed before it came to the proposal.
    pub(crate) earlier: Vec<Effect>,
}

impl Ground {
    /// The changes of one account that are not in the read models.
    fn earlier(&self, account: Account) -> impl Iterator<Item = (Figure, Pence)> {
        let on_account = self.earlier.iter().filter(move |one| one.leg.account == account);
        on_account.map(|one| (one.figure, one.leg.pence))
    }

    /// What is available on a line.
    pub(crate) fn available(&self, models: &ReadModels, line: &LineKey) -> Pence {
        let figures = models.within(Scope::everything()).line(line, self.moment, None);
        let available = figures.unwrap_or_default().available();
        self.earlier(Account::Line(*line)).fold(available, |sum, (figure, pence)| match figure {
            Figure::Budget => sum.plus(pence),
            Figure::Committed | Figure::Accrued | Figure::Actual => sum.minus(pence),
        })
    }
}

/// The figure that one effect of a proposal changes. The caller must have checked the proposal
/// against the scope.
pub(crate) fn proposed(models: &ReadModels, ground: &Ground, effect: &Effect) -> Change {
    let moment = ground.moment;
    let Effect { figure, leg } = effect;
    // The caller's scope admits every line of the proposal, and so every effect.
    let whole = models.within(Scope::everything());
    let (account, figure, before) = match leg.account {
        Account::Line(line) => {
            let figures = whole.line(&line, moment, None).unwrap_or_default();
            let (name, before) = match figure {
                Figure::Budget => ("revised", figures.revised),
                Figure::Committed => ("committed", figures.committed),
                Figure::Accrued => ("accrued", figures.accrued),
                Figure::Actual => ("actual", figures.actual),
            };
            (line.to_string(), name, before)
        }
        Account::Fund(pot) => {
            let balance = whole.fund_balance(pot, moment.position).unwrap_or_default();
            (pot.to_string(), "unallocated", balance.unallocated())
        }
        Account::Outside(outside) => (format!("{outside:?}"), "balance", Pence::ZERO),
    };
    let earlier = ground.earlier(leg.account).filter(|(figure, _)| *figure == effect.figure);
    let before = earlier.fold(before, |sum, (_, pence)| sum.plus(pence));
    Change { account, figure, before, after: before.plus(leg.pence) }
}
