//! Errors of a GraphQL answer as errors of the command line.

use serde::Deserialize;

use crate::cli::exit::{CliError, Exit};

/// An error of an answer.
#[derive(Deserialize)]
pub(super) struct Fault {
    message: String,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Default, Deserialize)]
struct Extensions {
    #[serde(default)]
    code: String,
}

impl From<Fault> for CliError {
    fn from(fault: Fault) -> Self {
        let Fault { message, extensions: Extensions { code } } = fault;
        let exit = match code.as_str() {
            "BACKWARDS" | "BEYOND_HEAD" | "OTHER_YEAR" | "UNKNOWN_PROGRAMME" | "UNKNOWN_BODY"
            | "UNKNOWN_LINE" => {
                return CliError::new(Exit::Usage, "UNKNOWN", message);
            }
            "UNAUTHENTICATED" => Exit::NotAuthorised,
            name if name.starts_with("FORBIDDEN") => Exit::NotAuthorised,
            "TOO_MANY_POSTINGS" => Exit::Usage,
            "DAMAGED" => Exit::VerificationFailed,
            _ => Exit::Failure,
        };
        CliError::new(exit, code, message)
    }
}

/// An answer that does not have the shape its document asks for.
pub(super) fn unexpected(what: &str) -> CliError {
    let message = format!("unexpected reply ({what}): is this client the server's version?");
    CliError::new(Exit::Failure, "NOT_UNDERSTOOD", message)
}
