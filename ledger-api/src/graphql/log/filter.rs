//! Entry filters, and the scan of the log that applies them.

use async_graphql::{InputObject, Result};
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::event;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::log::entry::Entry;
use ledger_core::log::read::visit_lines;
use ledger_core::log::store::Damage;
use projections::QueryError;
use projections::scope::Scope;
use projections::what_if::WhatIf;

use crate::graphql::budget::line::BudgetLine;
use crate::graphql::kit::fault::{fault, unanswerable};
use crate::graphql::kit::scalars::{self, MoneyGbp};
use crate::graphql::kit::view::View;
use crate::graphql::kit::work::{Stopped, Work};
use crate::graphql::log::entry::StoredEntry;
use crate::graphql::log::event::{EventKind, Stated};
use crate::graphql::register::body::Body;
use crate::graphql::register::programme::Programme;
use projections::book::Book;

/// A filter of entries. All conditions given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct EntryFilter {
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
    /// Only entries with an event of this kind.
    kind: Option<EventKind>,
    /// Only entries that cite this reference, transaction, authority or piece of evidence.
    cites: Option<String>,
    /// Only entries whose reason holds this text, in capitals or not.
    reason: Option<String>,
    /// Only entries with this amount on one side or the other: a leg, spend, an obligation, a forecast
    /// or an explanation.
    amount: Option<MoneyGbp>,
}

impl EntryFilter {
    /// Refuses codes that the book does not know at a moment, or that the caller may not read.
    pub(crate) fn check(&self, view: &View) -> Result<()> {
        if let Some(programme) = &self.programme
            && Programme::find(view, programme.0).is_none()
        {
            return Err(unanswerable(&QueryError::UnknownProgramme(programme.0)));
        }
        if let Some(body) = &self.body
            && Body::find(view, body.0).is_none()
        {
            return Err(unanswerable(&QueryError::UnknownBody(body.0)));
        }
        if let Some(line) = &self.line
            && BudgetLine::find(view, line.0).is_none()
        {
            let message = format!(
                "the line {} was not open then: correct it, or ask as at a later moment",
                line.0
            );
            return Err(fault("UNKNOWN_LINE", message));
        }
        Ok(())
    }

    /// Whether an entry passes the filter.
    pub(crate) fn wants(&self, entry: &Entry<'_>) -> bool {
        let EntryFilter { programme, body, year, line, actor, kind, cites, reason, amount } = self;
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
            && reason.as_ref().is_none_or(|reason| holds(entry.reason.as_ref(), reason))
            && amount.as_ref().is_none_or(|wanted| {
                let magnitude = wanted.0.magnitude();
                entry.events.iter().any(|event| amounts(event).any(|one| one == magnitude))
            })
    }
}

/// Whether a text holds another, in capitals or not.
fn holds(text: &str, wanted: &str) -> bool {
    text.to_lowercase().contains(&wanted.to_lowercase())
}

/// The amounts of an event, without their signs.
fn amounts(event: &event::Event) -> impl Iterator<Item = Pence> + '_ {
    let legs = event.legs().iter().map(|leg| leg.pence);
    legs.chain(Stated::in_event(event).amount).map(Pence::magnitude)
}

/// The maximum number of entries one scan reads.
const SCAN_ENTRIES_MAX: u64 = 20_000;

/// The approximate maximum of bytes one scan keeps.
const SCAN_BYTES_MAX: usize = 1 << 20;

/// The entries that pass a filter and that the caller may read.
pub(crate) struct EntrySelection<'s> {
    pub(crate) filter: &'s EntryFilter,
    pub(crate) scope: &'s Scope,
    /// The work of the request, which pays for each entry.
    pub(crate) work: &'s Work,
}

impl EntrySelection<'_> {
    /// Whether an entry of `bytes` is selected. Counts the entry.
    fn wants(&self, entry: &Entry<'_>, bytes: usize) -> std::result::Result<bool, Stopped> {
        self.work.look_through()?;
        let wanted = self.filter.wants(entry) && self.scope.admits_events(&entry.events);
        if wanted {
            self.work.keep(bytes)?;
        }
        Ok(wanted)
    }
}

/// The result of scanning part of the log.
pub(crate) struct ScanResult {
    /// The selected entries, in order.
    pub(crate) found: Vec<StoredEntry>,
    /// The position of the last entry scanned.
    pub(crate) reached: Position,
}

