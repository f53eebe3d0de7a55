//! The check of the system's clock. Every later entry would keep a wrong time, because recorded
//! times never go back.
//!
//! A clock is doubted at a start, if it stands far from the last entry, and later, if it jumps
//! against the time since the machine started. A doubted clock turns writes off until somebody
//! accepts it. The file `clock` beside the log keeps each acceptance, and each jump until then, as
//! lines of JSON.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use crate::domain::calendar::Timestamp;
use crate::domain::position::Position;
use crate::log::segments::{Disk, read_all, replace};
use crate::log::store::Store;
use crate::writer::Clock;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;

/// The largest jump that is believed.
const JUMP_MAX: i64 = MINUTE;

/// How far before the last entry a clock is believed at a start.
const BEHIND_MAX: i64 = DAY;

/// How far after the last entry a clock is believed at a start.
const AHEAD_MAX: i64 = 400 * DAY;

/// The file of acceptances and jumps.
const FILE: &str = "clock";

/// What to do about a doubted clock.
const CURE: &str = "set the clock right, or if it is right start once with --accept-clock";

/// A reading of the system's clocks, in microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The time of day.
    pub now: Timestamp,
    /// The time since the machine started, suspension included.
    pub since_start: i64,
}

impl Reading {
    /// Reads both clocks, at most a second apart unless the machine is stalled.
    pub fn take(now: impl Fn() -> Timestamp) -> Self {
        let mut before = since_start();
        for _ in 0..10 {
            let now = now();
            let after = since_start();
            if after - before < SECOND {
                return Reading { now, since_start: before };
            }
            before = after;
        }
        Reading { now: now(), since_start: before }
    }

    /// The time at which the machine started, by this reading.
    const fn start(self) -> i64 {
        self.now.micros().saturating_sub(self.since_start)
    }
}

fn since_start() -> i64 {
    let since = clock_gettime(ClockId::Boottime);
    since.tv_sec.saturating_mul(SECOND).saturating_add(since.tv_nsec / 1000)
}

/// The last entry of a book.
#[derive(Clone, Copy, Debug)]
pub struct LastEntry {
    /// Its position.
    pub position: Position,
    /// When it was recorded.
    pub recorded: Timestamp,
}

/// A line of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "camelCase", deny_unknown_fields)]
enum Note {
    /// The clock jumped while the book was open.
    Jumped { clock: Timestamp, doubt: String },
    /// Somebody accepted the clock.
    Accepted { clock: Timestamp, entry: Position, recorded: Timestamp, doubt: String, by: String },
}

/// A clock that was checked at a start.
pub struct CheckedClock {
    /// The clock. It turns writes off if it jumps.
    pub clock: Clock,
    /// Why it was doubted, if it was accepted.
    pub accepted: Option<String>,
}

/// Checks the clock of a book that is opened to write. A doubted clock turns the store's writes
/// off, unless `accepted_by` names who accepts it.
///
/// # Errors
///
/// [`io::Error`] where the disk fails.
pub fn check(
    store: &Arc<dyn Store>,
    disk: &Arc<dyn Disk>,
    last: LastEntry,
    read: impl Fn() -> Reading + Send + Sync + 'static,
    accepted_by: Option<&str>,
) -> io::Result<CheckedClock> {
    let reading = read();
    let doubt = doubt(notes(&**disk)?.as_deref(), last, reading.now);
    let accepted = match (doubt, accepted_by) {
        (None, _) => None,
        (Some(doubt), Some(by)) => {
            accept(&**disk, last, reading.now, &doubt, by)?;
            Some(doubt)
        }
        (Some(doubt), None) => {
            store.poison(&format!("{doubt} ({CURE})"));
            None
        }
    };
    let (store, disk, start) =
        (Arc::clone(store), Arc::clone(disk), AtomicI64::new(reading.start()));
    let clock = Box::new(move || {
        let reading = read();
        let jump = reading.start().saturating_sub(start.swap(reading.start(), Relaxed));
        if jump.saturating_abs() > JUMP_MAX {
            let way = if jump > 0 { "ahead" } else { "back" };
            let by = count(jump.saturating_abs() / MINUTE, "minute");
            let doubt = format!("the clock jumped {way} by {by}, to {}", shown(reading.now));
            store.poison(&format!("{doubt} ({CURE})"));
            // Without the note, the next start believes the clock if it stands near the last entry.
            drop(add(&*disk, &Note::Jumped { clock: reading.now, doubt }));
        }
        reading.now
    });
    Ok(CheckedClock { clock, accepted })
}

