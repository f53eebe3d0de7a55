//! Published figures: amounts that others stated about the money, and how each compares with the
//! ledger.
//!
//! A published figure moves no money and is never edited. Figures that contradict each other stay
//! side by side, each with its own scope.

use serde::{Deserialize, Serialize};

use super::money::Pence;
use super::text::Words;

/// The ledger figure that a published figure is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FigureMeasure {
    /// The budget of a scope in a year, when its original baseline was struck.
    Original,
    /// The revised budget of a scope in a year.
    Revised,
    /// The reported forecast of a scope in a year.
    Forecast,
    /// The spend of a scope in a year.
    Actual,
    /// The revised budget of a scope less its outturn once the year is hard-closed, else less its
    /// forecast.
    Underspend,
    /// The total settled on a fund.
    Settled,
    /// The new money settled on a fund.
    NewMoney,
}

impl FigureMeasure {
    /// All measures, in listing order.
    pub const ALL: [FigureMeasure; 7] = [
        FigureMeasure::Original,
        FigureMeasure::Revised,
        FigureMeasure::Forecast,
        FigureMeasure::Actual,
        FigureMeasure::Underspend,
        FigureMeasure::Settled,
        FigureMeasure::NewMoney,
    ];

    /// The measure's text.
    pub const fn as_str(self) -> &'static str {
        match self {
            FigureMeasure::Original => "original",
            FigureMeasure::Revised => "revised",
            FigureMeasure::Forecast => "forecast",
            FigureMeasure::Actual => "actual",
            FigureMeasure::Underspend => "underspend",
            FigureMeasure::Settled => "settled",
            FigureMeasure::NewMoney => "newMoney",
        }
    }

    /// Whether it measures a fund rather than lines.
    pub const fn is_of_fund(self) -> bool {
        matches!(self, FigureMeasure::Settled | FigureMeasure::NewMoney)
    }
}

impl std::fmt::Display for FigureMeasure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// The bodies said to bear the cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Bearer {
    /// National bodies.
    National,
    /// Local bodies.
    Local,
}

/// The bounds of a range, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PenceRange {
    /// The lowest amount.
    pub low: Pence,
    /// The highest amount.
    pub high: Pence,
}

/// A published amount with its certainty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Figure {
    /// Exactly this amount.
    Exact(Pence),
    /// About this amount.
    About(Pence),
    /// This amount or more.
    AtLeast(Pence),
    /// Between two amounts.
    Range(PenceRange),
    /// No amount, only words. It is never zero.
    Unquantified(Words),
}

impl Figure {
    /// The lowest and highest amount that agree with it; `None` for words. "About" allows half a
    /// unit of its last digit that is not zero: about 250 is 245 to 255, about 30 is 25 to 35.
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

    /// Whether an amount agrees with it; `None` for words.
    pub fn admits(&self, pence: Pence) -> Option<bool> {
        let (low, high) = self.bounds()?;
        Some(low <= pence && high.is_none_or(|high| pence <= high))
    }

    /// The amount it states; for a range, the amount nearest to `pence`. `None` for words.
    pub fn stated(&self, pence: Pence) -> Option<Pence> {
        match self {
            Figure::Exact(stated) | Figure::About(stated) | Figure::AtLeast(stated) => {
                Some(*stated)
            }
            Figure::Range(_) => self.nearest(pence),
            Figure::Unquantified(_) => None,
        }
    }

    /// The agreeing amount nearest to `pence`; `None` for words.
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
