//! Checked texts: names, references, keys, reasons and ids. The module `form` has their forms.

mod form;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use smallvec::SmallVec;

use form::Form;
pub use form::TextError;

use super::short::ShortText;

/// Implements serde for a type as text: writes the result of a method, and reads through `FromStr`
/// or the function given.
macro_rules! serde_as_text {
    ($type:ty, $method:ident, $what:expr) => {
        $crate::domain::text::serde_as_text!($type, $method, $what, str::parse::<$type>);
    };
    ($type:ty, $method:ident, $what:expr, $read:expr) => {
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
                        $read(text).map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}
pub(crate) use serde_as_text;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident($held:ty), $what:literal, $longest:literal, $form:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name($held);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Reads a text of the log.
            fn stored(text: &str) -> Result<Self, TextError> {
                Ok($name(Form::Stored.read(text, $what, $longest)?.into()))
            }

            /// Checks that a text from the log's form is one that may be posted.
            pub fn check(&self) -> Result<(), TextError> {
                let read = Form::$form.read(&self.0, $what, $longest)?;
                if read.len() == self.0.len() {
                    return Ok(());
                }
                let fault = "one with a space at an end".to_owned();
                Err(TextError { what: $what, longest: $longest, form: Form::$form.described(), fault })
            }
        }

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                Ok($name(Form::$form.read(text, $what, $longest)?.into()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        serde_as_text!($name, as_str, concat!($what, " as text"), $name::stored);
    };
}

/// Compares texts byte by byte.
macro_rules! compared_exactly {
    ($($name:ident)*) => { $(
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl Eq for $name {}
    )* };
}

/// Compares texts without case: ids that differ by case alone are one.
macro_rules! compared_without_case {
    ($($name:ident)*) => { $(
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.eq_ignore_ascii_case(&other.0)
            }
        }

        impl Eq for $name {}

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                let small = |byte: u8| byte.to_ascii_lowercase();
                self.0.bytes().map(small).cmp(other.0.bytes().map(small))
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                let small: SmallVec<[u8; 64]> =
                    self.0.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
                state.write(&small);
            }
        }
    )* };
}

compared_exactly!(Name IdempotencyKey Reason Citation Words);
compared_without_case!(Reference ActorId);

text!(
    /// The name of a programme, body or fund.
    Name(Box<str>),
    "a name",
    200,
    Free
);
text!(
    /// A purchase order, invoice or other identifier of a commitment or accrual. Compared without
    /// case.
    Reference(Box<str>),
    "a reference",
    64,
    Identifying
);
text!(
    /// The client's own key for one posting: the same key with the same command posts once.
    IdempotencyKey(Box<str>),
    "an idempotency key",
    128,
    Identifying
);
text!(
    /// The opaque id of a person, compared without case. Personal names stay outside the log.
    ActorId(Arc<str>),
    "an actor id",
    64,
    Identifying
);
text!(
    /// Why an entry was posted.
    Reason(Box<str>),
    "a reason",
    1000,
    Free
);
text!(
    /// A document, decision or publication that supports an entry.
    Citation(Box<str>),
    "an authority or piece of evidence",
    500,
    Free
);
text!(
    /// The words published in place of an amount, such as "substantial".
    Words(Box<str>),
    "the words of a figure",
    500,
    Free
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

    #[test]
    fn identifying_texts_are_printable_ascii_without_spaces_at_their_ends() {
        for text in ["ben", "BL.User-1@x.example", "PO 1"] {
            assert_eq!(text.parse::<ActorId>().unwrap().as_str(), text);
        }
        let cyrillic = "b\u{435}n";
        for text in
            [" ", "ben ", " ben", "ben\u{200B}", cyrillic, "be\u{A0}n", "b\u{E9}n", "\u{202E}ben"]
        {
            assert!(text.parse::<ActorId>().is_err(), "{text:?}");
            assert!(text.parse::<Reference>().is_err(), "{text:?}");
            assert!(text.parse::<IdempotencyKey>().is_err(), "{text:?}");
            // The log of an earlier version may hold them.
            let stored = serde_json::from_value::<ActorId>(text.into()).unwrap();
            assert!(stored.as_str() == text && stored.check().is_err(), "{text:?}");
        }
    }

    #[test]
    fn people_and_references_are_compared_without_case_and_keys_with_it() {
        use std::collections::{BTreeSet, HashSet};
        let [small, big] = ["po-1", "PO-1"].map(|text| text.parse::<Reference>().unwrap());
        assert_eq!(small, big);
        assert_eq!(HashSet::from([small.clone(), big.clone()]).len(), 1);
        assert_eq!(BTreeSet::from([small, big]).len(), 1);
        assert_eq!("ben".parse::<ActorId>(), "BEN".parse());
        assert_ne!("k".parse::<IdempotencyKey>(), "K".parse());
    }

    #[test]
    fn free_texts_are_trimmed_and_hold_no_invisible_characters() {
        assert_eq!(
            " St James\u{2019}s  Caf\u{E9} ".parse::<Name>().unwrap().as_str(),
            "St James\u{2019}s  Caf\u{E9}"
        );
        for text in [
            "",
            " ",
            "\u{A0}\u{3000}",
            "\u{2800}",
            "a\u{202E}b",
            "a\u{200B}",
            "\u{3164}",
            "a\u{2028}b",
            "a\tb",
        ] {
            assert!(text.parse::<Reason>().is_err(), "{text:?}");
        }
    }
}
