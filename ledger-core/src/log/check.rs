//! Checks a log against its seals.

use std::sync::atomic::{AtomicBool, Ordering};

use super::block::{SEAL_START, Seal, is_leaf, number, write_seal};
use super::entry::ENTRY_START;
use super::merkle::{Frontier, Hash};
use super::read::lines_of;
use super::store::{Damage, ReadError, Store};
use crate::domain::position::Position;

/// Follows the lines of a log and compares every seal with the entries it closes.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    tree: Frontier,
    /// Leaf hashes since the last seal.
    unsealed: Vec<Hash>,
}

impl From<Frontier> for Checker {
    fn from(tree: Frontier) -> Self {
        Checker { tree, unsealed: Vec::new() }
    }
}

impl Checker {
    /// The position of the last entry checked.
    pub(crate) fn position(&self) -> Position {
        Position::new(self.tree.size() + self.unsealed.len() as u64)
    }

    /// Checks the next entry.
    pub(crate) fn entry(&mut self, position: Position, leaf: Hash) -> Result<(), Damage> {
        if position != self.position().next() {
            return Err(self.damage(format!("position {position} is in its place")));
        }
        self.unsealed.push(leaf);
        Ok(())
    }

    /// Checks the next seal. It must equal, byte for byte, the seal of the entries since the last.
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
        if let Some(before) = Seal::from_line(line).map(|seal| seal.before())
            && before >= first
            && before < head
        {
            let what = format!("the seal of entries {first} to {before} is missing");
            return Err(Damage { entry: before, place: None, what });
        }
        // A changed entry changes the root and its own leaf. A changed seal changes only one of the
        // two.
        let seal = Seal::from_line(line).filter(|seal| seal.root != root);
        Err(seal.and_then(|seal| self.first_changed(first, &seal)).unwrap_or_else(|| {
            let what = format!("the seal of entries {first} to {head} is changed");
            Damage { entry: head, place: None, what }
        }))
    }

    /// The first entry since `first` whose leaf differs from the seal's.
    fn first_changed(&self, first: Position, seal: &Seal<'_>) -> Option<Damage> {
        let mut leaves = seal.leaves().zip(&self.unsealed);
        let index = leaves.position(|(digits, leaf)| !is_leaf(digits, leaf))?;
        Some(Damage {
            entry: Position::new(first.get() + index as u64),
            place: None,
            what: "its bytes are not those that were sealed".to_owned(),
        })
    }

    /// A damage report for the next line.
    pub(crate) fn damage(&self, what: String) -> Damage {
        Damage { entry: self.position().next(), place: None, what }
    }

    /// The tree at the end. The log must end with a seal, unless it was left inside a block.
    pub(crate) fn finish(mut self, inside_block: bool) -> Result<Frontier, Damage> {
        if !self.unsealed.is_empty() && !inside_block {
            return Err(self.damage("the log ends without a seal".to_owned()));
        }
        self.tree.extend(&self.unsealed);
        Ok(self.tree)
    }
}

/// Checks a log line by line without parsing entries beyond their position.
#[derive(Default)]
struct Scrubber {
    checker: Checker,
    /// An entry out of place. The next seal may show that an earlier, changed entry is the cause.
    misplaced: Option<Damage>,
}

impl Scrubber {
    /// Checks the next line. Returns true after a seal, which proves everything before it.
    fn line(&mut self, line: &[u8]) -> Result<bool, Damage> {
        if line.starts_with(SEAL_START) {
            return match self.misplaced.take() {
                Some(misplaced) => Err(self.changed_before(line).unwrap_or(misplaced)),
                None => self.checker.seal(line).map(|()| true),
            };
        }
        if self.misplaced.is_none() {
            let Some((position, _)) = line.strip_prefix(ENTRY_START).and_then(number) else {
                let what = "the line is neither an entry nor a seal".to_owned();
                return Err(self.checker.damage(what));
            };
            self.misplaced = self.checker.entry(Position::new(position), Hash::leaf(line)).err();
        }
        Ok(false)
    }

    /// The first entry that differs from its seal, before an entry out of place.
    fn changed_before(&self, seal: &[u8]) -> Option<Damage> {
        let first = Position::new(self.checker.tree.size() + 1);
        let seal = Seal::from_line(seal)?;
        let same = seal.before().next() == first;
        self.checker.first_changed(first, &seal).filter(|_| same)
    }

    /// The checker, unless an entry is still out of place.
    fn finish(self) -> Result<Checker, Damage> {
        self.misplaced.map_or(Ok(self.checker), Err)
    }
}

