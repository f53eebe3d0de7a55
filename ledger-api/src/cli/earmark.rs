//! `budget-ledger earmark`

use clap::Args;
use ledger_core::domain::code::FundCode;
use ledger_core::domain::command;

use super::args::{ClassArg, FundAmountArg, fund_amounts};

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Set a fund's money aside for funds directly below it.
#[derive(Args)]
pub(super) struct Earmark {
    /// The fund it leaves.
    fund: FundCode,
    /// The class of the money.
    #[arg(long)]
    class: ClassArg,
    /// The funds below it, and what each gets.
    #[arg(required = true, value_name = "FUND=AMOUNT")]
    to: Vec<FundAmountArg>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Earmark {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Earmark { fund, class, to, posting } = self;
        let to = fund_amounts(&to);
        write::echo(&to.iter().map(|part| part.amount).collect::<Vec<_>>());
        write::post(command::Earmark { fund, class: class.into(), to }.into(), posting)
    }
}
