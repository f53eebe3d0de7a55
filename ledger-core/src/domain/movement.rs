//! Movements of budget between outside accounts, funds and lines. The legs of one sum to zero.

use std::fmt;
use std::str::FromStr;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use smallvec::SmallVec;

use super::calendar::{FinancialYear, Month};
use super::code::FundCode;
use super::line::{BudgetClass, LineError, LineKey};
use super::money::Pence;
use super::short::ShortText;
use super::text::serde_as_text;

/// A fund and a class: one unallocated balance, written `P2020/unsplit`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pot {
    /// The fund.
    pub fund: FundCode,
    /// The class its money was settled in.
    pub class: BudgetClass,
}

impl Pot {
    fn short(&self) -> ShortText {
        let class = self.class.as_str().as_bytes();
        ShortText::new().push(self.fund.as_bytes()).push(b"/").push(class)
    }
}

impl fmt::Display for Pot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.short().as_ref())
    }
}

impl fmt::Debug for Pot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Pot {
    type Err = LineError;

    fn from_str(text: &str) -> Result<Self, LineError> {
        let (fund, class) =
            text.split_once('/').ok_or_else(|| LineError::NotALine(text.to_owned()))?;
        Ok(Pot { fund: fund.parse()?, class: class.parse()? })
    }
}

serde_as_text!(Pot, short, "a fund and class such as \"P2020/unsplit\"");

/// Accounts beyond the book, where money comes from and goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outside {
    /// The source of new money, and the receiver of money given up.
    Treasury,
    /// The source of re-announced money, which was in an existing budget.
    ExistingBudgets,
}

/// An account that a leg changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// A budget line's revised figure.
    Line(LineKey),
    /// A fund's unallocated balance in one class.
    Fund(Pot),
    /// An account beyond the book.
    Outside(Outside),
}

/// One leg of a movement: an account's gain, or loss where negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The account.
    pub account: Account,
    /// The gain in pence; negative for a loss.
    pub pence: Pence,
}

impl Leg {
    /// A leg on a line.
    pub const fn line(line: LineKey, pence: Pence) -> Self {
        Leg { account: Account::Line(line), pence }
    }

    /// A leg on a fund.
    pub const fn fund(pot: Pot, pence: Pence) -> Self {
        Leg { account: Account::Fund(pot), pence }
    }

    /// A leg on an outside account.
    pub const fn outside(outside: Outside, pence: Pence) -> Self {
        Leg { account: Account::Outside(outside), pence }
    }

    /// The line it changes, where it is on one.
    pub const fn as_line(&self) -> Option<LineKey> {
        match self.account {
            Account::Line(line) => Some(line),
            Account::Fund(_) | Account::Outside(_) => None,
        }
    }
}

/// The legs of one movement, which sum to zero.
pub type Legs = SmallVec<[Leg; 2]>;

/// Budget moved in one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Movement {
    /// The effective month, in each line's own year.
    pub month: Month,
    /// The closed year it concerns, for a prior-period adjustment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concerns: Option<FinancialYear>,
    /// The legs, which sum to zero.
    pub legs: Legs,
}

impl Movement {
    /// Whether the legs sum to zero.
    pub fn is_balanced(&self) -> bool {
        Pence::sum(self.legs.iter().map(|leg| leg.pence)).is_zero()
    }
}

/// The net amount by which a movement changes budget class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassSwitch {
    /// Capital or unsplit that becomes revenue, or capital that becomes unsplit. All three count as
    /// capital switched to revenue, because unsplit money may be either.
    pub to_revenue: Pence,
    /// Revenue that becomes capital.
    pub to_capital: Pence,
}

