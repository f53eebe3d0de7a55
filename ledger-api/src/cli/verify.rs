//! `budget-ledger verify`

use clap::Args;
use ledger_core::domain::ledger::Ledger;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::log::merkle::Frontier;
use ledger_core::log::store::Store;
use ledger_core::projection::{Posted, Projection};
use ledger_core::replay::Replay;

use super::args::ReadArgs;
use super::exit::{CliError, Exit};
use super::output::{Cell, Rows};
use super::progress;
use crate::access::log as access_log;

/// Recompute everything from the first entry: every hash, every seal, every balance.
#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    read: ReadArgs,
}

/// Whether every movement is balanced.
#[derive(Default)]
struct Balanced {
    unbalanced: Option<Position>,
}

impl Projection for Balanced {
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
    pub(super) fn run(self) -> Result<(), CliError> {
        let folder = self.read.book.book("verify")?;
        folder.may_read_all()?;
        let store = folder.store()?;
        let (mut ledger, mut balanced) = (Ledger::new(), Balanced::default());
        let mut tree = Frontier::default();
        progress::while_reading(|progress| {
            let replay = Replay { progress, ..Replay::default() };
            replay.run(&store, &mut tree, &mut (&mut ledger, &mut balanced))
        })?;
        let failed = |message| Err(CliError::new(Exit::VerificationFailed, "UNBALANCED", message));
        if let Some(position) = balanced.unbalanced {
            return failed(format!("the legs of entry {position} do not sum to zero"));
        }
        let [funds, lines, outside] = ledger.conservation();
        if !Pence::sum([funds, lines, outside]).is_zero() {
            return failed(format!(
                "funds £{funds}, lines £{lines} and outside £{outside} do not sum to zero"
            ));
        }
        let head = store.head();
        if tree.root() != head.root {
            let message =
                format!("the root is {}, and the last seal says {}", tree.root(), head.root);
            return Err(CliError::new(Exit::VerificationFailed, "ROOT_DIFFERS", message));
        }
        access_log::read(self.read.book.folder("verify")?)?;
        let caption = "Verified: every hash and seal is what was written, every movement balances, \
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
