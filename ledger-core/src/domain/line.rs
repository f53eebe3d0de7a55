//! Budget lines: programme x body x financial year x class x ring-fence. Every figure belongs to
//! one.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::calendar::{CalendarError, FinancialYear};
use super::code::{BodyCode, CodeError, ProgrammeCode, RingFence};
use super::short::ShortText;
use super::text::serde_as_text;

/// The Treasury's budget classes, controlled by separate limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BudgetClass {
    /// CDEL.
    Capital,
    /// RDEL, which the Treasury calls resource.
    Revenue,
    /// The class of published figures that give no split.
    Unsplit,
}

impl BudgetClass {
    /// All classes, in listing order.
    pub const ALL: [BudgetClass; 3] =
        [BudgetClass::Capital, BudgetClass::Revenue, BudgetClass::Unsplit];

    /// The class's text.
    pub const fn as_str(self) -> &'static str {
        match self {
            BudgetClass::Capital => "capital",
            BudgetClass::Revenue => "revenue",
            BudgetClass::Unsplit => "unsplit",
        }
    }
}

impl fmt::Display for BudgetClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for BudgetClass {
    type Err = LineError;

    fn from_str(text: &str) -> Result<Self, LineError> {
        let found = BudgetClass::ALL.into_iter().find(|class| class.as_str() == text);
        found.ok_or_else(|| LineError::NotAClass(text.to_owned()))
    }
}

/// The identity of a budget line, written `CYBER/XDH/2017-18/capital`; a ring-fence adds a fifth
/// part.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineKey {
    /// What the money is planned for.
    pub programme: ProgrammeCode,
    /// Whose money it is.
    pub body: BodyCode,
    /// The financial year.
    pub year: FinancialYear,
    /// The budget class.
    pub class: BudgetClass,
    /// The ring-fence, where there is one.
    pub ring_fence: Option<RingFence>,
}

impl LineKey {
    /// Whether it is a suspense line: money whose destination is not known.
    pub fn is_suspense(&self) -> bool {
        self.programme == ProgrammeCode::SUSPENSE
    }

    /// Whether it holds budget exchanged from the year before.
    pub fn is_exchange_holding(&self) -> bool {
        self.programme == ProgrammeCode::EXCHANGE
    }

    pub(in crate::domain) fn short(&self) -> ShortText {
        let LineKey { programme, body, year, class, ring_fence } = self;
        let text =
            ShortText::new().push(programme.as_bytes()).push(b"/").push(body.as_bytes()).push(b"/");
        let text = year.write(text).push(b"/").push(class.as_str().as_bytes());
        match ring_fence {
            Some(fence) => text.push(b"/").push(fence.as_bytes()),
            None => text,
        }
    }

    /// The same line in another year.
    #[must_use]
    pub fn in_year(self, year: FinancialYear) -> Self {
        LineKey { year, ..self }
    }
}

impl Hash for LineKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.programme.bits());
        state.write_u128(self.body.bits());
        state.write_u32((u32::from(self.year.start()) << 8) | self.class as u32);
        if let Some(fence) = self.ring_fence {
            state.write_u128(fence.bits());
        }
    }
}

impl fmt::Display for LineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.short().as_ref())
    }
}

impl fmt::Debug for LineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for LineKey {
    type Err = LineError;

    fn from_str(text: &str) -> Result<Self, LineError> {
        let not_a_line = || LineError::NotALine(text.to_owned());
        // A replay parses every line of every entry: splitting such short texts byte by byte is
        // fastest.
        let mut rest = Some(text);
        let mut next = || {
            let whole = rest?;
            let end = whole.bytes().position(|byte| byte == b'/');
            let (part, after) = whole.split_at(end.unwrap_or(whole.len()));
            rest = after.strip_prefix('/');
            Some(part)
        };
        let mut part = || next().ok_or_else(not_a_line);
        let key = LineKey {
            programme: part()?.parse()?,
            body: part()?.parse()?,
            year: part()?.parse()?,
            class: part()?.parse()?,
            ring_fence: next().map(str::parse).transpose()?,
        };
        if next().is_some() { Err(not_a_line()) } else { Ok(key) }
    }
}

serde_as_text!(LineKey, short, "a budget line such as \"CYBER/XDH/2017-18/capital\"");

/// Why a text does not name a budget line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Too few or too many parts.
    #[error(
        "\"{0}\" is not a budget line: write programme/body/year/class, such as CYBER/XDH/2017-18/capital, and /ring-fence where there is one"
    )]
    NotALine(String),
    /// Not one of the three classes.
    #[error("\"{0}\" is not a budget class: use capital, revenue or unsplit")]
    NotAClass(String),
    /// One of the codes in it is malformed.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// Its year is malformed.
    #[error(transparent)]
    Year(#[from] CalendarError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_written_as_its_parts() {
        for text in ["CYBER/XDH/2017-18/unsplit", "WIFI/RQM/1999-00/revenue/COVID-19"] {
            assert_eq!(text.parse::<LineKey>().map(|key| key.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "CYBER",
            "CYBER/XDH/2017-18",
            "CYBER/XDH/2017-19/capital",
            "CYBER/XDH/2017-18/resource",
            "CYBER/XDH/2017-18/capital/A/B",
            "/XDH/2017-18/capital",
            "CYBER/XDH/2017-18/capital/",
        ] {
            assert!(text.parse::<LineKey>().is_err(), "{text}");
        }
    }
}
