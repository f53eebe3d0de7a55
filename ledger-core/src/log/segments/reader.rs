//! Reads segments: finds entries, and returns lines in pieces.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::disk::{Disk, DiskFile, read_full};
use super::read_ahead::{Part, ReadAhead};
use super::tail::{self, End, Tail};
use super::{EXAMINED_BYTES, OpenError};
use crate::domain::position::Position;
use crate::log::block::{BLOCK_BYTES_MAX, Seal, number};
use crate::log::entry::{ENTRY_BYTES_MAX, ENTRY_START};
use crate::log::read::visit_pieces;
use crate::log::store::{Damage, Head, Pieces, ReadError};

/// The files of a log, up to their durable ends.
#[derive(Clone)]
pub(super) struct Segments {
    files: Vec<Segment>,
    head: Head,
}

#[derive(Clone)]
struct Segment {
    first: Position,
    file: Arc<dyn DiskFile>,
    /// The end of its last whole block.
    end: u64,
}

impl Default for Segments {
    fn default() -> Self {
        Segments { files: Vec::new(), head: Head::empty() }
    }
}

impl Segments {
    /// Finds the segments of a folder, and examines the end of the last.
    pub(super) fn scan(disk: &dyn Disk) -> Result<(Self, End), OpenError> {
        let names = segment_names(disk)?;
        if names.is_empty() {
            return Err(OpenError::NoBook);
        }
        let mut files = Vec::with_capacity(names.len());
        for (first, name) in names {
            let file: Arc<dyn DiskFile> = Arc::from(disk.open(&name)?);
            let end = file.length()?;
            files.push(Segment { first, file, end });
        }
        let mut segments = Segments { files, head: Head::empty() };
        let mut end = End { offset: 0, tail: Tail::Whole(0..0) };
        for (back, segment) in segments.files.iter_mut().rev().enumerate() {
            let examined = examine(segment)?;
            segment.end = examined.offset;
            let sealed = head_before(segment)?;
            if back == 0 {
                end = examined;
            } else if !matches!(examined.tail, Tail::Whole(_)) {
                let what = "a closed segment does not end with a seal".to_owned();
                let place = Some(segment_name(segment.first));
                return Err(Damage { entry: segment.first, place, what }.into());
            }
            // An empty last segment was begun and never written: the head is before it.
            if let Some(head) = sealed {
                segments.head = head;
                break;
            }
            if segment.end > 0 {
                let what = "the last seal is missing".to_owned();
                let place = Some(segment_name(segment.first));
                return Err(Damage { entry: segment.first, place, what }.into());
            }
        }
        segments.check_names()?;
        Ok((segments, end))
    }

    /// Checks that no segment is missing, by the position in each name.
    fn check_names(&self) -> Result<(), Damage> {
        for segment in &self.files {
            let place = Some(segment_name(segment.first));
            if segment.first > self.head.position.next() {
                let what = "the entries before this file's first are missing".to_owned();
                return Err(Damage { entry: self.head.position.next(), place, what });
            }
        }
        match self.files.first() {
            Some(segment) if segment.first != Position::new(1) => {
                let what = "the book's first file is missing".to_owned();
                Err(Damage { entry: Position::new(1), place: None, what })
            }
            _ => Ok(()),
        }
    }

    pub(super) const fn head(&self) -> Head {
        self.head
    }

    pub(super) fn last_file(&self) -> Option<Arc<dyn DiskFile>> {
        self.files.last().map(|segment| Arc::clone(&segment.file))
    }

    pub(super) fn last_name(&self) -> Option<String> {
        self.files.last().map(|segment| segment_name(segment.first))
    }

    pub(super) fn name_of(&self, entry: Position) -> Option<String> {
        let after = self.files.partition_point(|segment| segment.first <= entry);
        self.files.get(after.max(1) - 1).map(|segment| segment_name(segment.first))
    }

    /// Trims closed segments whose fill was left by a crash.
    pub(super) fn trim_closed(&self) -> io::Result<()> {
        let closed = self.files.len().saturating_sub(1);
        for segment in &self.files[..closed] {
            if segment.file.length()? > segment.end && segment.end > 0 {
                segment.file.truncate(segment.end)?;
                segment.file.sync()?;
            }
        }
        Ok(())
    }

    pub(super) fn begin(&mut self, first: Position, file: &Arc<dyn DiskFile>) {
        // A segment begun without a block is begun again.
        self.files.retain(|segment| segment.first != first);
        self.files.push(Segment { first, file: Arc::clone(file), end: 0 });
    }

    pub(super) fn extend(&mut self, end: u64, head: Head) {
        if let Some(last) = self.files.last_mut() {
            last.end = end;
        }
        self.head = head;
    }

    pub(super) fn read(&self, from: Position) -> Result<Box<dyn Pieces>, ReadError> {
        let index = self.files.partition_point(|segment| segment.first <= from).max(1) - 1;
        let mut segments: Vec<Segment> = self.files.get(index..).unwrap_or_default().to_vec();
        let offset = match segments.first() {
            _ if from > self.head.position => {
                segments.clear();
                0
            }
            Some(segment) => segment.find(from.max(segment.first))?,
            None => 0,
        };
        segments.reverse();
        Ok(Box::new(SegmentPieces { segments, offset, taken: 0, ahead: None }))
    }
}

