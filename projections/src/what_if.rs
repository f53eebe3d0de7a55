//! What-if: postings that never happened, judged and applied on a copy of the book as it stood at any
//! position, and asked about as the book is. Nothing is stored.
//!
//! Answers question 20 (what cancelling a programme would release, net of spend and commitments) of
//! `docs/questions.md`, and any other as it would be answered had things gone otherwise.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use ledger_core::domain::actor::Actor;
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::command::{Command, Grounds};
use ledger_core::domain::decide::{Context, Decision, Original, check_versions, judge};
use ledger_core::domain::event::{Accrual, Event, Events};
use ledger_core::domain::ledger::{Ledger, Obligation};
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::rejection::Rejection;
use ledger_core::domain::text::Reference;
use ledger_core::log::entry::Envelope;
use ledger_core::projection::{Posted, Projection};
use ledger_core::writer::{stamp_after, write_line};

use crate::{AsAt, Moment, QueryError, ReadModels};

/// A book as it would be, had it gone on otherwise from a moment.
#[derive(Debug)]
pub struct WhatIf {
    /// Where it parts from what happened.
    from: Moment,
    models: ReadModels,
    /// What was supposed, the first after `from`.
    supposed: Vec<Supposed>,
}

/// A posting that never happened.
#[derive(Debug)]
struct Supposed {
    decision: Decision,
    /// The entry it would be.
    line: Vec<u8>,
}

/// Reads the events of an entry of the book: what is to be reversed, and what commitments and accruals
/// stand at, is in the log.
pub type EventsOf<'s> = &'s dyn Fn(Position) -> Option<Events>;

/// Why a posting cannot be supposed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSupposed {
    /// It breaks a rule.
    #[error(transparent)]
    Refused(#[from] Rejection),
    /// It is about who signs.
    #[error(
        "what is supposed is taken to be signed: suppose the command itself, and not its proposal"
    )]
    AboutSignOff,
}

impl WhatIf {
    /// The book as at a moment, with nothing supposed yet.
    pub fn new(models: &ReadModels, from: Moment) -> Self {
        WhatIf { from, models: models.until(from.position), supposed: Vec::new() }
    }

    /// The read models as they would be.
    pub const fn models(&self) -> &ReadModels {
        &self.models
    }

    /// Where it parts from what happened.
    pub const fn from(&self) -> Moment {
        self.from
    }

    /// The moment after everything that was supposed.
    pub const fn moment(&self) -> Moment {
        Moment { position: self.models.times.head(), time: self.from.time }
    }

    /// The moment that is meant as one before what was supposed: a time names what had been recorded
    /// by then, and what was supposed was not.
    ///
    /// # Errors
    ///
    /// [`QueryError::BeyondHead`] where there is no such entry, nor would be.
    pub fn moment_before(&self, as_at: AsAt) -> Result<Moment, QueryError> {
        let Moment { position, time } = self.models.moment(as_at)?;
        let recorded = matches!(as_at, AsAt::Recorded(_));
        let position = if recorded { position.min(self.from.position) } else { position };
        Ok(Moment { position, time })
    }

    /// What a posting that was supposed comes to, by the position its entry would have.
    pub fn decision(&self, position: Position) -> Option<&Decision> {
        self.supposed(position).map(|supposed| &supposed.decision)
    }

    /// The entry it would be: its canonical bytes.
    pub fn line(&self, position: Position) -> Option<&[u8]> {
        self.supposed(position).map(|supposed| &*supposed.line)
    }

