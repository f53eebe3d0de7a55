//! `budget-ledger publish`

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::claim::{Bearer, ClaimMeasure};
use ledger_core::domain::code::{ClaimCode, FundCode, ScopeCode};
use ledger_core::domain::command::{PoundsRange, PublishFigure, StatedFigure};
use ledger_core::domain::text::{Citation, Name, Words};

use super::args::PostingArgs;
use super::exit::CliError;
use super::write;
use crate::amount::TypedAmount;

/// Record a figure that somebody published. It moves no money, and stays as it is; `claims` holds
/// it against the ledger.
#[derive(Args)]
pub(super) struct Publish {
    /// The code of the published figure.
    code: ClaimCode,
    /// What it says the figure is.
    title: Name,
    #[command(flatten)]
    figure: FigureArgs,
    /// The total it is about.
    #[arg(long, value_name = "CODE", conflicts_with = "fund")]
    scope: Option<ScopeCode>,
    /// The fund it is about.
    #[arg(long, value_name = "CODE")]
    fund: Option<FundCode>,
    /// The financial year it is about.
    #[arg(long)]
    year: Option<FinancialYear>,
    /// The figure of the ledger it can be held against; left out where there is none such.
    #[arg(long)]
    measure: Option<MeasureArg>,
    /// Where it was published.
    #[arg(long, value_name = "TEXT")]
    source: Citation,
    /// When it was published.
    #[arg(long, value_name = "DATE")]
    on: NaiveDate,
    /// Who is said to bear it.
    #[arg(long)]
    bearer: Option<BearerArg>,
    /// The published figure whose place it takes.
    #[arg(long, value_name = "CODE")]
    supersedes: Option<ClaimCode>,
    #[command(flatten)]
    posting: PostingArgs,
}

/// The figure, and how surely it was stated: one of these.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct FigureArgs {
    /// Exactly so much.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    exactly: Option<TypedAmount>,
    /// About so much: within half a unit of its last digit that is not zero.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    about: Option<TypedAmount>,
    /// So much or more.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    at_least: Option<TypedAmount>,
    /// Between two amounts, both of them in it.
    #[arg(long, value_names = ["LOW", "HIGH"], num_args = 2, allow_hyphen_values = true)]
    between: Option<Vec<TypedAmount>>,
    /// No amount, which is not zero: what was said in its place.
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
        let none =
            || CliError::usage("no figure is given: state an amount, or the words".to_owned());
        unquantified.map(StatedFigure::Unquantified).ok_or_else(none)
    }
}

/// A figure of the ledger, as an argument.
#[derive(Clone, Copy, ValueEnum)]
enum MeasureArg {
    /// The budget of a scope in a year when its original baseline was struck.
    Original,
    /// The budget of a scope in a year.
    Revised,
    /// The reported forecast of a scope in a year.
    Forecast,
    /// The spend of a scope in a year.
    Actual,
    /// The budget of a scope less its outturn, or while the year is open less its forecast.
    Underspend,
    /// All that was settled on a fund.
    Settled,
    /// What of it is new money.
    NewMoney,
}

impl From<MeasureArg> for ClaimMeasure {
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

/// Who bears money, as an argument.
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
    pub(super) fn run(self) -> Result<(), CliError> {
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
