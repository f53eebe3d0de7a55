//! Scalars. Each is a string in a fixed form; a malformed one is refused before execution.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::NaiveDate;
use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::code::{
    BodyCode, FigureCode, FundCode, ProgrammeCode, RingFence, ScopeCode,
};
use ledger_core::domain::date_or_time::DateOrTime;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::{BaselineName, Reference};
use rust_decimal::Decimal;

macro_rules! scalar {
    (
        $(#[doc = $doc:literal])*
        $name:ident($held:ty), $graphql:literal, $example:literal, $specification:literal, $read:expr
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) $held);

        impl $name {
            const EXAMPLE: (&str, &str) = ($graphql, $example);

            fn read(text: &str) -> Result<Self, String> {
                let read: fn(&str) -> Result<$held, String> = $read;
                read(text).map($name)
            }
        }

        $(#[doc = $doc])*
        #[Scalar(name = $graphql, specified_by_url = $specification)]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                if let Value::String(text) = &value {
                    return Self::read(text).map_err(InputValueError::custom);
                }
                Err(InputValueError::expected_type(value))
            }

            fn is_valid(value: &Value) -> bool {
                matches!(value, Value::String(text) if Self::read(text).is_ok())
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.to_string())
            }
        }

        impl From<$held> for $name {
            fn from(held: $held) -> Self {
                $name(held)
            }
        }

        impl From<$name> for $held {
            fn from(scalar: $name) -> Self {
                scalar.0
            }
        }
    };
}

/// Each scalar's name in the schema, with an example.
const EXAMPLES: [(&str, &str); 17] = [
    MoneyGbp::EXAMPLE,
    Year::EXAMPLE,
    YearMonth::EXAMPLE,
    LogPosition::EXAMPLE,
    Moment::EXAMPLE,
    Day::EXAMPLE,
    Percentage::EXAMPLE,
    Number::EXAMPLE,
    Programme::EXAMPLE,
    Body::EXAMPLE,
    Fund::EXAMPLE,
    Fence::EXAMPLE,
    TotalScope::EXAMPLE,
    Claim::EXAMPLE,
    Line::EXAMPLE,
    Ref::EXAMPLE,
    Baseline::EXAMPLE,
];

/// An example of a scalar, by its name in the schema.
pub(crate) fn example_of(scalar: &str) -> Option<&'static str> {
    EXAMPLES.iter().find(|(name, _)| *name == scalar).map(|(_, example)| *example)
}

fn from_str<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

fn canonical<T>(text: &str) -> Result<T, String>
where
    T: std::str::FromStr<Err: std::fmt::Display> + std::fmt::Display,
{
    let read: T = from_str(text)?;
    if read.to_string() == text {
        Ok(read)
    } else {
        Err(format!("\"{text}\" is written \"{read}\""))
    }
}

scalar!(
    /// An amount in pounds sterling, to the penny, as text such as `"1200.50"` or `"-0.05"`. Input:
    /// up to thirteen digits of pounds, at most two decimals, no separators. Output: always two
    /// decimals, and zero has no sign. JSON numbers are refused, since many programs round them.
    MoneyGbp(Pence),
    "MoneyGBP",
    "1200.50",
    "docs/graphql.md#moneygbp",
    |text| Pence::from_pounds(text).map_err(|error| error.to_string())
);

scalar!(
    /// A UK financial year, 1 April to 31 March, such as `"2016-17"`: the second part is the next
    /// year.
    Year(FinancialYear),
    "FinancialYear",
    "2016-17",
    "docs/graphql.md#financialyear",
    from_str
);

scalar!(
    /// A month of a financial year: `"M1"` is April, `"M12"` is March, and `"M13"` is the
    /// final-outturn period, which takes spend corrections only.
    YearMonth(Month),
    "Month",
    "M1",
    "docs/graphql.md#month",
    from_str
);

scalar!(
    /// The position of an entry in the log, as a decimal string: `"1"` is the first entry and `"0"`
    /// is before it. There are no gaps.
    LogPosition(Position),
    "Position",
    "12",
    "docs/graphql.md#position",
    canonical
);

