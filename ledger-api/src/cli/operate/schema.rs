//! `budget-ledger schema`

use clap::Args;

use crate::cli::exit::CliError;
use crate::cli::output::to_stdout;
use crate::graphql;

/// Write the GraphQL schema to stdout, for programmers.
#[derive(Args)]
pub(crate) struct Schema {}

impl Schema {
    #[expect(clippy::unused_self, reason = "as every verb has it")]
    pub(crate) fn run(self) -> Result<(), CliError> {
        Ok(to_stdout(|out| out.write_all(graphql::sdl().as_bytes()))?)
    }
}
