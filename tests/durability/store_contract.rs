//! The rules every store must keep, checked on each of them.

use std::sync::Arc;
use std::thread;

use ledger_core::domain::position::Position;
use ledger_core::log::block::{BLOCK_BYTES_MAX, Block};
use ledger_core::log::entry::ENTRY_BYTES_MAX;
use ledger_core::log::memory::MemoryStore;
use ledger_core::log::merkle::{Frontier, Hash};
use ledger_core::log::segments::{Folder, SegmentsStore};
use ledger_core::log::store::{AppendError, Head, Store};
use ledger_tests::generate::Random;
use ledger_tests::simulated_disk::SimulatedDisk;
use tempfile::TempDir;

/// Checks a rule on every store.
fn check(rule: impl Fn(&Arc<dyn Store>)) {
    let folder = TempDir::new().unwrap();
    let real = Folder::writable(&folder.path().join("book")).unwrap();
    let stores: [(&str, Arc<dyn Store>); 3] = [
        ("memory", Arc::new(MemoryStore::default())),
        ("segments", Arc::new(SegmentsStore::create(Arc::new(real)).unwrap())),
        (
            "small segments",
            Arc::new(SegmentsStore::create(Arc::new(SimulatedDisk::new(0))).unwrap()),
        ),
    ];
    for (name, store) in stores {
        let kept = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rule(&store)));
        assert!(kept.is_ok(), "the {name} store breaks the rule");
    }
}

/// The appended blocks, for comparison with what is read.
#[derive(Default)]
struct AppendedBlocks {
    tree: Frontier,
    lines: Vec<Vec<u8>>,
    /// The bytes of all blocks.
    bytes: Vec<u8>,
}

impl AppendedBlocks {
    fn head(&self) -> Position {
        Position::new(self.tree.size())
    }

    fn block(&mut self, sizes: &[usize]) -> Block {
        let mut block = Block::default();
        for size in sizes {
            let position = self.lines.len() + 1;
            let mut line = format!("{{\"position\":{position},\"text\":\"").into_bytes();
            line.resize((*size).max(line.len() + 2) - 2, b'x');
            line.extend(b"\"}");
            let push: Result<(), ()> = block.push(|out| {
                out.extend(&line);
                Ok(())
            });
            push.unwrap();
            self.lines.push(line);
        }
        block.seal(&mut self.tree);
        block
    }

    fn append(&mut self, store: &dyn Store, sizes: &[usize]) {
        let expected = self.head();
        let block = self.block(sizes);
        store.append(expected, &block).unwrap();
        self.bytes.extend(block.bytes());
    }
}

/// Reads everything from an entry on; every piece must consist of whole lines.
fn read(store: &dyn Store, from: Position) -> Vec<u8> {
    let mut pieces = store.read(from).unwrap();
    let (mut all, mut piece) = (Vec::new(), Vec::new());
    while pieces.next(&mut piece).unwrap() {
        assert_eq!(piece.last(), Some(&b'\n'), "a piece ends within a line");
        all.extend(&piece);
    }
    assert!(piece.is_empty(), "the last piece is not empty");
    all
}

#[test]
fn an_empty_store_has_an_empty_tree_and_nothing_to_read() {
    check(|store| {
        assert_eq!(store.head(), Head::empty());
        assert_eq!(store.head().root, Hash::empty());
        assert_eq!(*store.watch().borrow(), Position::START);
        assert_eq!(read(&**store, Position::new(1)), b"");
    });
}

#[test]
fn an_append_moves_the_head_to_the_seal_and_notifies_watchers() {
    check(|store| {
        let mut watch = store.watch();
        let mut written = AppendedBlocks::default();
        for sizes in [&[100][..], &[100, 2000, 60], &[ENTRY_BYTES_MAX], &[60; 50]] {
            written.append(&**store, sizes);
            let (position, root) = (written.head(), written.tree.root());
            assert_eq!(store.head(), Head { position, root });
            assert!(watch.has_changed().unwrap());
            assert_eq!(*watch.borrow_and_update(), position);
        }
    });
}

