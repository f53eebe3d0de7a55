//! Faults: errors of a request or of the server, as top-level errors with a code. Errors of a
//! posting are data instead, in `userErrors`.

use async_graphql::{Error, ErrorExtensions};
use ledger_core::log::store::ReadError;
use ledger_core::writer::Refusal;
use projections::QueryError;

use crate::access::gate::Denied;

/// An error with a stable code for programs.
pub(crate) fn fault(code: &'static str, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// The error for a question that names something unknown.
pub(crate) fn unanswerable(error: &QueryError) -> Error {
    let code = match error {
        QueryError::UnknownProgramme(_) => "UNKNOWN_PROGRAMME",
        QueryError::UnknownBody(_) => "UNKNOWN_BODY",
        QueryError::BeyondHead { .. } => "BEYOND_HEAD",
        QueryError::Backwards { .. } => "BACKWARDS",
    };
    fault(code, error.to_string())
}

/// The error for an unreadable log. The cause goes to the server's own log, not to the caller.
pub(crate) fn unreadable(error: &ReadError) -> Error {
    match error {
        ReadError::Damaged(damage) => fault("DAMAGED", damage.to_string()),
        ReadError::Io { .. } => {
            tracing::error!(%error, "the log cannot be read");
            fault("INTERNAL_SERVER_ERROR", "the log cannot be read: see the server's own log")
        }
    }
}

/// The error for a refusal that the command did not cause, such as a stopped writer.
pub(crate) fn unable(refusal: &Refusal) -> Error {
    fault(refusal.code(), refusal.to_string())
}

/// The error for a refused authorisation.
pub(crate) fn denied(denied: &Denied) -> Error {
    fault(denied.code(), denied.to_string())
}

/// The error for a blocking task that was cancelled or panicked.
pub(crate) fn interrupted(error: &tokio::task::JoinError) -> Error {
    tracing::error!(%error, "reading was interrupted");
    fault("INTERNAL_SERVER_ERROR", "internal error")
}
