//! Dates and times as people write them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate};

use super::calendar::{CalendarError, Timestamp};

/// A date or a time. Its reader decides what a bare date means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrTime {
    /// A bare date.
    Date(NaiveDate),
    /// A time.
    Time(Timestamp),
}

impl DateOrTime {
    /// The time at which something begins: a date means its start, in UK local time.
    pub fn begins(self) -> Timestamp {
        match self {
            DateOrTime::Date(day) => Timestamp::start_of_day(day),
            DateOrTime::Time(time) => time,
        }
    }

    /// The time at which something ends, or that is asked about: a date means its end, in UK local
    /// time.
    pub fn ends(self) -> Timestamp {
        match self {
            DateOrTime::Date(day) => Timestamp::end_of_day(day),
            DateOrTime::Time(time) => time,
        }
    }
}

impl From<Timestamp> for DateOrTime {
    fn from(time: Timestamp) -> Self {
        DateOrTime::Time(time)
    }
}

impl fmt::Display for DateOrTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DateOrTime::Date(day) => day.fmt(f),
            DateOrTime::Time(time) => time.fmt(f),
        }
    }
}

impl FromStr for DateOrTime {
    type Err = CalendarError;

    /// Reads RFC 3339 with any offset, or a date such as `2018-03-01`.
    fn from_str(text: &str) -> Result<Self, CalendarError> {
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Ok(DateOrTime::Time(Timestamp::from_micros(time.timestamp_micros())));
        }
        let day = text.parse::<NaiveDate>().ok().filter(|_| text.len() == 10);
        day.map(DateOrTime::Date).ok_or_else(|| CalendarError::NotATime(text.to_owned()))
    }
}

macro_rules! moments {
    ($($(#[doc = $doc:literal])* $module:ident = $read:ident),* $(,)?) => { $(
        $(#[doc = $doc])*
        pub(crate) mod $module {
            use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

            use super::{DateOrTime, Timestamp};

            pub(crate) fn serialize<S: Serializer>(
                time: &Timestamp,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                time.serialize(serializer)
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Timestamp, D::Error> {
                let read = String::deserialize(deserializer)?.parse();
                read.map(DateOrTime::$read).map_err(de::Error::custom)
            }
        }
    )* };
}

moments! {
    /// Times in commands at which something begins, written in the form of entries.
    beginning = begins,
    /// Times in commands at which something ends, written in the form of entries.
    end = ends,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_begins_and_ends_with_its_day_in_the_uk() {
        let table = [
            ("2026-12-01", "2026-12-01T00:00:00.000000Z", "2026-12-01T23:59:59.999999Z"),
            ("2018-07-31", "2018-07-30T23:00:00.000000Z", "2018-07-31T22:59:59.999999Z"),
            // The clocks go forward, and back, at one in the morning.
            ("2027-03-28", "2027-03-28T00:00:00.000000Z", "2027-03-28T22:59:59.999999Z"),
            ("2026-10-25", "2026-10-24T23:00:00.000000Z", "2026-10-25T23:59:59.999999Z"),
            ("2028-02-29", "2028-02-29T00:00:00.000000Z", "2028-02-29T23:59:59.999999Z"),
        ];
        for (text, begins, ends) in table {
            let read: DateOrTime = text.parse().expect(text);
            let found = (read.begins().to_string(), read.ends().to_string(), read.to_string());
            assert_eq!(found, (begins.to_owned(), ends.to_owned(), text.to_owned()));
        }
    }

    #[test]
    fn a_time_begins_and_ends_when_it_says() {
        let read: DateOrTime = "2018-07-31T10:00:00+01:00".parse().expect("a time");
        let expected = "2018-07-31T09:00:00.000000Z";
        let found = [read.begins(), read.ends()].map(|time| time.to_string());
        assert_eq!(found, [expected, expected]);
        for text in ["", "2018-7-31", "2018-02-30", "31/07/2018", "+12018-07-31", "2018-07-31 "] {
            assert!(text.parse::<DateOrTime>().is_err(), "{text}");
        }
    }
}
