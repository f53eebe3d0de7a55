//! Recovery when a store is opened for writing, and the note that a clean stop leaves.

use std::io;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::disk::{Disk, read_all, read_full, replace};
use super::reader::Segments;
use super::{OpenError, Torn};
use crate::domain::position::Position;
use crate::log::merkle::Hash;
use crate::log::store::{Damage, Head};

/// The note of a clean stop: entries up to its position may not be torn.
const HEAD_FILE: &str = "head";

/// The content of the note.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CleanStop {
    position: Position,
    root: Hash,
}

/// Records the head.
pub(super) fn note_clean_stop(disk: &dyn Disk, head: Head) -> io::Result<()> {
    let Head { position, root } = head;
    let stop = serde_json::to_vec(&CleanStop { position, root })?;
    replace(disk, HEAD_FILE, &stop)
}

/// Sets a torn block aside: copies its bytes into a file, then removes them. If stopped in between,
/// the next opening finds the block torn again and repeats this.
pub(super) fn set_aside(
    disk: &dyn Disk,
    segments: &Segments,
    range: Range<u64>,
) -> Result<Torn, OpenError> {
    let first = segments.head().position.next();
    let Some(file) = segments.last_file() else { return Err(OpenError::NoBook) };
    let length = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length];
    let read = read_full(&*file, &mut bytes, range.start)?;
    bytes.truncate(read);
    let kept_in = format!("torn-before-{}.txt", first.get());
    replace(disk, &kept_in, &bytes)?;
    file.truncate(range.start)?;
    file.sync()?;
    Ok(Torn { first, kept_in })
}

/// Writes and syncs the last whole block again. Its writer may have stopped before syncing, or its
/// sync failed. After a failed sync the system treats unwritten bytes as clean, so they must be
/// rewritten.
pub(super) fn make_durable(segments: &Segments, last: Range<u64>) -> io::Result<()> {
    let Some(file) = segments.last_file() else { return Ok(()) };
    let mut bytes = vec![0; usize::try_from(last.end - last.start).unwrap_or(usize::MAX)];
    let read = read_full(&*file, &mut bytes, last.start)?;
    file.write_at(&bytes[..read], last.start)?;
    file.sync()
}

/// The note of the last clean stop. A reader without the lock reads it before the segments: a
/// writer stopping in between could note a later head than the segments show.
pub(super) fn clean_stop(disk: &dyn Disk) -> io::Result<Option<Vec<u8>>> {
    match disk.open(HEAD_FILE) {
        Ok(file) => read_all(&*file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Checks that nothing up to a clean stop is torn or missing. Returns whether nothing follows it.
pub(super) fn check_clean_stop(note: Option<&[u8]>, segments: &Segments) -> Result<bool, Damage> {
    let Some(note) = note else { return Ok(false) };
    let head = segments.head();
    let damage = |what: String| Damage { entry: head.position.next(), place: None, what };
    let stop: CleanStop = serde_json::from_slice(note)
        .map_err(|error| damage(format!("the head file cannot be read: {error}")))?;
    if stop.position > head.position {
        let what = format!("entries up to {} were kept and are missing", stop.position);
        return Err(damage(what));
    }
    if stop.position == head.position && stop.root != head.root {
        let what = format!("the head file and the seal of entry {} differ", head.position);
        return Err(Damage { entry: head.position, place: None, what });
    }
    Ok(stop.position == head.position)
}
