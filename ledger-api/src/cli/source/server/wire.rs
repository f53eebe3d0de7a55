//! How the schema writes values: texts, names of members, amounts.

use std::fmt::Display;
use std::str::FromStr;

use ledger_core::domain::money::Pence;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use projections::AsAt;

/// A value that is told as text.
pub(in crate::cli::source) struct Text<T>(pub(in crate::cli::source) T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Text).map_err(D::Error::custom)
    }
}

/// A member of an enum, whose name is told in capitals.
pub(in crate::cli::source) struct Member<T>(pub(in crate::cli::source) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = camel_case(&String::deserialize(deserializer)?);
        T::deserialize(Value::String(name)).map(Member).map_err(D::Error::custom)
    }
}

/// An amount, told in pounds. A sum may have more digits than an amount that is posted.
pub(in crate::cli::source) struct Pounds(pub(in crate::cli::source) Pence);

impl<'de> Deserialize<'de> for Pounds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let pounds: Decimal = text.parse().map_err(D::Error::custom)?;
        let pence = pounds.checked_mul(Decimal::ONE_HUNDRED).filter(|p| p.fract().is_zero());
        let pence = pence.and_then(|pence| pence.to_i64());
        let pence = pence.ok_or_else(|| D::Error::custom(format!("\"{text}\" is no amount")))?;
        Ok(Pounds(Pence::new(pence)))
    }
}

/// The member of a schema's enum that stands for one of ours.
pub(in crate::cli::source) fn member(value: impl Serialize) -> Value {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => Value::String(capitals(&name)),
        Ok(other) => other,
        Err(_) => Value::Null,
    }
}

/// A moment, as an argument.
pub(in crate::cli::source) fn as_at(moment: AsAt) -> Value {
    match moment {
        AsAt::Now => Value::Null,
        AsAt::Position(position) => json!({ "position": position.to_string() }),
        AsAt::Recorded(time) => json!({ "recordedAt": time.to_string() }),
    }
}

/// `gpPractice` as `GP_PRACTICE`.
pub(super) fn capitals(name: &str) -> String {
    let mut capitals = String::with_capacity(name.len() + 4);
    for char in name.chars() {
        if char.is_ascii_uppercase() {
            capitals.push('_');
        }
        capitals.push(char.to_ascii_uppercase());
    }
    capitals
}

/// `GP_PRACTICE` as `gpPractice`.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_').map(str::to_ascii_lowercase);
    let mut camel = words.next().unwrap_or_default();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_members_go_both_ways() {
        for (ours, schema) in [("trust", "TRUST"), ("gpPractice", "GP_PRACTICE")] {
            assert_eq!((capitals(ours), camel_case(schema)), (schema.to_owned(), ours.to_owned()));
        }
    }

    #[test]
    fn a_sum_may_have_more_digits_than_an_amount() {
        let cases =
            [("-0.05", -5), ("12.5", 1250), ("12345678901234567.89", 1_234_567_890_123_456_789)];
        for (text, pence) in cases {
            let read: Pounds = serde_json::from_value(json!(text)).expect(text);
            assert_eq!(read.0, Pence::new(pence));
        }
        for text in ["1.005", "x", "99999999999999999999"] {
            assert!(serde_json::from_value::<Pounds>(json!(text)).is_err(), "{text}");
        }
    }
}
