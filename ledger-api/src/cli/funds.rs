//! `budget-ledger funds`

use std::collections::BTreeMap;

use clap::Args;
use ledger_core::domain::code::FundCode;
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::movement::Pot;
use projections::funds::FundBalance;

use super::args::{MomentArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};

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
        let view = self.read.data.view()?;
        let models = view.models();
        let at = models.moment(self.moment.as_at())?.position;
        if let Some(asked) = self.fund
            && !models.register.funds(at).any(|(code, _)| code == asked)
        {
            return Err(CliError::usage(format!(
                "there was no fund {asked} then: correct the code, or ask as at a later moment"
            )));
        }
        // Each fund's own balance, and those of the funds below it.
        let mut balances: BTreeMap<(FundCode, BudgetClass), FundBalance> = BTreeMap::new();
        for (code, _) in models.register.funds(at) {
            for class in models.funds.classes(code, at) {
                let own = models.funds.at(Pot { fund: code, class }, at);
                for above in models.register.fund_path(code) {
                    let sum = balances.entry((above, class)).or_default();
                    *sum = sum.plus(&own);
                }
            }
        }
        let mut rows = Rows::new(format!("Fund balances as at position {at}"), COLUMNS);
        for (code, fund) in models.register.funds(at) {
            if self.fund.is_some_and(|asked| asked != code) {
                continue;
            }
            for class in BudgetClass::ALL {
                let Some(balance) = balances.get(&(code, class)) else { continue };
                rows.push(vec![
                    Cell::text(code),
                    Cell::text(&fund.name),
                    Cell::maybe_text(fund.parent),
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
        }
        Ok(rows.print(self.read.format)?)
    }
}
