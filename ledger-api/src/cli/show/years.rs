//! `budget-ledger show persistent`, `budget-ledger show accuracy` and `budget-ledger show balances`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use projections::budget::Direction;

use crate::cli::args::{ClassArg, MomentArgs, ReadArgs};
use crate::cli::exit::CliError;
use crate::cli::output::{Cell, Rows};
use crate::cli::source::Source;
use crate::cli::source::analyses::YearsQuestion;

/// Which figures of which years.
#[derive(Args)]
struct YearsArgs {
    /// The first year that counts.
    #[arg(long, value_name = "YEAR")]
    from: Option<FinancialYear>,
    /// The last year that counts.
    #[arg(long, value_name = "YEAR")]
    to: Option<FinancialYear>,
    /// Only this programme and those below it.
    #[arg(long, value_name = "CODE")]
    programme: Option<ProgrammeCode>,
    /// Only this body and those below it.
    #[arg(long, value_name = "CODE")]
    body: Option<BodyCode>,
    /// Only this class.
    #[arg(long, value_enum)]
    class: Option<ClassArg>,
    #[command(flatten)]
    moment: MomentArgs,
}

impl YearsArgs {
    fn question(&self) -> YearsQuestion {
        let &YearsArgs { from, to, programme, body, class, .. } = self;
        let (class, as_at) = (class.map(Into::into), self.moment.as_at());
        YearsQuestion { from, to, programme, body, class, as_at }
    }

    /// The book to ask that.
    fn open(&self, read: &ReadArgs) -> Result<Box<dyn Source>, CliError> {
        read.open(&self.moment)
    }
}

/// Programmes that underspent several years running, of years that are closed for good.
#[derive(Args)]
pub(super) struct Persistent {
    #[command(flatten)]
    years: YearsArgs,
    /// Those that overspent instead.
    #[arg(long)]
    overspent: bool,
    /// How many years running, at least.
    #[arg(long, default_value_t = 3, value_name = "YEARS", value_parser = clap::value_parser!(u16).range(1..))]
    running: u16,
    #[command(flatten)]
    read: ReadArgs,
}

const PERSISTENT_COLUMNS: &[&str] =
    &["programme", "name", "year", "revised", "outturn", "underspend", "percent", "position"];

impl Persistent {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let direction = if self.overspent { Direction::Overspent } else { Direction::Underspent };
        let source = self.years.open(&self.read)?;
        let told = source.persistent(&self.years.question(), direction, self.running.into())?;
        let way = if self.overspent { "overspent" } else { "underspent" };
        let caption = format!(
            "Programmes that {way} {} or more years running, as at position {}",
            self.running, told.position
        );
        let mut rows = Rows::new(caption, PERSISTENT_COLUMNS);
        for pattern in told.rows {
            for year in &pattern.years {
                rows.push(vec![
                    Cell::text(pattern.programme),
                    Cell::maybe_text(pattern.name.as_ref()),
                    Cell::text(year.year),
                    Cell::Money(year.revised),
                    Cell::Money(year.outturn),
                    Cell::Money(year.underspend()),
                    Cell::maybe(year.percent(), Cell::Percent),
                    Cell::Number(told.position.get()),
                ]);
            }
        }
        Ok(rows.print(self.read.format)?)
    }
}

/// How accurate forecasts were: what stood at a month against the outturn of closed years.
#[derive(Args)]
pub(super) struct Accuracy {
    #[command(flatten)]
    years: YearsArgs,
    /// At which month, such as M6; each from M1 to M12 where left out.
    #[arg(long)]
    month: Option<Month>,
    #[command(flatten)]
    read: ReadArgs,
}

const ACCURACY_COLUMNS: &[&str] = &[
    "year",
    "programme",
    "name",
    "month",
    "forecast",
    "outturn",
    "difference",
    "percent",
    "unforecast",
    "position",
];

impl Accuracy {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let told = self.years.open(&self.read)?.accuracy(&self.years.question(), self.month)?;
        let caption = format!("Forecasts against their outturns, as at position {}", told.position);
        let mut rows = Rows::new(caption, ACCURACY_COLUMNS);
        for row in told.rows {
            rows.push(vec![
                Cell::text(row.year),
                Cell::text(row.programme),
                Cell::maybe_text(row.name.as_ref()),
                Cell::text(row.month),
                Cell::Money(row.forecast),
                Cell::Money(row.outturn),
                Cell::Money(row.difference()),
                Cell::maybe(row.percent(), Cell::Percent),
                Cell::Money(row.unforecast),
                Cell::Number(told.position.get()),
            ]);
        }
        Ok(rows.print(self.read.format)?)
    }
}

/// The uncancelled balance by year and class: budget that is neither spent nor promised.
#[derive(Args)]
pub(super) struct Balances {
    #[command(flatten)]
    years: YearsArgs,
    #[command(flatten)]
    read: ReadArgs,
}

const BALANCE_COLUMNS: &[&str] =
    &["year", "class", "revised", "actual", "accrued", "committed", "uncancelled", "position"];

impl Balances {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let told = self.years.open(&self.read)?.balances(&self.years.question())?;
        let caption = format!("Uncancelled balances, as at position {}", told.position);
        let mut rows = Rows::new(caption, BALANCE_COLUMNS);
        for row in told.rows {
            rows.push(vec![
                Cell::text(row.year),
                Cell::text(row.class),
                Cell::Money(row.revised),
                Cell::Money(row.actual),
                Cell::Money(row.accrued),
                Cell::Money(row.committed),
                Cell::Money(row.uncancelled),
                Cell::Number(told.position.get()),
            ]);
        }
        Ok(rows.print(self.read.format)?)
    }
}
