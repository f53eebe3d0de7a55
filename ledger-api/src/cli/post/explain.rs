//! `budget-ledger explain`

use clap::Args;
use clap::ValueEnum;
use ledger_core::domain::command::ExplainUnderspend;
use ledger_core::domain::event::UnderspendCause;
use ledger_core::domain::line::LineKey;

use crate::text::amount::TypedAmount;

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;

/// Give the reason for a line's underspend, or for part of it.
#[derive(Args)]
pub(crate) struct Explain {
    /// The line, such as CYBER/XDH/2018-19/unsplit: programme, body, year and class.
    line: LineKey,
    /// How much of the underspend this explains.
    amount: TypedAmount,
    /// The reason.
    #[arg(long)]
    cause: CauseArg,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Explain {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let Explain { line, amount: TypedAmount(amount), cause, posting } = self;
        write::echo(&[amount]);
        let cause = match cause {
            CauseArg::Slippage => UnderspendCause::Slippage,
            CauseArg::Saving => UnderspendCause::Saving,
            CauseArg::Clawback => UnderspendCause::Clawback,
            CauseArg::Diversion => UnderspendCause::Diversion,
            CauseArg::Unknown => UnderspendCause::Unknown,
        };
        write::post(ExplainUnderspend { line, cause, amount }.into(), posting)
    }
}

/// The reason for an underspend, as an argument.
#[derive(Clone, Copy, ValueEnum)]
enum CauseArg {
    /// It will be spent later.
    Slippage,
    /// It was not needed.
    Saving,
    /// It was taken back.
    Clawback,
    /// It was used for something else.
    Diversion,
    /// No reason is known.
    Unknown,
}
