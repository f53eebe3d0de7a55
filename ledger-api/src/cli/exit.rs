//! How the program ends: exit codes, and errors as people and programs read them.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::rejection::Rejection;
use ledger_core::log::segments::OpenError;
use ledger_core::log::store::ReadError;
use ledger_core::writer::Refusal;
use projections::QueryError;
use projections::what_if::NotSupposed;
use serde::Serialize;

use crate::access::gate::Denied;
use crate::access::keyring::KeyringError;
use crate::access::keys::KeyError;
use crate::access::sign_in::Refused;
use crate::access::trail::TrailError;
use crate::book::BookError;
use crate::sample::SampleError;

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All was done.
    Done,
    /// Something failed that is nobody's mistake.
    Failure,
    /// The arguments or the input are malformed, or name what does not exist.
    Usage,
    /// A rule of the ledger refused it.
    Refused,
    /// Whoever asked may not do this.
    NotAuthorised,
    /// Someone else was first: read again and decide afresh.
    Conflict,
    /// The book is not what was written.
    VerificationFailed,
}

impl Exit {
    /// The code the process ends with.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failure => 1,
            Exit::Usage => 2,
            Exit::Refused => 3,
            Exit::NotAuthorised => 4,
            Exit::Conflict => 5,
            Exit::VerificationFailed => 6,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// An error of the command line: what, why and what next, in one message.
#[derive(Debug)]
pub struct CliError {
    exit: Exit,
    code: Cow<'static, str>,
    message: String,
    limit: Option<Pence>,
    current_version: Option<Position>,
    rows: Vec<RowError>,
}

/// What is wrong with a row of a file.
#[derive(Debug, Serialize)]
pub(super) struct RowError {
    /// Its line in the file, from 1.
    line: u64,
    code: Cow<'static, str>,
    message: String,
}

impl RowError {
    pub(super) fn new(line: u64, error: CliError) -> Self {
        RowError { line, code: error.code, message: error.message }
    }
}

/// Rows told to a person before the rest is only counted; a program is told all of them.
const ROWS_TOLD: usize = 20;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'e> {
    code: &'e str,
    message: &'e str,
    exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_version: Option<Position>,
    #[serde(skip_serializing_if = "<[RowError]>::is_empty")]
    rows: &'e [RowError],
}

impl CliError {
    /// An error with a stable name for programs and a message for people.
    pub fn new(exit: Exit, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        CliError { exit, code, message, limit: None, current_version: None, rows: Vec::new() }
    }

    /// The same, with the limit in the way and the version a line is at, where there are any.
    pub(super) fn with_figures(self, limit: Option<Pence>, version: Option<Position>) -> Self {
        CliError { limit, current_version: version, ..self }
    }

    /// The same, with what else there is to say.
    pub(super) fn with_note(self, note: &str) -> Self {
        CliError { message: format!("{}{note}", self.message), ..self }
    }

    /// The same, with what is wrong with each row.
    pub(super) fn with_rows(self, rows: Vec<RowError>) -> Self {
        CliError { rows, ..self }
    }

    /// A mistake in the arguments or the input.
    pub fn usage(message: impl Into<String>) -> Self {
        CliError::new(Exit::Usage, "USAGE", message)
    }

    pub(super) fn usage_of(error: &clap::Error) -> Self {
        let text = error.render().to_string();
        CliError::usage(text.strip_prefix("error: ").unwrap_or(&text).trim_end())
    }

    /// How the program ends.
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The error's stable name.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Writes the error to stderr, as JSON where the caller wants that.
    pub(super) fn report(&self, json: bool) -> Exit {
        let CliError { exit, code, message, limit, current_version, rows } = self;
        let mut stderr = io::stderr().lock();
        // Without a stderr nobody reads, the exit code still tells.
        drop(if json {
            let limit = limit.map(|limit| limit.to_string());
            let (exit_code, current_version) = (exit.code(), *current_version);
            let error = Report { code, message, exit_code, limit, current_version, rows };
            let line = serde_json::json!({ "error": error });
            writeln!(stderr, "{line}")
        } else {
            for RowError { line, message, .. } in rows.iter().take(ROWS_TOLD) {
                drop(writeln!(stderr, "line {line}: {message}"));
            }
            if rows.len() > ROWS_TOLD {
                drop(writeln!(stderr, "and {} more", rows.len() - ROWS_TOLD));
            }
            writeln!(stderr, "error: {message}")
        });
        *exit
    }
}

