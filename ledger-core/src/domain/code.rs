//! Codes: the short opaque names of programmes, bodies, funds and ring-fences.
//!
//! A code takes sixteen bytes inline. Lines can thus be copied, compared and hashed without the
//! heap, millions of times a second.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use smallvec::SmallVec;

use super::text::serde_as_text;

/// Why a text is not a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{text}\" is not a {what} code: use 1 to 16 capital letters, digits or dashes, beginning with a letter or digit"
)]
pub struct CodeError {
    /// What was written.
    pub text: String,
    /// The kind of code expected.
    pub what: &'static str,
}

fn pack(text: &str, what: &'static str) -> Result<[u8; 16], CodeError> {
    let mut bytes = [0; 16];
    let allowed = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
    let valid = text.len() <= 16 && text.bytes().all(allowed) && !text.starts_with('-');
    match bytes.get_mut(..text.len()) {
        Some(place) if valid && !text.is_empty() => {
            place.copy_from_slice(text.as_bytes());
            Ok(bytes)
        }
        _ => Err(CodeError { text: text.to_owned(), what }),
    }
}

/// The text without its trailing zeros.
fn unpack(bytes: &[u8; 16]) -> &[u8] {
    let zeros = u128::from_le_bytes(*bytes).leading_zeros() / 8;
    let length = bytes.len().saturating_sub(usize::try_from(zeros).unwrap_or(0));
    bytes.get(..length).unwrap_or_default()
}

macro_rules! code {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The code as text.
            pub fn as_str(&self) -> &str {
                std::str::from_utf8(self.as_bytes()).unwrap_or_default()
            }

            /// The code as text, which is ASCII.
            pub(crate) fn as_bytes(&self) -> &[u8] {
                unpack(&self.0)
            }

            /// The code as one number, so that hashing takes one step.
            pub(crate) const fn bits(self) -> u128 {
                u128::from_ne_bytes(self.0)
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                state.write_u128(self.bits());
            }
        }

        impl FromStr for $name {
            type Err = CodeError;

            fn from_str(text: &str) -> Result<Self, CodeError> {
                pack(text, $what).map($name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        serde_as_text!($name, as_str, concat!("a ", $what, " code"));
    };
}

code!(
    /// What money is planned for, such as `WIFI` or `CYBER`.
    ProgrammeCode,
    "programme"
);
code!(
    /// An organisation, by its ODS code, such as `RQM`.
    BodyCode,
    "body"
);
code!(
    /// An envelope of money, such as `P2020`.
    FundCode,
    "fund"
);
code!(
    /// A named ring-fence within a programme's money.
    RingFence,
    "ring-fence"
);
code!(
    /// A named definition of a total, such as `ALL27`.
    ScopeCode,
    "scope"
);
code!(
    /// A published figure, such as `UNDER-1819`.
    FigureCode,
    "published figure"
);

impl ProgrammeCode {
    /// The programme of suspense lines: money whose destination is not known.
    pub const SUSPENSE: ProgrammeCode = ProgrammeCode(*b"SUSPENSE\0\0\0\0\0\0\0\0");
    /// The programme of holding lines: budget exchanged into a year and not yet reallocated.
    pub const EXCHANGE: ProgrammeCode = ProgrammeCode(*b"EXCHANGE\0\0\0\0\0\0\0\0");
}

impl BodyCode {
    /// This body and those that `above` leads to, each once. An old log may hold a merger into a
    /// part of the body itself, which would loop.
    pub fn path(
        self,
        above: impl Fn(BodyCode) -> Option<BodyCode>,
    ) -> impl Iterator<Item = BodyCode> {
        let mut path: SmallVec<[BodyCode; 8]> = SmallVec::new();
        let mut next = Some(self);
        while let Some(code) = next.filter(|code| !path.contains(code)) {
            path.push(code);
            next = above(code);
        }
        path.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_short_capitals_digits_and_dashes() {
        for text in ["WIFI", "X26", "OTHER25", "X-DEMO", "A", "ABCDEFGHIJKLMNOP", "0D"] {
            assert_eq!(text.parse::<ProgrammeCode>().map(|code| code.to_string()), Ok(text.into()));
        }
        for text in ["", "wifi", "WI FI", "-A", "A/B", "ABCDEFGHIJKLMNOPQ", "É", "A\0B"] {
            assert!(text.parse::<ProgrammeCode>().is_err(), "{text}");
        }
        assert_eq!("SUSPENSE".parse(), Ok(ProgrammeCode::SUSPENSE));
        assert_eq!("EXCHANGE".parse(), Ok(ProgrammeCode::EXCHANGE));
    }

    #[test]
    fn codes_sort_as_text() {
        let mut codes: Vec<BodyCode> =
            ["B", "AB", "A", "A-"].map(|c| c.parse().expect("code")).into();
        codes.sort();
        assert_eq!(codes.iter().map(BodyCode::as_str).collect::<Vec<_>>(), ["A", "A-", "AB", "B"]);
    }
}
