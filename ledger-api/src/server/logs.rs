//! The server's log on stderr: text for people, or JSON for programs.

use std::io::{self, Write};

use rustix::fs::{FileType, fstat};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::settings::{LogFormat, LogLevel};
use crate::access::log::room::is_short_for;

/// Starts logging. A second call changes nothing. Where stderr is a file, nothing is written while its
/// disk has less than `room` bytes free.
pub fn begin(level: LogLevel, format: LogFormat, room: u64) {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    // Libraries log warnings at most.
    let filter = Targets::new()
        .with_default(LevelFilter::WARN.min(level))
        .with_target(env!("CARGO_CRATE_NAME"), level);
    let writer = move || Lines { room };
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_target(false);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    drop(tracing_subscriber::registry().with(lines.with_filter(filter)).try_init());
}

/// Writes a line of the log to stderr, while its disk has room.
struct Lines {
    room: u64,
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let stderr = io::stderr();
        let is_file = fstat(&stderr)
            .is_ok_and(|status| FileType::from_raw_mode(status.st_mode) == FileType::RegularFile);
        if is_file && is_short_for(&stderr, self.room) {
            return Ok(line.len());
        }
        stderr.lock().write_all(line).map(|()| line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