/// Records that somebody accepts the clock.
///
/// # Errors
///
/// [`io::Error`] where the disk fails.
pub fn accept(
    disk: &dyn Disk,
    last: LastEntry,
    now: Timestamp,
    doubt: &str,
    by: &str,
) -> io::Result<()> {
    let LastEntry { position: entry, recorded } = last;
    let (doubt, by) = (doubt.to_owned(), by.to_owned());
    add(disk, &Note::Accepted { clock: now, entry, recorded, doubt, by })
}

/// Why the clock is doubted at a start; `None` where it is believed.
fn doubt(notes: Option<&[u8]>, last: LastEntry, now: Timestamp) -> Option<String> {
    let newest = notes.and_then(|notes| notes.trim_ascii_end().split(|b| *b == b'\n').next_back());
    let (before, named) = match newest.map(serde_json::from_slice) {
        Some(Ok(Note::Jumped { doubt, .. })) => {
            return Some(format!("{doubt}, and nobody has accepted it since"));
        }
        Some(Err(error)) => return Some(format!("the file {FILE} cannot be read: {error}")),
        // The entries since were recorded no later: the accepted clock was behind them.
        Some(Ok(Note::Accepted { clock, recorded, .. })) if recorded == last.recorded => {
            (clock, "the time at which it was last accepted")
        }
        Some(Ok(Note::Accepted { .. })) | None => (last.recorded, "the last entry"),
    };
    let after = now.micros().saturating_sub(before.micros());
    if (-BEHIND_MAX..=AHEAD_MAX).contains(&after) {
        return None;
    }
    let side = if after > 0 { "after" } else { "before" };
    let (days, before) = (count(after.saturating_abs() / DAY, "day"), shown(before));
    Some(format!("the clock says {}, {days} {side} {named}, {before}", shown(now)))
}

