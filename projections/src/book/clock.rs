//! The system's clock: the one place where time comes in.

use ledger_core::domain::calendar::Timestamp;
use ledger_core::writer::Clock;

/// The system's clock.
pub fn system_clock() -> Clock {
    Box::new(now)
}

/// The time now, by the system's clock.
#[expect(clippy::disallowed_methods, reason = "the one place where time comes in")]
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since.map_or(0, |since| since.as_micros());
    Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}
