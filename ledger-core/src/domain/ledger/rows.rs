//! The rows of the ledger's tables.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::calendar::{FinancialYear, Month};
use crate::domain::code::{BodyCode, FundCode, ProgrammeCode};
use crate::domain::event::{BodyKind, Close, Destination, ObligationKind};
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::position::Position;

/// A line's balances over the whole year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The sum of posted movements.
    pub revised: Pence,
    /// Open commitments.
    pub committed: Pence,
    /// Open accruals.
    pub accrued: Pence,
    /// Posted spend.
    pub actual: Pence,
    /// The last entry that changed it.
    pub version: Position,
    /// Which funds have paid it.
    pub payer: Payer,
}

impl Line {
    /// What may still leave the line: revised less actual, accrued and committed.
    pub const fn available(&self) -> Pence {
        self.revised.minus(self.actual).minus(self.accrued).minus(self.committed)
    }
}

/// Which funds have paid a line, as far as a cut needs to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payer {
    /// None.
    #[default]
    None,
    /// One.
    One(FundCode),
    /// More than one.
    Several,
}

impl Payer {
    /// The same with one more payer.
    #[must_use]
    pub fn and(self, fund: FundCode) -> Self {
        match self {
            Payer::None => Payer::One(fund),
            Payer::One(first) if first == fund => self,
            Payer::One(_) | Payer::Several => Payer::Several,
        }
    }
}

/// A fund.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fund {
    /// The fund it is part of.
    pub parent: Option<FundCode>,
}

/// A fund's money in one class.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PotState {
    /// What is left to allocate or earmark.
    pub unallocated: Pence,
    /// The spans of years it was settled for.
    pub settled_for: Vec<(FinancialYear, FinancialYear)>,
}

impl PotState {
    /// Whether it was settled for this year.
    pub fn covers(&self, year: FinancialYear) -> bool {
        self.settled_for.iter().any(|(from, to)| (*from..=*to).contains(&year))
    }

    /// One more settlement for these years, or one less where it is undone.
    pub fn note_settled(&mut self, years: (FinancialYear, FinancialYear), undone: bool) {
        if !undone {
            self.settled_for.push(years);
        } else if let Some(place) = self.settled_for.iter().position(|settled| *settled == years) {
            self.settled_for.remove(place);
        }
    }
}

/// A programme.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Programme {
    /// The programme it is part of.
    pub parent: Option<ProgrammeCode>,
    /// What it takes.
    pub status: ProgrammeStatus,
}

/// What a programme takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProgrammeStatus {
    /// Everything.
    Open,
    /// Only what winds it down; what that frees goes to the destination.
    Closing(Destination),
    /// Nothing.
    Closed,
}

/// An organisation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Body {
    /// What sort it is.
    pub kind: BodyKind,
    /// The body above it.
    pub parent: Option<BodyCode>,
    /// Its first day, where known.
    pub opened_on: Option<NaiveDate>,
    /// Its last day, once known.
    pub closed_on: Option<NaiveDate>,
    /// The body that succeeded it.
    pub successor: Option<BodyCode>,
}

/// A commitment or accrual.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Obligation {
    /// Which of the two.
    pub kind: ObligationKind,
    /// The line that carries it.
    pub line: LineKey,
    /// The month it was made in.
    pub made: Month,
    /// What is open of it.
    pub open: Pence,
    /// Whether it was made with a sign-off.
    #[serde(default)]
    pub signed: bool,
    /// Of an accrual: the closed year it concerns, which what pays it takes over unless it names one.
    pub concerns: Option<FinancialYear>,
}

/// How much budget a line has exchanged into the next year.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct ExchangeUse {
    /// Its revised figure before the first exchange, on which the limit rests.
    pub base: Pence,
    /// What has been exchanged.
    pub used: Pence,
}

/// How the months of a year are closed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct YearPeriods {
    closes: [Option<Close>; Month::COUNT],
    /// Those that were reopened: the policy's calendar closes them no more.
    reopened: [bool; Month::COUNT],
}

impl YearPeriods {
    /// How one month is closed, if it is.
    pub fn get(&self, month: Month) -> Option<Close> {
        self.closes.get(month.index()).copied().flatten()
    }

    /// Whether every month is closed for good.
    pub fn is_hard_closed(&self) -> bool {
        self.closes.iter().all(|close| *close == Some(Close::Hard))
    }

    pub(super) fn was_reopened(&self, month: Month) -> bool {
        self.reopened.get(month.index()).copied().unwrap_or(false)
    }

    /// Closes a month, or opens it again. What is closed for good stays so, whatever is said later.
    pub fn set(&mut self, month: Month, close: Option<Close>) {
        if self.get(month) == Some(Close::Hard) {
            return;
        }
        if let Some(place) = self.closes.get_mut(month.index()) {
            *place = close;
        }
        if let Some(place) = self.reopened.get_mut(month.index()) {
            *place = close.is_none();
        }
    }
}
