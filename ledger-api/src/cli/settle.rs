//! `budget-ledger settle`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::code::FundCode;
use ledger_core::domain::command::SettleFunding;

use super::args::ClassArg;
use crate::amount::TypedAmount;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Settle money on a fund.
#[derive(Args)]
pub(super) struct Settle {
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
    /// What comes from the Treasury.
    #[arg(long = "new", value_name = "AMOUNT", default_value = "0")]
    new_money: TypedAmount,
    /// What was in existing budgets before.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    reannounced: TypedAmount,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Settle {
    pub(super) fn run(self) -> Result<(), CliError> {
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
