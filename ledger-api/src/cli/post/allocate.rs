//! `budget-ledger allocate`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::FundCode;
use ledger_core::domain::command;

use crate::cli::args::{ClassArg, LineAmountArg, line_amounts};

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Allocate a fund's money to budget lines. An amount of 0 opens a line.
#[derive(Args)]
pub(crate) struct Allocate {
    /// The fund.
    fund: FundCode,
    /// Each line and its amount, such as CYBER/XDH/2018-19/unsplit=£2m.
    #[arg(required = true, value_name = "LINE=AMOUNT")]
    to: Vec<LineAmountArg>,
    /// The month it takes effect in, such as M9 for December.
    #[arg(long)]
    month: Month,
    /// The class of the fund's money to use, by default the class of each line.
    #[arg(long)]
    class: Option<ClassArg>,
    /// The closed year it corrects, if it is a prior-period adjustment.
    #[arg(long, value_name = "YEAR")]
    concerns: Option<FinancialYear>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Allocate {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Allocate { fund, to, month, class, concerns, posting } = self;
        let to = line_amounts(&to);
        write::echo(&to.iter().map(|part| part.amount).collect::<Vec<_>>());
        let class = class.map(Into::into);
        write::post(command::Allocate { fund, class, month, to, concerns }.into(), posting)
    }
}
