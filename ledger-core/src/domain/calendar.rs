//! The financial calendar: UK years from 1 April, months M1 to M13, and moments in time.
//!
//! Financial years change at midnight in UK local time. 31 March 23:00 UTC belongs to the next
//! year, because British Summer Time has begun.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, TimeZone, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::short::ShortText;
use super::text::serde_as_text;

/// A UK financial year, written `2016-17`: 1 April 2016 to 31 March 2017.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FinancialYear(u16);

impl FinancialYear {
    /// The year that begins on 1 April of `start`.
    ///
    /// # Errors
    ///
    /// [`CalendarError`] outside 1948 to 2199. The NHS began in 1948; a later year is a typing
    /// error.
    pub fn starting(start: u16) -> Result<Self, CalendarError> {
        if (1948..=2199).contains(&start) {
            Ok(FinancialYear(start))
        } else {
            Err(CalendarError::YearOutOfRange(start.to_string()))
        }
    }

    /// The calendar year in which it begins: 2016 for `2016-17`.
    pub const fn start(self) -> u16 {
        self.0
    }

    /// The year after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        FinancialYear(self.0.saturating_add(1))
    }

    /// The year before this one.
    #[must_use]
    pub const fn before(self) -> Self {
        FinancialYear(self.0.saturating_sub(1))
    }

    /// Whether a month of it has ended at a moment. M13 has ended once the year has.
    pub fn has_ended(self, month: Month, at: Timestamp) -> bool {
        let next = self.last_day(month).succ_opt();
        next.is_some_and(|next| !at.is_before(next))
    }

    const fn end(self) -> u16 {
        self.0.saturating_add(1) % 100
    }

    /// Appends the year's text, `2016-17`.
    pub(crate) fn write(self, text: ShortText) -> ShortText {
        text.number(self.0.into(), 4).push(b"-").number(self.end().into(), 2)
    }

    fn short(self) -> ShortText {
        self.write(ShortText::new())
    }

    /// The last calendar day of a month of this year.
    pub fn last_day(self, month: Month) -> NaiveDate {
        let first_of_next = match month.number() {
            number @ 1..=8 => (self.0, number.saturating_add(4)),
            number @ 9..=11 => (self.0.saturating_add(1), number.saturating_sub(8)),
            _ => (self.0.saturating_add(1), 4),
        };
        first_day(first_of_next.0, first_of_next.1).pred_opt().unwrap_or_default()
    }

    /// The first calendar day of a month of this year; M13 gives March's.
    pub fn first_day(self, month: Month) -> NaiveDate {
        let last = self.last_day(month);
        last.with_day(1).unwrap_or(last)
    }
}

fn first_day(year: u16, month: u8) -> NaiveDate {
    NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), 1).unwrap_or_default()
}

impl fmt::Display for FinancialYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.short().as_ref())
    }
}

impl FromStr for FinancialYear {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let wrong = || CalendarError::NotAYear(text.to_owned());
        let [start @ .., b'-', tens, ones] = text.as_bytes() else { return Err(wrong()) };
        let number = |digits: &[u8]| {
            let value = |sum: u16, digit: &u8| {
                sum.saturating_mul(10).saturating_add(digit.saturating_sub(b'0').into())
            };
            digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().fold(0, value))
        };
        let four: &[u8; 4] = start.try_into().map_err(|_| wrong())?;
        let (start, end) = number(four).zip(number(&[*tens, *ones])).ok_or_else(wrong)?;
        let year = FinancialYear::starting(start)?;
        if end == year.end() {
            Ok(year)
        } else {
            Err(CalendarError::NotConsecutive { text: text.to_owned(), meant: year })
        }
    }
}

/// A month of a financial year: `M1` is April, `M12` March, `M13` the final-outturn period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(u8);

impl Month {
    /// April.
    pub const M1: Month = Month(1);
    /// January, the start of the last quarter.
    pub const M10: Month = Month(10);
    /// March.
    pub const M12: Month = Month(12);
    /// The final-outturn period: spend corrections only.
    pub const M13: Month = Month(13);
    /// Number of months.
    pub const COUNT: usize = 13;

