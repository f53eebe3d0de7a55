//! One process writes to a book at a time; any number reads it meanwhile.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use ledger_api::book::{Book, DataFolder};
use ledger_api::clock::system_clock;
use ledger_core::log::segments::{Folder, OpenError, SegmentsStore};
use ledger_core::log::store::Store;
use ledger_tests::generate::{actor, genesis};
use ledger_tests::little_book::opening;
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
