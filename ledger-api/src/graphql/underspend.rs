//! Underspends, and what has been said about them.

use async_graphql::{Enum, SimpleObject};
use ledger_core::domain::event;
use projections::budget;

use super::scalars::{Line, LogPosition, MoneyGbp};

/// Why money was not spent.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "event::UnderspendCause")]
pub(super) enum UnderspendCause {
    /// It will be spent later.
    Slippage,
    /// It was not needed.
    Saving,
    /// It was taken back.
    Clawback,
    /// It was used for something else.
    Diversion,
    /// Nobody has said.
    Unknown,
}

/// A reason given for part of an underspend.
#[derive(SimpleObject)]
pub(super) struct UnderspendReason {
    /// Why it was not spent.
    cause: UnderspendCause,
    /// How much of it; negative where the reason was reversed.
    amount: MoneyGbp,
    /// The entry that says so.
    position: LogPosition,
}

/// A line's underspend, and why as far as anyone has said.
#[derive(SimpleObject)]
pub(super) struct Underspend {
    /// The line.
    line: Line,
    /// What is not spent: by the outturn, else by the forecast, else by the spend so far.
    amount: MoneyGbp,
    /// The reasons given.
    reasons: Vec<UnderspendReason>,
    /// What is left without one.
    unexplained: MoneyGbp,
}

impl From<budget::Underspend> for Underspend {
    fn from(underspend: budget::Underspend) -> Self {
        let reasons = underspend.explained.iter().map(|explained| UnderspendReason {
            cause: explained.cause.into(),
            amount: explained.pence.into(),
            position: explained.position.into(),
        });
        Underspend {
            line: underspend.line.into(),
            amount: underspend.underspend.into(),
            reasons: reasons.collect(),
            unexplained: underspend.unexplained.into(),
        }
    }
}
