//! `budget-ledger show persistent`, `budget-ledger show accuracy` and `budget-ledger show balances`

use clap::Args;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode};
use projections::budget::Direction;

use serde_json::{Value, json};

use crate::cli::args::{ClassArg, MomentArgs, ReadArgs};
use crate::cli::ask::table::{Answer, Each, Table, member, money, number, percent, text};
use crate::cli::ask::variables::{self, with};
use crate::cli::exit::CliError;
use crate::cli::read::budget::filter;
use crate::cli::read::funds::balances;

/// The years and lines to include.
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
    /// Asks a table about these years.
    fn ask(&self, table: &Table, more: Value, read: &ReadArgs) -> Result<Answer, CliError> {
        let variables = json!({
            "from": variables::text(self.from),
            "to": variables::text(self.to),
            "filter": filter(self.programme, self.body, self.class),
        });
        let variables = with(variables, self.moment.variables());
        table.ask(&*read.open(&self.moment)?, with(variables, more))
    }
}

/// Programmes that underspent several years running, of years that are hard-closed.
#[derive(Args)]
pub(in crate::cli) struct Persistent {
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

const PERSISTENT: Table = Table {
    document: include_str!("../../documents/persistent.graphql"),
    rows: "answer.rows",
    each: Some(Each::Inner("years")),
    columns: &[
        text("programme", "programme.code"),
        text("name", "name"),
        text("year", "years.year"),
        money("revised", "years.revised"),
        money("outturn", "years.outturn"),
        money("underspend", "years.underspend"),
        percent("percent", "years.percent"),
        number("position", "^position"),
    ],
};

impl Persistent {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let direction = if self.overspent { Direction::Overspent } else { Direction::Underspent };
        let more = json!({ "direction": variables::member(direction), "running": self.running });
        let answer = self.years.ask(&PERSISTENT, more, &self.read)?;
        let way = if self.overspent { "overspent" } else { "underspent" };
        let caption = format!(
            "Programmes that {way} {} or more years running, as at position {}",
            self.running,
            answer.position()
        );
        Ok(answer.rows(caption).print(self.read.format)?)
    }
}

/// How accurate forecasts were: what stood at a month against the outturn of closed years.
#[derive(Args)]
pub(in crate::cli) struct Accuracy {
    #[command(flatten)]
    years: YearsArgs,
    /// At which month, such as M6; each from M1 to M12 where left out.
    #[arg(long)]
    month: Option<Month>,
    #[command(flatten)]
    read: ReadArgs,
}

const ACCURACY: Table = Table {
    document: include_str!("../../documents/accuracy.graphql"),
    rows: "answer.rows",
    each: None,
    columns: &[
        text("year", "year"),
        text("programme", "programme.code"),
        text("name", "name"),
        text("month", "month"),
        money("forecast", "forecast"),
        money("outturn", "outturn"),
        money("difference", "difference"),
        percent("percent", "percent"),
        money("unforecast", "unforecast"),
        number("position", "^position"),
    ],
};

impl Accuracy {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let month = json!({ "month": variables::text(self.month) });
        let answer = self.years.ask(&ACCURACY, month, &self.read)?;
        let at = answer.position();
        let caption = format!("Forecasts against their outturns, as at position {at}");
        Ok(answer.rows(caption).print(self.read.format)?)
    }
}

/// The uncancelled balance by year and class: budget that is neither spent nor promised; of a fund,
/// what is not allocated.
#[derive(Args)]
pub(in crate::cli) struct Balances {
    /// Of this fund and those below it, instead of programmes.
    #[arg(long, value_name = "CODE", conflicts_with_all = ["from", "to", "programme", "body", "class"])]
    fund: Option<FundCode>,
    #[command(flatten)]
    years: YearsArgs,
    #[command(flatten)]
    read: ReadArgs,
}

const BALANCES: Table = Table {
    document: include_str!("../../documents/balances.graphql"),
    rows: "answer.rows",
    each: None,
    columns: &[
        text("year", "year"),
        member("class", "class"),
        money("revised", "revised"),
        money("actual", "actual"),
        money("accrued", "accrued"),
        money("committed", "committed"),
        money("uncancelled", "uncancelled"),
        number("position", "^position"),
    ],
};

const FUND_BALANCES: Table = Table {
    document: include_str!("../../documents/funds.graphql"),
    rows: "rows",
    each: Some(Each::Inner("balances")),
    columns: &[
        text("fund", "code"),
        text("from", "balances.from"),
        text("to", "balances.to"),
        member("class", "balances.class"),
        money("settled", "balances.settled"),
        money("earmarked", "balances.earmarked"),
        money("allocated", "balances.allocated"),
        money("cancelled", "balances.cancelled"),
        money("uncancelled", "balances.unallocated"),
        number("position", "^position"),
    ],
};

impl Balances {
    pub(super) fn run(&self) -> Result<(), CliError> {
        if self.fund.is_some() {
            let caption = "Uncancelled balance, by the years it is for,";
            return balances(&FUND_BALANCES, caption, self.fund, &self.read, &self.years.moment);
        }
        let answer = self.years.ask(&BALANCES, json!({}), &self.read)?;
        let caption = format!("Uncancelled balances, as at position {}", answer.position());
        Ok(answer.rows(caption).print(self.read.format)?)
    }
}