#[test]
fn an_append_that_does_not_follow_the_head_is_a_conflict_and_changes_nothing() {
    check(|store| {
        let mut written = AppendedBlocks::default();
        written.append(&**store, &[100, 100]);
        let before = store.head();
        let mut ahead = AppendedBlocks::default();
        let block = ahead.block(&[100, 100, 100]);
        for expected in [0, 1, 3, 1000] {
            let error = store.append(Position::new(expected), &block).unwrap_err();
            assert!(
                matches!(error, AppendError::Conflict { head } if head == before.position),
                "{error}"
            );
        }
        assert_eq!(store.head(), before);
        assert_eq!(read(&**store, Position::new(1)), written.bytes);
        written.append(&**store, &[100]);
    });
}

#[test]
fn reading_from_any_entry_gives_its_line_and_all_later_lines() {
    check(|store| {
        let mut random = Random(3);
        let mut written = AppendedBlocks::default();
        for block in 0..40 {
            let count = 1 + random.below(if block % 10 == 0 { 300 } else { 4 });
            let size = |_| 50 + random.below(if block % 7 == 0 { 9000 } else { 500 }) as usize;
            let sizes: Vec<usize> = (0..count).map(size).collect();
            let seal = 200 + 8 * sizes.len();
            if sizes.iter().sum::<usize>() + sizes.len() + seal < BLOCK_BYTES_MAX {
                written.append(&**store, &sizes);
            }
        }
        let head = written.head().get();
        let from_start = read(&**store, Position::START);
        assert!(from_start == written.bytes, "from before the first entry");
        for from in (1..=head).filter(|from| from % 5 == 0 || *from < 20 || from + 20 > head) {
            let line = &written.lines[from as usize - 1];
            let found = read(&**store, Position::new(from));
            assert!(found.starts_with(line), "entry {from} of {head}");
            assert!(written.bytes.ends_with(&found), "what follows entry {from} of {head}");
        }
        for beyond in [head + 1, head + 2, u64::MAX] {
            assert_eq!(read(&**store, Position::new(beyond)), b"", "{beyond} of {head}");
        }
    });
}

#[test]
fn a_poisoned_store_refuses_appends_with_the_reason_and_stays_readable() {
    check(|store| {
        let mut written = AppendedBlocks::default();
        written.append(&**store, &[100, 100]);
        store.poison("the first reason");
        store.poison("another reason");
        let (before, kept) = (store.head(), written.bytes.clone());
        let expected = written.head();
        let error = store.append(expected, &written.block(&[100])).unwrap_err();
        assert!(matches!(error, AppendError::Poisoned { .. }), "{error}");
        assert!(error.to_string().contains("the first reason"), "{error}");
        assert_eq!(store.head(), before);
        assert_eq!(read(&**store, Position::new(1)), kept);
    });
}

#[test]
fn readers_beside_the_writer_see_whole_blocks_only() {
    check(|store| {
        let mut written = AppendedBlocks::default();
        written.append(&**store, &[100]);
        thread::scope(|scope| {
            let reader = || {
                let mut seen = 0;
                while seen < 300 {
                    let head = store.head().position;
                    let all = read(&**store, Position::new(1));
                    let last = all.split(|byte| *byte == b'\n').rev().nth(1).unwrap();
                    assert!(last.starts_with(b"{\"seal\":"), "a read does not end with a seal");
                    let lines = all.split(|byte| *byte == b'\n');
                    let entries =
                        lines.filter(|line| line.starts_with(b"{\"position\":")).count() as u64;
                    assert!(entries >= head.get().max(seen), "entries read before are missing");
                    seen = entries;
                }
            };
            let readers = [scope.spawn(reader), scope.spawn(reader)];
            while written.lines.len() < 300 {
                written.append(&**store, &[100, 700]);
            }
            readers.into_iter().for_each(|reader| reader.join().unwrap());
        });
        assert_eq!(read(&**store, Position::new(1)), written.bytes);
    });
}
