//! `budget-ledger explain`

use clap::Args;
use clap::ValueEnum;
use ledger_core::domain::command::ExplainUnderspend;
use ledger_core::domain::event::UnderspendCause;
use ledger_core::domain::line::LineKey;

use crate::amount::TypedAmount;

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;

/// Explain part of a line's underspend.
#[derive(Args)]
pub(super) struct Explain {
    /// The line.
    line: LineKey,
    /// How much of the underspend.
    amount: TypedAmount,
    /// Why.
    #[arg(long)]
    cause: CauseArg,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Explain {
    pub(super) fn run(self) -> Result<(), CliError> {
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

/// Why money was not spent.
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
    /// Nobody has said.
    Unknown,
}
