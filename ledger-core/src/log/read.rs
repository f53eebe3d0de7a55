//! Reads entries from a store. Each is checked against its block's seal before it is passed on.
//!
//! A seal holds four bytes of each leaf hash, so a changed entry passes once in four billion times.
//! An entry that was changed together with its seal passes too: only a check from the first entry
//! finds it, as `verify`, a start and the scrub do.

use std::ops::ControlFlow;

use super::block::{SEAL_START, Seal, is_leaf};
use super::entry::Entry;
use super::merkle::Hash;
use super::store::{Damage, Pieces, ReadError, Store};
use crate::domain::position::Position;

/// The lines of a piece of a log, without their newlines.
pub(crate) fn lines_of(piece: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = piece;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        Some(line)
    })
}

/// Visits the lines of entries from `from` on, without newlines, until `visit` returns false.
///
/// A changed entry is not visited. It turns the store's writes off.
///
/// # Errors
///
/// [`ReadError`] where the log cannot be read, or with the first entry that was changed.
pub fn visit_lines(
    store: &dyn Store,
    from: Position,
    visit: impl FnMut(&[u8]) -> bool,
) -> Result<(), ReadError> {
    let from = from.max(Position::new(1));
    let read = store.read(from).and_then(|mut pieces| visit_pieces(&mut *pieces, from, visit));
    read.inspect_err(|error| {
        if let ReadError::Damaged(damage) = error {
            store.poison(&damage.to_string());
        }
    })
}

/// Visits the lines of entries in pieces that begin with entry `from`.
///
/// # Errors
///
/// [`ReadError`] where the log cannot be read, or with the first entry that was changed.
pub(super) fn visit_pieces(
    pieces: &mut dyn Pieces,
    from: Position,
    mut visit: impl FnMut(&[u8]) -> bool,
) -> Result<(), ReadError> {
    let mut next = from;
    // Lines whose seal has not been read yet, after those whose seal has.
    let (mut bytes, mut piece) = (Vec::new(), Vec::new());
    while pieces.next(&mut piece)? {
        let mut at = bytes.len();
        if at == 0 {
            std::mem::swap(&mut bytes, &mut piece);
        } else {
            bytes.extend_from_slice(&piece);
        }
        let mut block = 0;
        for line in lines_of(bytes.get(at..).unwrap_or_default()) {
            let seal = at;
            at += line.len() + 1;
            if line.starts_with(SEAL_START) {
                let entries = bytes.get(block..seal).unwrap_or_default();
                if visit_block(entries, line, &mut next, &mut visit)?.is_break() {
                    return Ok(());
                }
                block = at;
            }
        }
        bytes.drain(..block.min(bytes.len()));
    }
    if bytes.is_empty() {
        return Ok(());
    }
    Err(Damage { entry: next, place: None, what: "the log ends without a seal".to_owned() }.into())
}

/// Checks the lines of a block from entry `next` on against its seal, and visits them.
fn visit_block(
    entries: &[u8],
    seal: &[u8],
    next: &mut Position,
    visit: &mut impl FnMut(&[u8]) -> bool,
) -> Result<ControlFlow<()>, Damage> {
    let damage = |entry, what: &str| Damage { entry, place: None, what: what.to_owned() };
    let Some(seal) = Seal::from_line(seal) else {
        return Err(damage(*next, "the seal after it is changed"));
    };
    let before = seal.before();
    let Some(skipped) = next.get().checked_sub(before.next().get()) else {
        return Err(damage(before, "the seal after it is missing"));
    };
    let mut leaves = seal.leaves().skip(usize::try_from(skipped).unwrap_or(usize::MAX));
    for line in lines_of(entries) {
        if !leaves.next().is_some_and(|digits| is_leaf(digits, &Hash::leaf(line))) {
            return Err(damage(*next, "its bytes are not those that were sealed"));
        }
        *next = next.next();
        if !visit(line) {
            return Ok(ControlFlow::Break(()));
        }
    }
    match leaves.next() {
        Some(_) => Err(damage(*next, "it is missing before its seal")),
        None => Ok(ControlFlow::Continue(())),
    }
}

/// The line of one entry; `None` where there is no such entry.
///
/// # Errors
///
/// [`ReadError`] where the log cannot be read there, or the entry was changed.
pub fn line_at(store: &dyn Store, position: Position) -> Result<Option<Vec<u8>>, ReadError> {
    let mut found = None;
    if position > Position::START {
        visit_lines(store, position, |line| {
            found = Some(line.to_vec());
            false
        })?;
    }
    Ok(found)
}

/// One entry; `None` where there is no such entry.
///
/// # Errors
///
/// [`ReadError`] where the log cannot be read there, or the entry was changed.
pub fn entry_at(
    store: &dyn Store,
    position: Position,
) -> Result<Option<Entry<'static>>, ReadError> {
    let Some(line) = line_at(store, position)? else { return Ok(None) };
    let damage = |what| ReadError::from(Damage { entry: position, place: None, what });
    let entry = Entry::from_line(&line).map_err(|error| damage(error.to_string()))?;
    Ok(Some(entry.into_owned()))
}
