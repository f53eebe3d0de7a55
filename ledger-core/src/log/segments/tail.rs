//! The end of the last segment: whole, torn, or damaged.
//!
//! A block is written over fill (newlines, or nothing yet) and synced once. When power is cut in
//! between, each 512-byte sector of it either was written or still is fill. So a last block is
//! *torn*, and was never acknowledged, only if its seal is missing and its text stops where a
//! sector ends, or if some sector of it is still fill. Anything else is *damage* to what was
//! acknowledged, and must not be thrown away.

use std::ops::Range;

use crate::log::block::Seal;
use crate::log::entry::ENTRY_START;

/// Disks write this much whole or not at all.
const SECTOR: u64 = 512;

/// What stands after a segment's last whole block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing but fill.
    Whole,
    /// A block that was never acknowledged, in this range of the segment.
    Torn(Range<u64>),
    /// Something that was acknowledged and is not what was written.
    Damaged(&'static str),
}

/// Where the last whole block ends, and what stands after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Where the next block begins.
    pub(super) offset: u64,
    /// What stands there.
    pub(super) tail: Tail,
}

/// Examines the last bytes of a segment, `bytes` being what stands from `start` to its end.
///
/// `start` is the beginning of the segment, or far enough back that two seals stand after it.
pub(super) fn examine(bytes: &[u8], start: u64) -> End {
    let text_end = bytes.iter().rposition(|byte| !is_fill(*byte)).map_or(0, |last| last + 1);
    let text = &bytes[..text_end];
    let last_line = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let has_newline = bytes.get(text_end) == Some(&b'\n');
    let seal_stands = Seal::from_line(&text[last_line..]).is_some();
    let sealed = seal_stands && has_newline;

    let before = if seal_stands { last_line } else { text_end };
    let block = after_last_seal(&text[..before])..if sealed { text_end + 1 } else { text_end };
    let range = start + block.start as u64..start + block.end as u64;
    let end = |tail| End { offset: range.start, tail };

    if text_end == 0 {
        return End { offset: start, tail: Tail::Whole };
    }
    if block.start == 0 && start > 0 {
        return end(Tail::Damaged("no seal stands where the last blocks were"));
    }
    if has_unwritten_sector(&bytes[block], range.start) {
        return end(Tail::Torn(range.clone()));
    }
    if sealed {
        return End { offset: range.end, tail: Tail::Whole };
    }
    // Text that was torn off stops where a sector does: with it, or with its newline.
    let stops_with_sector =
        range.end.is_multiple_of(SECTOR) || (has_newline && (range.end + 1).is_multiple_of(SECTOR));
    if stops_with_sector && (seal_stands || is_cut_short(&text[last_line..], has_newline)) {
        return end(Tail::Torn(range.clone()));
    }
    end(Tail::Damaged("the last block was written to its end and has no seal"))
}

const fn is_fill(byte: u8) -> bool {
    matches!(byte, b'\n' | 0)
}

/// Where the line after the last seal in `text` begins.
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

/// Whether some sector of a block at `offset` is all fill. A single newline at the block's end is
/// its own.
fn has_unwritten_sector(block: &[u8], offset: u64) -> bool {
    let mut rest = block;
    let mut at = offset;
    while !rest.is_empty() {
        let to_border = usize::try_from(SECTOR - at % SECTOR).unwrap_or(usize::MAX);
        let (sector, after) = rest.split_at(to_border.min(rest.len()));
        let own_newline = after.is_empty() && sector == b"\n";
        if sector.iter().all(|byte| is_fill(*byte)) && !own_newline {
            return true;
        }
        at += sector.len() as u64;
        rest = after;
    }
    false
}

/// Whether a block's last line can be the beginning of what was being written.
fn is_cut_short(line: &[u8], has_newline: bool) -> bool {
    let begins_entry = line.starts_with(ENTRY_START) || ENTRY_START.starts_with(line);
    if begins_entry {
        return true;
    }
    // A seal without its last bytes is cut short; a whole one with something after it is changed.
    let whole_seal = line
        .iter()
        .rposition(|byte| *byte == b'}')
        .is_some_and(|last| Seal::from_line(&line[..=last]).is_some());
    let seal_start = b"{\"seal\":{\"count\":";
    let begins_seal = line.starts_with(seal_start) || seal_start.starts_with(line);
    begins_seal && !whole_seal && !has_newline
}
