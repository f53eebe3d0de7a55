//! The index follows the log and holds no facts of its own: after any damage it is rebuilt, and no
//! posting is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ledger_api::clock::system_clock;
use ledger_core::domain::position::Position;
use ledger_core::log::store::Store;
use ledger_tests::generate::{Random, actor, genesis};
use ledger_tests::little_book::{key, numbered, opening};
use projections::book::{Book, DataFolder};
use tempfile::TempDir;

use crate::simulated_run::{Answers, check};

/// Damage to the folder of an index.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IndexDamage {
    /// The folder is missing.
    Removed,
    /// One file is empty.
    Emptied,
    /// One file is cut at a random byte.
    Cut,
    /// Random bytes of every file are changed.
    Changed,
    /// Every file has other content.
    Garbage,
    /// A file replaces the folder.
    IsAFile,
}

const EVERY: [IndexDamage; 6] = [
    IndexDamage::Removed,
    IndexDamage::Emptied,
    IndexDamage::Cut,
    IndexDamage::Changed,
    IndexDamage::Garbage,
    IndexDamage::IsAFile,
];

impl IndexDamage {
    /// A random kind of damage.
    pub(crate) fn any(random: &mut Random) -> Self {
        EVERY[random.below(EVERY.len() as u64) as usize]
    }
}

/// Damages an index, if there is one.
pub(crate) fn damage(index: &Path, how: IndexDamage, random: &mut Random) {
    let files = files_below(index);
    let Some(one) = files.get(random.below(files.len().max(1) as u64) as usize) else { return };
    match how {
        IndexDamage::Removed => fs::remove_dir_all(index).unwrap(),
        IndexDamage::Emptied => fs::write(one, b"").unwrap(),
        IndexDamage::Cut => {
            let bytes = fs::read(one).unwrap();
            let length = random.below(bytes.len() as u64 + 1) as usize;
            fs::write(one, &bytes[..length]).unwrap();
        }
        IndexDamage::Changed => {
            for file in files {
                let mut bytes = fs::read(&file).unwrap();
                for _ in 0..bytes.len() / 100 {
                    let place = random.below(bytes.len() as u64) as usize;
                    bytes[place] = random.next().to_le_bytes()[0];
                }
                fs::write(file, bytes).unwrap();
            }
        }
        IndexDamage::Garbage => {
            for file in files {
                fs::write(file, b"something else").unwrap();
            }
        }
        IndexDamage::IsAFile => {
            fs::remove_dir_all(index).unwrap();
            fs::write(index, b"not a folder").unwrap();
        }
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return files };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Checks that the index catches up with the log and finds every acknowledged entry by its key.
pub(crate) fn check_index(book: &Book, answers: &Answers) {
    let index = book.index().unwrap();
    assert!(index.catch_up(Duration::from_secs(60)), "the index lags by {}", index.lag());
    for (number, position) in &answers.acknowledged {
        let found = index.find_key(actor().as_str(), &key(*number));
        assert_eq!(found, Some(*position), "the key of {number}");
    }
}

fn open(path: &Path) -> Book {
    Book::open(DataFolder::writable(path).unwrap(), system_clock(), None).unwrap()
}

/// A closed book whose index is complete.
fn indexed_book(path: &Path) -> Answers {
    let folder = DataFolder::writable(path).unwrap();
    let book = Book::create(folder, &genesis(), system_clock()).unwrap();
    let mut answers = Answers { next: 300, ..Answers::default() };
    let postings = opening().into_iter().chain((0..300).map(numbered)).collect();
    let outcomes = book.writer().post_all_blocking(&actor(), postings);
    for (number, outcome) in (0..300).zip(outcomes.into_iter().skip(opening().len())) {
        answers.acknowledged.insert(number, outcome.unwrap().position);
    }
    check_index(&book, &answers);
    book.close().unwrap();
    answers
}

#[test]
fn a_damaged_index_is_rebuilt_and_nothing_is_lost() {
    let mut random = Random(9);
    for how in EVERY {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("ledger-data");
        let answers = indexed_book(&path);
        damage(&path.join("index"), how, &mut random);
        let book = open(&path);
        check(&**book.store(), &answers).unwrap();
        let again = book.writer().post_all_blocking(&actor(), (0..300).map(numbered).collect());
        for (number, outcome) in (0..300).zip(again) {
            let receipt = outcome.unwrap();
            assert_eq!(Some(&receipt.position), answers.acknowledged.get(&number), "{how:?}");
            assert!(receipt.replayed, "{how:?}");
        }
        check_index(&book, &answers);
        book.close().unwrap();
    }
}

#[test]
fn an_intact_index_is_not_rebuilt() {
    let folder = TempDir::new().unwrap();
    let answers = indexed_book(folder.path());
    let book = open(folder.path());
    check_index(&book, &answers);
    assert_eq!(book.index().unwrap().rebuilt(), 0);
    book.close().unwrap();
}

#[test]
fn an_index_of_another_or_a_longer_book_is_rebuilt() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let answers = indexed_book(folder.path());
    // The same book with more entries, and an index that covers them.
    indexed_book(other.path());
    let book = open(other.path());
    book.writer().post_all_blocking(&actor(), (300..400).map(numbered).collect());
    assert!(book.index().unwrap().catch_up(Duration::from_secs(60)));
    book.close().unwrap();
    fs::remove_dir_all(folder.path().join("index")).unwrap();
    fs::rename(other.path().join("index"), folder.path().join("index")).unwrap();

    let book = open(folder.path());
    check_index(&book, &answers);
    assert_eq!(book.index().unwrap().find_key(actor().as_str(), &key(350)), None);
    assert_eq!(book.index().unwrap().rebuilt(), 1);
    book.close().unwrap();
}

#[test]
fn entries_are_found_by_what_they_cite() {
    let folder = TempDir::new().unwrap();
    indexed_book(folder.path());
    let book = open(folder.path());
    assert!(book.index().unwrap().catch_up(Duration::from_secs(60)));
    let citing = book.index().unwrap().find_reference("doc:minutes");
    let all = 2..=book.store().head().position.get();
    assert_eq!(citing, all.map(Position::new).collect::<Vec<_>>());
    assert_eq!(book.index().unwrap().find_reference("doc:other"), []);
    book.close().unwrap();
}
