//! Money in exact pence, never a float.
//!
//! A [`Pence`] is one stated amount (at most [`Pence::LIMIT`]) or a balance of such amounts.
//! `decide` keeps every balance of a fund within that limit, and every balance of a line within
//! [`Pence::limit_of_each`]. No sum over a book can therefore overflow, and the saturating arithmetic
//! below never saturates.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::short::ShortText;

/// An amount of money in whole pence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pence(i64);

impl Pence {
    /// No money.
    pub const ZERO: Pence = Pence(0);

    /// The largest amount, and the largest balance of one line or fund: £9,999,999,999,999.99.
    ///
    /// Thirteen digits of pounds. It is below 2^53 pence, so tools that read JSON numbers as
    /// doubles (`jq`) sum entries exactly.
    pub const LIMIT: Pence = Pence(999_999_999_999_999);

    /// The largest balance of each of so many lines: [`Pence::LIMIT`], and less in a book of more
    /// than 576 lines (of 100,000: £57,646,075,230.34).
    ///
    /// A line keeps what it had when there were fewer. Over ten million lines the largest balances
    /// sum to less than 2^63 pence.
    pub const fn limit_of_each(lines: u64) -> Pence {
        const ALL: u64 = 1 << 59;
        let each = match ALL.checked_div(lines) {
            Some(each) if each < Pence::LIMIT.0.unsigned_abs() => each.cast_signed(),
            _ => Pence::LIMIT.0,
        };
        Pence(each)
    }

    /// Wraps pence unchecked: for balances and for figures read back from the log.
    pub const fn new(pence: i64) -> Self {
        Pence(pence)
    }

    /// The number of pence.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Reads pounds as the interfaces write them: `-?\d{1,13}(\.\d{1,2})?`.
    ///
    /// # Errors
    ///
    /// [`MoneyError`] names the part of the form that is broken.
    pub fn from_pounds(text: &str) -> Result<Self, MoneyError> {
        let wrong = || MoneyError::NotAnAmount(text.to_owned());
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (pounds, pence) = digits.split_once('.').map_or((digits, None), |(a, b)| (a, Some(b)));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(pounds) || !pence.is_none_or(all_digits) {
            return Err(wrong());
        }
        let pence = match pence.map(|p| (p, p.len())) {
            None => 0,
            Some((p, 1)) => p.parse::<i64>().map_err(|_| wrong())?.saturating_mul(10),
            Some((p, 2)) => p.parse::<i64>().map_err(|_| wrong())?,
            Some(_) => return Err(MoneyError::TooPrecise(text.to_owned())),
        };
        let out_of_range = || MoneyError::OutOfRange(text.to_owned());
        if pounds.len() > 13 {
            return Err(out_of_range());
        }
        let pounds = pounds.parse::<i64>().map_err(|_| out_of_range())?;
        let amount = Pence(pounds.saturating_mul(100).saturating_add(pence));
        Ok(if negative { amount.negated() } else { amount })
    }

    /// Converts exact pounds.
    ///
    /// # Errors
    ///
    /// [`MoneyError`] where the value has a fraction of a penny or is beyond [`Pence::LIMIT`].
    pub fn from_decimal(pounds: Decimal) -> Result<Self, MoneyError> {
        let out_of_range = || MoneyError::OutOfRange(pounds.to_string());
        let pence = pounds.checked_mul(Decimal::ONE_HUNDRED).ok_or_else(out_of_range)?;
        if !pence.fract().is_zero() {
            return Err(MoneyError::TooPrecise(pounds.to_string()));
        }
        let pence = Pence(pence.to_i64().ok_or_else(out_of_range)?);
        if pence.magnitude() > Pence::LIMIT { Err(out_of_range()) } else { Ok(pence) }
    }

    /// Pounds as an exact decimal with two places.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// The sum. The module header explains why it never overflows.
    #[must_use]
    pub const fn plus(self, other: Pence) -> Pence {
        Pence(self.0.saturating_add(other.0))
    }

    /// The difference. The module header explains why it never overflows.
    #[must_use]
    pub const fn minus(self, other: Pence) -> Pence {
        Pence(self.0.saturating_sub(other.0))
    }

