//! Entries of a folder's log, as far as they are wanted and may be read.

use ledger_core::domain::position::Position;
use ledger_core::log::read::visit_lines;
use ledger_core::log::segments::SegmentsStore;
use projections::scope::Scope;

use super::question::EntryFilter;
use super::read_entry;
use crate::cli::exit::CliError;
use crate::cli::write;

/// What somebody wants to see, of what they may see.
pub(super) struct Seen<'s> {
    pub(super) filter: &'s EntryFilter,
    pub(super) scope: &'s Scope,
}

/// Visits the entries of a part of the log that are wanted.
pub(super) fn visit_wanted(
    store: &SegmentsStore,
    from: Position,
    last: Position,
    seen: &Seen<'_>,
    visit: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<(), CliError> {
    let mut next = from.max(Position::new(1));
    let Seen { filter, scope } = seen;
    let (all, mut failed) = (filter.wants_all() && scope.is_everything(), None);
    visit_lines(store, next, |line| {
        if next > last {
            return false;
        }
        next = next.next();
        if all {
            return visit(line);
        }
        match read_entry(line) {
            Ok(entry) => {
                let wanted = filter.wants(&entry) && scope.admits_events(&entry.events);
                !wanted || visit(line)
            }
            Err(error) => {
                failed = Some(error);
                false
            }
        }
    })?;
    failed.map_or(Ok(()), Err)
}

/// Says so where an answer is of a part of the book.
pub(super) fn note_partial(partial: bool) {
    if partial {
        write::note("This is of what you may read, not of all there is.");
    }
}
