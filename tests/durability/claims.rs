//! One process at a time writes to a book; any number read it meanwhile.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use ledger_api::clock::system_clock;
use ledger_core::log::block::Block;
use ledger_core::log::check::check_from;
use ledger_core::log::merkle::Frontier;
use ledger_core::log::segments::{Claim, Disk, DiskFile, Folder, OpenError, SegmentsStore};
use ledger_core::log::store::Store;
use ledger_tests::generate::{actor, genesis};
use ledger_tests::little_book::opening;
use ledger_tests::simulated_disk::SimulatedDisk;
use projections::book::{Book, DataFolder};
use tempfile::TempDir;

fn program(path: &Path, arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ledger-under-test"));
    program.args(arguments).arg("--data").arg(path).output().unwrap()
}

#[test]
fn a_second_writer_is_refused_and_readers_are_not() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a").join("b").join("ledger-data");
    let open = || DataFolder::writable(&path).unwrap();
    let book = Book::create(open(), &genesis(), system_clock()).unwrap();
    let outcomes = book.writer().post_all_blocking(&actor(), opening());
    let count = outcomes.into_iter().map(Result::unwrap).count() as u64;

    let postings = folder.path().join("postings.jsonl");
    std::fs::write(&postings, "").unwrap();
    let second = program(&path, &["post", postings.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success());
    assert!(said.contains("another process is writing to this book"), "{said}");
    let again = program(&path, &["init"]);
    assert!(!again.status.success());

    let read = program(&path, &["verify"]);
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));

    let folder = || Arc::new(Folder::writable(&path.join("book")).unwrap());
    assert!(matches!(SegmentsStore::open(folder()), Err(OpenError::Claimed)));
    assert!(matches!(SegmentsStore::create(folder()), Err(OpenError::Claimed)));
    let head = book.store().head();
    assert_eq!(head.position.get(), count + 1);
    assert_eq!(SegmentsStore::read_only(folder()).unwrap().head(), head);

    book.close().unwrap();
    assert_eq!(SegmentsStore::open(folder()).unwrap().head(), head);
}

/// A folder seen by a very slow reader: between any two operations another process opens the book,
/// adds to it and stops cleanly.
struct Busy(SimulatedDisk);

impl Busy {
    fn add_block(&self) {
        let disk = || Arc::new(self.0.clone());
        let store = match SegmentsStore::open(disk()) {
            Err(OpenError::NoBook) => SegmentsStore::create(disk()).unwrap(),
            opened => opened.unwrap(),
        };
        let mut tree = Frontier::default();
        check_from(&store, &mut tree, |_| {}).unwrap();
        let (head, mut block) = (store.head().position, Block::default());
        let line = format!("{{\"position\":{},\"v\":1}}", head.next());
        block.push(|out| out.write_all(line.as_bytes())).unwrap();
        block.seal(&mut tree);
        store.append(head, &block).unwrap();
        store.close().unwrap();
    }
}

impl Disk for Busy {
    fn list(&self) -> io::Result<Vec<String>> {
        self.add_block();
        self.0.list()
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.add_block();
        self.0.open(name)
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.0.create(name)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.0.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.remove(name)
    }

    fn sync_names(&self) -> io::Result<()> {
        self.0.sync_names()
    }

    fn claim(&self) -> io::Result<Claim> {
        self.0.claim()
    }
}

#[test]
fn a_reader_reports_no_damage_while_others_write_and_stop() {
    let busy = Busy(SimulatedDisk::new(0));
    busy.add_block();
    let busy = Arc::new(busy);
    for _ in 0..5 {
        let store = SegmentsStore::read_only(Arc::clone(&busy) as _).unwrap();
        let mut tree = Frontier::default();
        check_from(&store, &mut tree, |_| {}).unwrap();
        assert_eq!(tree.root(), store.head().root);
    }
}
