//! `budget-ledger replay`

use clap::Args;
use ledger_core::domain::position::Position;
use ledger_core::log::merkle::Frontier;
use ledger_core::log::store::Store;
use ledger_core::replay::Replay as LogReplay;
use projections::ReadModels;
use projections::compare::{Comparison, compare};

use crate::cli::args::FolderReadArgs;
use crate::cli::exit::{CliError, Exit};
use crate::cli::operate::progress;
use crate::cli::output::{Cell, Rows};

/// Rebuild every figure from the first entry, and compare it with the figure shown.
#[derive(Args)]
pub(crate) struct Replay {
    /// The last entry to replay, by default the last of the book.
    #[arg(long, value_name = "POSITION")]
    to: Option<Position>,
    #[command(flatten)]
    read: FolderReadArgs,
}

impl Replay {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let folder = self.read.folder.open()?;
        folder.may_read_all()?;
        let book = folder.book()?;
        let to = self.to.unwrap_or(book.store().head().position);
        book.models().moment(projections::AsAt::Position(to))?;
        let (mut tree, mut rebuilt) = (Frontier::default(), ReadModels::default());
        progress::while_reading(|progress| {
            let replay = LogReplay { until: Some(to), progress, ..LogReplay::default() };
            replay.run(&**book.store(), &mut tree, &mut rebuilt)
        })?;
        let Comparison { figures, lines, years, differences } =
            compare(&book.models(), &rebuilt, to);
        if let Some(first) = differences.first() {
            let message = format!(
                "{} of {figures} figures differ from those rebuilt, first {first}: delete the folder snapshots, run this again and report it",
                differences.len()
            );
            return Err(CliError::new(Exit::VerificationFailed, "FIGURES_DIFFER", message));
        }
        let caption = format!("Rebuilt from entries 1 to {to}: every figure equals the one shown.");
        let columns = &["entries", "root", "years", "lines", "figures", "differing", "liveFrom"];
        let mut rows = Rows::new(caption, columns);
        rows.push(vec![
            Cell::Number(tree.size()),
            Cell::text(tree.root()),
            Cell::Number(years),
            Cell::Number(lines),
            Cell::Number(figures),
            Cell::Number(0),
            Cell::Number(book.replayed_from().get()),
        ]);
        Ok(rows.print(self.read.format)?)
    }
}
