//! `budget-ledger funds`

use clap::Args;
use ledger_core::domain::code::FundCode;

use crate::cli::args::{MomentArgs, ReadArgs};
use crate::cli::ask::table::{Each, Table, member, money, number, text, visit};
use crate::cli::exit::CliError;

/// Fund balances: what was settled, new and re-announced, what is allocated, what is left. A fund
/// with others below it includes them.
#[derive(Args)]
pub(in crate::cli) struct Funds {
    /// Only this fund.
    fund: Option<FundCode>,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

const TABLE: Table = Table {
    document: include_str!("../documents/funds.graphql"),
    rows: "rows",
    each: Some(Each::Inner("balances")),
    columns: &[
        text("fund", "code"),
        text("name", "name"),
        text("parent", "parent.code"),
        member("class", "balances.class"),
        money("settled", "balances.settled"),
        money("newMoney", "balances.newMoney"),
        money("reannounced", "balances.reannounced"),
        money("earmarked", "balances.earmarked"),
        money("allocated", "balances.allocated"),
        money("unallocated", "balances.unallocated"),
        number("position", "^position"),
    ],
};

impl Funds {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let door = self.read.open(&self.moment)?;
        let asked = self.fund.map(|fund| fund.to_string());
        let (mut found, mut cells) = (false, Vec::new());
        let variables = self.moment.variables();
        let list = visit(&*door, TABLE.document, TABLE.rows, variables, &mut |row| {
            let wanted = asked.as_deref().is_none_or(|asked| row.node["code"] == asked);
            found |= wanted;
            if wanted {
                TABLE.push_cells(&row, &mut cells)?;
            }
            Ok(true)
        })?;
        if let Some(asked) = asked.filter(|_| !found) {
            return Err(CliError::usage(format!(
                "there was no fund {asked} then: correct the code, or ask as at a later moment"
            )));
        }
        let position = list["position"].as_str().unwrap_or_default();
        let caption = format!("Fund balances as at position {position}");
        Ok(TABLE.answer(cells, list).rows(caption).print(self.read.format)?)
    }
}
