//! Checking what a log holds against what was sealed.

use std::sync::atomic::{AtomicBool, Ordering};

use super::block::{LEAF_DIGITS, SEAL_START, Seal, number, write_seal};
use super::entry::ENTRY_START;
use super::merkle::{Frontier, Hash, write_hex};
use super::read::lines_of;
use super::store::{Damage, ReadError, Store};
use crate::domain::position::Position;

/// Follows the lines of a log and holds every seal against the entries before it.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    tree: Frontier,
    /// Leaves since the last seal.
    unsealed: Vec<Hash>,
}

impl From<Frontier> for Checker {
    fn from(tree: Frontier) -> Self {
        Checker { tree, unsealed: Vec::new() }
    }
}

impl Checker {
    /// The last entry taken in.
    pub(crate) fn position(&self) -> Position {
        Position::new(self.tree.size() + self.unsealed.len() as u64)
    }

    /// Takes in the next entry.
    pub(crate) fn entry(&mut self, position: Position, leaf: Hash) -> Result<(), Damage> {
        if position != self.position().next() {
            return Err(self.damage(format!("position {position} stands in its place")));
        }
        self.unsealed.push(leaf);
        Ok(())
    }

    /// The seal must be, byte for byte, the one that the entries have.
    pub(crate) fn seal(&mut self, line: &[u8]) -> Result<(), Damage> {
        let head = self.position();
        let first = Position::new(self.tree.size() + 1);
        self.tree.extend(&self.unsealed);
        let root = self.tree.root();
        let mut expected = Vec::with_capacity(line.len());
        write_seal(&mut expected, &self.unsealed, head, &root);
        if line == expected {
            self.unsealed.clear();
            return Ok(());
        }
        if let Some(before) = Seal::from_line(line).and_then(|seal| before_seal(&seal))
            && before >= first
            && before < head
        {
            let what = format!("the seal of entries {first} to {before} is missing");
            return Err(Damage { entry: before, place: None, what });
        }
        // A changed entry changes the root and its own leaf; a changed seal, one of the two.
        let seal = Seal::from_line(line).filter(|seal| seal.root != root);
        Err(seal.and_then(|seal| self.first_unlike(first, &seal)).unwrap_or_else(|| {
            let what = format!("the seal of entries {first} to {head} is changed");
            Damage { entry: head, place: None, what }
        }))
    }

    /// The first entry since `first` that is not what this seal closes.
    fn first_unlike(&self, first: Position, seal: &Seal<'_>) -> Option<Damage> {
        let mut leaves = seal.leaves.chunks(LEAF_DIGITS).zip(&self.unsealed);
        let index = leaves.position(|(digits, leaf)| short(leaf) != digits)?;
        Some(Damage {
            entry: Position::new(first.get() + index as u64),
            place: None,
            what: "its bytes are not those that were sealed".to_owned(),
        })
    }

    /// What is wrong with the next line.
    pub(crate) fn damage(&self, what: String) -> Damage {
        Damage { entry: self.position().next(), place: None, what }
    }

    /// The tree at the end, which is a seal, unless the log was left inside a block.
    pub(crate) fn finish(mut self, inside_block: bool) -> Result<Frontier, Damage> {
        if !self.unsealed.is_empty() && !inside_block {
            return Err(self.damage("the log ends without a seal".to_owned()));
        }
        self.tree.extend(&self.unsealed);
        Ok(self.tree)
    }
}

/// The entry before those that a seal closes.
fn before_seal(seal: &Seal<'_>) -> Option<Position> {
    seal.head.get().checked_sub(seal.count).map(Position::new)
}

fn short(leaf: &Hash) -> Vec<u8> {
    let mut digits = Vec::with_capacity(LEAF_DIGITS);
    write_hex(&mut digits, &leaf.as_bytes()[..LEAF_DIGITS / 2]);
    digits
}

/// Checks a log from its first entry to `until` without applying anything: what a start from a
/// snapshot has not read. Ends early, without a finding, when `stop` is set.
///
/// # Errors
///
/// [`ReadError`]: the storage fails, or names the first entry that is not what was sealed.
pub fn scrub(store: &dyn Store, until: Position, stop: &AtomicBool) -> Result<(), ReadError> {
    let mut checker = Checker::default();
    // An entry that is not where it should be may stand behind the one that is changed, and the
    // next seal tells.
    let mut misplaced: Option<Damage> = None;
    let mut pieces = store.read(Position::new(1))?;
    let mut piece = Vec::new();
    while !stop.load(Ordering::Relaxed) && pieces.next(&mut piece)? {
        for line in lines_of(&piece) {
            if line.starts_with(SEAL_START) {
                if let Some(misplaced) = misplaced {
                    let first = Position::new(checker.tree.size() + 1);
                    let unlike = Seal::from_line(line).and_then(|seal| {
                        let same = before_seal(&seal)?.next() == first;
                        checker.first_unlike(first, &seal).filter(|_| same)
                    });
                    return Err(unlike.unwrap_or(misplaced).into());
                }
                checker.seal(line)?;
                if checker.position() >= until {
                    return Ok(());
                }
                continue;
            }
            if misplaced.is_some() {
                continue;
            }
            let position = line.strip_prefix(ENTRY_START).and_then(number);
            let Some((position, _)) = position else {
                let what = "its line does not begin as an entry does".to_owned();
                return Err(checker.damage(what).into());
            };
            misplaced = checker.entry(Position::new(position), Hash::leaf(line)).err();
        }
    }
    misplaced.map_or(Ok(()), |misplaced| Err(misplaced.into()))
}
