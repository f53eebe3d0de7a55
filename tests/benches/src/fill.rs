//! Generated books in data folders.

use std::error::Error;
use std::path::Path;

use ledger_core::log::store::Store;
use projections::book::clock::system_clock;
use projections::book::{Book, DataFolder};

use crate::generate::{Generator, actor, genesis};

/// Makes a book of this many entries, or of its opening if that is longer, and closes it. A long book
/// gets a snapshot.
///
/// # Errors
/// If the book cannot be made or closed.
pub fn fill(path: &Path, entries: u64) -> Result<(), Box<dyn Error>> {
    let book = Book::create(DataFolder::writable(path)?, &genesis(), system_clock())?;
    let (writer, actor, mut generator) = (book.writer(), actor(), Generator::new(7));
    writer.post_all_blocking(&actor, generator.opening());
    while book.store().head().position.get() < entries {
        let left = entries - book.store().head().position.get();
        let postings = (0..left.min(8189)).map(|_| generator.posting_of_the_mix()).collect();
        writer.post_all_blocking(&actor, postings);
    }
    Ok(book.close()?)
}
