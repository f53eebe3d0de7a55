//! `budget-ledger cancel`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::command::CancelProgramme;

use crate::cli::args::DestinationArg;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Cancel a programme and all below it, and move the money that is available.
#[derive(Args)]
pub(crate) struct Cancel {
    /// The code of the programme.
    programme: ProgrammeCode,
    /// Where its money goes, now and when commitments are released later.
    #[arg(long, value_name = "treasury|fund:CODE|programme:CODE")]
    to: DestinationArg,
    /// The month of the current year it takes effect in, such as M9 for December.
    #[arg(long)]
    month: Month,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Cancel {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Cancel { programme, to: DestinationArg(to), month, posting } = self;
        write::post(CancelProgramme { programme, to, month }.into(), posting)
    }
}
