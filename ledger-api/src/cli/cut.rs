//! `budget-ledger cut`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::CodeError;
use ledger_core::domain::command::{self, ReturnTo};
use ledger_core::domain::line::LineKey;

use crate::amount::TypedAmount;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Cut a line's budget, back to a fund or out to the Treasury.
#[derive(Args)]
pub(super) struct Cut {
    /// The line.
    line: LineKey,
    /// How much.
    amount: TypedAmount,
    /// The effective month.
    #[arg(long)]
    month: Month,
    /// `treasury`, or a fund's code; may be left out where exactly one fund has paid the line.
    #[arg(long, value_name = "treasury|FUND")]
    to: Option<String>,
    /// The closed year this concerns, if it is a prior-period adjustment.
    #[arg(long, value_name = "YEAR")]
    concerns: Option<FinancialYear>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Cut {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Cut { line, amount: TypedAmount(amount), month, to, concerns, posting } = self;
        let to = match to.as_deref() {
            None => None,
            Some("treasury") => Some(ReturnTo::Treasury),
            Some(fund) => Some(ReturnTo::Fund(
                fund.parse().map_err(|error: CodeError| CliError::usage(error.to_string()))?,
            )),
        };
        write::echo(&[amount]);
        write::post(command::Cut { line, amount, month, to, concerns }.into(), posting)
    }
}
