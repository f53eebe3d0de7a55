//! `budget-ledger allocate`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::FundCode;
use ledger_core::domain::command;

use super::args::{ClassArg, LineAmountArg, line_amounts};

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Allocate a fund's money to lines. An amount of 0 opens a line.
#[derive(Args)]
pub(super) struct Allocate {
    /// The fund.
    fund: FundCode,
    /// The lines, and what each gets.
    #[arg(required = true, value_name = "LINE=AMOUNT")]
    to: Vec<LineAmountArg>,
    /// The effective month.
    #[arg(long)]
    month: Month,
    /// The class of the fund's money it comes from; by default the class of each line.
    #[arg(long)]
    class: Option<ClassArg>,
    /// The closed year this concerns, if it is a prior-period adjustment.
    #[arg(long, value_name = "YEAR")]
    concerns: Option<FinancialYear>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Allocate {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Allocate { fund, to, month, class, concerns, posting } = self;
        let to = line_amounts(&to);
        write::echo(&to.iter().map(|part| part.amount).collect::<Vec<_>>());
        let class = class.map(Into::into);
        write::post(command::Allocate { fund, class, month, to, concerns }.into(), posting)
    }
}
