//! `budget-ledger earmark`

use clap::Args;
use ledger_core::domain::code::FundCode;
use ledger_core::domain::command;

use crate::cli::args::{ClassArg, FundAmountArg, fund_amounts};

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Set a fund's money aside for the funds directly below it.
#[derive(Args)]
pub(crate) struct Earmark {
    /// The code of the fund above.
    fund: FundCode,
    /// The class of the money.
    #[arg(long)]
    class: ClassArg,
    /// Each fund below it and its amount, such as P2020-DATA=£20m.
    #[arg(required = true, value_name = "FUND=AMOUNT")]
    to: Vec<FundAmountArg>,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Earmark {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Earmark { fund, class, to, posting } = self;
        let to = fund_amounts(&to);
        write::echo(&to.iter().map(|part| part.amount).collect::<Vec<_>>());
        write::post(command::Earmark { fund, class: class.into(), to }.into(), posting)
    }
}
