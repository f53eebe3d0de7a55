//! The index of used idempotency keys: each key's entry.
//!
//! A key belongs to its actor. The index stores 128 bits of SHA-256 over the two and the position
//! of their entry, in 21 bytes. A match is confirmed in the log before it is used.

use hashbrown::HashTable;
use sha2::{Digest, Sha256};

use crate::domain::position::Position;

/// 128 bits of SHA-256 over an actor and a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyDigest([u8; 16]);

impl KeyDigest {
    /// The digest of an actor and a key.
    pub fn new(actor: &str, key: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(actor);
        // No id holds this character, so no two pairs of actor and key hash the same bytes.
        hasher.update([0]);
        hasher.update(key);
        let mut digest = [0; 16];
        digest.copy_from_slice(&hasher.finalize()[..16]);
        KeyDigest(digest)
    }

    /// The digest as bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    fn hash(self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

/// A digest and a five-byte position, packed: alignment would take a third more memory.
#[derive(Clone, Copy)]
struct Slot([u8; SLOT_BYTES]);

const SLOT_BYTES: usize = 21;

impl Slot {
    fn new(digest: KeyDigest, position: Position) -> Self {
        let mut bytes = [0; SLOT_BYTES];
        bytes[..16].copy_from_slice(&digest.0);
        bytes[16..].copy_from_slice(&position.get().to_le_bytes()[..5]);
        Slot(bytes)
    }

    fn digest(&self) -> KeyDigest {
        let mut digest = [0; 16];
        digest.copy_from_slice(&self.0[..16]);
        KeyDigest(digest)
    }

    fn position(&self) -> Position {
        let mut number = [0; 8];
        number[..5].copy_from_slice(&self.0[16..]);
        Position::new(u64::from_le_bytes(number))
    }
}

/// The used keys of a book.
pub struct Keys {
    /// Tables by the digest's last bits. Small tables grow unnoticed; one large table would stop
    /// the writer for half a second.
    shards: Vec<HashTable<Slot>>,
}

const SHARDS: usize = 4096;

impl Default for Keys {
    fn default() -> Self {
        Keys { shards: (0..SHARDS).map(|_| HashTable::new()).collect() }
    }
}

impl Keys {
    /// The position of the entry that used a key.
    pub fn find(&self, digest: KeyDigest) -> Option<Position> {
        let shard = &self.shards[shard(digest)];
        shard.find(digest.hash(), |slot| slot.digest() == digest).map(Slot::position)
    }

    /// Records the entry that used a key.
    pub fn insert(&mut self, digest: KeyDigest, position: Position) {
        insert(&mut self.shards[shard(digest)], [Slot::new(digest, position)]);
    }

    /// Records many keys, in any order.
    pub(crate) fn insert_all(&mut self, pending: PendingKeys) {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let share = SHARDS.div_ceil(threads);
        let mut pending = pending.shards;
        std::thread::scope(|scope| {
            for (shards, pending) in self.shards.chunks_mut(share).zip(pending.chunks_mut(share)) {
                scope.spawn(|| {
                    for (shard, pending) in shards.iter_mut().zip(pending) {
                        insert(shard, std::mem::take(pending));
                    }
                });
            }
        });
    }

    /// The number of keys.
    pub fn len(&self) -> usize {
        self.shards.iter().map(HashTable::len).sum()
    }

    /// Whether the index is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory held.
    pub fn memory(&self) -> usize {
        self.shards.iter().map(HashTable::allocation_size).sum::<usize>()
            + self.shards.capacity() * size_of::<HashTable<Slot>>()
    }

    /// The keys as bytes, table by table. Reading them back fills each table while it is in the
    /// processor's cache.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len() * SLOT_BYTES);
        for slot in self.shards.iter().flatten() {
            bytes.extend_from_slice(&slot.0);
        }
        bytes
    }

    /// Reads the bytes of [`Keys::to_bytes`]. None where their length is wrong.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (slots, []) = bytes.as_chunks::<SLOT_BYTES>() else { return None };
        let mut counts = vec![0; SHARDS];
        for slot in slots {
            counts[shard(Slot(*slot).digest())] += 1;
        }
        let mut keys = Keys { shards: counts.into_iter().map(HashTable::with_capacity).collect() };
        for slot in slots {
            let slot = Slot(*slot);
            keys.insert(slot.digest(), slot.position());
        }
        Some(keys)
    }
}

/// Keys not yet recorded, grouped by table. A log has millions; filling a table at once keeps it in
/// the processor's cache.
pub(crate) struct PendingKeys {
    shards: Vec<Vec<Slot>>,
}

impl PendingKeys {
    /// With room for this many keys.
    pub(crate) fn with_capacity(keys: usize) -> Self {
        let each = keys / SHARDS + keys / SHARDS / 8;
        PendingKeys { shards: (0..SHARDS).map(|_| Vec::with_capacity(each)).collect() }
    }

    pub(crate) fn push(&mut self, digest: KeyDigest, position: Position) {
        self.shards[shard(digest)].push(Slot::new(digest, position));
    }
}

fn insert(
    shard: &mut HashTable<Slot>,
    slots: impl IntoIterator<Item = Slot, IntoIter: ExactSizeIterator>,
) {
    let hash = |slot: &Slot| slot.digest().hash();
    let slots = slots.into_iter();
    shard.reserve(slots.len(), hash);
    for slot in slots {
        shard.insert_unique(hash(&slot), slot, hash);
    }
}

fn shard(digest: KeyDigest) -> usize {
    usize::from(u16::from_le_bytes([digest.0[14], digest.0[15]])) % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_under_their_own_actor_and_survive_as_bytes() {
        let mut keys = Keys::default();
        for number in 0..10_000_u64 {
            let digest = KeyDigest::new("actor", &format!("key-{number}"));
            keys.insert(digest, Position::new(number + (1 << 33)));
        }
        let back = Keys::from_bytes(&keys.to_bytes()).expect("whole slots");
        let mut at_once = Keys::default();
        at_once.insert(KeyDigest::new("actor", "key-0"), Position::new(1 << 33));
        let mut pending = PendingKeys::with_capacity(0);
        for number in 1..10_000_u64 {
            let digest = KeyDigest::new("actor", &format!("key-{number}"));
            pending.push(digest, Position::new(number + (1 << 33)));
        }
        at_once.insert_all(pending);
        for keys in [&keys, &back, &at_once] {
            assert_eq!(keys.len(), 10_000);
            let digest = KeyDigest::new("actor", "key-77");
            assert_eq!(keys.find(digest), Some(Position::new(77 + (1 << 33))));
            assert_eq!(keys.find(KeyDigest::new("another", "key-77")), None);
            assert_eq!(keys.find(KeyDigest::new("actor", "key-10000")), None);
        }
        assert!(Keys::from_bytes(&[0; 20]).is_none());
    }

    #[test]
    fn an_actor_and_a_key_do_not_run_together() {
        assert_ne!(KeyDigest::new("a", "bc"), KeyDigest::new("ab", "c"));
    }
}
