//! `budget-ledger withdraw-baseline`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::command;
use ledger_core::domain::text::BaselineName;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Withdraw a baseline that was struck by mistake. A department approver signs it.
#[derive(Args)]
pub(crate) struct WithdrawBaseline {
    /// The financial year, such as 2026-27.
    year: FinancialYear,
    /// Its name, which is free again afterwards.
    name: BaselineName,
    #[command(flatten)]
    posting: PostingArgs,
}

impl WithdrawBaseline {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let WithdrawBaseline { year, name, posting } = self;
        write::post(command::WithdrawBaseline { year, name }.into(), posting)
    }
}
