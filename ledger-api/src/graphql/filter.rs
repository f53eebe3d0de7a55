//! Which entries are wanted, and reading those from the log.

use async_graphql::InputObject;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::log::entry::Entry;
use ledger_core::log::read::visit_lines;
use ledger_core::log::store::{Damage, ReadError};
use projections::scope::Scope;
use projections::what_if::WhatIf;

use super::entry::Stored;
use super::event::EventKind;
use super::scalars;
use crate::book::Book;

/// Which entries: those for which everything given here holds.
#[derive(Clone, Debug, Default, InputObject)]
pub(super) struct EntryFilter {
    /// Only entries that change lines of this programme.
    programme: Option<scalars::Programme>,
    /// Only entries that change lines of this body.
    body: Option<scalars::Body>,
    /// Only entries that change lines of this year.
    year: Option<scalars::Year>,
    /// Only entries that change this line.
    line: Option<scalars::Line>,
    /// Only entries that this actor posted, by opaque id.
    actor: Option<String>,
    /// Only entries in which something of this sort happened.
    kind: Option<EventKind>,
    /// Only entries that cite this: a reference, transaction, authority or piece of evidence.
    cites: Option<String>,
}

impl EntryFilter {
    /// Whether an entry is wanted.
    pub(super) fn wants(&self, entry: &Entry<'_>) -> bool {
        let EntryFilter { programme, body, year, line, actor, kind, cites } = self;
        let lines = || entry.events.iter().flat_map(|event| event.lines());
        let on_line = |test: &dyn Fn(&LineKey) -> bool| lines().any(|line| test(&line));
        let code = |wanted: &scalars::Programme| -> ProgrammeCode { wanted.0 };
        programme.as_ref().is_none_or(|p| on_line(&|line| line.programme == code(p)))
            && body.as_ref().is_none_or(|body| on_line(&|line| line.body == body.0))
            && year.as_ref().is_none_or(|year| on_line(&|line| line.year == year.0))
            && line.as_ref().is_none_or(|wanted| on_line(&|line| *line == wanted.0))
            && actor.as_ref().is_none_or(|actor| entry.actor == **actor)
            && kind.is_none_or(|kind| entry.events.iter().any(|event| kind == event.into()))
            && cites.as_ref().is_none_or(|cites| entry.citations().any(|cited| cited == cites))
    }
}

/// Entries that are looked through at a time, at most.
const LOOKED_THROUGH_MAX: u64 = 20_000;

/// Bytes of entries held at a time, about.
const HELD_BYTES: usize = 1 << 20;

/// What somebody wants to see, of what they may see.
pub(super) struct Seen<'s> {
    pub(super) filter: &'s EntryFilter,
    pub(super) scope: &'s Scope,
}

impl Seen<'_> {
    fn wants(&self, entry: &Entry<'_>) -> bool {
        self.filter.wants(entry) && self.scope.admits_events(&entry.events)
    }
}

/// What was found in a part of the log.
pub(super) struct Scanned {
    /// The entries that are wanted, in order.
    pub(super) found: Vec<Stored>,
    /// The last entry that was looked at.
    pub(super) reached: Position,
}

impl Scanned {
    /// Goes on with what would follow the log, up to `last`.
    pub(super) fn go_on(
        &mut self,
        supposed: &WhatIf,
        last: Position,
        seen: &Seen<'_>,
        count: usize,
    ) -> Result<(), ReadError> {
        if self.reached < supposed.from().position {
            return Ok(());
        }
        while self.reached < last && self.found.len() < count {
            let at = self.reached.next();
            let Some(line) = supposed.line(at) else { break };
            let stored = Stored::from_line(line, at)?;
            if seen.wants(&stored.entry) {
                self.found.push(stored);
            }
            self.reached = at;
        }
        Ok(())
    }
}

/// Looks through the log from an entry on, up to `last`, for at most `count` entries that are
/// wanted. It stops early after a bounded amount of work; how far it came is in the answer.
pub(super) fn scan(
    book: &Book,
    from: Position,
    last: Position,
    seen: &Seen<'_>,
    count: usize,
) -> Result<Scanned, ReadError> {
    let mut scanned =
        Scanned { found: Vec::new(), reached: Position::new(from.get().saturating_sub(1)) };
    if from > last {
        return Ok(scanned);
    }
    let (mut held, mut failed) = (0, None);
    let stop_at = from.get().saturating_add(LOOKED_THROUGH_MAX).min(last.get().saturating_add(1));
    visit_lines(&**book.store(), from, |line| {
        let at = scanned.reached.next();
        match Entry::from_line(line) {
            Ok(entry) if seen.wants(&entry) => {
                held += line.len();
                scanned.found.push(Stored { line: line.to_vec(), entry: entry.into_owned() });
            }
            Ok(_) => {}
            Err(error) => {
                failed = Some(Damage { entry: at, place: None, what: error.to_string() });
                return false;
            }
        }
        scanned.reached = at;
        at.next().get() < stop_at && scanned.found.len() < count && held < HELD_BYTES
    })?;
    failed.map_or(Ok(scanned), |damage| Err(damage.into()))
}
