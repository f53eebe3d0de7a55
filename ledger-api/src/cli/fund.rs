//! `budget-ledger fund`

use clap::{Args, Subcommand};
use ledger_core::domain::code::FundCode;
use ledger_core::domain::command::EstablishFund;
use ledger_core::domain::text::Name;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Establish funds; `funds` lists them with their balances.
#[derive(Args)]
pub(super) struct Fund {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Establish a fund.
    Establish {
        /// Its code.
        code: FundCode,
        /// What it is called.
        name: Name,
        /// The fund it is part of.
        #[arg(long, value_name = "CODE")]
        parent: Option<FundCode>,
        #[command(flatten)]
        posting: PostingArgs,
    },
}

impl Fund {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Action::Establish { code, name, parent, posting } = self.action;
        write::post(EstablishFund { code, name, parent }.into(), posting)
    }
}