    /// A multiple.
    #[must_use]
    pub const fn times(self, factor: i64) -> Pence {
        Pence(self.0.saturating_mul(factor))
    }

    /// The amount with its sign changed.
    #[must_use]
    pub const fn negated(self) -> Pence {
        Pence(self.0.saturating_neg())
    }

    /// The amount without its sign.
    #[must_use]
    pub const fn magnitude(self) -> Pence {
        Pence(self.0.saturating_abs())
    }

    /// The sum of many. The module header explains why it never overflows.
    #[must_use]
    pub fn sum(amounts: impl IntoIterator<Item = Pence>) -> Pence {
        amounts.into_iter().fold(Pence::ZERO, Pence::plus)
    }

    /// Whether this is £0.00.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether this is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether this is above zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    fn short(self) -> ShortText {
        let magnitude = self.0.unsigned_abs();
        let sign: &[u8] = if self.0 < 0 { b"-" } else { b"" };
        ShortText::new().push(sign).number(magnitude / 100, 1).push(b".").number(magnitude % 100, 2)
    }

    /// The amount for people: a pound sign, and commas between thousands.
    fn grouped(self) -> ShortText {
        let digits = ShortText::new().number(self.0.unsigned_abs() / 100, 1);
        let digits = digits.as_ref().as_bytes();
        let first = digits.len() % 3;
        let (head, rest) = digits.split_at_checked(first).unwrap_or_default();
        let sign = if self.0 < 0 { "-£" } else { "£" };
        let mut text = ShortText::new().push(sign.as_bytes()).push(head);
        for (index, group) in rest.chunks(3).enumerate() {
            let comma: &[u8] = if index > 0 || first > 0 { b"," } else { b"" };
            text = text.push(comma).push(group);
        }
        text.push(b".").number(self.0.unsigned_abs() % 100, 2)
    }

    /// A share of this amount, in whole pence, rounded towards zero.
    #[must_use]
    pub fn share(self, share: Decimal) -> Pence {
        let exact = Decimal::from(self.0).checked_mul(share);
        Pence(exact.and_then(|d| d.trunc().to_i64()).unwrap_or(i64::MAX))
    }
}

/// `{}` writes pounds for programs, `-1200.05`. `{:#}` writes them for people, `-£1,200.05`.
/// Both have two decimals; zero has no sign.
impl fmt::Display for Pence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { f.pad(self.grouped().as_ref()) } else { f.pad(self.short().as_ref()) }
    }
}

/// Entries hold money as a JSON integer of pence.
impl Serialize for Pence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de> Deserialize<'de> for Pence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Pence)
    }
}

/// Commands hold money as a JSON string of pounds, as people and spreadsheets write it.
pub mod pounds {
    use super::{Deserializer, MoneyError, Pence, Serializer};
    use serde::de;
    use std::fmt;

    /// Writes `"12.05"`.
    ///
    /// # Errors
    ///
    /// The serializer's own.
    pub fn serialize<S: Serializer>(amount: &Pence, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(amount.short().as_ref())
    }

    /// Reads `"12.05"`. JSON numbers are refused, because many readers parse them as floats.
    ///
    /// # Errors
    ///
    /// Where the value is not text or not an amount.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pence, D::Error> {
        deserializer.deserialize_any(Pounds)
    }

    struct Pounds;

    impl de::Visitor<'_> for Pounds {
        type Value = Pence;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an amount in pounds as text, such as \"1200.50\"")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Pence, E> {
            Pence::from_pounds(text).map_err(E::custom)
        }

        fn visit_f64<E: de::Error>(self, number: f64) -> Result<Pence, E> {
            Err(E::custom(MoneyError::Number(number.to_string())))
        }

        fn visit_i64<E: de::Error>(self, number: i64) -> Result<Pence, E> {
            Err(E::custom(MoneyError::Number(number.to_string())))
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<Pence, E> {
            Err(E::custom(MoneyError::Number(number.to_string())))
        }
    }

    /// The same for an optional amount.
    pub mod optional {
        use super::{Deserializer, Pence, Serializer};
        use serde::{Deserialize, Serialize};

        #[derive(Serialize, Deserialize)]
        struct Wrapped(#[serde(with = "super")] Pence);

        /// Writes `"12.05"` or null.
        ///
        /// # Errors
        ///
        /// The serializer's own.
        pub fn serialize<S: Serializer>(value: &Option<Pence>, s: S) -> Result<S::Ok, S::Error> {
            value.map(Wrapped).serialize(s)
        }

        /// Reads `"12.05"` or null.
        ///
        /// # Errors
        ///
        /// Where the value is neither null nor an amount as text.
        pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Pence>, D::Error> {
            Ok(Option::<Wrapped>::deserialize(d)?.map(|wrapped| wrapped.0))
        }
    }
}