/// Examines the last bytes of a segment.
fn examine(segment: &Segment) -> Result<End, OpenError> {
    let length = segment.file.length()?;
    let start = length.saturating_sub(EXAMINED_BYTES);
    let mut bytes = vec![0; usize::try_from(length - start).unwrap_or(usize::MAX)];
    let read = read_full(&*segment.file, &mut bytes, start)?;
    bytes.truncate(read);
    Ok(tail::examine(&bytes, start))
}

/// The head in a segment's last seal; `None` where the segment is empty.
fn head_before(segment: &Segment) -> Result<Option<Head>, OpenError> {
    let start = segment.end.saturating_sub(BLOCK_BYTES_MAX as u64);
    let mut bytes = vec![0; usize::try_from(segment.end - start).unwrap_or(usize::MAX)];
    let read = read_full(&*segment.file, &mut bytes, start)?;
    bytes.truncate(read);
    Ok(seal_before(&bytes))
}

/// The name of the segment that begins with an entry.
pub(super) fn segment_name(first: Position) -> String {
    format!("{:020}.jsonl", first.get())
}

/// The segments of a folder in order: first positions and names.
fn segment_names(disk: &dyn Disk) -> io::Result<Vec<(Position, String)>> {
    let mut names: Vec<_> = disk
        .list()?
        .into_iter()
        .filter_map(|name| {
            let first = name.strip_suffix(".jsonl")?.parse().ok().map(Position::new)?;
            (name == segment_name(first)).then_some((first, name))
        })
        .collect();
    names.sort_unstable();
    Ok(names)
}

/// Reads the seal at the end of `bytes`.
fn seal_before(bytes: &[u8]) -> Option<Head> {
    let text = bytes.strip_suffix(b"\n")?;
    let start = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let seal = Seal::from_line(&text[start..])?;
    Some(Head { position: seal.head, root: seal.root })
}

impl Segment {
    fn fails(&self, source: io::Error) -> ReadError {
        ReadError::Io { name: segment_name(self.first), source }
    }

    /// The offset of the line of entry `wanted`. Lines hold their position, so this bisects.
    fn find(&self, wanted: Position) -> Result<u64, ReadError> {
        let (mut low, mut high) = (0, self.end);
        // The line of `wanted` begins in low..high.
        while high - low > PROBE_BYTES {
            let middle = low + (high - low) / 2;
            match self.first_entry_from(middle, high)? {
                Some((offset, position)) if position <= wanted => low = offset,
                _ => high = middle,
            }
        }
        let mut bytes = vec![0; usize::try_from(high - low).unwrap_or(usize::MAX) + LINE_BYTES];
        let read = read_full(&*self.file, &mut bytes, low).map_err(|error| self.fails(error))?;
        let mut offset = low;
        for line in bytes[..read].split_inclusive(|byte| *byte == b'\n') {
            match entry_position(line) {
                Some(position) if position == wanted => return Ok(offset),
                Some(position) if position > wanted => break,
                Some(_) | None => offset += line.len() as u64,
            }
        }
        // A changed number misleads the search: the first changed entry is named.
        visit_pieces(&mut self.pieces(), self.first, |_| true)?;
        let what = "its line is not between those of its neighbours".to_owned();
        Err(Damage { entry: wanted, place: Some(segment_name(self.first)), what }.into())
    }

    /// All its lines.
    fn pieces(&self) -> SegmentPieces {
        SegmentPieces { segments: vec![self.clone()], offset: 0, taken: 0, ahead: None }
    }

    /// The first entry whose line begins at or after `offset` and before `limit`.
    fn first_entry_from(
        &self,
        offset: u64,
        limit: u64,
    ) -> Result<Option<(u64, Position)>, ReadError> {
        let mut bytes = Vec::new();
        let mut size = PROBE_BYTES as usize / 16;
        loop {
            bytes.resize(size, 0);
            let read =
                read_full(&*self.file, &mut bytes, offset).map_err(|error| self.fails(error))?;
            let mut at = 0;
            for line in bytes[..read].split_inclusive(|byte| *byte == b'\n') {
                // Bytes before the first newline end a line that began earlier.
                if at > 0
                    && offset + at < limit
                    && let Some(position) = entry_position(line)
                {
                    return Ok(Some((offset + at, position)));
                }
                at += line.len() as u64;
            }
            if read < size || offset + size as u64 >= limit + LINE_BYTES as u64 {
                return Ok(None);
            }
            size *= 8;
        }
    }
}

const LINE_BYTES: usize = ENTRY_BYTES_MAX + 1;
const PROBE_BYTES: u64 = 64 << 10;
/// Bytes of a piece. It stays in the processor's cache until it is processed.
const PIECE_BYTES: usize = 2 * LINE_BYTES;
/// A reader that has read this much is likely to read on.
const READ_AHEAD_AFTER_BYTES: u64 = 1 << 20;
/// The least remaining bytes for which read-ahead starts.
const READ_AHEAD_BYTES_MIN: u64 = 8 << 20;

