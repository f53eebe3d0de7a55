//! Posts numbered postings to a book from several threads until it is killed.
//!
//! `posts-until-killed FOLDER FIRST` prints `open` when the book is open or made, `sent N` before
//! it posts a number, and `kept N POSITION` once the number is acknowledged.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use ledger_api::clock::system_clock;
use ledger_core::log::segments::OpenError;
use ledger_core::writer::Writer;
use ledger_tests::generate::{actor, genesis};
use ledger_tests::little_book::{numbered, opening};
use projections::book::{Book, BookError, DataFolder};

const POSTERS: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().ok_or("a folder")?;
    let first = arguments.next().ok_or("a number")?.parse()?;
    let book = open(Path::new(&folder))?;
    // Safe to repeat: after a kill, the opening continues where it stopped.
    for outcome in book.writer().post_all_blocking(&actor(), opening()) {
        outcome?;
    }
    say("open")?;
    let next = AtomicU64::new(first);
    thread::scope(|scope| {
        let posters: Vec<_> = (0..POSTERS)
            .map(|poster| {
                scope.spawn({
                    let (writer, next) = (book.writer(), &next);
                    move || post(&writer, next, if poster == 0 { 50 } else { 1 })
                })
            })
            .collect();
        posters.into_iter().try_for_each(|poster| {
            poster.join().map_err(|_| "a poster failed")?.map_err(|error| error.to_string().into())
        })
    })
}

fn open(path: &Path) -> Result<Book, Box<dyn Error>> {
    match Book::open(DataFolder::writable(path)?, system_clock(), None) {
        Err(BookError::Open(OpenError::NoBook)) => {
            Ok(Book::create(DataFolder::writable(path)?, &genesis(), system_clock())?)
        }
        opened => Ok(opened?),
    }
}

fn post(writer: &Writer, next: &AtomicU64, at_once: u64) -> io::Result<()> {
    loop {
        let first = next.fetch_add(at_once, Ordering::Relaxed);
        let numbers = first..first + at_once;
        for number in numbers.clone() {
            say(&format!("sent {number}"))?;
        }
        let outcomes = writer.post_all_blocking(&actor(), numbers.clone().map(numbered).collect());
        for (number, outcome) in numbers.zip(outcomes) {
            let receipt = outcome.map_err(io::Error::other)?;
            say(&format!("kept {number} {}", receipt.position))?;
        }
    }
}

/// Prints one line in one write, so that a reader may rely on every whole line.
fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes())?;
    out.flush()
}
