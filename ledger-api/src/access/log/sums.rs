//! Sums: equal events of one person are counted together, so that nobody fills the access log.

use std::collections::HashMap;

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::text::ActorId;

use super::record::{AccessEvent, Record};

/// The interval, in microseconds, within which equal events are counted together.
const INTERVAL: i64 = 60 * 1_000_000;

/// The most kinds of event that one person has records of within the interval.
const KINDS_MAX: usize = 64;

/// What is equal in events that are counted together.
type Kind = (Option<String>, AccessEvent);

struct Sum {
    began: Timestamp,
    last: Timestamp,
    /// The events after the first.
    more: u64,
}

/// The events counted within the last interval, by person.
#[derive(Default)]
pub(super) struct Sums(HashMap<Option<ActorId>, HashMap<Kind, Sum>>);

impl Sums {
    /// Counts a record; returns it where it is to be written by itself.
    pub(super) fn add(&mut self, mut record: Record) -> Option<Record> {
        if !record.what.is_counted() {
            return Some(record);
        }
        let kinds = self.0.entry(record.who.clone()).or_default();
        let mut kind = (record.credential.clone(), record.what.clone());
        if kinds.len() >= KINDS_MAX && !kinds.contains_key(&kind) {
            record.credential = None;
            record.what = record.what.unspecific();
            kind = (None, record.what.clone());
        }
        if let Some(sum) = kinds.get_mut(&kind) {
            sum.last = record.at;
            sum.more = sum.more.saturating_add(1);
            return None;
        }
        kinds.insert(kind, Sum { began: record.at, last: record.at, more: 0 });
        Some(record)
    }

    /// Takes the sums whose interval is over at a time: those that began by then.
    pub(super) fn take_over(&mut self, now: Timestamp) -> Vec<Record> {
        self.take(Timestamp::from_micros(now.micros().saturating_sub(INTERVAL)))
    }

    /// Takes all sums.
    pub(super) fn take_all(&mut self) -> Vec<Record> {
        self.take(Timestamp::from_micros(i64::MAX))
    }

    fn take(&mut self, began_by: Timestamp) -> Vec<Record> {
        let mut records = Vec::new();
        self.0.retain(|who, kinds| {
            kinds.retain(|(credential, what), sum| {
                let over = sum.began <= began_by;
                if over && sum.more > 0 {
                    let (who, credential, what) = (who.clone(), credential.clone(), what.clone());
                    records.push(Record { at: sum.last, who, credential, times: sum.more, what });
                }
                !over
            });
            !kinds.is_empty()
        });
        records.sort_by_key(|record| record.at);
        records
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(micros: i64, code: &str) -> Record {
        let what = AccessEvent::SignInRefused { code: code.to_owned() };
        Record::anonymous(Timestamp::from_micros(micros), what)
    }

    #[test]
    fn equal_events_are_counted_and_others_are_kept() {
        let mut sums = Sums::default();
        assert!(sums.add(refused(0, "UNKNOWN_KEY")).is_some(), "the first is written");
        assert!(sums.add(refused(1, "EXPIRED")).is_some());
        assert!((2..1002).all(|micros| sums.add(refused(micros, "UNKNOWN_KEY")).is_none()));
        let exported = || Record::anonymous(Timestamp::from_micros(5), AccessEvent::Exported);
        assert!(sums.add(exported()).is_some() && sums.add(exported()).is_some());
        assert_eq!(sums.take_over(Timestamp::from_micros(INTERVAL - 1)), []);
        let counted = Record { times: 1000, ..refused(1001, "UNKNOWN_KEY") };
        assert_eq!(sums.take_over(Timestamp::from_micros(INTERVAL)), [counted]);
        assert!(sums.add(refused(INTERVAL, "UNKNOWN_KEY")).is_some(), "a new interval begins");
        assert_eq!(sums.take_all(), []);
    }

    #[test]
    fn many_different_questions_of_one_person_are_counted_together() {
        let mut sums = Sums::default();
        let denied = |who: &str, asked: i64| Record {
            who: Some(who.parse().unwrap()),
            ..Record::anonymous(
                Timestamp::from_micros(asked),
                AccessEvent::Denied { asked: asked.to_string() },
            )
        };
        let written = (0..10_000).filter_map(|asked| sums.add(denied("ann", asked))).count();
        assert_eq!(written, KINDS_MAX + 1);
        assert!(sums.add(denied("ben", 1)).is_some(), "each person has a share");
        let counted: u64 = sums.take_all().iter().map(|record| record.times).sum();
        assert_eq!(counted, 10_000 - u64::try_from(written).unwrap());
    }
}
