//! What a dry run or a proposal would change, as far as whoever asked may read it.

use std::fmt::Display;

use ledger_core::domain::event::{Effect, Figure};
use ledger_core::domain::ledger::Line;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::{Account, Pot};
use ledger_core::writer::Preview;
use projections::scope::Scope;
use projections::{Moment, ReadModels};

/// A figure that a posting would change.
pub struct Change {
    /// The line, or the fund and class.
    pub account: String,
    /// Which of its figures.
    pub figure: &'static str,
    /// What it is.
    pub before: Pence,
    /// What it would be.
    pub after: Pence,
}

/// The figures that a posting would change. Balances of funds sum over all lines: they are told to
/// those who read everything.
pub fn changes(preview: &Preview, scope: &Scope) -> Vec<Change> {
    let pots = preview.pots.iter().filter(|_| scope.is_everything());
    let lines = preview.lines.iter().filter(|(line, ..)| scope.admits(line));
    between(pots.copied(), lines.copied())
}

/// The figures that differ, of funds and lines before and after.
pub(crate) fn between(
    pots: impl IntoIterator<Item = (Pot, Pence, Pence)>,
    lines: impl IntoIterator<Item = (LineKey, Line, Line)>,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut change = |account: &dyn Display, figure, before: Pence, after: Pence| {
        if before != after {
            changes.push(Change { account: account.to_string(), figure, before, after });
        }
    };
    for (pot, before, after) in pots {
        change(&pot, "unallocated", before, after);
    }
    for (line, before, after) in lines {
        change(&line, "revised", before.revised, after.revised);
        change(&line, "committed", before.committed, after.committed);
        change(&line, "accrued", before.accrued, after.accrued);
        change(&line, "actual", before.actual, after.actual);
        change(&line, "available", before.available(), after.available());
    }
    changes
}

/// What an effect of something that waits would change.
pub fn proposed(models: &ReadModels, moment: Moment, effect: &Effect) -> Change {
    let Effect { figure, leg } = effect;
    let (account, figure, before) = match leg.account {
        Account::Line(line) => {
            let figures = models.line(&line, moment, None).unwrap_or_default();
            let (name, before) = match figure {
                Figure::Budget => ("revised", figures.revised),
                Figure::Committed => ("committed", figures.committed),
                Figure::Accrued => ("accrued", figures.accrued),
                Figure::Actual => ("actual", figures.actual),
            };
            (line.to_string(), name, before)
        }
        Account::Fund(pot) => {
            (pot.to_string(), "unallocated", models.funds.at(pot, moment.position).unallocated())
        }
        Account::Outside(outside) => (format!("{outside:?}"), "balance", Pence::ZERO),
    };
    Change { account, figure, before, after: before.plus(leg.pence) }
}
