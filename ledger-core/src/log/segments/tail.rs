//! The end of the last segment: whole, torn or damaged.
//!
//! A block is written over fill (newlines, or nothing yet) and synced once. A power cut in between
//! leaves each 512-byte sector either written or still fill. A killed process or a full disk leaves
//! a shortened text.
//!
//! So a last block is *torn*, and was never acknowledged, only in two cases: it is the beginning of
//! a block without its seal, or some of its sectors are still fill. Anything else is *damage* to
//! acknowledged entries, and must be kept.

use std::ops::Range;

use crate::domain::position::Position;
use crate::log::block::{SEAL_START, Seal, number, write_seal};
use crate::log::entry::ENTRY_START;
use crate::log::merkle::Hash;

/// Bytes that a disk writes all or none of.
const SECTOR: u64 = 512;

/// The bytes after a segment's last sealed block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// Only fill. The range is that of the last whole block.
    Whole(Range<u64>),
    /// A block that was never acknowledged.
    Torn(Range<u64>),
    /// Acknowledged bytes that were changed.
    Damaged(&'static str),
}

/// The end of the last whole block, and the state of the bytes after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// The offset of the next block.
    pub(super) offset: u64,
    /// The state of the bytes from there on.
    pub(super) tail: Tail,
}

/// Examines the last bytes of a segment: `bytes` are those from `start` to its end.
///
/// `start` is the segment's beginning, or far enough back that two seals follow.
pub(super) fn examine(bytes: &[u8], start: u64) -> End {
    let text_end = bytes.iter().rposition(|byte| !is_fill(*byte)).map_or(0, |last| last + 1);
    let text = &bytes[..text_end];
    let last_line = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let has_newline = bytes.get(text_end) == Some(&b'\n');
    let has_seal = Seal::from_line(&text[last_line..]).is_some();
    let sealed = has_seal && has_newline;

    let before = if has_seal { last_line } else { text_end };
    let block = after_last_seal(&text[..before])..if sealed { text_end + 1 } else { text_end };
    let range = start + block.start as u64..start + block.end as u64;
    let end = |tail| End { offset: range.start, tail };

    if text_end == 0 {
        return End { offset: start, tail: Tail::Whole(start..start) };
    }
    if block.start == 0 && start > 0 {
        return end(Tail::Damaged("no seal is where the last blocks were"));
    }
    let gap = unwritten_sector(&bytes[block.clone()], range.start);
    if gap.is_none() && sealed {
        return End { offset: range.end, tail: Tail::Whole(range) };
    }
    // The text before a gap, or before it stops, must be the beginning of a block.
    let written = gap.map_or(text_end, |gap| block.start + gap);
    let is_begun = is_begun_block(&bytes[block.start..written], has_newline || gap.is_some());
    let seals = text[block.start..last_line.max(block.start)].split(|byte| *byte == b'\n');
    if !is_begun || seals.filter(|line| line.starts_with(SEAL_START)).count() > 0 {
        return end(Tail::Damaged("the bytes after the last seal are not a shortened block"));
    }
    end(Tail::Torn(range.clone()))
}

const fn is_fill(byte: u8) -> bool {
    matches!(byte, b'\n' | 0)
}

/// The offset of the line after the last seal in `text`.
fn after_last_seal(text: &[u8]) -> usize {
    let mut end = text.len();
    while end > 0 {
        let start = text[..end - 1].iter().rposition(|b| *b == b'\n').map_or(0, |nl| nl + 1);
        if Seal::from_line(text[start..end].trim_ascii_end()).is_some() {
            return end;
        }
        end = start;
    }
    0
}

/// The offset of a block's first sector that is all fill. A single newline at the block's end
/// belongs to the block.
fn unwritten_sector(block: &[u8], offset: u64) -> Option<usize> {
    let mut at = 0;
    while at < block.len() {
        let to_border = SECTOR - (offset + at as u64) % SECTOR;
        let until = block.len().min(at + usize::try_from(to_border).unwrap_or(usize::MAX));
        let sector = &block[at..until];
        let own_newline = until == block.len() && sector == b"\n";
        if sector.iter().all(|byte| is_fill(*byte)) && !own_newline {
            return Some(at);
        }
        at = until;
    }
    None
}

/// Whether `text` is the beginning of a block: whole entries in order, then optionally a shortened
/// entry or seal. `filled` says whether fill follows.
fn is_begun_block(text: &[u8], filled: bool) -> bool {
    let mut leaves = Vec::new();
    let mut next = None;
    let mut lines = text.split(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let is_last = lines.peek().is_none();
        if is_last && (line.is_empty() || is_begun_seal(line, &leaves, next, filled)) {
            return true;
        }
        match is_begun_entry(line) {
            EntryLine::Whole(position) if next.is_none_or(|next| next == position) => {
                next = Some(position.next());
                leaves.push(Hash::leaf(line));
            }
            EntryLine::Shortened => return is_last,
            EntryLine::Whole(_) | EntryLine::Not => return false,
        }
    }
    true
}

enum EntryLine {
    Whole(Position),
    Shortened,
    Not,
}

/// Reads a line as an entry or the beginning of one: an object that ends with the line.
fn is_begun_entry(line: &[u8]) -> EntryLine {
    if ENTRY_START.starts_with(line) {
        return EntryLine::Shortened;
    }
    let Some(rest) = line.strip_prefix(ENTRY_START) else { return EntryLine::Not };
    let (mut depth, mut in_text, mut escaped) = (0_u32, false, false);
    for (index, byte) in line.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            let whole = index + 1 == line.len();
            let position = number(rest).map(|(position, _)| Position::new(position));
            return position.filter(|_| whole).map_or(EntryLine::Not, EntryLine::Whole);
        }
    }
    EntryLine::Shortened
}

/// Whether a line begins the seal of these leaves; `next` is the position after them. A complete
/// seal counts only if its newline is missing.
fn is_begun_seal(line: &[u8], leaves: &[Hash], next: Option<Position>, filled: bool) -> bool {
    let Some(head) = next.map(|next| Position::new(next.get().saturating_sub(1))) else {
        return false;
    };
    let root = Hash::empty();
    let mut seal = Vec::new();
    write_seal(&mut seal, leaves, head, &root);
    let digits = root.to_string();
    let at = seal.windows(digits.len()).position(|window| window == digits.as_bytes());
    let Some(root) = at.map(|at| at..at + digits.len()) else { return false };
    let alike = line.iter().zip(&seal).enumerate().all(|(index, (byte, expected))| {
        byte == expected || root.contains(&index) && matches!(byte, b'0'..=b'9' | b'a'..=b'f')
    });
    alike && (line.len() < seal.len() || line.len() == seal.len() && !filled)
}
