//! `budget-ledger systems`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;

use serde_json::json;

use crate::cli::args::{MomentArgs, ReadArgs};
use crate::cli::ask::table::{Each, Table, member, money, number, text};
use crate::cli::ask::variables::with;
use crate::cli::exit::CliError;

/// Integrated care systems: the regime each is under, and which overspends of its providers lack a
/// compensating offset.
#[derive(Args)]
pub(in crate::cli) struct Systems {
    /// The financial year.
    #[arg(long)]
    year: FinancialYear,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

const TABLE: Table = Table {
    document: include_str!("../documents/systems.graphql"),
    rows: "answer.rows",
    each: Some(Each::Outer("deteriorations")),
    columns: &[
        text("icb", "icb"),
        member("regime", "regime"),
        text("body", "deteriorations.body"),
        money("deterioration", "deteriorations.amount"),
        money("uncompensated", "deteriorations.uncompensated"),
        number("position", "^position"),
    ],
};

impl Systems {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let variables = with(json!({ "year": self.year.to_string() }), self.moment.variables());
        let answer = TABLE.ask(&*self.read.open(&self.moment)?, variables)?;
        let caption = format!("Systems in {} as at position {}", self.year, answer.position());
        Ok(answer.rows(caption).print(self.read.format)?)
    }
}