    /// The month with this number.
    ///
    /// # Errors
    ///
    /// [`CalendarError`] outside 1 to 13.
    pub fn new(number: u8) -> Result<Self, CalendarError> {
        if (1..=13).contains(&number) {
            Ok(Month(number))
        } else {
            Err(CalendarError::NotAMonth(format!("M{number}")))
        }
    }

    /// The number, 1 to 13.
    pub const fn number(self) -> u8 {
        self.0
    }

    fn short(self) -> ShortText {
        ShortText::new().push(b"M").number(self.0.into(), 1)
    }

    /// The index, 0 to 12, for tables by month.
    pub const fn index(self) -> usize {
        self.0.saturating_sub(1) as usize
    }

    /// M1 to M13.
    pub fn all() -> impl DoubleEndedIterator<Item = Month> {
        (1..=13).map(Month)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.short().as_ref())
    }
}

impl FromStr for Month {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let wrong = || CalendarError::NotAMonth(text.to_owned());
        let number = text.strip_prefix('M').ok_or_else(wrong)?;
        if number.starts_with(['0', '+']) {
            return Err(wrong());
        }
        Month::new(number.parse().map_err(|_| wrong())?).map_err(|_| wrong())
    }
}

/// A moment, to the microsecond, in UTC; written `2018-01-31T12:00:00.000000Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Microseconds since 1970.
    pub const fn from_micros(micros: i64) -> Self {
        Timestamp(micros)
    }

    /// Microseconds since 1970.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Converts to `chrono`.
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }

    /// The day that contains it, in UK local time.
    pub fn day(self) -> NaiveDate {
        self.to_utc().with_timezone(&chrono_tz::Europe::London).date_naive()
    }

    /// Whether it is before a day, in UK local time.
    pub fn is_before(self, day: NaiveDate) -> bool {
        // UK midnight is never after midnight UTC: most callers need no time zone.
        let midnight = day.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc();
        self.0 < midnight.timestamp_micros() && self.day() < day
    }

    /// The moment this many days of 24 hours before.
    pub const fn minus_days(self, days: u32) -> Self {
        const DAY: i64 = 24 * 60 * 60 * 1_000_000;
        Timestamp(self.0.saturating_sub((days as i64).saturating_mul(DAY)))
    }

    /// Noon of a day in UK local time. The sample book uses it for events dated by day only.
    pub fn noon(day: NaiveDate) -> Self {
        let noon = day.and_hms_opt(12, 0, 0).unwrap_or_default();
        let local = chrono_tz::Europe::London.from_local_datetime(&noon).earliest();
        Timestamp(local.map_or(0, |moment| moment.timestamp_micros()))
    }

    /// Reads the fixed form that entries use.
    pub(crate) fn from_fixed(text: &str) -> Option<Self> {
        let bytes: &[u8; 27] = text.as_bytes().try_into().ok()?;
        let number = |from: usize, width: usize| {
            let digits = bytes.get(from..from.saturating_add(width))?;
            digits.iter().try_fold(0_u32, |value, byte| {
                let digit = byte.is_ascii_digit().then(|| byte.saturating_sub(b'0'))?;
                Some(value.saturating_mul(10).saturating_add(u32::from(digit)))
            })
        };
        let day =
            NaiveDate::from_ymd_opt(number(0, 4)?.try_into().ok()?, number(5, 2)?, number(8, 2)?)?;
        let time =
            day.and_hms_micro_opt(number(11, 2)?, number(14, 2)?, number(17, 2)?, number(20, 6)?)?;
        let between = [4, 7, 10, 13, 16, 19, 26].map(|place| bytes.get(place).copied());
        let as_written = b"--T::.Z".map(Some) == between;
        as_written.then(|| Timestamp(time.and_utc().timestamp_micros()))
    }

    /// The first moment of a day in UK local time.
    pub fn start_of_day(day: NaiveDate) -> Self {
        let midnight = day.and_hms_opt(0, 0, 0).unwrap_or_default();
        let local = chrono_tz::Europe::London.from_local_datetime(&midnight).earliest();
        Timestamp(local.map_or(0, |moment| moment.timestamp_micros()))
    }

    /// The last moment of a day in UK local time, so that "as known on that day" includes all of
    /// it.
    pub fn end_of_day(day: NaiveDate) -> Self {
        let next = Timestamp::start_of_day(day.succ_opt().unwrap_or(day));
        Timestamp(next.0.saturating_sub(1))
    }

    /// The financial year and month that contain it, by UK local time.
    ///
    /// # Errors
    ///
    /// [`CalendarError`] where that year is out of range.
    pub fn period(self) -> Result<(FinancialYear, Month), CalendarError> {
        let local = self.to_utc().with_timezone(&chrono_tz::Europe::London);
        let year = u16::try_from(local.year())
            .map_err(|_| CalendarError::YearOutOfRange(local.year().to_string()))?;
        let month = u8::try_from(local.month()).unwrap_or(1);
        if month >= 4 {
            Ok((FinancialYear::starting(year)?, Month(month.saturating_sub(3))))
        } else {
            Ok((FinancialYear::starting(year.saturating_sub(1))?, Month(month.saturating_add(9))))
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(stamp_text(*self, &mut [0; 27]))
    }
}

