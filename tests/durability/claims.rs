//! One process at a time writes to a book; any number read it meanwhile.

use std::fs;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use ledger_api::clock::system_clock;
use ledger_core::log::block::Block;
use ledger_core::log::check::check_from;
use ledger_core::log::merkle::Frontier;
use ledger_core::log::segments::{Claim, Disk, DiskFile, Folder, OpenError, SegmentsStore};
use ledger_core::log::store::Store;
use ledger_tests::generate::{actor, genesis};
use ledger_tests::little_book::{numbered, opening};
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

/// Deletes or replaces a file of an open book. The book then takes no more postings, says why, and
/// changes nothing in the folder, not even when it closes.
#[test]
fn a_book_whose_files_were_deleted_or_replaced_stops_writing() {
    let names = ["lock", "00000000000000000001.jsonl"];
    let both = names.into_iter().flat_map(|name| [(name, false), (name, true)]);
    for (name, replaced) in both {
        let folder = TempDir::new().unwrap();
        let path = folder.path();
        let open = || DataFolder::writable(path).unwrap();
        let book = Book::create(open(), &genesis(), system_clock()).unwrap();
        let posted = book.writer().post_all_blocking(&actor(), opening());
        assert!(posted.iter().all(Result::is_ok));
        let file = path.join("book").join(name);
        let bytes = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        if replaced {
            fs::write(&file, &bytes).unwrap();
        }
        let refused = book.writer().post_all_blocking(&actor(), vec![numbered(1)]);
        let refusal = refused.into_iter().next().unwrap().unwrap_err();
        assert_eq!(refusal.code(), "WRITES_OFF");
        let said = format!("the file {name} was deleted or replaced");
        assert!(refusal.to_string().contains(&said), "{refusal}");
        book.close().unwrap();
        assert_eq!(file.exists(), replaced);
        assert!(!path.join("book/head").exists(), "a clean stop was noted");
        if !replaced {
            fs::write(&file, &bytes).unwrap();
        }
        let book = Book::open(open(), system_clock(), None).unwrap();
        let posted = book.writer().post_all_blocking(&actor(), vec![numbered(1)]);
        assert!(posted.iter().all(Result::is_ok), "{posted:?}");
        book.close().unwrap();
    }
}

/// The lock is deleted while one book takes postings and another one starts. Every entry that
/// either confirms is in the log afterwards.
#[test]
fn a_deleted_lock_lets_no_two_books_write() {
    for round in 0..ledger_tests::rounds(30, 5) {
        let folder = TempDir::new().unwrap();
        let open = || DataFolder::writable(folder.path()).unwrap();
        let first = Book::create(open(), &genesis(), system_clock()).unwrap();
        let opened = first.writer().post_all_blocking(&actor(), opening());
        let confirmed = AtomicU64::new(opened.iter().flatten().count() as u64 + 1);
        let post = |book: &Book, numbers: Range<u64>| {
            for number in numbers {
                let outcome = book.writer().post_all_blocking(&actor(), vec![numbered(number)]);
                match outcome.into_iter().next().unwrap() {
                    Ok(_) => confirmed.fetch_add(1, Ordering::Relaxed),
                    Err(refusal) => return Some(refusal),
                };
            }
            None
        };
        let second = thread::scope(|scope| {
            let posting = scope.spawn(|| post(&first, 0..u64::MAX));
            thread::sleep(Duration::from_millis(5 + round));
            fs::remove_file(folder.path().join("book/lock")).unwrap();
            let second = Book::open(open(), system_clock(), None).unwrap();
            assert_eq!(post(&second, 1 << 40..(1 << 40) + 50), None);
            let refusal = posting.join().unwrap().expect("the first stops");
            assert!(["WRITES_OFF", "OUTCOME_UNKNOWN"].contains(&refusal.code()), "{refusal}");
            second
        });
        // The first closes after the second has written.
        first.close().unwrap();
        let head = second.store().head().position.get();
        second.close().unwrap();
        let kept = SegmentsStore::read_only(open().book).unwrap();
        let mut tree = Frontier::default();
        check_from(&kept, &mut tree, |_| {}).unwrap();
        assert_eq!(tree.size(), head);
        // One more than was confirmed, where the first was between keeping it and confirming it.
        let confirmed = confirmed.into_inner();
        assert!((confirmed..=confirmed + 1).contains(&head), "{confirmed} of {head}");
    }
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
