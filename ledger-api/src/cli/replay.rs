//! `budget-ledger replay`

use clap::Args;
use ledger_core::domain::position::Position;
use ledger_core::log::merkle::Frontier;
use ledger_core::replay::Replay as LogReplay;
use projections::ReadModels;
use projections::compare::{Comparison, compare};

use super::args::ReadArgs;
use super::exit::{CliError, Exit};
use super::output::{Cell, Rows};
use super::progress;

/// Rebuild every figure from the first entry up to a position, and compare with what the live
/// read models say as at that position.
#[derive(Args)]
pub(super) struct Replay {
    /// The last entry to replay; the head by default.
    #[arg(long, value_name = "POSITION")]
    to: Option<Position>,
    #[command(flatten)]
    read: ReadArgs,
}

impl Replay {
    pub(super) fn run(self) -> Result<(), CliError> {
        let folder = self.read.book.book("replay")?;
        folder.may_read_all()?;
        let view = folder.view()?;
        let to = self.to.unwrap_or(view.head().position);
        view.models().moment(projections::AsAt::Position(to))?;
        let (mut tree, mut rebuilt) = (Frontier::default(), ReadModels::default());
        progress::while_reading(|progress| {
            let replay = LogReplay { until: Some(to), progress, ..LogReplay::default() };
            replay.run(view.store(), &mut tree, &mut rebuilt)
        })?;
        let Comparison { figures, lines, years, differences } =
            compare(view.models(), &rebuilt, to);
        if let Some(first) = differences.first() {
            let message = format!(
                "{} of {figures} figures differ from those rebuilt from the log, first {first}: delete the snapshots folder and report this",
                differences.len()
            );
            return Err(CliError::new(Exit::VerificationFailed, "FIGURES_DIFFER", message));
        }
        let caption = format!("Replayed entries 1 to {to}: every figure equals the live one.");
        let columns = &["entries", "root", "years", "lines", "figures", "differing", "liveFrom"];
        let mut rows = Rows::new(caption, columns);
        rows.push(vec![
            Cell::Number(tree.size()),
            Cell::text(tree.root()),
            Cell::Number(years),
            Cell::Number(lines),
            Cell::Number(figures),
            Cell::Number(0),
            Cell::Number(view.replayed_from().get()),
        ]);
        Ok(rows.print(self.read.format)?)
    }
}