fn count(number: i64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn shown(time: Timestamp) -> impl std::fmt::Display {
    time.to_utc().format("%-d %B %Y %H:%M UTC")
}

fn notes(disk: &dyn Disk) -> io::Result<Option<Vec<u8>>> {
    match disk.open(FILE) {
        Ok(file) => read_all(&*file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn add(disk: &dyn Disk, note: &Note) -> io::Result<()> {
    let mut notes = notes(disk)?.unwrap_or_default();
    if !notes.is_empty() && !notes.ends_with(b"\n") {
        notes.push(b'\n');
    }
    serde_json::to_writer(&mut notes, note)?;
    notes.push(b'\n');
    replace(disk, FILE, &notes)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::log::segments::Folder;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A book's store and folder, opened by clocks that the test sets.
    struct Desk {
        store: Arc<crate::log::memory::MemoryStore>,
        disk: Arc<dyn Disk>,
        folder: tempfile::TempDir,
        reading: Arc<Mutex<Reading>>,
    }

    const LAST: &str = "2026-05-20T12:00:00Z";

    impl Desk {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let disk = Arc::new(Folder::writable(folder.path()).unwrap());
            let reading = Reading { now: time(LAST), since_start: 0 };
            let reading = Arc::new(Mutex::new(reading));
            Desk { store: Arc::default(), disk, folder, reading }
        }

        fn starts(&mut self, now: &str, last: &str, by: Option<&str>) -> (CheckedClock, String) {
            self.store = Arc::default();
            self.reading.lock().unwrap().now = time(now);
            let reading = Arc::clone(&self.reading);
            let read = move || *reading.lock().unwrap();
            let last = LastEntry { position: Position::new(9), recorded: time(last) };
            let store: Arc<dyn Store> = Arc::clone(&self.store) as _;
            let checked = check(&store, &self.disk, last, read, by).unwrap();
            let off = self.off();
            (checked, off)
        }

        fn doubts(&mut self, now: &str, last: &str) -> String {
            self.starts(now, last, None).1
        }

        fn accepts(&mut self, now: &str, last: &str) -> Option<String> {
            let (checked, off) = self.starts(now, last, Some("ada"));
            assert_eq!(off, "");
            checked.accepted
        }

        /// Why writes are off; empty while they are on.
        fn off(&self) -> String {
            let block = crate::log::block::Block::default();
            match self.store.append(Position::new(1), &block) {
                Err(crate::log::store::AppendError::Poisoned { reason }) => reason,
                Ok(()) | Err(_) => String::new(),
            }
        }

        fn lines(&self) -> Vec<serde_json::Value> {
            let text = std::fs::read_to_string(self.folder.path().join(FILE)).unwrap_or_default();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        }
    }

    #[test]
    fn a_clock_far_from_the_last_entry_is_doubted_until_it_is_accepted() {
        for believed in ["2026-05-19T12:00:00Z", LAST, "2027-06-24T12:00:00Z"] {
            assert_eq!(Desk::new().doubts(believed, LAST), "", "{believed}");
        }
        let doubted = [
            ("2026-05-19T11:59:59Z", "1 day before the last entry, 20 May 2026 12:00 UTC"),
            ("2027-06-24T12:00:01Z", "400 days after the last entry"),
            ("2400-01-01T00:00:00Z", "the clock says 1 January 2400 00:00 UTC, 136460 days after"),
        ];
        for (now, said) in doubted {
            let mut desk = Desk::new();
            let off = desk.doubts(now, LAST);
            assert!(off.contains(said) && off.contains("--accept-clock"), "{off}");
            assert!(desk.accepts(now, LAST).is_some_and(|doubt| off.starts_with(&doubt)));
            let note = &desk.lines()[0];
            assert_eq!((&note["by"], &note["entry"]), (&"ada".into(), &9.into()), "{note}");
            // The last entry is as it was, or one is recorded by the accepted clock.
            assert_eq!(desk.doubts(now, LAST), "", "{now}");
            assert_eq!(desk.accepts(now, LAST), None, "only a doubt is accepted");
            assert_eq!(desk.doubts(now, now), "", "{now}");
            assert_eq!(desk.lines().len(), 1);
        }
    }

    #[test]
    fn an_accepted_clock_is_compared_with_the_time_of_its_acceptance() {
        let mut desk = Desk::new();
        let wrong = "2400-01-01T00:00:00Z";
        // Entries were recorded in 2400. The clock is right again, and entries keep that time.
        assert!(desk.doubts("2026-06-01T12:00:00Z", wrong).contains("days before the last entry"));
        assert!(desk.accepts("2026-06-01T12:00:00Z", wrong).is_some());
        assert_eq!(desk.doubts("2027-06-01T12:00:00Z", wrong), "");
        for now in ["2026-05-30T12:00:00Z", "2027-08-01T12:00:00Z", wrong] {
            let off = desk.doubts(now, wrong);
            assert!(off.contains("the time at which it was last accepted"), "{off}");
        }
        std::fs::write(desk.folder.path().join(FILE), "not a note").unwrap();
        assert!(desk.doubts(wrong, wrong).contains("the file clock cannot be read"));
        assert!(desk.accepts(wrong, wrong).is_some());
        assert_eq!(desk.doubts(wrong, wrong), "");
    }

    #[test]
    fn a_clock_that_jumps_turns_writes_off_until_it_is_accepted() {
        for (seconds, jumped) in
            [(60, None), (61, Some("ahead by 1 minute,")), (-86_400, Some("back by 1440 minutes"))]
        {
            let mut desk = Desk::new();
            let (checked, _) = desk.starts(LAST, LAST, None);
            // A day in which both clocks run; and one of them is set.
            for (now, since_start) in [(DAY, DAY), (DAY + seconds * SECOND, DAY)] {
                assert_eq!(desk.off(), "");
                let now = Timestamp::from_micros(time(LAST).micros() + now);
                *desk.reading.lock().unwrap() = Reading { now, since_start };
                assert_eq!((checked.clock)(), now);
            }
            let off = desk.off();
            let Some(jumped) = jumped else {
                assert_eq!((off, desk.lines().len()), (String::new(), 0));
                continue;
            };
            assert!(off.contains(jumped), "{off}");
            assert_eq!(desk.lines()[0]["what"], "jumped");
            // A start alone does not end it.
            assert!(desk.doubts(LAST, LAST).contains("nobody has accepted it since"));
            assert!(desk.accepts(LAST, LAST).is_some());
            assert_eq!(desk.doubts(LAST, LAST), "");
            assert_eq!(desk.lines().len(), 2);
        }
    }

    #[test]
    fn the_clocks_of_the_system_run_together() {
        let take = || Reading::take(|| Timestamp::from_micros(since_start()));
        let (first, second) = (take(), take());
        assert!(second.since_start >= first.since_start);
        assert!((second.start() - first.start()).abs() < 2 * SECOND);
    }
}
