//! `budget-ledger open-year`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode};
use ledger_core::domain::command;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Open the lines of a year in the next year, as one entry. Lines that are open there already stay
/// as they are. Try it with --dry-run first.
#[derive(Args)]
pub(crate) struct OpenYear {
    /// The year whose lines to open in the next, such as 2026-27.
    from: FinancialYear,
    /// The code of the fund that opens them, and pays recurring budget.
    #[arg(long, value_name = "CODE")]
    fund: FundCode,
    /// Allocate each line its revised budget again. Without this, lines open at £0.00.
    #[arg(long)]
    recurring: bool,
    /// Only lines of this programme and those below it.
    #[arg(long, value_name = "CODE")]
    programme: Option<ProgrammeCode>,
    /// Only lines of this body and those below it.
    #[arg(long, value_name = "CODE")]
    body: Option<BodyCode>,
    /// The month of the next year in which they open.
    #[arg(long, default_value = "M1")]
    month: Month,
    #[command(flatten)]
    posting: PostingArgs,
}

impl OpenYear {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let OpenYear { from, fund, recurring, programme, body, month, posting } = self;
        let open = command::OpenYear { from, fund, recurring, programme, body, month };
        write::post(open.into(), posting)
    }
}