/// Whether the arguments ask for JSON, even where they cannot be parsed.
pub(super) fn wants_json(arguments: &[OsString]) -> bool {
    let mut texts = arguments.iter().filter_map(|argument| argument.to_str());
    while let Some(text) = texts.next() {
        let value = if text == "--format" { texts.next() } else { text.strip_prefix("--format=") };
        if let Some(value) = value {
            return value.starts_with("json");
        }
    }
    false
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        CliError::new(Exit::Failure, "IO", error.to_string())
    }
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        let exit = match &refusal {
            Refusal::Rejected(Rejection::VersionConflict { .. }) | Refusal::KeyReused { .. } => {
                Exit::Conflict
            }
            Refusal::Rejected(_) => Exit::Refused,
            Refusal::WritesOff { .. } | Refusal::OutcomeUnknown { .. } | Refusal::Stopped => {
                Exit::Failure
            }
        };
        let error = CliError::new(exit, refusal.code(), refusal.to_string());
        if let Refusal::Rejected(rejection) = &refusal {
            return error.with_figures(rejection.limit(), rejection.current_version());
        }
        error
    }
}

impl From<NotSupposed> for CliError {
    fn from(not: NotSupposed) -> Self {
        match not {
            NotSupposed::Refused(rejection) => Refusal::Rejected(rejection).into(),
            NotSupposed::AboutSignOff => {
                CliError::new(Exit::Refused, "ABOUT_SIGN_OFF", not.to_string())
            }
        }
    }
}

impl From<BookError> for CliError {
    fn from(error: BookError) -> Self {
        let (exit, code) = match &error {
            error if error.damage().is_some() => (Exit::VerificationFailed, "DAMAGED"),
            BookError::Open(OpenError::Claimed) => (Exit::Conflict, "CLAIMED"),
            BookError::Open(OpenError::BookExists) => (Exit::Conflict, "BOOK_EXISTS"),
            BookError::Open(OpenError::NoBook) => (Exit::Usage, "NO_BOOK"),
            BookError::Open(_) | BookError::Read(_) | BookError::Begin(_) | BookError::Io(_) => {
                (Exit::Failure, "IO")
            }
        };
        CliError::new(exit, code, error.to_string())
    }
}

impl From<Denied> for CliError {
    fn from(denied: Denied) -> Self {
        CliError::new(Exit::NotAuthorised, denied.code(), denied.to_string())
    }
}

impl From<Refused> for CliError {
    fn from(refused: Refused) -> Self {
        CliError::new(Exit::NotAuthorised, refused.code(), refused.to_string())
    }
}

impl From<TrailError> for CliError {
    fn from(error: TrailError) -> Self {
        let (exit, code) = match &error {
            TrailError::Io { .. } => (Exit::Failure, "IO"),
            TrailError::Busy { .. } => (Exit::Conflict, "CLAIMED"),
            TrailError::Damaged { .. } => (Exit::VerificationFailed, "ACCESS_LOG_DAMAGED"),
        };
        CliError::new(exit, code, error.to_string())
    }
}

impl From<KeyringError> for CliError {
    fn from(error: KeyringError) -> Self {
        let message = error.to_string();
        match error {
            KeyringError::Log(error) => error.into(),
            KeyringError::Io { .. } => CliError::new(Exit::Failure, "IO", message),
            KeyringError::Changed { .. } => {
                CliError::new(Exit::VerificationFailed, "KEYS_CHANGED", message)
            }
            KeyringError::Exists { .. } => CliError::new(Exit::Conflict, "KEYS_EXIST", message),
            KeyringError::Refused(refused) => {
                let exit = match &refused {
                    KeyError::Denied(_)
                    | KeyError::ForOneself
                    | KeyError::OwnHand
                    | KeyError::SamePerson => Exit::NotAuthorised,
                    KeyError::NoRole | KeyError::Unknown(_) => Exit::Usage,
                    KeyError::NotPending(_) | KeyError::Revoked(_) => Exit::Conflict,
                    KeyError::LastOfTwo(_) => Exit::Refused,
                };
                CliError::new(exit, refused.code(), message)
            }
        }
    }
}

impl From<ReadError> for CliError {
    fn from(error: ReadError) -> Self {
        BookError::from(error).into()
    }
}

impl From<QueryError> for CliError {
    fn from(error: QueryError) -> Self {
        CliError::new(Exit::Usage, "UNKNOWN", error.to_string())
    }
}

impl From<SampleError> for CliError {
    fn from(error: SampleError) -> Self {
        CliError::new(Exit::Failure, "SAMPLE", error.to_string())
    }
}