/// Checks a log from its first entry to `until` without applying it: the part that a start from a
/// snapshot skips. Ends early, without an error, when `stop` is set.
///
/// # Errors
///
/// [`ReadError`] where the storage fails, or with the first entry that was changed.
pub fn scrub(store: &dyn Store, until: Position, stop: &AtomicBool) -> Result<(), ReadError> {
    let mut scrubber = Scrubber::default();
    let mut pieces = store.read(Position::new(1))?;
    let mut piece = Vec::new();
    while !stop.load(Ordering::Relaxed) && pieces.next(&mut piece)? {
        for line in lines_of(&piece) {
            if scrubber.line(line)? && scrubber.checker.position() >= until {
                return Ok(());
            }
        }
    }
    scrubber.finish()?;
    Ok(())
}

/// Checks the entries after `tree` in a log that does not hold postings, and extends the tree.
///
/// Calls `visit` with each entry's line. The lines are proven only if this succeeds.
///
/// # Errors
///
/// [`ReadError`] where the storage fails, or with the first entry that was changed. The tree is
/// then unchanged.
pub fn check_from(
    store: &dyn Store,
    tree: &mut Frontier,
    mut visit: impl FnMut(&[u8]),
) -> Result<(), ReadError> {
    let (from, head) = (Position::new(tree.size()), store.head());
    if head.position < from {
        let what = format!("entries up to {from} were read before and are missing");
        return Err(Damage { entry: head.position.next(), place: None, what }.into());
    }
    if head.position == from && head.root != tree.root() {
        let what = "it is not what was read before".to_owned();
        return Err(Damage { entry: from, place: None, what }.into());
    }
    let mut scrubber = Scrubber { checker: Checker::from(tree.clone()), misplaced: None };
    let mut pieces = store.read(from.next())?;
    let mut piece = Vec::new();
    while pieces.next(&mut piece)? {
        for line in lines_of(&piece) {
            if !scrubber.line(line)? && scrubber.misplaced.is_none() {
                visit(line);
            }
        }
    }
    *tree = scrubber.finish()?.finish(false)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::log::block::Block;
    use crate::log::memory::MemoryStore;

    /// A log with one block for each text.
    fn log(texts: &[&str]) -> MemoryStore {
        let (store, mut tree) = (MemoryStore::default(), Frontier::default());
        for text in texts {
            let before = Position::new(tree.size());
            let mut block = Block::default();
            let line = format!("{{\"position\":{},\"text\":\"{text}\"}}", before.next());
            block.push(|out| out.write_all(line.as_bytes())).unwrap();
            block.seal(&mut tree);
            store.append(before, &block).unwrap();
        }
        store
    }

    fn checked(store: &MemoryStore, tree: &mut Frontier) -> Result<Vec<String>, Damage> {
        let mut lines = Vec::new();
        let visit = |line: &[u8]| lines.push(String::from_utf8_lossy(line).into_owned());
        match check_from(store, tree, visit) {
            Ok(()) => Ok(lines),
            Err(ReadError::Damaged(damage)) => Err(damage),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_log_is_checked_from_where_it_was_left() {
        let mut tree = Frontier::default();
        assert_eq!(checked(&log(&[]), &mut tree), Ok(Vec::new()));
        let line = |text: &str| text.to_owned();
        let (one, two) =
            (line(r#"{"position":1,"text":"a"}"#), line(r#"{"position":2,"text":"b"}"#));
        assert_eq!(checked(&log(&["a"]), &mut tree), Ok(vec![one.clone()]));
        let store = log(&["a", "b"]);
        assert_eq!(checked(&store, &mut tree), Ok(vec![two.clone()]));
        assert_eq!(checked(&store, &mut tree), Ok(Vec::new()));
        assert_eq!(tree.root(), store.head().root);
        assert_eq!(checked(&store, &mut Frontier::default()), Ok(vec![one, two]));
    }

    #[test]
    fn a_log_that_is_not_the_one_that_was_left_is_told() {
        let mut tree = Frontier::default();
        checked(&log(&["a", "b"]), &mut tree).unwrap();
        let before = tree.clone();
        for (other, entry) in [(&["a"][..], 2), (&["a", "x"], 2), (&["x", "b", "c"], 3)] {
            let damage = checked(&log(other), &mut tree).unwrap_err();
            assert_eq!(damage.entry, Position::new(entry), "{other:?}: {damage}");
            assert_eq!(tree, before, "{other:?}");
        }
    }
}
