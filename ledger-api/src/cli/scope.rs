//! `budget-ledger scope`

use clap::{Args, Subcommand};
use ledger_core::domain::code::{BodyCode, ProgrammeCode, ScopeCode};
use ledger_core::domain::command::DefineScope;
use ledger_core::domain::event::ScopeDefined;
use ledger_core::domain::text::Name;

use super::args::{ClassArg, MomentArgs, PostingArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::write;

/// Define and list scopes: totals by name that published figures are about.
#[derive(Args)]
pub(super) struct Scope {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Define a total by name: which programmes, bodies and classes are in it.
    Define {
        /// Its code, which stays as it is defined.
        code: ScopeCode,
        /// What it is called.
        name: Name,
        /// This programme and those below it; may be given several times. All where left out.
        #[arg(long, value_name = "CODE")]
        programme: Vec<ProgrammeCode>,
        /// This body and those below it; may be given several times. All where left out.
        #[arg(long, value_name = "CODE")]
        body: Vec<BodyCode>,
        /// This class; may be given several times. All where left out.
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
    pub(super) fn run(self) -> Result<(), CliError> {
        match self.action {
            Action::Define { code, name, programme, body, class, posting } => {
                let classes = class.into_iter().map(Into::into).collect();
                let (programmes, bodies) = (programme, body);
                let command = DefineScope { code, name, programmes, bodies, classes };
                write::post(command.into(), posting)
            }
            Action::List { read, moment } => list(&read, &moment),
        }
    }
}

/// Codes as one text; nothing where there are none.
fn codes(codes: &[impl ToString]) -> Cell {
    let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
    Cell::maybe_text((!codes.is_empty()).then(|| codes.join(" ")))
}

fn list(read: &ReadArgs, moment: &MomentArgs) -> Result<(), CliError> {
    let told = read.open(moment)?.scopes(moment.as_at())?;
    let at = told.position;
    let columns = &["code", "name", "programmes", "bodies", "classes", "entry", "position"];
    let mut rows = Rows::new(format!("Scopes of published figures as at position {at}"), columns);
    for total in told.rows {
        let ScopeDefined { code, name, programmes, bodies, classes } = total.definition;
        rows.push(vec![
            Cell::text(code),
            Cell::text(name),
            codes(&programmes),
            codes(&bodies),
            codes(&classes),
            Cell::Number(total.defined_by.get()),
            Cell::Number(at.get()),
        ]);
    }
    Ok(rows.print(read.format)?)
}