impl ClassSwitch {
    /// The switch over all legs; none for a movement in or out of the book.
    pub fn of(legs: &[Leg]) -> Self {
        let (mut capital, mut revenue) = (Pence::ZERO, Pence::ZERO);
        for leg in legs {
            let class = match leg.account {
                Account::Line(line) => line.class,
                Account::Fund(pot) => pot.class,
                Account::Outside(_) => return ClassSwitch::default(),
            };
            match class {
                BudgetClass::Capital => capital = capital.plus(leg.pence),
                BudgetClass::Revenue => revenue = revenue.plus(leg.pence),
                BudgetClass::Unsplit => {}
            }
        }
        let gain = |pence: Pence| pence.max(Pence::ZERO);
        ClassSwitch {
            to_revenue: gain(capital.negated()).max(gain(revenue)),
            to_capital: gain(capital).min(gain(revenue.negated())),
        }
    }
}

impl Serialize for Leg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut leg = serializer.serialize_struct("Leg", 2)?;
        match &self.account {
            Account::Line(line) => leg.serialize_field("line", line)?,
            Account::Fund(pot) => leg.serialize_field("fund", pot)?,
            Account::Outside(outside) => leg.serialize_field("outside", outside)?,
        }
        leg.serialize_field("pence", &self.pence)?;
        leg.end()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLeg {
    line: Option<LineKey>,
    fund: Option<Pot>,
    outside: Option<Outside>,
    pence: Pence,
}

impl<'de> Deserialize<'de> for Leg {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = RawLeg::deserialize(deserializer)?;
        let account = match (raw.line, raw.fund, raw.outside) {
            (Some(line), None, None) => Account::Line(line),
            (None, Some(pot), None) => Account::Fund(pot),
            (None, None, Some(outside)) => Account::Outside(outside),
            _ => {
                return Err(serde::de::Error::custom(
                    "a leg names one line, fund or outside account",
                ));
            }
        };
        Ok(Leg { account, pence: raw.pence })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_switch_is_what_crosses_between_the_classes_net_of_all_legs() {
        let legs = |parts: [i64; 3]| {
            let lines = BudgetClass::ALL.map(|class| format!("A/B/2017-18/{class}"));
            let legs = lines
                .iter()
                .zip(parts)
                .map(|(line, pence)| Leg::line(line.parse().expect("a line"), Pence::new(pence)));
            legs.collect::<Legs>()
        };
        // capital, revenue, unsplit > what is judged as to revenue, to capital
        let table = [
            ([-100, 100, 0], (100, 0)),
            ([-100, 0, 100], (100, 0)),
            ([0, 100, -100], (100, 0)),
            ([-50, 100, -50], (100, 0)),
            ([-100, 50, 50], (100, 0)),
            ([-50, -50, 100], (50, 0)),
            ([100, -100, 0], (0, 100)),
            ([100, 0, -100], (0, 0)),
            ([50, 50, -100], (50, 0)),
            ([0, 0, 0], (0, 0)),
        ];
        for (parts, (to_revenue, to_capital)) in table {
            let expected = ClassSwitch {
                to_revenue: Pence::new(to_revenue),
                to_capital: Pence::new(to_capital),
            };
            assert_eq!(ClassSwitch::of(&legs(parts)), expected, "{parts:?}");
        }
    }

    #[test]
    fn a_movement_is_written_with_its_legs_in_pence() {
        let text = concat!(
            r#"{"month":"M3","legs":[{"line":"WIFI/XDH/2017-18/unsplit","pence":-100},"#,
            r#"{"fund":"P2020/unsplit","pence":60},{"outside":"treasury","pence":40}]}"#
        );
        let movement: Movement = serde_json::from_str(text).expect("well formed");
        assert!(movement.is_balanced());
        assert_eq!(serde_json::to_string(&movement).expect("writes"), text);
        for bad in [
            r#"{"month":"M3","legs":[{"pence":1}]}"#,
            r#"{"month":"M3","legs":[{"line":"A/B/2017-18/capital","outside":"treasury","pence":1}]}"#,
            r#"{"month":"M3","legs":[{"line":"A/B/2017-18/capital","pence":1.5}]}"#,
            r#"{"month":"M3","legs":[],"x":1}"#,
        ] {
            assert!(serde_json::from_str::<Movement>(bad).is_err(), "{bad}");
        }
    }
}
