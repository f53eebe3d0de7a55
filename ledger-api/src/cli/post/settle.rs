//! `budget-ledger settle`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::FundCode;
use ledger_core::domain::command::SettleFunding;

use crate::cli::args::ClassArg;
use crate::text::amount::TypedAmount;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Record the money settled on a fund.
#[derive(Args)]
pub(crate) struct Settle {
    /// The fund.
    fund: FundCode,
    /// The class of the money.
    #[arg(long)]
    class: ClassArg,
    /// The first year it may be allocated to.
    #[arg(long)]
    from: FinancialYear,
    /// The last year it may be allocated to.
    #[arg(long)]
    to: FinancialYear,
    /// New money from the Treasury.
    #[arg(long = "new", value_name = "AMOUNT", default_value = "0")]
    new_money: TypedAmount,
    /// Money that was in existing budgets before.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    reannounced: TypedAmount,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Settle {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Settle { fund, class, from, to, new_money, reannounced, posting } = self;
        write::echo(&[new_money.0, reannounced.0]);
        let command = SettleFunding {
            fund,
            class: class.into(),
            from,
            to,
            new_money: new_money.0,
            reannounced: reannounced.0,
        };
        write::post(command.into(), posting)
    }
}
