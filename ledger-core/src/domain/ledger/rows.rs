//! Rows of the ledger's tables.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::calendar::{FinancialYear, Month};
use crate::domain::code::{BodyCode, FundCode, ProgrammeCode};
use crate::domain::event::{BodyKind, Close, Destination, ObligationKind};
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::position::Position;

/// A line's balances, of the whole year.
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
    /// The part of it that concerns earlier years, which are closed.
    #[serde(default)]
    pub prior: Pence,
    /// The last entry that changed it.
    pub version: Position,
    /// The funds that have paid it.
    pub payer: Payer,
}

impl Line {
    /// What may still be spent: revised less actual, accrued and committed. A credit that concerns
    /// an earlier year does not count.
    pub fn available(&self) -> Pence {
        let credit = self.prior.min(Pence::ZERO);
        self.revised.minus(self.actual).plus(credit).minus(self.accrued).minus(self.committed)
    }

    /// What may move to another line or back to a fund: the lesser of available and revised.
    pub fn transferable(&self) -> Pence {
        self.available().min(self.revised)
    }
}

/// The funds that have paid a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payer {
    /// No fund.
    #[default]
    None,
    /// One fund.
    One(FundCode),
    /// Several funds.
    Several,
}

impl Payer {
    /// Adds a payer.
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
pub struct PotBalance {
    /// The balance left to allocate or earmark.
    pub unallocated: Pence,
    /// The spans of years it was settled for.
    pub settled_for: Vec<(FinancialYear, FinancialYear)>,
}

impl PotBalance {
    /// Whether money was settled for a year.
    pub fn covers(&self, year: FinancialYear) -> bool {
        self.settled_for.iter().any(|(from, to)| (*from..=*to).contains(&year))
    }

    /// Adds a settlement for these years, or removes one that is undone.
    pub fn record_settlement(&mut self, years: (FinancialYear, FinancialYear), undone: bool) {
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
    /// Its status.
    pub status: ProgrammeStatus,
}

/// The status of a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProgrammeStatus {
    /// It accepts postings.
    Open,
    /// It accepts only discharges of commitments. Money they free goes to the destination.
    Closing(Destination),
    /// It accepts no postings.
    Closed,
}

/// An organisation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Body {
    /// Its kind.
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
    /// Commitment or accrual.
    pub kind: ObligationKind,
    /// The line that carries it.
    pub line: LineKey,
    /// The month it was made in.
    pub made: Month,
    /// The amount made.
    pub amount: Pence,
    /// The open amount.
    pub open: Pence,
    /// The part of the amount that a signature covers.
    pub signed: Pence,
    /// The entry that made it.
    pub entry: Position,
    /// For an accrual, the closed year it concerns. A payment takes it over unless it names
    /// another.
    pub concerns: Option<FinancialYear>,
}

impl Obligation {
    /// The part of the open amount that a signature covers. It is discharged first.
    pub(in crate::domain) fn signed_left(&self) -> Pence {
        let gone = self.amount.minus(self.open);
        self.signed.minus(gone).max(Pence::ZERO)
    }
}

/// Which months of a year are closed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct YearPeriods {
    closes: [Option<Close>; Month::COUNT],
    /// Months that were reopened: the policy's calendar no longer closes them.
    reopened: [bool; Month::COUNT],
}

impl YearPeriods {
    /// The close of a month, where it is closed.
    pub fn get(&self, month: Month) -> Option<Close> {
        self.closes.get(month.index()).copied().flatten()
    }

    /// Whether every month is hard-closed.
    pub fn is_hard_closed(&self) -> bool {
        self.closes.iter().all(|close| *close == Some(Close::Hard))
    }

    pub(super) fn was_reopened(&self, month: Month) -> bool {
        self.reopened.get(month.index()).copied().unwrap_or(false)
    }

    /// Closes or reopens a month. A hard-closed month stays closed.
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
