//! Amounts as people type them: `£1.2m`, `1,200,000`, `(500.00)`. The command line echoes each
//! amount it read.

use std::str::FromStr;

use ledger_core::domain::money::{MoneyError, Pence};

/// An amount that somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypedAmount(pub Pence);

/// Why a text is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not an amount: {what}; write £1,200,000.00, 1200000, £1.2m or (500.00)")]
pub struct AmountError {
    text: String,
    what: &'static str,
}

/// Units after a number, with their powers of ten.
const SCALES: [(&str, usize); 5] = [("bn", 9), ("m", 6), ("M", 6), ("k", 3), ("K", 3)];

impl FromStr for TypedAmount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let wrong = |what| AmountError { text: text.to_owned(), what };
        let trimmed = text.trim();
        let (negative, rest) = match trimmed.strip_prefix('(') {
            Some(inside) => {
                let inside = inside.strip_suffix(')');
                (true, inside.ok_or_else(|| wrong("a bracket is not closed"))?)
            }
            None => match trimmed.strip_prefix(['-', '\u{2212}']) {
                Some(rest) => (true, rest),
                None => (false, trimmed),
            },
        };
        let rest = rest.trim().strip_prefix('£').unwrap_or(rest.trim()).trim();
        let scaled =
            SCALES.iter().find_map(|(unit, scale)| Some((rest.strip_suffix(unit)?, scale)));
        let (digits, scale) = scaled.unwrap_or((rest, &0));
        let plain = without_separators(digits.trim()).ok_or_else(|| wrong("it is not a number"))?;
        let pence = Pence::from_pounds(&times_ten_to(*scale, &plain)).map_err(|error| {
            let precise = matches!(error, MoneyError::TooPrecise(_));
            wrong(if precise { "it has a fraction of a penny" } else { "it is too large" })
        })?;
        Ok(TypedAmount(if negative { pence.negated() } else { pence }))
    }
}

/// Moves the point of a number to the right, and drops zeros that say nothing. No digit is rounded.
fn times_ten_to(power: usize, number: &str) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let moved = fraction.len().min(power);
    let (front, rest) = fraction.split_at_checked(moved).unwrap_or((fraction, ""));
    let whole = format!("{whole}{front}{}", "0".repeat(power - moved));
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        significant => significant,
    };
    match rest.trim_end_matches('0') {
        "" => whole.to_owned(),
        rest => format!("{whole}.{rest}"),
    }
}

/// The digits without thousands separators; None if a separator is misplaced.
fn without_separators(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let grouped = rest.is_empty() || first.len() <= 3;
    let placed = all_digits(first)
        && grouped
        && rest.iter().all(|group| group.len() == 3 && all_digits(group))
        && fraction.is_none_or(all_digits);
    if !placed {
        return None;
    }
    let mut digits = first.to_owned();
    digits.extend(rest);
    if let Some(fraction) = fraction {
        digits.push('.');
        digits.push_str(fraction);
    }
    Some(digits)
}

/// Pounds with thousands separators: `1,200,000.00`.
pub fn with_separators(pence: Pence) -> String {
    let plain = pence.magnitude().to_string();
    let (pounds, rest) = plain.split_once('.').unwrap_or((&plain, "00"));
    let mut text = String::new();
    if pence.is_negative() {
        text.push('-');
    }
    for (index, digit) in pounds.char_indices() {
        if index > 0 && (pounds.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text.push('.');
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        let table = [
            ("1200000", 120_000_000),
            ("1,200,000", 120_000_000),
            ("£1.2m", 120_000_000),
            ("£1.2M", 120_000_000),
            ("1.2 m", 120_000_000),
            ("£4.2bn", 420_000_000_000),
            ("50k", 5_000_000),
            ("(500.00)", -50_000),
            ("(£1.5m)", -150_000_000),
            ("-£3.50", -350),
            ("  12.05 ", 1205),
            ("0.01", 1),
            ("1.23456789m", 123_456_789),
            ("0012.5000000000000000000000000000000", 1250),
            ("0.00000000001bn", 1),
        ];
        for (text, pence) in table {
            assert_eq!(text.parse(), Ok(TypedAmount(Pence::new(pence))), "{text}");
        }
    }

    #[test]
    fn what_could_be_misread_is_refused() {
        for text in [
            "",
            "£",
            "m",
            "12,00",
            "1,2,3",
            "1200,000",
            "1.005",
            "1.234567891m",
            "(5",
            "5)",
            "1e6",
            "1.2.3",
            "--5",
            "£-5",
            "10000000000000",
            "1,000,00",
            ",000",
            "1.",
            "NaN",
            "0.00999999999999999999999999999999999",
            "7.9999999999999999999999999999m",
            "99999999999999999999999999999999999999",
        ] {
            assert!(text.parse::<TypedAmount>().is_err(), "{text}");
        }
    }

    #[test]
    fn thousands_are_separated() {
        for (pence, text) in [(0, "0.00"), (99_999, "999.99"), (-123_456_789, "-1,234,567.89")] {
            assert_eq!(with_separators(Pence::new(pence)), text);
        }
    }
}
