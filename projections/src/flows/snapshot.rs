//! Flows in a snapshot: accounts, transfers and checkpoints as stored, so that reading traces
//! nothing again.

use std::io::{self, Write};
use std::sync::Arc;

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::Leg;
use serde::{Deserialize, Serialize};

use super::mixes::Checkpoint;
use super::transfers::Transfer;
use super::{Flows, Origin};
use crate::planned::PlannedVersusActual;
use crate::year::split_sized;

/// The JSON before the transfers.
#[derive(Serialize, Deserialize)]
struct Head {
    /// Each account as a leg of 0.00.
    accounts: Vec<Leg>,
    /// The number of transfers of each year, those without a year first.
    years: Vec<(Option<FinancialYear>, usize)>,
    origins: Vec<Origin>,
    settled: Vec<((u32, u32), usize)>,
    /// Each checkpoint, then the current mixes: first position not included, number of origins, and
    /// number of values.
    mixes: Vec<(u64, usize, usize)>,
    /// The number of transfers since the last checkpoint.
    since: usize,
}

impl Flows {
    /// Writes the length of the head, the head, the transfers and the mixes.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let now = Checkpoint::of(&self.mix_history.now, u64::MAX);
        let mixes = || self.mix_history.checkpoints.iter().map(|known| &**known).chain([&now]);
        let years = self.transfers.years();
        let head = serde_json::to_vec(&Head {
            accounts: self
                .accounts
                .all()
                .iter()
                .map(|account| Leg { account: *account, pence: Pence::ZERO })
                .collect(),
            years: years.iter().map(|(year, transfers)| (*year, transfers.len())).collect(),
            origins: self.origins.clone(),
            settled: self.settled.iter().map(|(accounts, origin)| (*accounts, *origin)).collect(),
            mixes: mixes()
                .map(|known| (known.position, known.origins, known.table.len()))
                .collect(),
            since: self.mix_history.since,
        })?;
        out.write_all(&(head.len() as u64).to_le_bytes())?;
        out.write_all(&head)?;
        for transfer in years.iter().flat_map(|(_, transfers)| transfers.iter()) {
            out.write_all(&transfer.to_bytes())?;
        }
        for number in mixes().flat_map(|known| &known.table) {
            out.write_all(&number.to_le_bytes())?;
        }
        Ok(())
    }

    /// Reads what [`Flows::write`] wrote; None where it is malformed.
    pub(crate) fn read(bytes: &[u8], planned: &PlannedVersusActual) -> Option<Self> {
        let (head, mut rest) = split_sized(bytes)?;
        let head: Head = serde_json::from_slice(head).ok()?;
        let mut flows = Flows { origins: head.origins, ..Flows::default() };
        for leg in &head.accounts {
            flows.accounts.number(&leg.account, planned);
        }
        flows.settled = head.settled.into_iter().collect();
        for (year, count) in head.years {
            let (transfers, after) = rest.split_at_checked(count.checked_mul(Transfer::BYTES)?)?;
            rest = after;
            let (transfers, []) = transfers.as_chunks() else { return None };
            let all = flows.transfers.year_mut(year);
            for bytes in transfers {
                let transfer = Transfer::from_bytes(bytes)?;
                flows.accounts.get(transfer.from.max(transfer.to()))?;
                all.push(transfer);
            }
        }
        for (position, origins, length) in head.mixes {
            let (table, after) = rest.split_at_checked(length.checked_mul(8)?)?;
            rest = after;
            let (numbers, []) = table.as_chunks() else { return None };
            let table: Box<[i64]> = numbers.iter().copied().map(i64::from_le_bytes).collect();
            if origins == 0 || !table.len().is_multiple_of(origins) {
                return None;
            }
            flows.mix_history.checkpoints.push(Arc::new(Checkpoint { position, origins, table }));
        }
        flows.mix_history.now = flows.mix_history.checkpoints.pop()?.mixes();
        flows.mix_history.since = head.since;
        rest.is_empty().then_some(flows)
    }
}