scalar!(
    /// A moment in RFC 3339, such as `"2018-01-31T12:00:00Z"`. Output is always in UTC, to the
    /// microsecond. Input may be a date, such as `"2018-01-31"`: in UK time, its start where something
    /// begins, its end where something ends or is asked about.
    Moment(DateOrTime),
    "DateTime",
    "2018-01-31T12:00:00Z",
    "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    from_str
);

impl From<Timestamp> for Moment {
    fn from(time: Timestamp) -> Self {
        Moment(time.into())
    }
}

scalar!(
    /// A day, such as `"2018-01-31"`.
    Day(NaiveDate),
    "Date",
    "2018-01-31",
    "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    canonical
);

scalar!(
    /// A percentage with one decimal, such as `"59.9"`.
    Percentage(Decimal),
    "Percentage",
    "59.9",
    "docs/graphql.md#percentage",
    canonical
);

scalar!(
    /// An exact decimal number as text, such as `"0.0075"`.
    Number(Decimal),
    "Decimal",
    "0.0075",
    "docs/graphql.md#decimal",
    canonical
);

scalar!(
    /// A programme's code: 1 to 16 capital letters, digits or dashes, such as `"WIFI"`.
    Programme(ProgrammeCode),
    "ProgrammeCode",
    "WIFI",
    "docs/graphql.md#codes",
    from_str
);

scalar!(
    /// An organisation's ODS code, such as `"RQM"`.
    Body(BodyCode),
    "BodyCode",
    "RQM",
    "docs/graphql.md#codes",
    from_str
);

scalar!(
    /// A fund's code, such as `"P2020"`.
    Fund(FundCode),
    "FundCode",
    "P2020",
    "docs/graphql.md#codes",
    from_str
);

scalar!(
    /// The code of a named ring-fence.
    Fence(RingFence),
    "RingFenceCode",
    "CYBER-ONLY",
    "docs/graphql.md#codes",
    from_str
);

scalar!(
    /// The code of a named total, such as `"ALL27"`.
    TotalScope(ScopeCode),
    "ScopeCode",
    "ALL27",
    "docs/graphql.md#codes",
    from_str
);

scalar!(
    /// The code of a published figure, such as `"UNDERSPEND-1819"`.
    Claim(FigureCode),
    "PublishedFigureCode",
    "UNDERSPEND-1819",
    "docs/graphql.md#codes",
    from_str
);

scalar!(
    /// A budget line: programme, body, financial year and class, such as
    /// `"CYBER/XDH/2017-18/capital"`, with the ring-fence as a fifth part where there is one.
    Line(LineKey),
    "LineKey",
    "CYBER/XDH/2017-18/capital",
    "docs/graphql.md#linekey",
    from_str
);

scalar!(
    /// The reference of a commitment, accrual or payment, such as a purchase order's number: 1 to
    /// 64 characters.
    Ref(Reference),
    "Reference",
    "PO-1234",
    "docs/graphql.md#reference",
    from_str
);

scalar!(
    /// The name of a baseline, such as `"original"`: 1 to 40 small letters, digits or dashes.
    Baseline(BaselineName),
    "BaselineName",
    "original",
    "docs/graphql.md#baselinename",
    from_str
);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_scalar_has_an_example_that_it_takes() {
        let sdl = crate::graphql::sdl();
        let names = sdl.lines().filter_map(|line| line.strip_prefix("scalar ")?.split(' ').next());
        let described: BTreeSet<&str> = EXAMPLES.iter().map(|(name, _)| *name).collect();
        assert_eq!(described, names.collect());
        let takes = [
            MoneyGbp::is_valid,
            Year::is_valid,
            YearMonth::is_valid,
            LogPosition::is_valid,
            Moment::is_valid,
            Day::is_valid,
            Percentage::is_valid,
            Number::is_valid,
            Programme::is_valid,
            Body::is_valid,
            Fund::is_valid,
            Fence::is_valid,
            TotalScope::is_valid,
            Claim::is_valid,
            Line::is_valid,
            Ref::is_valid,
            Baseline::is_valid,
        ];
        for ((name, example), takes) in EXAMPLES.into_iter().zip(takes) {
            assert!(takes(&Value::String(example.to_owned())), "{name}: {example}");
        }
    }
}
