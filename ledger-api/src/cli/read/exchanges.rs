//! `budget-ledger show exchanges` and `budget-ledger show switches`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;

use serde_json::{Value, json};

use crate::cli::args::{MomentArgs, ReadArgs};
use crate::cli::ask::table::{Table, computed, money, number, pence, text};
use crate::cli::ask::variables::with;
use crate::cli::exit::CliError;
use crate::cli::output::Cell;

/// Which year, as at when.
#[derive(Args)]
pub(in crate::cli) struct YearArgs {
    /// The financial year.
    #[arg(long)]
    year: FinancialYear,
    #[command(flatten)]
    moment: MomentArgs,
}

impl YearArgs {
    fn variables(&self) -> Value {
        with(json!({ "year": self.year.to_string() }), self.moment.variables())
    }
}

const EXCHANGES: Table = Table {
    document: include_str!("../documents/exchanges.graphql"),
    rows: "answer.rows",
    each: None,
    columns: &[
        text("year", "$year"),
        text("programme", "programme"),
        money("deferred", "deferred"),
        money("arrived", "arrived"),
        computed("elsewhere", "", |_| Cell::Absent),
        computed("waiting", "", |_| Cell::Absent),
        number("position", "^position"),
    ],
};

/// What was deferred to the next year, by programme; the row without one is all of it.
pub(in crate::cli) fn exchanges(which: &YearArgs, read: &ReadArgs) -> Result<(), CliError> {
    let door = read.open(&which.moment)?;
    let mut answer = EXCHANGES.ask(&*door, which.variables())?;
    let all = |name: &str| Cell::maybe_money(pence(&answer.list[name]));
    let (year, at) = (which.year, answer.position());
    let total = vec![
        Cell::text(year),
        Cell::Absent,
        all("deferred"),
        all("arrived"),
        all("elsewhere"),
        all("waiting"),
        Cell::Number(at.get()),
    ];
    answer.rows.push(total);
    let caption = format!("Deferred from {year} to the next year, as at position {at}");
    Ok(answer.rows(caption).print(read.format)?)
}

const CAPITAL_FOR_REVENUE: Table = Table {
    document: include_str!("../documents/capital-for-revenue.graphql"),
    rows: "answer.rows",
    each: None,
    columns: &[
        text("year", "$year"),
        number("entry", "position"),
        money("amount", "amount"),
        money("used", "used"),
        money("cap", "cap"),
        text("authority", "entry.authority"),
        number("policy", "policy"),
        number("reversedBy", "reversedBy"),
        number("position", "^position"),
    ],
};

/// The movements in which capital paid for revenue.
pub(in crate::cli) fn capital_for_revenue(
    which: &YearArgs,
    read: &ReadArgs,
) -> Result<(), CliError> {
    let door = read.open(&which.moment)?;
    let answer = CAPITAL_FOR_REVENUE.ask(&*door, which.variables())?;
    let (year, moment) = (which.year, answer.moment());
    let caption = format!("Capital that paid for revenue in {year}, as at {moment}");
    Ok(answer.rows(caption).print(read.format)?)
}
