//! Flows in a snapshot: accounts, transfers and checkpoints as they are, so that nothing is traced
//! again.

use std::io::{self, Write};

use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::Leg;
use serde::{Deserialize, Serialize};

use super::mixes::{Checkpoint, Mixes};
use super::transfers::Transfer;
use super::{Flows, Origin};
use crate::year::split_sized;

/// What stands before the transfers.
#[derive(Serialize, Deserialize)]
struct Head {
    /// The accounts, each as a leg of 0.00.
    accounts: Vec<Leg>,
    transfers: usize,
    origins: Vec<Origin>,
    settled: Vec<((u32, u32), usize)>,
    /// Of each checkpoint, and last of the mixes as they are: the first transfer that is not in
    /// it, its position, how many origins there were, and how many numbers follow.
    mixes: Vec<(usize, u64, usize, usize)>,
}

impl Flows {
    /// Writes them, after the number of bytes their head takes.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let now = self.traced.now.checkpoint(self.transfers.all().len(), u64::MAX);
        let mixes = || self.traced.checkpoints.iter().chain([&now]);
        let head = serde_json::to_vec(&Head {
            accounts: self
                .accounts
                .all()
                .iter()
                .map(|account| Leg { account: *account, pence: Pence::ZERO })
                .collect(),
            transfers: self.transfers.all().len(),
            origins: self.origins.clone(),
            settled: self.settled.iter().map(|(accounts, origin)| (*accounts, *origin)).collect(),
            mixes: mixes()
                .map(|known| (known.transfer, known.position, known.origins, known.table.len()))
                .collect(),
        })?;
        out.write_all(&(head.len() as u64).to_le_bytes())?;
        out.write_all(&head)?;
        for transfer in self.transfers.all() {
            out.write_all(&transfer.to_bytes())?;
        }
        for number in mixes().flat_map(|known| &known.table) {
            out.write_all(&number.to_le_bytes())?;
        }
        Ok(())
    }

    /// Reads what [`Flows::write`] wrote; none where it is doubtful.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (head, rest) = split_sized(bytes)?;
        let head: Head = serde_json::from_slice(head).ok()?;
        let mut flows = Flows { origins: head.origins, ..Flows::default() };
        for leg in &head.accounts {
            flows.accounts.number(&leg.account);
        }
        flows.settled = head.settled.into_iter().collect();
        let length = head.transfers.checked_mul(Transfer::BYTES)?;
        let (transfers, mut rest) = rest.split_at_checked(length)?;
        let (transfers, []) = transfers.as_chunks() else { return None };
        flows.transfers.reserve(head.transfers);
        for bytes in transfers {
            let transfer = Transfer::from_bytes(bytes)?;
            let gives = flows.accounts.get(transfer.from)?;
            let gets = flows.accounts.get(transfer.to())?;
            flows.transfers.push(transfer, gives, gets);
        }
        for (transfer, position, origins, length) in head.mixes {
            let (table, after) = rest.split_at_checked(length.checked_mul(8)?)?;
            rest = after;
            let (numbers, []) = table.as_chunks() else { return None };
            let table: Box<[i64]> = numbers.iter().copied().map(i64::from_le_bytes).collect();
            let whole = origins > 0 && table.len().is_multiple_of(origins);
            if !whole || transfer > head.transfers {
                return None;
            }
            flows.traced.checkpoints.push(Checkpoint { transfer, position, origins, table });
        }
        let now = flows.traced.checkpoints.pop()?;
        flows.traced.now = now.mixes();
        (rest.is_empty() && now.transfer == head.transfers).then_some(flows)
    }
}

impl Mixes {
    fn checkpoint(&self, transfer: usize, position: u64) -> Checkpoint {
        let (origins, table) = self.parts();
        Checkpoint { transfer, position, origins, table: table.into() }
    }
}
