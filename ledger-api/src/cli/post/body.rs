//! `budget-ledger body`

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use ledger_core::domain::code::BodyCode;
use ledger_core::domain::command::{CloseBody, MergeBodies, RegisterBody};
use ledger_core::domain::event::BodyKind;
use ledger_core::domain::text::Name;

use crate::cli::args::{MomentArgs, PostingArgs, ReadArgs};
use crate::cli::exit::CliError;
use crate::cli::post::write;
use crate::cli::read::register;

/// Register, close, merge and list organisations.
#[derive(Args)]
pub(crate) struct Body {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Register an organisation.
    Register {
        /// Its ODS code.
        code: BodyCode,
        /// Its name.
        name: Name,
        /// The kind of organisation.
        #[arg(long)]
        kind: KindArg,
        /// The code of the body above it.
        #[arg(long, value_name = "CODE")]
        parent: Option<BodyCode>,
        /// Its first day, if known, such as 2026-04-01.
        #[arg(long, value_name = "DATE")]
        opened_on: Option<NaiveDate>,
        #[command(flatten)]
        posting: PostingArgs,
    },
    /// Close an organisation: no postings for later months.
    Close {
        /// Its ODS code.
        code: BodyCode,
        /// Its last day.
        #[arg(long, value_name = "DATE")]
        on: NaiveDate,
        #[command(flatten)]
        posting: PostingArgs,
    },
    /// Merge organisations into one that is already registered.
    Merge {
        /// The code of the organisation that continues.
        #[arg(long, value_name = "CODE")]
        into: BodyCode,
        /// The codes of the organisations that end.
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

/// The kind of organisation, as an argument.
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
    pub(crate) fn run(self) -> Result<(), CliError> {
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
            Action::List { read, moment } => register::BODIES.list(&read, &moment),
        }
    }
}
