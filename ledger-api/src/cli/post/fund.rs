//! `budget-ledger fund`

use clap::{Args, Subcommand};
use ledger_core::domain::code::FundCode;
use ledger_core::domain::command::{CancelFund, EstablishFund};
use ledger_core::domain::text::Name;

use crate::cli::args::{ClassArg, PostingArgs, ReturnToArg};
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Establish or cancel a fund. `funds` lists funds with their balances.
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
    /// Cancel a fund and those below it: what is not allocated leaves them.
    Cancel {
        /// Its code.
        code: FundCode,
        /// Where the money goes: `treasury`, or the code of a fund above it.
        #[arg(long, value_name = "treasury|FUND")]
        to: ReturnToArg,
        /// Only money of this class.
        #[arg(long, value_enum)]
        class: Option<ClassArg>,
        #[command(flatten)]
        posting: PostingArgs,
    },
}

impl Fund {
    pub(crate) fn run(self) -> Result<(), CliError> {
        match self.action {
            Action::Establish { code, name, parent, posting } => {
                write::post(EstablishFund { code, name, parent }.into(), posting)
            }
            Action::Cancel { code: fund, to: ReturnToArg(to), class, posting } => {
                let class = class.map(Into::into);
                write::post(CancelFund { fund, class, to }.into(), posting)
            }
        }
    }
}