impl ScanResult {
    /// Continues with the entries of a what-if, up to `last`.
    pub(crate) fn scan_what_if(
        &mut self,
        supposed: &WhatIf,
        last: Position,
        seen: &EntrySelection<'_>,
        count: usize,
    ) -> std::result::Result<(), Stopped> {
        if self.reached < supposed.from().position {
            return Ok(());
        }
        while self.reached < last && self.found.len() < count {
            let at = self.reached.next();
            let Some(line) = supposed.line(at) else { break };
            let stored = StoredEntry::from_line(line, at)?;
            if seen.wants(&stored.entry, stored.line.len())? {
                self.found.push(stored);
            }
            self.reached = at;
        }
        Ok(())
    }
}

/// The entries that one step of a scan from the newest reads.
const STEP_ENTRIES: u64 = 512;

/// Scans from `from` back to the entry after `since`: those of a what-if, then the log. It may stop
/// earlier, as [`scan`] may.
pub(crate) fn scan_back(
    view: &View,
    from: Position,
    since: Position,
    seen: &EntrySelection<'_>,
    count: usize,
) -> std::result::Result<ScanResult, Stopped> {
    let mut scanned = ScanResult { found: Vec::new(), reached: from.next() };
    let last_in_log = view.last_in_log();
    if let Some(supposed) = &view.supposed {
        while scanned.reached.get() > last_in_log.max(since).get() + 1
            && scanned.found.len() < count
        {
            let at = Position::new(scanned.reached.get() - 1);
            let line = supposed.line(at).unwrap_or_default();
            let stored = StoredEntry::from_line(line, at)?;
            if seen.wants(&stored.entry, stored.line.len())? {
                scanned.found.push(stored);
            }
            scanned.reached = at;
        }
    }
    let begin = scanned.reached;
    let mut held = 0;
    while scanned.reached > since.next()
        && scanned.found.len() < count
        && held < SCAN_BYTES_MAX
        && begin.get() - scanned.reached.get() < SCAN_ENTRIES_MAX
    {
        let last = Position::new(scanned.reached.get() - 1);
        let first = Position::new(last.get().saturating_sub(STEP_ENTRIES - 1)).max(since.next());
        // A step is read to its end: what it left out would be lost.
        let step = scan_within(&view.book, first, last, seen, usize::MAX, usize::MAX)?;
        scanned.reached = first;
        for stored in step.found.into_iter().rev() {
            held += stored.line.len();
            let at = stored.entry.position;
            scanned.found.push(stored);
            if scanned.found.len() == count {
                scanned.reached = at;
                break;
            }
        }
    }
    Ok(scanned)
}

/// Scans the log from `from` to `last` for at most `count` selected entries. It may stop earlier,
/// to bound the work: see [`ScanResult::reached`].
pub(crate) fn scan(
    book: &Book,
    from: Position,
    last: Position,
    seen: &EntrySelection<'_>,
    count: usize,
) -> std::result::Result<ScanResult, Stopped> {
    if from > last {
        let reached = Position::new(from.get().saturating_sub(1));
        return Ok(ScanResult { found: Vec::new(), reached });
    }
    scan_within(book, from, last, seen, count, SCAN_BYTES_MAX)
}

/// Scans the log within a number of bytes kept.
fn scan_within(
    book: &Book,
    from: Position,
    last: Position,
    seen: &EntrySelection<'_>,
    count: usize,
    bytes_max: usize,
) -> std::result::Result<ScanResult, Stopped> {
    let mut scanned =
        ScanResult { found: Vec::new(), reached: Position::new(from.get().saturating_sub(1)) };
    let (mut held, mut failed) = (0, None);
    let stop_at = from.get().saturating_add(SCAN_ENTRIES_MAX).min(last.get().saturating_add(1));
    visit_lines(&**book.store(), from, |line| {
        let at = scanned.reached.next();
        let wanted = match Entry::from_line(line) {
            Ok(entry) => seen.wants(&entry, line.len()).map(|wanted| wanted.then_some(entry)),
            Err(error) => {
                let damage = Damage { entry: at, place: None, what: error.to_string() };
                Err(Stopped::Unreadable(damage.into()))
            }
        };
        match wanted {
            Ok(None) => {}
            Ok(Some(entry)) => {
                held += line.len();
                scanned.found.push(StoredEntry { line: line.to_vec(), entry: entry.into_owned() });
            }
            Err(stopped) => {
                failed = Some(stopped);
                return false;
            }
        }
        scanned.reached = at;
        at.next().get() < stop_at && scanned.found.len() < count && held < bytes_max
    })?;
    failed.map_or(Ok(scanned), Err)
}
