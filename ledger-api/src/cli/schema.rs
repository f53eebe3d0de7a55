//! `budget-ledger schema`

use clap::Args;

use super::exit::CliError;
use super::output::to_stdout;
use crate::graphql;

/// Write the GraphQL schema to stdout, in its definition language.
#[derive(Args)]
pub(super) struct Schema {}

impl Schema {
    #[expect(clippy::unused_self, reason = "as every verb has it")]
    pub(super) fn run(self) -> Result<(), CliError> {
        Ok(to_stdout(|out| out.write_all(graphql::sdl().as_bytes()))?)
    }
}
