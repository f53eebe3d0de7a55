//! `budget-ledger publish`

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::claim::{Bearer, FigureMeasure};
use ledger_core::domain::code::{FigureCode, FundCode, ScopeCode};
use ledger_core::domain::command::{PoundsRange, PublishFigure, StatedFigure};
use ledger_core::domain::text::{Citation, Name, Words};

use crate::cli::args::PostingArgs;
use crate::cli::exit::CliError;
use crate::cli::post::write;
use crate::text::amount::TypedAmount;

/// Record a figure that somebody published. It moves no money; `claims` compares it with the
/// ledger.
#[derive(Args)]
pub(crate) struct Publish {
    /// A code for the published figure.
    code: FigureCode,
    /// What the figure is, in the words of its source.
    title: Name,
    #[command(flatten)]
    figure: FigureArgs,
    /// The scope it is about: a total that `scope define` named.
    #[arg(long, value_name = "CODE", conflicts_with = "fund")]
    scope: Option<ScopeCode>,
    /// The fund it is about.
    #[arg(long, value_name = "CODE")]
    fund: Option<FundCode>,
    /// The financial year it is about.
    #[arg(long)]
    year: Option<FinancialYear>,
    /// The figure of the ledger to compare it with. Leave it out if there is none.
    #[arg(long)]
    measure: Option<MeasureArg>,
    /// Where it was published, such as "HSJ 7022965".
    #[arg(long, value_name = "TEXT")]
    source: Citation,
    /// The day it was published, such as 2019-06-30.
    #[arg(long, value_name = "DATE")]
    on: NaiveDate,
    /// Who pays, according to the source.
    #[arg(long)]
    bearer: Option<BearerArg>,
    /// The code of the published figure it replaces.
    #[arg(long, value_name = "CODE")]
    supersedes: Option<FigureCode>,
    #[command(flatten)]
    posting: PostingArgs,
}

/// The figure and its precision: one of these.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct FigureArgs {
    /// Exactly this amount.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    exactly: Option<TypedAmount>,
    /// About this amount: £72m means £71.5m to £72.5m.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    about: Option<TypedAmount>,
    /// This amount or more.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    at_least: Option<TypedAmount>,
    /// Between two amounts, inclusive.
    #[arg(long, value_names = ["LOW", "HIGH"], num_args = 2, allow_hyphen_values = true)]
    between: Option<Vec<TypedAmount>>,
    /// No amount was stated: the words used in its place.
    #[arg(long, value_name = "WORDS")]
    unquantified: Option<Words>,
}

impl FigureArgs {
    fn figure(self) -> Result<StatedFigure, CliError> {
        let FigureArgs { exactly, about, at_least, between, unquantified } = self;
        if let Some(TypedAmount(amount)) = exactly {
            return Ok(StatedFigure::Exact(amount));
        }
        if let Some(TypedAmount(amount)) = about {
            return Ok(StatedFigure::About(amount));
        }
        if let Some(TypedAmount(amount)) = at_least {
            return Ok(StatedFigure::AtLeast(amount));
        }
        if let Some([TypedAmount(low), TypedAmount(high)]) = between.as_deref() {
            return Ok(StatedFigure::Range(PoundsRange { low: *low, high: *high }));
        }
        unquantified.map(StatedFigure::Unquantified).ok_or_else(|| {
            CliError::usage(
                "no figure is given: add an amount with --exactly, or words with --unquantified",
            )
        })
    }
}

/// A figure of the ledger, as an argument.
#[derive(Clone, Copy, ValueEnum)]
enum MeasureArg {
    /// The original budget of a scope in a year.
    Original,
    /// The revised budget of a scope in a year.
    Revised,
    /// The reported forecast of a scope in a year.
    Forecast,
    /// The spend of a scope in a year.
    Actual,
    /// The budget of a scope less its outturn, or while the year is open less its forecast.
    Underspend,
    /// All that was settled on a fund.
    Settled,
    /// The new money settled on a fund.
    NewMoney,
}

impl From<MeasureArg> for FigureMeasure {
    fn from(measure: MeasureArg) -> Self {
        match measure {
            MeasureArg::Original => Self::Original,
            MeasureArg::Revised => Self::Revised,
            MeasureArg::Forecast => Self::Forecast,
            MeasureArg::Actual => Self::Actual,
            MeasureArg::Underspend => Self::Underspend,
            MeasureArg::Settled => Self::Settled,
            MeasureArg::NewMoney => Self::NewMoney,
        }
    }
}

/// Who pays, as an argument.
#[derive(Clone, Copy, ValueEnum)]
enum BearerArg {
    /// National bodies.
    National,
    /// Local bodies.
    Local,
}

impl From<BearerArg> for Bearer {
    fn from(bearer: BearerArg) -> Self {
        match bearer {
            BearerArg::National => Self::National,
            BearerArg::Local => Self::Local,
        }
    }
}

impl Publish {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let figure = self.figure.figure()?;
        match &figure {
            StatedFigure::Exact(pence)
            | StatedFigure::About(pence)
            | StatedFigure::AtLeast(pence) => write::echo(&[*pence]),
            StatedFigure::Range(range) => write::echo(&[range.low, range.high]),
            StatedFigure::Unquantified(_) => {}
        }
        let command = PublishFigure {
            code: self.code,
            title: self.title,
            scope: self.scope,
            fund: self.fund,
            year: self.year,
            measure: self.measure.map(Into::into),
            figure,
            source: self.source,
            published_on: self.on,
            bearer: self.bearer.map(Into::into),
            supersedes: self.supersedes,
        };
        write::post(command.into(), self.posting)
    }
}
