//! `budget-ledger show exchanges` and `budget-ledger show switches`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;

use super::args::{MomentArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::source::flows::{ExchangedRow, SwitchRow};

/// Which year, as at when.
#[derive(Args)]
pub(super) struct YearArgs {
    /// The financial year.
    #[arg(long)]
    year: FinancialYear,
    #[command(flatten)]
    moment: MomentArgs,
}

/// What was deferred to the next year, by programme; the row without one is all of it.
pub(super) fn exchanges(which: &YearArgs, read: &ReadArgs) -> Result<(), CliError> {
    let told = read.open(&which.moment)?.exchanges(which.year, which.moment.as_at())?;
    let at = told.position;
    let caption = format!("Deferred from {} to the next year, as at position {at}", which.year);
    let columns = &["year", "programme", "deferred", "arrived", "elsewhere", "waiting", "position"];
    let mut rows = Rows::new(caption, columns);
    for ExchangedRow { programme, deferred, arrived, elsewhere, waiting } in told.rows {
        rows.push(vec![
            Cell::text(which.year),
            Cell::maybe_text(programme),
            Cell::Money(deferred),
            Cell::Money(arrived),
            Cell::maybe_money(elsewhere),
            Cell::maybe_money(waiting),
            Cell::Number(at.get()),
        ]);
    }
    Ok(rows.print(read.format)?)
}

/// The movements in which capital paid for revenue.
pub(super) fn switches(which: &YearArgs, read: &ReadArgs) -> Result<(), CliError> {
    let told = read.open(&which.moment)?.switches(which.year, which.moment.as_at())?;
    let at = told.position;
    let caption = format!("Capital that paid for revenue in {}, as at position {at}", which.year);
    let columns = &[
        "year",
        "entry",
        "amount",
        "used",
        "cap",
        "authority",
        "policy",
        "reversedBy",
        "position",
    ];
    let mut rows = Rows::new(caption, columns);
    for switch in told.rows {
        let SwitchRow { entry, pence, used, cap, authority, policy, reversed_by } = switch;
        rows.push(vec![
            Cell::text(which.year),
            Cell::Number(entry.get()),
            Cell::Money(pence),
            Cell::Money(used),
            Cell::maybe_money(cap),
            Cell::maybe_text(authority),
            Cell::maybe(policy, |policy| Cell::Number(policy.get())),
            Cell::maybe(reversed_by, |entry| Cell::Number(entry.get())),
            Cell::Number(at.get()),
        ]);
    }
    Ok(rows.print(read.format)?)
}
