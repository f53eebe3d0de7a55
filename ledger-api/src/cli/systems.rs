//! `budget-ledger systems`

use clap::Args;
use ledger_core::domain::calendar::FinancialYear;

use super::args::{MomentArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::source::answer::SystemRow;

/// Integrated care systems: the regime each is under, and which overspends of its providers lack a
/// compensating offset.
#[derive(Args)]
pub(super) struct Systems {
    /// The financial year.
    #[arg(long)]
    year: FinancialYear,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    moment: MomentArgs,
}

const COLUMNS: &[&str] = &["icb", "regime", "body", "deterioration", "uncompensated", "position"];

impl Systems {
    pub(super) fn run(self) -> Result<(), CliError> {
        let told = self.read.open(&self.moment)?.systems(self.year, self.moment.as_at())?;
        let at = told.position;
        let caption = format!("Systems in {} as at position {at}", self.year);
        let mut rows = Rows::new(caption, COLUMNS);
        for SystemRow { icb, regime, deteriorated } in told.rows {
            let found = deteriorated.as_ref();
            rows.push(vec![
                Cell::text(icb),
                Cell::Text(regime),
                Cell::maybe_text(found.map(|(body, _, _)| *body)),
                Cell::maybe_money(found.map(|(_, pence, _)| *pence)),
                Cell::maybe_money(found.map(|(_, _, uncompensated)| *uncompensated)),
                Cell::Number(at.get()),
            ]);
        }
        Ok(rows.print(self.read.format)?)
    }
}
