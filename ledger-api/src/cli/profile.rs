//! `budget-ledger profile`

use clap::Args;
use ledger_core::domain::command::SetProfile;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::profile::ProfileError;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Set a line's monthly profile.
#[derive(Args)]
pub(super) struct Profile {
    /// The line.
    line: LineKey,
    /// Twelve whole weights, April to March, separated by commas.
    #[arg(value_delimiter = ',', num_args = 12, required = true, value_name = "WEIGHT")]
    weights: Vec<u16>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Profile {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Profile { line, weights, posting } = self;
        let profile =
            weights.try_into().map_err(|error: ProfileError| CliError::usage(error.to_string()))?;
        write::post(SetProfile { line, profile }.into(), posting)
    }
}
