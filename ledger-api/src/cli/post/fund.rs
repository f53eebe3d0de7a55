//! `budget-ledger fund`

use clap::{Args, Subcommand};
use ledger_core::domain::code::FundCode;
use ledger_core::domain::command::EstablishFund;
use ledger_core::domain::text::Name;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Establish a fund. `funds` lists funds with their balances.
#[derive(Args)]
pub(crate) struct Fund {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Establish a fund.
    Establish {
        /// Its code, such as P2020.
        code: FundCode,
        /// Its name.
        name: Name,
        /// The code of the fund it is part of.
        #[arg(long, value_name = "CODE")]
        parent: Option<FundCode>,
        #[command(flatten)]
        posting: PostingArgs,
    },
}

impl Fund {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Action::Establish { code, name, parent, posting } = self.action;
        write::post(EstablishFund { code, name, parent }.into(), posting)
    }
}
