//! The program's clock: the one place where time comes in.

use std::sync::atomic::{AtomicI64, Ordering};

use ledger_core::domain::calendar::Timestamp;
use ledger_core::writer::Clock;

/// How far this process's clock is ahead of the system's, in microseconds: 0 but under test.
static AHEAD_MICROS: AtomicI64 = AtomicI64::new(0);

/// The program's clock, in the form a book takes.
pub fn system_clock() -> Clock {
    Box::new(now)
}

/// The time now, by the program's clock.
pub fn now() -> Timestamp {
    let ahead = AHEAD_MICROS.load(Ordering::Relaxed);
    Timestamp::from_micros(by_system().saturating_add(ahead))
}

/// Sets the clock of this process, which runs on from there. Only tests call it: no argument or
/// setting of the program does.
pub fn set(time: Timestamp) {
    AHEAD_MICROS.store(time.micros().saturating_sub(by_system()), Ordering::Relaxed);
}

/// Microseconds since 1970, by the system's clock.
#[expect(clippy::disallowed_methods, reason = "the one place where time comes in")]
fn by_system() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since.map_or(0, |since| since.as_micros());
    i64::try_from(micros).unwrap_or(i64::MAX)
}