/// The position at the start of an entry's line.
fn entry_position(line: &[u8]) -> Option<Position> {
    let (number, rest) = number(line.strip_prefix(ENTRY_START)?)?;
    rest.starts_with(b",").then_some(Position::new(number))
}

/// The lines from an offset on. `segments` is in reverse order: the last is read first.
struct SegmentPieces {
    segments: Vec<Segment>,
    offset: u64,
    /// Bytes read so far, until read-ahead is decided.
    taken: u64,
    /// The read-ahead, from `offset` on.
    ahead: Option<ReadAhead>,
}

impl SegmentPieces {
    /// Starts read-ahead where many uncached bytes are left. Without it, reading goes on as before.
    fn start_read_ahead(&mut self) {
        let mut parts: Vec<Part> = Vec::with_capacity(self.segments.len());
        let mut offset = self.offset;
        for segment in self.segments.iter().rev() {
            parts.push((Arc::clone(&segment.file), offset..segment.end));
            offset = 0;
        }
        let left: u64 = parts.iter().map(|(_, range)| range.end.saturating_sub(range.start)).sum();
        // The system reads a little ahead itself, so the middle is probed.
        let middle = |range: &Range<u64>| range.start.midpoint(range.end);
        let is_cold = |(file, range): &Part| !file.is_cached(middle(range));
        if left >= READ_AHEAD_BYTES_MIN && parts.iter().any(is_cold) {
            self.ahead = ReadAhead::of(parts).ok();
        }
    }
}

impl Pieces for SegmentPieces {
    fn next(&mut self, piece: &mut Vec<u8>) -> Result<bool, ReadError> {
        while let Some(segment) = self.segments.last() {
            let left = usize::try_from(segment.end.saturating_sub(self.offset));
            let left = left.unwrap_or(usize::MAX);
            if left == 0 {
                self.segments.pop();
                self.offset = 0;
                continue;
            }
            piece.resize(left.min(PIECE_BYTES), 0);
            let read = match &mut self.ahead {
                Some(ahead) => ahead.read(piece),
                None => read_full(&*segment.file, piece, self.offset),
            };
            let read = read.map_err(|error| segment.fails(error))?;
            if read == 0 {
                let source = io::ErrorKind::UnexpectedEof.into();
                return Err(segment.fails(source));
            }
            piece.truncate(read);
            if read < left {
                // A piece holds whole lines. A line longer than allowed is passed on, so that the
                // caller reports it.
                let whole = piece.iter().rposition(|byte| *byte == b'\n');
                let whole = whole.map_or(read, |newline| newline + 1);
                if let (Some(ahead), Some(rest)) = (&mut self.ahead, piece.get(whole..)) {
                    ahead.unread(rest);
                }
                piece.truncate(whole);
            }
            self.offset += piece.len() as u64;
            if self.taken < READ_AHEAD_AFTER_BYTES {
                self.taken += piece.len() as u64;
                if self.taken >= READ_AHEAD_AFTER_BYTES {
                    self.start_read_ahead();
                }
            }
            return Ok(true);
        }
        piece.clear();
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::super::disk::{Disk, Folder};
    use super::*;

    /// Bytes of lines, more than is read without reading ahead.
    fn written(folder: &tempfile::TempDir) -> (Segment, Vec<u8>) {
        let lines = (0..120_000).map(|line: u32| format!("{line} {}\n", "x".repeat(100)));
        let bytes = lines.collect::<String>().into_bytes();
        let disk = Folder::writable(folder.path()).unwrap();
        let file: Arc<dyn DiskFile> = Arc::from(disk.create("one").unwrap());
        file.write_at(&bytes, 0).unwrap();
        file.sync().unwrap();
        let end = bytes.len() as u64;
        (Segment { first: Position::new(1), file, end }, bytes)
    }

    /// What is read, and whether it was read ahead after the first piece and at the end.
    fn read(segment: Segment) -> (Vec<u8>, bool, bool) {
        let mut pieces =
            SegmentPieces { segments: vec![segment], offset: 0, taken: 0, ahead: None };
        let (mut piece, mut all) = (Vec::new(), Vec::new());
        assert!(pieces.next(&mut piece).unwrap());
        let first = pieces.ahead.is_some();
        while !piece.is_empty() {
            all.extend_from_slice(&piece);
            assert!(all.ends_with(b"\n"), "whole lines");
            pieces.next(&mut piece).unwrap();
        }
        (all, first, pieces.ahead.is_some())
    }

    #[test]
    fn much_is_read_ahead_where_it_comes_from_the_disk_and_little_never() {
        let folder = tempfile::tempdir().unwrap();
        let (segment, bytes) = written(&folder);
        let file = Arc::clone(&segment.file);
        let (all, first, end) = read(segment.clone());
        assert!(all == bytes && !first && !end, "the page cache holds it");
        file.forget(0, 0);
        let is_cold = !file.is_cached(bytes.len() as u64 / 2);
        let (all, first, end) = read(segment);
        assert!(all == bytes && !first);
        assert_eq!(end, is_cold, "where there is no page cache to leave, it is as before");
    }
}
