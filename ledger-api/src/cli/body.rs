//! `budget-ledger body`

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::command::{CloseBody, MergeBodies, RegisterBody};
use ledger_core::domain::event::BodyKind;
use ledger_core::domain::text::Name;

use super::args::{MomentArgs, PostingArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::write;

/// Register, close, merge and list organisations.
#[derive(Args)]
pub(super) struct Body {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Register an organisation.
    Register {
        /// Its ODS code.
        code: BodyCode,
        /// What it is called.
        name: Name,
        /// What sort of organisation it is.
        #[arg(long)]
        kind: KindArg,
        /// The body above it.
        #[arg(long, value_name = "CODE")]
        parent: Option<BodyCode>,
        /// The first day on which it exists, where known.
        #[arg(long, value_name = "DATE")]
        opened_on: Option<NaiveDate>,
        #[command(flatten)]
        posting: PostingArgs,
    },
    /// Close an organisation: it takes no postings for later months.
    Close {
        /// Its ODS code.
        code: BodyCode,
        /// Its last day.
        #[arg(long, value_name = "DATE")]
        on: NaiveDate,
        #[command(flatten)]
        posting: PostingArgs,
    },
    /// Merge organisations into one that is registered.
    Merge {
        /// The one that succeeds them.
        #[arg(long, value_name = "CODE")]
        into: BodyCode,
        /// Those that end.
        #[arg(required = true, value_name = "CODE")]
        from: Vec<BodyCode>,
        /// Their last day.
        #[arg(long, value_name = "DATE")]
        on: NaiveDate,
        #[command(flatten)]
        posting: PostingArgs,
    },
    /// List organisations.
    List {
        #[command(flatten)]
        read: ReadArgs,
        #[command(flatten)]
        moment: MomentArgs,
    },
}

/// What sort of organisation a body is.
#[derive(Clone, Copy, ValueEnum)]
enum KindArg {
    /// The department.
    Department,
    /// An arm's-length body such as NHS England.
    NationalBody,
    /// An NHS England region.
    Region,
    /// An integrated care board.
    Icb,
    /// An NHS trust or foundation trust.
    Trust,
    /// A clinical commissioning group or sub-ICB location.
    Ccg,
    /// A general practice.
    GpPractice,
}

impl From<KindArg> for BodyKind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Department => Self::Department,
            KindArg::NationalBody => Self::NationalBody,
            KindArg::Region => Self::Region,
            KindArg::Icb => Self::Icb,
            KindArg::Trust => Self::Trust,
            KindArg::Ccg => Self::Ccg,
            KindArg::GpPractice => Self::GpPractice,
        }
    }
}

impl Body {
    pub(super) fn run(self) -> Result<(), CliError> {
        match self.action {
            Action::Register { code, name, kind, parent, opened_on, posting } => {
                let kind = kind.into();
                write::post(RegisterBody { code, name, kind, parent, opened_on }.into(), posting)
            }
            Action::Close { code, on, posting } => {
                write::post(CloseBody { code, on }.into(), posting)
            }
            Action::Merge { into, from, on, posting } => {
                write::post(MergeBodies { from, into, on }.into(), posting)
            }
            Action::List { read, moment } => list(&read, &moment),
        }
    }
}

fn list(read: &ReadArgs, moment: &MomentArgs) -> Result<(), CliError> {
    let told = read.open(moment)?.bodies(moment.as_at())?;
    let at = told.position;
    let columns =
        &["code", "name", "kind", "parent", "openedOn", "closedOn", "successor", "position"];
    let mut rows = Rows::new(format!("Bodies as at position {at}"), columns);
    for body in told.rows {
        rows.push(vec![
            Cell::text(body.code),
            Cell::Text(body.name),
            Cell::variant(body.kind),
            Cell::maybe_text(body.parent),
            Cell::maybe_text(body.opened_on),
            Cell::maybe_text(body.closed_on),
            Cell::maybe_text(body.successor),
            Cell::Number(at.get()),
        ]);
    }
    Ok(rows.print(read.format)?)
}
