//! `budget-ledger verify`

use clap::Args;
use ledger_core::domain::ledger::Ledger;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::log::merkle::Frontier;
use ledger_core::log::store::Store;
use ledger_core::projection::{Posted, Projection};
use ledger_core::replay::Replay;

use crate::access::log as access_log;
use crate::cli::args::FolderReadArgs;
use crate::cli::exit::{CliError, Exit};
use crate::cli::operate::progress;
use crate::cli::output::{Cell, Rows};

/// Check that the book is what was written: every hash, seal and balance.
#[derive(Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    read: FolderReadArgs,
}

/// The first movement that does not sum to zero.
#[derive(Default)]
struct BalanceCheck {
    unbalanced: Option<Position>,
}

impl Projection for BalanceCheck {
    fn apply(&mut self, entry: &Posted<'_>) {
        let balanced = entry
            .events
            .iter()
            .all(|event| Pence::sum(event.legs().iter().map(|leg| leg.pence)).is_zero());
        if !balanced && self.unbalanced.is_none() {
            self.unbalanced = Some(entry.position);
        }
    }
}

impl Verify {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let folder = self.read.folder.open()?;
        folder.may_read_all()?;
        let store = folder.store()?;
        let (mut ledger, mut balanced) = (Ledger::new(), BalanceCheck::default());
        let mut tree = Frontier::default();
        progress::while_reading(|progress| {
            let replay = Replay { progress, ..Replay::default() };
            replay.run(&store, &mut tree, &mut (&mut ledger, &mut balanced))
        })?;
        let failed = |message| Err(CliError::new(Exit::VerificationFailed, "UNBALANCED", message));
        if let Some(position) = balanced.unbalanced {
            return failed(format!(
                "the amounts of entry {position} do not sum to zero: restore the book from a backup"
            ));
        }
        let [funds, lines, outside] = ledger.conservation();
        if !Pence::sum([funds, lines, outside]).is_zero() {
            return failed(format!(
                "{funds:#} in funds, {lines:#} on lines and {outside:#} outside do not sum to zero: restore the book from a backup"
            ));
        }
        let head = store.head();
        if tree.root() != head.root {
            let message = format!(
                "the entries hash to {}, but the last seal says {}: restore the book from a backup",
                tree.root(),
                head.root
            );
            return Err(CliError::new(Exit::VerificationFailed, "ROOT_DIFFERS", message));
        }
        access_log::read(&self.read.folder.data)?;
        let caption = "Verified: every hash and seal is as written, every movement balances, \
                       and all money sums to zero.";
        let columns = &["entries", "root", "inFunds", "onLines", "outside", "book"];
        let mut rows = Rows::new(caption, columns);
        rows.push(vec![
            Cell::Number(head.position.get()),
            Cell::text(head.root),
            Cell::Money(funds),
            Cell::Money(lines),
            Cell::Money(outside),
            Cell::maybe_text(ledger.book()),
        ]);
        Ok(rows.print(self.read.format)?)
    }
}