/// Writes the fixed form into `buffer`. Every entry holds one, so this avoids the formatting
/// machinery.
fn stamp_text(stamp: Timestamp, buffer: &mut [u8; 27]) -> &str {
    use chrono::Timelike;
    let moment = stamp.to_utc().naive_utc();
    let year = u32::try_from(moment.year()).unwrap_or(0);
    let micros = moment.nanosecond().checked_div(1000).unwrap_or(0);
    let fields = [
        (year, 4, b'-'),
        (moment.month(), 2, b'-'),
        (moment.day(), 2, b'T'),
        (moment.hour(), 2, b':'),
        (moment.minute(), 2, b':'),
        (moment.second(), 2, b'.'),
        (micros, 6, b'Z'),
    ];
    let mut rest = buffer.as_mut_slice();
    for (value, width, after) in fields {
        let Some((field, tail)) = rest.split_at_mut_checked(width) else { break };
        let mut value = value;
        for digit in field.iter_mut().rev() {
            let last = u8::try_from(value.checked_rem(10).unwrap_or(0)).unwrap_or(0);
            *digit = b'0'.saturating_add(last);
            value = value.checked_div(10).unwrap_or(0);
        }
        let Some((separator, tail)) = tail.split_first_mut() else { break };
        *separator = after;
        rest = tail;
    }
    std::str::from_utf8(buffer).unwrap_or_default()
}

impl FromStr for Timestamp {
    type Err = CalendarError;

    /// Reads RFC 3339 with any offset. [`DateOrTime`](super::date_or_time::DateOrTime) reads dates
    /// too.
    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let time = DateTime::parse_from_rfc3339(text);
        let time = time.map_err(|_| CalendarError::NotATime(text.to_owned()))?;
        Ok(Timestamp(time.timestamp_micros()))
    }
}

/// Why a text is not a year, a month or a moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Not four digits, a dash and two digits.
    #[error("\"{0}\" is not a financial year: write it as 2016-17")]
    NotAYear(String),
    /// The second part is not the year after the first.
    #[error(
        "\"{text}\" is not a financial year: a year ends in the next calendar year, so {meant}"
    )]
    NotConsecutive {
        /// What was written.
        text: String,
        /// The year that begins in the calendar year written.
        meant: FinancialYear,
    },
    /// Before the NHS existed, or far in the future.
    #[error("{0} is out of range: financial years run from 1948-49 to 2199-00")]
    YearOutOfRange(String),
    /// Not M1 to M13.
    #[error("\"{0}\" is not a month: write M1 (April) to M12 (March), or M13 for final outturn")]
    NotAMonth(String),
    /// Neither RFC 3339 nor a date.
    #[error("\"{0}\" is not a moment: write 2018-03-01, or 2018-03-01T09:30:00Z")]
    NotATime(String),
}

