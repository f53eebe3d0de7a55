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
        money("cancelled", "balances.cancelled"),
        text("from", "balances.from"),
        text("to", "balances.to"),
        number("position", "^position"),
    ],
};

impl Funds {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let Funds { fund, read, moment } = self;
        balances(&TABLE, "Fund balances", fund, &read, &moment)
    }
}

/// Prints a table of the balances of funds, or of one fund.
pub(super) fn balances(
    table: &Table,
    caption: &str,
    fund: Option<FundCode>,
    read: &ReadArgs,
    moment: &MomentArgs,
) -> Result<(), CliError> {
    let door = read.open(moment)?;
    let asked = fund.map(|fund| fund.to_string());
    let (mut found, mut cells) = (false, Vec::new());
    let variables = moment.variables();
    let list = visit(&*door, table.document, table.rows, variables, &mut |row| {
        let wanted = asked.as_deref().is_none_or(|asked| row.node["code"] == asked);
        found |= wanted;
        if wanted {
            table.push_cells(&row, &mut cells)?;
        }
        Ok(true)
    })?;
    if let Some(asked) = asked.filter(|_| !found) {
        return Err(CliError::usage(format!(
            "there was no fund {asked} then: correct the code, or ask as at a later moment"
        )));
    }
    let position = list["position"].as_str().unwrap_or_default();
    let caption = format!("{caption} as at position {position}");
    Ok(table.answer(cells, list).rows(caption).print(read.format)?)
}