/// Why a text is not an amount of money.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not digits with an optional sign and decimals.
    #[error("\"{0}\" is not an amount: write pounds as digits, such as 1200.50")]
    NotAnAmount(String),
    /// More than two decimals.
    #[error("\"{0}\" has a fraction of a penny: write at most two decimals")]
    TooPrecise(String),
    /// More than thirteen digits of pounds.
    #[error("\"{0}\" is out of range: the largest amount is £9,999,999,999,999.99")]
    OutOfRange(String),
    /// A JSON number, which readers may round.
    #[error(
        "{0} has no quotation marks: write amounts between them, such as \"1200.50\", so that no program rounds them"
    )]
    Number(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pounds_are_read_exactly_or_refused_with_the_reason() {
        let ok = [
            ("0", 0),
            ("1", 100),
            ("1.5", 150),
            ("1.05", 105),
            ("-0.01", -1),
            ("-0.00", 0),
            ("0012.30", 1230),
            ("9999999999999.99", 999_999_999_999_999),
        ];
        for (text, pence) in ok {
            assert_eq!(Pence::from_pounds(text), Ok(Pence(pence)), "{text}");
        }
        let refused = ["", "-", ".5", "5.", "1,000", "£1", "1e3", "+1", " 1", "--1", "1.-5", "١"];
        for text in refused {
            assert_eq!(Pence::from_pounds(text), Err(MoneyError::NotAnAmount(text.into())));
        }
        assert_eq!(Pence::from_pounds("1.005"), Err(MoneyError::TooPrecise("1.005".into())));
        let beyond = "10000000000000";
        assert_eq!(Pence::from_pounds(beyond), Err(MoneyError::OutOfRange(beyond.into())));
    }

    #[test]
    fn pence_print_as_pounds_and_zero_has_no_sign() {
        for (pence, text) in [(0, "0.00"), (-5, "-0.05"), (123, "1.23"), (-100_001, "-1000.01")] {
            assert_eq!(Pence(pence).to_string(), text);
        }
        let table = [
            (0, "£0.00"),
            (-5, "-£0.05"),
            (99_999, "£999.99"),
            (100_000, "£1,000.00"),
            (-123_456_789, "-£1,234,567.89"),
            (Pence::LIMIT.get(), "£9,999,999,999,999.99"),
        ];
        for (pence, text) in table {
            assert_eq!(format!("{:#}", Pence(pence)), text);
        }
    }

    #[test]
    fn decimals_pass_only_where_they_are_whole_pence() {
        assert_eq!(Pence::from_decimal(Decimal::new(1205, 2)), Ok(Pence(1205)));
        assert_eq!(Pence::from_decimal(Decimal::new(12050, 3)), Ok(Pence(1205)));
        assert!(matches!(
            Pence::from_decimal(Decimal::new(12051, 3)),
            Err(MoneyError::TooPrecise(_))
        ));
        assert!(matches!(Pence::from_decimal(Decimal::MAX), Err(MoneyError::OutOfRange(_))));
        assert_eq!(Pence(1205).to_decimal().to_string(), "12.05");
    }

    #[test]
    fn a_share_is_rounded_towards_zero() {
        assert_eq!(Pence(10_001).share(Decimal::new(75, 4)), Pence(75));
    }
}
