//! Faults: what is wrong with a request or with the server, as top-level errors with a code. What
//! is wrong with a posting is data instead, in `userErrors`.

use async_graphql::{Error, ErrorExtensions};
use ledger_core::log::store::ReadError;
use ledger_core::writer::Refusal;
use projections::QueryError;

use crate::access::gate::Denied;

/// An error with a stable code for programs.
pub(super) fn fault(code: &'static str, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// A question that cannot be answered as it was asked.
pub(super) fn unanswerable(error: &QueryError) -> Error {
    let code = match error {
        QueryError::UnknownProgramme(_) => "UNKNOWN_PROGRAMME",
        QueryError::UnknownBody(_) => "UNKNOWN_BODY",
        QueryError::BeyondHead { .. } => "BEYOND_HEAD",
        QueryError::Backwards { .. } => "BACKWARDS",
    };
    fault(code, error.to_string())
}

/// A log that cannot be read. What failed is for the operator's log, not for the caller.
pub(super) fn unreadable(error: &ReadError) -> Error {
    match error {
        ReadError::Damaged(damage) => fault("DAMAGED", damage.to_string()),
        ReadError::Io { .. } => {
            tracing::error!(%error, "the log cannot be read");
            fault("INTERNAL_SERVER_ERROR", "the log cannot be read: see the server's own log")
        }
    }
}

/// A posting that nobody could have answered otherwise: the caller's command is not at fault.
pub(super) fn unable(refusal: &Refusal) -> Error {
    fault(refusal.code(), refusal.to_string())
}

/// What somebody may not do.
pub(super) fn denied(denied: &Denied) -> Error {
    fault(denied.code(), denied.to_string())
}

/// Work on a blocking thread that did not end.
pub(super) fn interrupted(error: &tokio::task::JoinError) -> Error {
    tracing::error!(%error, "reading was interrupted");
    fault("INTERNAL_SERVER_ERROR", "internal error")
}
