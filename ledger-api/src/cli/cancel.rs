//! `budget-ledger cancel`

use clap::Args;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::command::CancelProgramme;

use super::args::DestinationArg;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Cancel a programme and those below it, and move what is available.
#[derive(Args)]
pub(super) struct Cancel {
    /// The programme.
    programme: ProgrammeCode,
    /// Where its money goes, now and later.
    #[arg(long, value_name = "treasury|fund:CODE|programme:CODE")]
    to: DestinationArg,
    /// The effective month in the current year.
    #[arg(long)]
    month: Month,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Cancel {
    pub(super) fn run(self) -> Result<(), CliError> {
        let Cancel { programme, to: DestinationArg(to), month, posting } = self;
        write::post(CancelProgramme { programme, to, month }.into(), posting)
    }
}
