//! Exit codes, and errors for people and programs.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::log::segments::OpenError;
use ledger_core::log::store::ReadError;
use projections::QueryError;
use projections::book::BookError;
use serde::Serialize;

use crate::access::gate::Denied;
use crate::access::log::trail::TrailError;
use crate::access::second_person::SecondPersonError;
use crate::access::sign_in::Refused as SignInRefused;
use crate::access::sign_in::keyring::KeyringError;
use crate::access::sign_in::keys::KeyError;
use crate::postings::outcome::Refused;
use crate::postings::upload::{FILE_CHANGED, ROWS_LEFT};
use crate::sample::SampleError;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Success.
    Done,
    /// A fault outside the caller's control, such as a full disk.
    Failure,
    /// The arguments or the input are malformed, or name what does not exist.
    Usage,
    /// A rule of the ledger refused it.
    Refused,
    /// The caller lacks the right.
    NotAuthorised,
    /// Somebody else was first.
    Conflict,
    /// The book differs from what was written.
    VerificationFailed,
    /// The posting is in the book, but its receipt could not be shown.
    PostedNotShown,
}

impl Exit {
    /// Every way to end, in the order of the codes.
    pub const ALL: [Exit; 8] = [
        Exit::Done,
        Exit::Failure,
        Exit::Usage,
        Exit::Refused,
        Exit::NotAuthorised,
        Exit::Conflict,
        Exit::VerificationFailed,
        Exit::PostedNotShown,
    ];

    /// What the code means, in a few words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Exit::Done => "done",
            Exit::Failure => "failure: try again, or ask your administrator",
            Exit::Usage => "usage: correct the command or the file",
            Exit::Refused => "refused by a rule",
            Exit::NotAuthorised => "not authorised",
            Exit::Conflict => "conflict: somebody else was first, so read again",
            Exit::VerificationFailed => "verification failed: the book is damaged",
            Exit::PostedNotShown => "posted, but the receipt could not be shown",
        }
    }

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
            Exit::PostedNotShown => 7,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// An error of the command line. Its message says what, why and what to do next.
#[derive(Debug)]
pub struct CliError {
    exit: Exit,
    code: Cow<'static, str>,
    message: String,
    limit: Option<Pence>,
    current_version: Option<Position>,
    rows: Box<[RowError]>,
    gone: Box<[Gone]>,
}

/// The error of one row of a file.
#[derive(Debug, Serialize)]
pub(super) struct RowError {
    /// Its number in the file, from 1.
    pub(super) row: u64,
    code: Cow<'static, str>,
    message: String,
}

impl RowError {
    pub(super) fn new(row: u64, error: CliError) -> Self {
        RowError { row, code: error.code, message: error.message }
    }
}

/// An entry of a posted file that its changed version lacks.
#[derive(Debug, Serialize)]
pub(super) struct Gone {
    pub(super) entry: Position,
    /// What it posted; empty where that is not known.
    pub(super) events: String,
}

/// A person reads this many rows, then a count of the rest. A program reads all.
const ROWS_SHOWN: usize = 20;

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
    #[serde(skip_serializing_if = "<[Gone]>::is_empty")]
    gone: &'e [Gone],
}

impl CliError {
    /// An error with a stable name for programs and a message for people.
    pub fn new(exit: Exit, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        let (rows, gone) = Default::default();
        CliError { exit, code, message, limit: None, current_version: None, rows, gone }
    }

    /// A refusal by a rule, with the exit code of its name.
    pub(super) fn refused(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let code = code.into();
        let exit = match &*code {
            "VERSION_CONFLICT" | "IDEMPOTENCY_KEY_REUSED" | FILE_CHANGED | ROWS_LEFT => {
                Exit::Conflict
            }
            "MALFORMED" | "TOO_LARGE" => Exit::Usage,
            "WRITES_OFF" | "OUTCOME_UNKNOWN" | "UNREADABLE" | "STOPPED" | "BUSY"
            | "TOO_MUCH_AT_ONCE" => Exit::Failure,
            "DAMAGED" => Exit::VerificationFailed,
            name if name.starts_with("FORBIDDEN") => Exit::NotAuthorised,
            _ => Exit::Refused,
        };
        CliError::new(exit, code, message)
    }

    /// The same error with another exit code.
    pub(super) fn with_exit(self, exit: Exit) -> Self {
        CliError { exit, ..self }
    }

    /// The same error with a note after its message.
    pub(super) fn with_note(self, note: &str) -> Self {
        CliError { message: format!("{}{note}", self.message), ..self }
    }

    /// The same error with the errors of rows.
    pub(super) fn with_rows(self, rows: Vec<RowError>) -> Self {
        CliError { rows: rows.into(), ..self }
    }

    /// The entries that a changed file lacks.
    pub(super) const fn gone_mut(&mut self) -> &mut [Gone] {
        &mut self.gone
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

    /// Writes the error to stderr, as JSON if the caller asked for that.
    pub(super) fn report(&self, json: bool) -> Exit {
        let CliError { exit, code, message, limit, current_version, rows, gone } = self;
        let mut stderr = io::stderr().lock();
        // The exit code still says how it ended if stderr is closed.
        drop(if json {
            let limit = limit.map(|limit| limit.to_string());
            let (exit_code, current_version) = (exit.code(), *current_version);
            let error = Report { code, message, exit_code, limit, current_version, rows, gone };
            let line = serde_json::json!({ "error": error });
            writeln!(stderr, "{line}")
        } else {
            for RowError { row, message, .. } in rows.iter().take(ROWS_SHOWN) {
                drop(writeln!(stderr, "row {row}: {message}"));
            }
            if rows.len() > ROWS_SHOWN {
                drop(writeln!(stderr, "and {} more rows", rows.len() - ROWS_SHOWN));
            }
            for Gone { entry, events } in gone.iter().take(ROWS_SHOWN) {
                drop(writeln!(stderr, "gone from the file: entry {entry}: {events}"));
            }
            if gone.len() > ROWS_SHOWN {
                drop(writeln!(stderr, "and {} more entries", gone.len() - ROWS_SHOWN));
            }
            writeln!(stderr, "error: {message}")
        });
        *exit
    }
}

/// Whether the arguments ask for JSON, even if they cannot be parsed.
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

impl From<Refused> for CliError {
    fn from(refused: Refused) -> Self {
        let Refused { code, message, limit, current_version, gone } = refused;
        let error = CliError::refused(code, message);
        let gone = gone.into_iter().map(|entry| Gone { entry, events: String::new() }).collect();
        CliError { limit, current_version, gone, ..error }
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

impl From<SignInRefused> for CliError {
    fn from(refused: SignInRefused) -> Self {
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
                    | KeyError::OwnKey
                    | KeyError::SelfConfirmed
                    | KeyError::SamePerson => Exit::NotAuthorised,
                    KeyError::NoRole | KeyError::Unknown(_) | KeyError::OtherSpelling(..) => {
                        Exit::Usage
                    }
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

impl From<SecondPersonError> for CliError {
    fn from(error: SecondPersonError) -> Self {
        CliError::new(Exit::Failure, "POLICY", error.to_string())
    }
}

impl From<SampleError> for CliError {
    fn from(error: SampleError) -> Self {
        CliError::new(Exit::Failure, "SAMPLE", error.to_string())
    }
}
