//! `budget-ledger delegate`

use clap::{Args, Subcommand};
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::command;
use ledger_core::domain::position::Position;
use ledger_core::domain::text::ActorId;

use super::args::{CapacityArg, MomentArgs, PostingArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::write;

/// Let somebody else sign as what one is, for a time; end that before its time; list who may.
#[derive(Args)]
pub(super) struct Delegate {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Give(Give),
    End(End),
    List(List),
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

/// List delegations, those that no longer count included.
#[derive(Args)]
struct List {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

const COLUMNS: &[&str] =
    &["number", "from", "to", "tier", "body", "begins", "ends", "endedBy", "lapsed", "position"];

impl List {
    fn run(self) -> Result<(), CliError> {
        let told = self.read.open(&self.moment)?.delegations(self.moment.as_at())?;
        let at = told.position;
        let mut rows = Rows::new(format!("Delegations as at position {at}"), COLUMNS);
        for row in told.rows {
            rows.push(vec![
                Cell::Number(row.number.get()),
                Cell::text(row.from),
                Cell::text(row.to),
                Cell::variant(row.capacity.tier),
                Cell::text(row.capacity.body),
                Cell::text(row.begins),
                Cell::text(row.ends),
                Cell::maybe(row.ended, |ended| Cell::Number(ended.get())),
                Cell::maybe(row.lapsed, Cell::Flag),
                Cell::Number(at.get()),
            ]);
        }
        Ok(rows.print(self.read.format)?)
    }
}

impl Delegate {
    pub(super) fn run(self) -> Result<(), CliError> {
        match self.action {
            Action::Give(Give { to, capacity, begins, ends, posting }) => {
                let capacity = capacity.0;
                write::post(command::Delegate { to, capacity, begins, ends }.into(), posting)
            }
            Action::List(list) => list.run(),
            Action::End(End { delegation, posting }) => {
                write::post(command::EndDelegation { delegation }.into(), posting)
            }
        }
    }
}
