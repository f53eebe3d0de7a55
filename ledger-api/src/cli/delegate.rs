//! `budget-ledger delegate`

use clap::{Args, Subcommand};
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::command;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::ActorId;

use super::args::{CapacityArg, PostingArgs};
use super::exit::CliError;
use super::write;

/// Let somebody else sign as what one is, for a time; or end that before its time.
#[derive(Args)]
pub(super) struct Delegate {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Give(Give),
    End(End),
}

/// Let somebody else sign.
#[derive(Args)]
struct Give {
    /// Who may sign, by opaque id.
    to: ActorId,
    /// As what: `icb:X-ICB`.
    #[arg(long = "as", value_name = "TIER:BODY")]
    capacity: CapacityArg,
    /// From this moment.
    #[arg(long)]
    begins: Timestamp,
    /// Until before this moment.
    #[arg(long)]
    ends: Timestamp,
    #[command(flatten)]
    posting: PostingArgs,
}

/// End a delegation of one's own.
#[derive(Args)]
struct End {
    /// The entry that gave it.
    delegation: Position,
    #[command(flatten)]
    posting: PostingArgs,
}

impl Delegate {
    pub(super) fn run(self) -> Result<(), CliError> {
        match self.action {
            Action::Give(Give { to, capacity, begins, ends, posting }) => {
                let capacity = capacity.0;
                write::post(command::Delegate { to, capacity, begins, ends }.into(), posting)
            }
            Action::End(End { delegation, posting }) => {
                write::post(command::EndDelegation { delegation }.into(), posting)
            }
        }
    }
}
