//! Read-ahead: a thread reads the next bytes while earlier ones are processed.
//!
//! It bypasses the page cache for uncached files, because allocating fresh pages costs more than
//! reading the disk.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use super::disk::{ALIGNMENT, DiskFile, read_full};

/// Bytes read at a time.
const CHUNK_BYTES: usize = 2 << 20;

/// The most chunks that wait.
const CHUNKS_MAX: usize = 4;

/// A range of a file.
pub(super) type Part = (Arc<dyn DiskFile>, Range<u64>);

/// A read-ahead over several parts of files, in order.
pub(super) struct ReadAhead {
    full: Receiver<io::Result<Chunk>>,
    spent: Sender<Vec<u8>>,
    chunk: Chunk,
    /// Bytes returned by the caller, to be read again.
    back: Vec<u8>,
}

/// Bytes within a buffer.
#[derive(Default)]
struct Chunk {
    buffer: Vec<u8>,
    filled: Range<usize>,
}

impl ReadAhead {
    /// Starts reading these parts.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where no thread can start.
    pub(super) fn of(parts: Vec<Part>) -> io::Result<Self> {
        let (filled, full) = sync_channel(CHUNKS_MAX);
        let (spent, buffers) = channel();
        let read = move || {
            // An error means that the receiver was dropped.
            let _ = read_parts(parts, &filled, &buffers);
        };
        drop(thread::Builder::new().name("read-ahead".into()).spawn(read)?);
        Ok(ReadAhead { full, spent, chunk: Chunk::default(), back: Vec::new() })
    }

    /// Fills `buffer` with the next bytes. Returns fewer at the end.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the parts cannot be read.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut read = self.back.len().min(buffer.len());
        buffer[..read].copy_from_slice(&self.back[..read]);
        self.back.drain(..read);
        while read < buffer.len() {
            if self.chunk.filled.is_empty() {
                let Ok(next) = self.full.recv() else { break };
                let spent = std::mem::replace(&mut self.chunk, next?);
                // An error means that the thread has read everything.
                let _ = self.spent.send(spent.buffer);
                continue;
            }
            let Range { start, end } = self.chunk.filled;
            let taken = (end - start).min(buffer.len() - read);
            buffer[read..read + taken].copy_from_slice(&self.chunk.buffer[start..start + taken]);
            self.chunk.filled.start += taken;
            read += taken;
        }
        Ok(read)
    }

    /// Returns the last bytes read, which are then read again.
    pub(super) fn unread(&mut self, bytes: &[u8]) {
        self.back.splice(..0, bytes.iter().copied());
    }
}

/// The receiver was dropped.
struct ReceiverGone;

fn read_parts(
    parts: Vec<Part>,
    filled: &SyncSender<io::Result<Chunk>>,
    buffers: &Receiver<Vec<u8>>,
) -> Result<(), ReceiverGone> {
    for (file, Range { start, end }) in parts {
        let past_cache = file.past_cache();
        let mut at = start;
        while at < end {
            let buffer = buffers.try_recv().ok().filter(|buffer| !buffer.is_empty());
            let buffer = buffer.unwrap_or_else(|| vec![0; CHUNK_BYTES + ALIGNMENT]);
            let chunk = read_chunk(&*file, past_cache.as_deref(), at..end, buffer);
            at += chunk.as_ref().map_or(0, |chunk| chunk.filled.len() as u64);
            let failed = chunk.is_err();
            filled.send(chunk).map_err(|_| ReceiverGone)?;
            if failed {
                return Err(ReceiverGone);
            }
        }
    }
    Ok(())
}

/// Reads the beginning of a range, at least one byte.
fn read_chunk(
    file: &dyn DiskFile,
    past_cache: Option<&dyn DiskFile>,
    range: Range<u64>,
    mut buffer: Vec<u8>,
) -> io::Result<Chunk> {
    let begins = buffer.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
    let aligned = &mut buffer[begins..begins + CHUNK_BYTES];
    let before = range.start % ALIGNMENT as u64;
    let (offset, before) = (range.start - before, usize::try_from(before).unwrap_or(0));
    // Where direct reading is impossible or ends early, an ordinary read decides.
    let read = past_cache.and_then(|file| file.read_at(aligned, offset).ok());
    let read = match read.filter(|read| *read > before) {
        Some(read) => read,
        None => read_full(file, aligned, offset)?,
    };
    let wanted = usize::try_from(range.end - offset).unwrap_or(usize::MAX);
    let filled = begins + before..begins + read.min(wanted);
    if filled.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Chunk { buffer, filled })
}

#[cfg(test)]
mod tests {
    use super::super::disk::{Disk, Folder};
    use super::*;

    /// Two files of known bytes, and parts of them at odd offsets.
    fn parts(folder: &tempfile::TempDir) -> (Vec<Part>, Vec<u8>) {
        let disk = Folder::writable(folder.path()).unwrap();
        let (mut parts, mut expected) = (Vec::new(), Vec::new());
        for (name, length, range) in
            [("one", 5_000_001, 4_097..4_999_990), ("two", 70_001, 0..70_001)]
        {
            let bytes: Vec<u8> = (0..length).map(|at: u32| (at / 7 % 251) as u8).collect();
            let file = disk.create(name).unwrap();
            file.write_at(&bytes, 0).unwrap();
            file.sync().unwrap();
            expected.extend_from_slice(&bytes[range.start as usize..range.end as usize]);
            parts.push((Arc::from(file), range));
        }
        (parts, expected)
    }

    fn read(parts: Vec<Part>) -> Vec<u8> {
        let (mut ahead, mut all) = (ReadAhead::of(parts).unwrap(), Vec::new());
        let mut buffer = vec![0; 300_000];
        for turn in 1.. {
            let wanted = buffer.len() - turn % 1_000;
            let read = ahead.read(&mut buffer[..wanted]).unwrap();
            if read == 0 {
                break;
            }
            // Some bytes are returned, like the incomplete last line of a piece.
            let kept = read - (turn % 3 * 50).min(read / 2);
            all.extend_from_slice(&buffer[..kept]);
            ahead.unread(&buffer[kept..read]);
        }
        all
    }

    #[test]
    fn parts_are_read_in_order_whether_they_are_in_the_page_cache_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let (parts, expected) = parts(&folder);
        assert!(read(parts.clone()) == expected, "as they were just written");
        for (file, _) in &parts {
            file.forget(0, 0);
        }
        assert!(read(parts) == expected, "from the disk");
    }

    #[test]
    fn a_part_that_ends_early_is_told_and_who_takes_no_more_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let (mut parts, expected) = parts(&folder);
        parts[1].1.end += 10;
        let mut ahead = ReadAhead::of(parts.clone()).unwrap();
        let mut buffer = vec![0; expected.len()];
        assert_eq!(ahead.read(&mut buffer).unwrap(), buffer.len());
        assert!(buffer == expected);
        let error = ahead.read(&mut buffer[..1]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        let mut ahead = ReadAhead::of(parts).unwrap();
        ahead.read(&mut buffer[..1]).unwrap();
    }
}
