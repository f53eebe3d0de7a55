//! Underspends and their reasons.

use async_graphql::{Enum, SimpleObject};
use ledger_core::domain::event;
use projections::budget;

use crate::graphql::kit::scalars::{Line, LogPosition, MoneyGbp};

/// Why money was not spent.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "event::UnderspendCause")]
pub(crate) enum UnderspendCause {
    /// It will be spent later.
    Slippage,
    /// It was not needed.
    Saving,
    /// It was taken back.
    Clawback,
    /// It was used for something else.
    Diversion,
    /// Not known.
    Unknown,
}

/// The reason recorded for part of an underspend.
#[derive(SimpleObject)]
pub(crate) struct UnderspendReason {
    /// The reason.
    cause: UnderspendCause,
    /// The amount explained; negative where the reason was reversed.
    amount: MoneyGbp,
    /// The position of the entry that recorded the reason.
    position: LogPosition,
}

/// A line's underspend and the reasons recorded for it.
#[derive(SimpleObject)]
pub(crate) struct Underspend {
    /// The line.
    line: Line,
    /// The revised budget less the outturn, the forecast or the spend so far: the first of these
    /// that is known.
    amount: MoneyGbp,
    /// The reasons recorded.
    reasons: Vec<UnderspendReason>,
    /// The amount without a reason.
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
