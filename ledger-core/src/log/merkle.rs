//! The Merkle tree over entries: RFC 6962 (and RFC 9162), with SHA-256.
//!
//! A leaf is the hash of 0x00 and an entry's bytes; a node is the hash of 0x01 and its two
//! children. Only the frontier is kept: the roots of the perfect subtrees. It suffices for
//! appending and for the root.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A SHA-256 hash, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash of a leaf with these bytes.
    pub fn leaf(bytes: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update([0]);
        hasher.update(bytes);
        Hash(hasher.finalize().into())
    }

    /// The hash of a node over two subtrees.
    pub fn node(left: &Hash, right: &Hash) -> Self {
        let mut bytes = [1; 65];
        bytes[1..33].copy_from_slice(&left.0);
        bytes[33..].copy_from_slice(&right.0);
        Hash(Sha256::digest(bytes).into())
    }

    /// The root of the tree without leaves.
    pub fn empty() -> Self {
        Hash(Sha256::digest([]).into())
    }

    /// The hash's bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Hash(bytes)
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// A byte in lower-case hexadecimal.
pub(crate) const fn hex(byte: u8) -> [u8; 2] {
    [DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]]
}

/// Appends bytes in lower-case hexadecimal.
pub(crate) fn write_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        out.extend(hex(*byte));
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        let bytes: &[u8; 64] = text.as_bytes().try_into().map_err(|_| HashError)?;
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(bytes.as_chunks::<2>().0) {
            let digit = |digit: u8| match digit {
                b'0'..=b'9' => Ok(digit - b'0'),
                b'a'..=b'f' => Ok(digit - b'a' + 10),
                _ => Err(HashError),
            };
            *byte = (digit(pair[0])? << 4) | digit(pair[1])?;
        }
        Ok(Hash(hash))
    }
}

/// Why a text is not a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 64 hexadecimal digits in small letters")]
pub struct HashError;

crate::domain::text::serde_as_text!(Hash, to_string, "a hash of 64 hexadecimal digits");

/// The frontier of a tree: the roots of its perfect subtrees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frontier {
    size: u64,
    /// Roots of perfect subtrees, largest first; one for each bit set in `size`.
    subtrees: Vec<Hash>,
}

/// From this many leaves on, whole subtrees are hashed level by level. One node at a time would
/// make the hasher wait for each result.
const SUBTREE: u64 = 8;

impl Frontier {
    /// Number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Whether it has as many subtrees as its size requires. A frontier read from a file may not.
    pub fn is_sound(&self) -> bool {
        u32::try_from(self.subtrees.len()) == Ok(self.size.count_ones())
    }

    /// Appends one leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.merge(leaf, 0);
    }

    /// Appends leaves in order.
    pub fn extend(&mut self, mut leaves: &[Hash]) {
        let mut level = Vec::new();
        while let Some(first) = leaves.first() {
            // The largest perfect subtree that begins at this size and that the leaves fill.
            let aligned = if self.size == 0 { u64::MAX } else { 1 << self.size.trailing_zeros() };
            let filled = 1 << (leaves.len() as u64).ilog2();
            let span = aligned.min(filled);
            if span < SUBTREE {
                self.push(*first);
                leaves = &leaves[1..];
                continue;
            }
            let (subtree, rest) = leaves.split_at(span as usize);
            level.clear();
            level.extend_from_slice(subtree);
            while level.len() > 1 {
                let half = level.len() / 2;
                for index in 0..half {
                    level[index] = Hash::node(&level[2 * index], &level[2 * index + 1]);
                }
                level.truncate(half);
            }
            self.merge(level[0], span.trailing_zeros());
            leaves = rest;
        }
    }

    /// Adds a perfect subtree of 2^height leaves, and joins subtrees of equal height.
    fn merge(&mut self, mut root: Hash, height: u32) {
        let mut above = self.size >> height;
        while above & 1 == 1
            && let Some(left) = self.subtrees.pop()
        {
            root = Hash::node(&left, &root);
            above >>= 1;
        }
        self.subtrees.push(root);
        self.size += 1 << height;
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let mut subtrees = self.subtrees.iter().rev();
        let Some(smallest) = subtrees.next() else { return Hash::empty() };
        subtrees.fold(*smallest, |right, left| Hash::node(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree of RFC 6962 section 2.1, by its recursive definition.
    fn root_by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::empty(),
            [leaf] => *leaf,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(split);
                Hash::node(&root_by_definition(left), &root_by_definition(right))
            }
        }
    }

    #[test]
    fn the_frontier_gives_the_root_of_the_definition_however_leaves_arrive() {
        let leaves: Vec<Hash> = (0..300_u32).map(|n| Hash::leaf(&n.to_be_bytes())).collect();
        for size in 0..=leaves.len() {
            let expected = root_by_definition(&leaves[..size]);
            let mut one_by_one = Frontier::default();
            leaves[..size].iter().for_each(|leaf| one_by_one.push(*leaf));
            assert_eq!(one_by_one.root(), expected, "{size} one by one");
            for cut in [0, 1, 5, 8, 64, 100] {
                let cut = cut.min(size);
                let mut in_two = Frontier::default();
                in_two.extend(&leaves[..cut]);
                in_two.extend(&leaves[cut..size]);
                assert_eq!(in_two, one_by_one, "{size} cut at {cut}");
            }
        }
    }

    #[test]
    fn hashes_are_written_and_read_in_small_letters_only() {
        let hash = Hash::leaf(b"entry");
        let text = hash.to_string();
        assert_eq!(text.parse(), Ok(hash));
        let mut written = Vec::new();
        write_hex(&mut written, hash.as_bytes());
        assert_eq!(String::from_utf8(written).as_deref(), Ok(text.as_str()));
        assert_eq!(text.to_uppercase().parse::<Hash>(), Err(HashError));
        assert_eq!("ab".parse::<Hash>(), Err(HashError));
    }
}
