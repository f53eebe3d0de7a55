//! Blocks: the content of one durable write, entries and a closing seal.
//!
//! A seal is a line of its own. It holds the number of entries, the last position, the tree's root,
//! and four bytes of each leaf hash. The root proves the block. The short leaf hashes identify a
//! changed entry.

use super::entry::ENTRY_BYTES_MAX;
use super::merkle::{Frontier, Hash, hex, write_hex};
use crate::domain::position::Position;

/// The most bytes of a block, its seal included.
pub const BLOCK_BYTES_MAX: usize = 1 << 20;

/// The start of every seal's line.
pub(crate) const SEAL_START: &[u8] = b"{\"seal\":";

/// The most bytes of a seal, apart from eight for each entry.
const SEAL_BYTES: usize = 160;

/// Number of hexadecimal digits a seal keeps of each leaf hash.
const LEAF_DIGITS: usize = 8;

/// Entries to append, and later their seal.
#[derive(Debug, Default)]
pub struct Block {
    bytes: Vec<u8>,
    /// The end of each entry's line, its newline included.
    ends: Vec<usize>,
    head: Position,
    root: Hash,
    leaves: Vec<Hash>,
}

impl Block {
    /// Empties the block for reuse, which saves allocating its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.leaves.clear();
    }

    /// Number of entries.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has no entries.
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Whether any entry still fits, together with the seal.
    pub const fn has_room(&self) -> bool {
        let seal = SEAL_BYTES + LEAF_DIGITS * (self.ends.len() + 1);
        self.bytes.len() + ENTRY_BYTES_MAX + 1 + seal <= BLOCK_BYTES_MAX
    }

    /// Appends the line that `write` writes.
    ///
    /// # Errors
    ///
    /// The error of `write`. The block is then unchanged.
    pub fn push<E>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
        let start = self.bytes.len();
        match write(&mut self.bytes) {
            Ok(()) => {
                self.bytes.push(b'\n');
                self.ends.push(self.bytes.len());
                Ok(())
            }
            Err(error) => {
                self.bytes.truncate(start);
                Err(error)
            }
        }
    }

    /// The lines of its entries, without newlines.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..end - 1])
    }

    /// Hashes the entries into `tree` and closes the block.
    pub fn seal(&mut self, tree: &mut Frontier) {
        let mut leaves = std::mem::take(&mut self.leaves);
        leaves.extend(self.lines().map(Hash::leaf));
        tree.extend(&leaves);
        self.head = Position::new(tree.size());
        self.root = tree.root();
        write_seal(&mut self.bytes, &leaves, self.head, &self.root);
        self.bytes.push(b'\n');
        self.leaves = leaves;
    }

    /// The last position in it, once sealed.
    pub const fn head(&self) -> Position {
        self.head
    }

    /// The tree's root at its last position, once sealed.
    pub const fn root(&self) -> Hash {
        self.root
    }

    /// All its bytes, including the seal once sealed.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Appends the seal of a block with these leaves, without a newline.
pub(crate) fn write_seal(out: &mut Vec<u8>, leaves: &[Hash], head: Position, root: &Hash) {
    out.extend_from_slice(SEAL_START);
    out.extend_from_slice(
        format!("{{\"count\":{},\"head\":{head},\"root\":\"", leaves.len()).as_bytes(),
    );
    write_hex(out, root.as_bytes());
    out.extend_from_slice(b"\",\"leaves\":\"");
    for leaf in leaves {
        write_hex(out, &leaf.as_bytes()[..LEAF_DIGITS / 2]);
    }
    out.extend_from_slice(b"\"}}");
}

/// The content of a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seal<'a> {
    pub(crate) count: u64,
    pub(crate) head: Position,
    pub(crate) root: Hash,
    leaves: &'a [u8],
}

impl<'a> Seal<'a> {
    /// The last entry before those it closes.
    pub(crate) const fn before(&self) -> Position {
        Position::new(self.head.get() - self.count)
    }

    /// The kept digits of each leaf, in order.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.leaves.chunks(LEAF_DIGITS)
    }

    /// Reads a seal from its line, without the newline. Only the exact form is accepted.
    pub(crate) fn from_line(line: &'a [u8]) -> Option<Self> {
        let rest = line.strip_prefix(SEAL_START)?.strip_prefix(b"{\"count\":")?;
        let (count, rest) = number(rest)?;
        let (head, rest) = number(rest.strip_prefix(b",\"head\":")?)?;
        let (root, rest) = rest.strip_prefix(b",\"root\":\"")?.split_at_checked(64)?;
        let root = std::str::from_utf8(root).ok()?.parse().ok()?;
        let leaves = rest.strip_prefix(b"\",\"leaves\":\"")?.strip_suffix(b"\"}}")?;
        let whole = usize::try_from(count).ok()?.checked_mul(LEAF_DIGITS)? == leaves.len();
        let digits = leaves.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let head = Position::new(head);
        let counts = (1..=head.get()).contains(&count);
        (whole && digits && counts).then_some(Seal { count, head, root, leaves })
    }
}

/// Whether a seal's digits are those of a leaf.
pub(crate) fn is_leaf(digits: &[u8], leaf: &Hash) -> bool {
    let kept = leaf.as_bytes()[..LEAF_DIGITS / 2].iter();
    kept.flat_map(|byte| hex(*byte)).eq(digits.iter().copied())
}

/// Reads a number without leading zeros. Returns the rest of the bytes too.
pub(crate) fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = bytes.split_at_checked(digits)?;
    if number.starts_with(b"0") && number.len() > 1 {
        return None;
    }
    Some((std::str::from_utf8(number).ok()?.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(lines: &[&str]) -> Block {
        let mut block = Block::default();
        for line in lines {
            let write = |out: &mut Vec<u8>| -> Result<(), ()> {
                out.extend_from_slice(line.as_bytes());
                Ok(())
            };
            block.push(write).expect("writes");
        }
        block.seal(&mut Frontier::default());
        block
    }

    #[test]
    fn a_seal_reads_back_and_only_its_exact_form_is_one() {
        let block = sealed(&["{\"position\":1}", "{\"position\":2}"]);
        let text = std::str::from_utf8(block.bytes()).expect("text");
        let line = text.lines().last().expect("a seal");
        let seal = Seal::from_line(line.as_bytes()).expect("a seal");
        assert_eq!((seal.count, seal.head, seal.root), (2, Position::new(2), block.root()));
        for index in 0..line.len() {
            for bit in 0..8 {
                let mut flipped = line.as_bytes().to_vec();
                flipped[index] ^= 1 << bit;
                assert_ne!(Seal::from_line(&flipped).as_ref(), Some(&seal), "bit {bit} of {index}");
            }
        }
        assert_eq!(Seal::from_line(&line.as_bytes()[..line.len() - 1]), None);
    }

    #[test]
    fn a_refused_line_leaves_no_trace() {
        let mut block = sealed(&[]);
        block.clear();
        let refused = block.push(|out| {
            out.extend_from_slice(b"half");
            Err("no")
        });
        assert_eq!((refused, block.len(), block.bytes()), (Err("no"), 0, b"".as_slice()));
    }
}
