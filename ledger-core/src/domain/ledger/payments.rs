//! Payments by line, transaction and amount, to warn of one that is posted twice.

use smallvec::SmallVec;
use xxhash_rust::xxh3::xxh3_128;

use super::Ledger;
use crate::domain::event::Actual;
use crate::domain::position::Position;

/// The digest of a payment's line, transaction and amount.
fn digest(actual: &Actual) -> Option<(u64, u64)> {
    let transaction = actual.transaction.as_ref()?;
    let mut bytes: SmallVec<[u8; 192]> = SmallVec::new();
    bytes.extend_from_slice(&actual.pence.get().to_le_bytes());
    bytes.extend_from_slice(AsRef::<str>::as_ref(&actual.line.short()).as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(transaction.as_str().as_bytes());
    let digest = xxh3_128(&bytes).to_le_bytes();
    let (low, high) = digest.split_first_chunk()?;
    Some((u64::from_le_bytes(*low), u64::from_le_bytes(*high.first_chunk()?)))
}

impl Ledger<'_> {
    /// The entry of a payment with the same line, transaction and amount, not reversed since.
    pub(in crate::domain) fn like_payment(&self, actual: &Actual) -> Option<Position> {
        let entry = *self.payments.get(&digest(actual)?)?;
        self.reversed_by(entry).is_none().then_some(entry)
    }

    pub(super) fn record_payment(&mut self, actual: &Actual, undone: Option<Position>) {
        if undone.is_none()
            && let Some(digest) = digest(actual)
        {
            self.payments.insert(digest, self.position);
        }
    }
}