serde_as_text!(FinancialYear, short, "a financial year such as \"2016-17\"");
serde_as_text!(Month, short, "a month from \"M1\" to \"M13\"");

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(stamp_text(*self, &mut [0; 27]))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a moment such as \"2018-03-01T09:30:00.000000Z\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                Timestamp::from_fixed(text)
                    .ok_or_else(|| E::custom(CalendarError::NotATime(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_names_two_consecutive_calendar_years() {
        for text in ["2016-17", "1999-00", "1948-49", "2199-00"] {
            assert_eq!(text.parse::<FinancialYear>().map(|year| year.to_string()), Ok(text.into()));
        }
        let refused = "2016-18".parse::<FinancialYear>().expect_err("not consecutive");
        assert_eq!(
            refused.to_string(),
            "\"2016-18\" is not a financial year: a year ends in the next calendar year, so 2016-17"
        );
        for text in ["2016", "2016/17", "16-17", "2016-2017", "1947-48", "+016-17", "2016-1x"] {
            assert!(text.parse::<FinancialYear>().is_err(), "{text}");
        }
    }

    #[test]
    fn months_run_from_m1_to_m13() {
        assert_eq!("M13".parse(), Ok(Month::M13));
        for text in ["M0", "M14", "m1", "1", "M01", "M+1", "M"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_year_turns_at_midnight_in_the_uk() {
        let period = |text: &str| {
            let (year, month) =
                text.parse::<Timestamp>().expect("a time").period().expect("in range");
            format!("{year} {month}")
        };
        assert_eq!(period("2017-03-31T22:59:59Z"), "2016-17 M12");
        assert_eq!(period("2017-03-31T23:00:00Z"), "2017-18 M1");
        assert_eq!(period("2017-03-31T23:30:00Z"), "2017-18 M1");
        assert_eq!(period("2017-10-31T23:30:00Z"), "2017-18 M7");
        assert_eq!(period("2017-08-31T23:30:00Z"), "2017-18 M6");
        assert_eq!(period("2018-01-01T00:00:00Z"), "2017-18 M10");
    }

    #[test]
    fn noon_is_that_of_the_uk() {
        let noon = Timestamp::noon(NaiveDate::from_ymd_opt(2018, 1, 31).expect("a date"));
        assert_eq!(noon.to_string(), "2018-01-31T12:00:00.000000Z");
    }

    #[test]
    fn the_stored_form_of_a_moment_is_read_back_and_no_other() {
        let text = "2018-07-31T22:59:59.000001Z";
        assert_eq!(Timestamp::from_fixed(text).map(|stamp| stamp.to_string()), Some(text.into()));
        for text in
            ["2018-07-31T22:59:59Z", "2018-07-31 22:59:59.000001Z", "2018-13-31T22:59:59.000001Z"]
        {
            assert_eq!(Timestamp::from_fixed(text), None, "{text}");
        }
    }

    #[test]
    fn months_know_their_days() {
        let year: FinancialYear = "2019-20".parse().expect("a year");
        let days = |number| {
            let month = Month::new(number).expect("a month");
            (year.first_day(month).to_string(), year.last_day(month).to_string())
        };
        assert_eq!(days(1), ("2019-04-01".into(), "2019-04-30".into()));
        assert_eq!(days(9), ("2019-12-01".into(), "2019-12-31".into()));
        assert_eq!(days(11), ("2020-02-01".into(), "2020-02-29".into()));
        assert_eq!(days(12), ("2020-03-01".into(), "2020-03-31".into()));
        assert_eq!(days(13), ("2020-03-01".into(), "2020-03-31".into()));
    }
}
