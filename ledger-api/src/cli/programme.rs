//! `budget-ledger programme`

use clap::{Args, Subcommand};
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::command::{CloseProgramme, OpenProgramme, RenameProgramme};
use ledger_core::domain::text::Name;

use super::args::{MomentArgs, PostingArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::write;

/// Open, rename, close and list programmes.
#[derive(Args)]
pub(super) struct Programme {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Open a programme.
    Open {
        /// Its code.
        code: ProgrammeCode,
        /// What it is called.
        name: Name,
        /// The programme it is part of.
        #[arg(long, value_name = "CODE")]
        parent: Option<ProgrammeCode>,
        #[command(flatten)]
        posting: PostingArgs,
    },
    /// Give a programme another name; its code stays.
    Rename {
        /// Its code.
        code: ProgrammeCode,
        /// What it is called from now on.
        name: Name,
        #[command(flatten)]
        posting: PostingArgs,
    },
    /// Close a programme that holds no money.
    Close {
        /// Its code.
        code: ProgrammeCode,
        #[command(flatten)]
        posting: PostingArgs,
    },
    /// List programmes.
    List {
        #[command(flatten)]
        read: ReadArgs,
        #[command(flatten)]
        moment: MomentArgs,
    },
}

impl Programme {
    pub(super) fn run(self) -> Result<(), CliError> {
        match self.action {
            Action::Open { code, name, parent, posting } => {
                write::post(OpenProgramme { code, name, parent }.into(), posting)
            }
            Action::Rename { code, name, posting } => {
                write::post(RenameProgramme { code, name }.into(), posting)
            }
            Action::Close { code, posting } => write::post(CloseProgramme { code }.into(), posting),
            Action::List { read, moment } => list(&read, &moment),
        }
    }
}

fn list(read: &ReadArgs, moment: &MomentArgs) -> Result<(), CliError> {
    let told = read.open(moment)?.programmes(moment.as_at())?;
    let at = told.position;
    let caption = format!("Programmes as at position {at}");
    let mut rows = Rows::new(caption, &["code", "name", "parent", "status", "position"]);
    for programme in told.rows {
        rows.push(vec![
            Cell::text(programme.code),
            Cell::maybe_text(programme.name),
            Cell::maybe_text(programme.parent),
            Cell::maybe(programme.status, Cell::variant),
            Cell::Number(at.get()),
        ]);
    }
    Ok(rows.print(read.format)?)
}
