//! Checked texts: names, references, keys, reasons and ids.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::short::ShortText;

/// Implements serde for a type as text: writes the result of a method, and reads through `FromStr`.
macro_rules! serde_as_text {
    ($type:ty, $method:ident, $what:expr) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let text = self.$method();
                serializer.serialize_str(AsRef::<str>::as_ref(&text))
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($what)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}
pub(crate) use serde_as_text;

/// Why a text is not a name, reference or key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be 1 to {longest} characters without control characters, not {length}")]
pub struct TextError {
    what: &'static str,
    longest: usize,
    length: String,
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident($held:ty), $what:literal, $longest:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($held);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                let length = text.chars().count();
                if (1..=$longest).contains(&length) && !text.chars().any(char::is_control) {
                    return Ok($name(text.into()));
                }
                let length = match length {
                    0 => "empty".to_owned(),
                    long if long > $longest => format!("{long} characters"),
                    _ => "one with a control character".to_owned(),
                };
                Err(TextError { what: $what, longest: $longest, length })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        serde_as_text!($name, as_str, concat!($what, " as text"));
    };
}

text!(
    /// The name of a programme, body or fund.
    Name(Box<str>),
    "a name",
    200
);
text!(
    /// A purchase order, invoice or other identifier of a commitment or accrual.
    Reference(Box<str>),
    "a reference",
    64
);
text!(
    /// The client's own key for one posting: the same key with the same command posts once.
    IdempotencyKey(Box<str>),
    "an idempotency key",
    128
);
text!(
    /// The opaque id of a person. Personal names stay outside the log.
    ActorId(Arc<str>),
    "an actor id",
    64
);
text!(
    /// Why an entry was posted.
    Reason(Box<str>),
    "a reason",
    1000
);
text!(
    /// A document, decision or publication that supports an entry.
    Citation(Box<str>),
    "an authority or piece of evidence",
    500
);
text!(
    /// The words published in place of an amount, such as "substantial".
    Words(Box<str>),
    "the words of a figure",
    500
);

macro_rules! hex {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Wraps bytes.
            pub const fn new(bytes: [u8; 16]) -> Self {
                $name(bytes)
            }

            pub(crate) fn short(self) -> ShortText {
                ShortText::new().hex(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.short().as_ref())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let wrong = concat!($what, " is 32 hexadecimal digits in small letters");
                let (pairs, []) = text.as_bytes().as_chunks() else { return Err(wrong) };
                if pairs.len() != 16 {
                    return Err(wrong);
                }
                let mut bytes = [0; 16];
                for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
                    let (high, low) = hex_digit(*high).zip(hex_digit(*low)).ok_or(wrong)?;
                    *byte = high << 4 | low;
                }
                Ok($name(bytes))
            }
        }

        serde_as_text!($name, short, concat!($what, " of 32 hexadecimal digits"));
    };
}

/// The value of a hexadecimal digit in small letters.
const fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit.saturating_sub(b'0')),
        b'a'..=b'f' => Some(digit.saturating_sub(b'a').saturating_add(10)),
        _ => None,
    }
}

hex!(
    /// The identity of a book.
    BookId,
    "a book id"
);
hex!(
    /// The digest of a command: XXH3-128 over the normalised command, reason, authority, evidence
    /// and inference. It tells commands under one key apart. It protects clients from their own
    /// mistakes; the tree protects the log.
    ///
    /// Normalised means that spelling does not count (`1.5` or `1.50`, the order of JSON members).
    /// The key and expected versions are left out, since a retry may hold newer versions.
    CommandDigest,
    "a command digest"
);

/// The name of a baseline: `original`, `supplementary` and the like.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BaselineName(Box<str>);

impl BaselineName {
    /// The baseline that gives a year's original budgets.
    pub const ORIGINAL: &'static str = "original";

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it gives original budgets.
    pub fn is_original(&self) -> bool {
        &*self.0 == Self::ORIGINAL
    }
}

impl fmt::Display for BaselineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for BaselineName {
    type Err = BaselineNameError;

    fn from_str(text: &str) -> Result<Self, BaselineNameError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=40).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(BaselineName(text.into()))
        } else {
            Err(BaselineNameError(text.to_owned()))
        }
    }
}

serde_as_text!(BaselineName, as_str, "a baseline's name such as \"original\"");

/// Why a text does not name a baseline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" does not name a baseline: use 1 to 40 small letters, digits or dashes, such as original"
)]
pub struct BaselineNameError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_bounded_and_printable() {
        assert!("PO-1".parse::<Reference>().is_ok());
        assert!("".parse::<Reference>().is_err());
        assert!("a\nb".parse::<Reference>().is_err());
        assert!("x".repeat(65).parse::<Reference>().is_err());
    }
}
