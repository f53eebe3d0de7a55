//! `budget-ledger scope`

use clap::{Args, Subcommand};
use ledger_core::domain::code::{BodyCode, ProgrammeCode, ScopeCode};
use ledger_core::domain::command::DefineScope;
use ledger_core::domain::text::Name;

use crate::cli::args::{ClassArg, MomentArgs, PostingArgs, ReadArgs};
use crate::cli::exit::CliError;
use crate::cli::post::write;
use crate::cli::read::register;

/// Define and list scopes: named totals to compare published figures with.
#[derive(Args)]
pub(crate) struct Scope {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Define a named total of programmes, bodies and classes.
    Define {
        /// Its code, which cannot change later.
        code: ScopeCode,
        /// Its name.
        name: Name,
        /// This programme and those below it, by default all. Repeat for several.
        #[arg(long, value_name = "CODE")]
        programme: Vec<ProgrammeCode>,
        /// This body and those below it, by default all. Repeat for several.
        #[arg(long, value_name = "CODE")]
        body: Vec<BodyCode>,
        /// This class, by default all. Repeat for several.
        #[arg(long)]
        class: Vec<ClassArg>,
        #[command(flatten)]
        posting: PostingArgs,
    },
    /// List scopes.
    List {
        #[command(flatten)]
        read: ReadArgs,
        #[command(flatten)]
        moment: MomentArgs,
    },
}

impl Scope {
    pub(crate) fn run(self) -> Result<(), CliError> {
        match self.action {
            Action::Define { code, name, programme, body, class, posting } => {
                let classes = class.into_iter().map(Into::into).collect();
                let (programmes, bodies) = (programme, body);
                let command = DefineScope { code, name, programmes, bodies, classes };
                write::post(command.into(), posting)
            }
            Action::List { read, moment } => register::SCOPES.list(&read, &moment),
        }
    }
}