    /// What all that was supposed comes to, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.supposed.iter().flat_map(|supposed| &supposed.decision.events)
    }

    fn supposed(&self, position: Position) -> Option<&Supposed> {
        let after = position.get().checked_sub(self.from.position.get().checked_add(1)?)?;
        self.supposed.get(usize::try_from(after).ok()?)
    }

    /// Supposes postings, each after those before it; one that is refused changes nothing for those
    /// after it. They are judged by the rules in force at the moment they are supposed at, that of
    /// sign-off apart: what needs a signature is taken to have it.
    ///
    /// Gives for each the entry it would be, or why it is refused.
    pub fn suppose(
        &mut self,
        postings: &[Posting],
        actor: &Actor,
        events_of: EventsOf<'_>,
    ) -> Vec<Result<Position, NotSupposed>> {
        let commands = || postings.iter().map(|posting| &posting.command);
        let mut grounds = Grounds::of(commands());
        let seen = postings.iter().flat_map(|posting| &posting.expected_versions);
        grounds.lines.extend(seen.map(|expected| expected.line));
        let originals: Vec<Original> = commands()
            .flat_map(Command::reverses)
            .filter_map(|position| {
                Some(Original { position, events: self.events_at(position, events_of)? })
            })
            .collect();
        let cited = commands().flat_map(Command::references).cloned();
        let reversed = originals.iter().flat_map(|original| &original.events);
        let cited = cited.chain(reversed.flat_map(|event| event.references()).cloned());
        let obligations = self.obligations(cited.collect(), events_of);
        let mut ledger = self.models.ledger(&grounds, obligations);
        let recorded = self.from.time.max(ledger.recorded());
        postings
            .iter()
            .map(|posting| self.suppose_one(&mut ledger, posting, actor, recorded, &originals))
            .collect()
    }

    /// The events of an entry: what was supposed is not in the log, and what came there after the moment
    /// is no part of this book.
    fn events_at(&self, position: Position, events_of: EventsOf<'_>) -> Option<Events> {
        if position <= self.from.position {
            return events_of(position);
        }
        self.decision(position).map(|decision| decision.events.clone())
    }

    /// Commitments and accruals as they stand: what every entry that names them makes of them.
    fn obligations(
        &self,
        mut cited: BTreeSet<Reference>,
        events_of: EventsOf<'_>,
    ) -> Vec<(Reference, Obligation)> {
        let mut entries = BTreeMap::new();
        self.read_naming(&cited, events_of, &mut entries);
        // An accrual is signed as the commitment was that it discharged, which discharged nothing.
        let mut discharged = BTreeSet::new();
        for event in entries.values().flatten() {
            if let Event::Accrued(Accrual { reference, discharges: Some(taken), .. }) = event
                && cited.contains(reference)
            {
                discharged.insert(taken.reference.clone());
            }
        }
        self.read_naming(&discharged, events_of, &mut entries);
        cited.append(&mut discharged);
        let mut ledger = Ledger::new();
        for (position, events) in &entries {
            let recorded = self.models.times.recorded(*position).unwrap_or_default();
            ledger.apply(*position, recorded, events);
        }
        let found = |cited: Reference| ledger.obligation(&cited).copied().map(|one| (cited, one));
        cited.into_iter().filter_map(found).collect()
    }

    /// Reads the entries that name any of some commitments and accruals, as far as they are not yet.
    fn read_naming(
        &self,
        cited: &BTreeSet<Reference>,
        events_of: EventsOf<'_>,
        entries: &mut BTreeMap<Position, Events>,
    ) {
        for position in self.models.precedents.entries_naming(cited) {
            if let Entry::Vacant(unread) = entries.entry(position)
                && let Some(events) = self.events_at(position, events_of)
            {
                unread.insert(events);
            }
        }
    }

    fn suppose_one(
        &mut self,
        ledger: &mut Ledger<'static>,
        posting: &Posting,
        actor: &Actor,
        recorded: Timestamp,
        originals: &[Original],
    ) -> Result<Position, NotSupposed> {
        if posting.command.is_about_sign_off() {
            return Err(NotSupposed::AboutSignOff);
        }
        check_versions(ledger, &posting.expected_versions)?;
        let original = |position| match self.decision(position) {
            Some(Decision { events, .. }) => Some(Original { position, events: events.clone() }),
            None => originals.iter().find(|known| known.position == position).cloned(),
        };
        let reversed = posting.command.reverses().into_iter();
        let originals: Vec<Original> = reversed.filter_map(original).collect();
        let context = Context {
            actor,
            recorded,
            has_authority: posting.authority.is_some(),
            has_evidence: !posting.evidence.is_empty(),
            originals: &originals,
        };
        let decision = judge(ledger, &posting.command, &context)?;
        let stamp = stamp_after(ledger, recorded);
        let position = stamp.position;
        let envelope = Envelope::new(&actor.id, posting.digest(), posting);
        let mut line = Vec::new();
        write_line(&mut line, &stamp, &envelope, &decision)?;
        ledger.apply(position, recorded, &decision.events);
        let (inferred, events) = (posting.inferred.is_some(), &decision.events);
        self.models.apply(&Posted { position, recorded, inferred, events });
        self.supposed.push(Supposed { decision, line });
        Ok(position)
    }
}
