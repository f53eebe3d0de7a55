//! `budget-ledger delegate`

use clap::{Args, Subcommand};
use ledger_core::domain::command;
use ledger_core::domain::date_or_time::DateOrTime;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::ActorId;

use crate::cli::args::{CapacityArg, MomentArgs, PostingArgs, ReadArgs};
use crate::cli::exit::CliError;
use crate::cli::post::write;
use crate::cli::read::register;

/// Let somebody else sign off in your place for a time, or end that, or list who may.
#[derive(Args)]
pub(crate) struct Delegate {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Give(Give),
    End(End),
    List(List),
}

/// Let somebody else sign off in your place.
#[derive(Args)]
struct Give {
    /// The id of the person who may sign.
    to: ActorId,
    /// The tier and body you sign for, such as icb:X-ICB.
    #[arg(long = "as", value_name = "TIER:BODY")]
    capacity: CapacityArg,
    /// When it begins: a date, which means its start in UK time, or a time.
    #[arg(long)]
    begins: DateOrTime,
    /// When it ends: a date, which means its end in UK time, or a time.
    #[arg(long)]
    ends: DateOrTime,
    #[command(flatten)]
    posting: PostingArgs,
}

/// End a delegation of yours before its time.
#[derive(Args)]
struct End {
    /// The number of the entry that gave it, as `delegate list` shows it.
    delegation: Position,
    #[command(flatten)]
    posting: PostingArgs,
}

/// List delegations, past ones included.
#[derive(Args)]
struct List {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

impl Delegate {
    pub(crate) fn run(self) -> Result<(), CliError> {
        match self.action {
            Action::Give(Give { to, capacity, begins, ends, posting }) => {
                let (begins, ends) = (begins.begins(), ends.ends());
                let capacity = capacity.0;
                write::post(command::Delegate { to, capacity, begins, ends }.into(), posting)
            }
            Action::List(List { read, moment }) => register::DELEGATIONS.list(&read, &moment),
            Action::End(End { delegation, posting }) => {
                write::post(command::EndDelegation { delegation }.into(), posting)
            }
        }
    }
}
