//! Claims: figures that somebody published about the money, and what each may be held against.
//!
//! A claim is never edited and moves no money. Claims may contradict each other: they stand side by
//! side, each with the scope that it is about.

use serde::{Deserialize, Serialize};

use super::money::Pence;
use super::text::Words;

/// Which figure of the ledger a claim can be held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClaimMeasure {
    /// The budget of a scope in a year when its original baseline was struck.
    Original,
    /// The budget of a scope in a year.
    Revised,
    /// The reported forecast of a scope in a year.
    Forecast,
    /// The spend of a scope in a year.
    Actual,
    /// The budget of a scope less its outturn once the year is closed for good, else less its
    /// forecast.
    Underspend,
    /// All that was settled on a fund.
    Settled,
    /// What of it is new money.
    NewMoney,
}

impl ClaimMeasure {
    /// All of them, in the order they are listed.
    pub const ALL: [ClaimMeasure; 7] = [
        ClaimMeasure::Original,
        ClaimMeasure::Revised,
        ClaimMeasure::Forecast,
        ClaimMeasure::Actual,
        ClaimMeasure::Underspend,
        ClaimMeasure::Settled,
        ClaimMeasure::NewMoney,
    ];

    /// The measure as it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            ClaimMeasure::Original => "original",
            ClaimMeasure::Revised => "revised",
            ClaimMeasure::Forecast => "forecast",
            ClaimMeasure::Actual => "actual",
            ClaimMeasure::Underspend => "underspend",
            ClaimMeasure::Settled => "settled",
            ClaimMeasure::NewMoney => "newMoney",
        }
    }

    /// Whether it is of a fund, not of lines.
    pub const fn is_of_fund(self) -> bool {
        matches!(self, ClaimMeasure::Settled | ClaimMeasure::NewMoney)
    }
}

impl std::fmt::Display for ClaimMeasure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Who is said to bear the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Bearer {
    /// National bodies.
    National,
    /// Local bodies.
    Local,
}

/// The amounts that a range lies between, both of them in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PenceRange {
    /// The lowest.
    pub low: Pence,
    /// The highest.
    pub high: Pence,
}

/// A figure as it was published: how much, and how surely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Figure {
    /// Exactly so much.
    Exact(Pence),
    /// About so much.
    About(Pence),
    /// So much or more.
    AtLeast(Pence),
    /// Between two amounts.
    Range(PenceRange),
    /// No amount: what was said in its place. It is not zero.
    Unquantified(Words),
}

impl Figure {
    /// The lowest and the highest amount that it admits, as far as there is one; none where it
    /// states no amount. "About" is half a unit of its last digit that is not zero, either way:
    /// about 250 is 245 to 255, about 30 is 25 to 35.
    pub fn bounds(&self) -> Option<(Pence, Option<Pence>)> {
        match self {
            Figure::Exact(pence) => Some((*pence, Some(*pence))),
            Figure::About(pence) => {
                let around = half_of_last_digit(*pence);
                Some((pence.minus(around), Some(pence.plus(around))))
            }
            Figure::AtLeast(pence) => Some((*pence, None)),
            Figure::Range(range) => Some((range.low, Some(range.high))),
            Figure::Unquantified(_) => None,
        }
    }

    /// Whether an amount agrees with it; none where it states no amount.
    pub fn admits(&self, pence: Pence) -> Option<bool> {
        let (low, high) = self.bounds()?;
        Some(low <= pence && high.is_none_or(|high| pence <= high))
    }

    /// The amount it states, if it states one: that of a range is the one nearest to `pence`.
    pub fn stated(&self, pence: Pence) -> Option<Pence> {
        match self {
            Figure::Exact(stated) | Figure::About(stated) | Figure::AtLeast(stated) => {
                Some(*stated)
            }
            Figure::Range(_) => self.nearest(pence),
            Figure::Unquantified(_) => None,
        }
    }

    /// The amount it admits that is nearest to this one; none where it states no amount.
    pub fn nearest(&self, pence: Pence) -> Option<Pence> {
        let (low, high) = self.bounds()?;
        let at_most = high.map_or(pence, |high| pence.min(high));
        Some(at_most.max(low))
    }
}

fn half_of_last_digit(pence: Pence) -> Pence {
    let amount = pence.get();
    let mut unit = 1_i64;
    while let Some(next) = unit.checked_mul(10)
        && amount != 0
        && amount.checked_rem(next) == Some(0)
    {
        unit = next;
    }
    Pence::new(unit.checked_div(2).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pounds(text: &str) -> Pence {
        Pence::from_pounds(text).expect("an amount")
    }

    #[test]
    fn about_is_half_a_unit_of_the_last_digit_that_is_not_zero() {
        let table = [
            ("30000000", "25000000", "35000000"),
            ("250000000", "245000000", "255000000"),
            ("131200000", "131150000", "131250000"),
            ("-30", "-35", "-25"),
            ("0.10", "0.05", "0.15"),
            ("0.11", "0.11", "0.11"),
            ("0", "0", "0"),
        ];
        for (about, low, high) in table {
            let bounds = Figure::About(pounds(about)).bounds();
            assert_eq!(bounds, Some((pounds(low), Some(pounds(high)))), "{about}");
        }
    }

    #[test]
    fn an_amount_agrees_within_what_was_said_and_nothing_agrees_with_no_amount() {
        let (ten, twenty) = (pounds("10"), pounds("20"));
        let penny = Pence::new(1);
        let range = Figure::Range(PenceRange { low: ten, high: twenty });
        let table = [
            (Figure::Exact(ten), ten, true),
            (Figure::Exact(ten), ten.plus(penny), false),
            (Figure::AtLeast(ten), twenty, true),
            (Figure::AtLeast(ten), ten.minus(penny), false),
            (range.clone(), ten, true),
            (range.clone(), twenty, true),
            (range.clone(), twenty.plus(penny), false),
            (Figure::About(ten), pounds("15"), true),
            (Figure::About(ten), pounds("15.01"), false),
        ];
        for (figure, amount, agrees) in table {
            assert_eq!(figure.admits(amount), Some(agrees), "{figure:?} {amount}");
        }
        let words = Figure::Unquantified("substantial".parse().expect("words"));
        assert_eq!((words.admits(ten), words.nearest(ten)), (None, None));
        assert_eq!(range.nearest(pounds("25")), Some(twenty));
        assert_eq!(range.nearest(pounds("15")), Some(pounds("15")));
        assert_eq!(Figure::AtLeast(ten).nearest(pounds("3")), Some(ten));
    }
}
