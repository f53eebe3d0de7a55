//! `budget-ledger programme`

use clap::{Args, Subcommand};
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::command::{CloseProgramme, OpenProgramme, RenameProgramme};
use ledger_core::domain::text::Name;

use crate::cli::args::{MomentArgs, PostingArgs, ReadArgs};
use crate::cli::exit::CliError;
use crate::cli::post::write;
use crate::cli::read::register;

/// Open, rename, close and list programmes.
#[derive(Args)]
pub(crate) struct Programme {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Open a programme.
    Open {
        /// Its code, such as CYBER.
        code: ProgrammeCode,
        /// Its name.
        name: Name,
        /// The code of the programme it is part of.
        #[arg(long, value_name = "CODE")]
        parent: Option<ProgrammeCode>,
        #[command(flatten)]
        posting: PostingArgs,
    },
    /// Give a programme another name. Its code stays.
    Rename {
        /// Its code, such as CYBER.
        code: ProgrammeCode,
        /// Its new name.
        name: Name,
        #[command(flatten)]
        posting: PostingArgs,
    },
    /// Close a programme that holds no money.
    Close {
        /// Its code, such as CYBER.
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
    pub(crate) fn run(self) -> Result<(), CliError> {
        match self.action {
            Action::Open { code, name, parent, posting } => {
                write::post(OpenProgramme { code, name, parent }.into(), posting)
            }
            Action::Rename { code, name, posting } => {
                write::post(RenameProgramme { code, name }.into(), posting)
            }
            Action::Close { code, posting } => write::post(CloseProgramme { code }.into(), posting),
            Action::List { read, moment } => register::PROGRAMMES.list(&read, &moment),
        }
    }
}
