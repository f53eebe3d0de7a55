//! `budget-ledger funds`

use clap::Args;
use ledger_core::domain::code::FundCode;

use super::args::{MomentArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::source::answer::FundRow;

/// Fund balances: what was settled, new and re-announced, what is allocated, what is left. A fund
/// with others below it includes them.
#[derive(Args)]
pub(super) struct Funds {
    /// Only this fund.
    fund: Option<FundCode>,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

const COLUMNS: &[&str] = &[
    "fund",
    "name",
    "parent",
    "class",
    "settled",
    "newMoney",
    "reannounced",
    "earmarked",
    "allocated",
    "unallocated",
    "position",
];

impl Funds {
    pub(super) fn run(self) -> Result<(), CliError> {
        let told = self.read.open(&self.moment)?.funds(self.moment.as_at())?;
        if let Some(asked) = self.fund
            && !told.rows.iter().any(|fund| fund.code == asked)
        {
            return Err(CliError::usage(format!(
                "there was no fund {asked} then: correct the code, or ask as at a later moment"
            )));
        }
        let at = told.position;
        let mut rows = Rows::new(format!("Fund balances as at position {at}"), COLUMNS);
        for FundRow { code, name, parent, balance } in told.rows {
            let wanted = self.fund.is_none_or(|asked| asked == code);
            let Some((class, balance)) = balance.filter(|_| wanted) else { continue };
            rows.push(vec![
                Cell::text(code),
                Cell::Text(name),
                Cell::maybe_text(parent),
                Cell::text(class),
                Cell::Money(balance.settled()),
                Cell::Money(balance.new_money),
                Cell::Money(balance.reannounced),
                Cell::Money(balance.earmarked),
                Cell::Money(balance.allocated),
                Cell::Money(balance.unallocated()),
                Cell::Number(at.get()),
            ]);
        }
        Ok(rows.print(self.read.format)?)
    }
}
