//! Reads entries from a store.

use super::block::SEAL_START;
use super::entry::Entry;
use super::store::{Damage, ReadError, Store};
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
/// # Errors
///
/// [`ReadError`] where the log cannot be read.
pub fn visit_lines(
    store: &dyn Store,
    from: Position,
    mut visit: impl FnMut(&[u8]) -> bool,
) -> Result<(), ReadError> {
    let mut pieces = store.read(from)?;
    let mut piece = Vec::new();
    while pieces.next(&mut piece)? {
        for line in lines_of(&piece) {
            if !line.starts_with(SEAL_START) && !visit(line) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The line of one entry; `None` where there is no such entry.
///
/// # Errors
///
/// [`ReadError`] where the log cannot be read there.
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
/// [`ReadError`] where the log cannot be read there, or holds another entry.
pub fn entry_at(
    store: &dyn Store,
    position: Position,
) -> Result<Option<Entry<'static>>, ReadError> {
    let Some(line) = line_at(store, position)? else { return Ok(None) };
    let damage = |what| ReadError::from(Damage { entry: position, place: None, what });
    let entry = Entry::from_line(&line).map_err(|error| damage(error.to_string()))?;
    if entry.position != position {
        return Err(damage(format!("position {} is in its place", entry.position)));
    }
    Ok(Some(entry.into_owned()))
}
