//! What-if: supposed postings, judged and applied on a copy of the book as at a moment.
//!
//! Answers the questions:
//!
//! - What would cancelling a programme release, net of spend and commitments?
//! - What if all that is proposed were confirmed?
//!
//! Any other question may be asked of the copy. Nothing is stored.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use ledger_core::domain::actor::{Actor, ActorDigest};
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::command::{Command, Subjects};
use ledger_core::domain::decide::{Context, Decision, Original, check_versions, judge};
use ledger_core::domain::event::{Accrual, Event, Events};
use ledger_core::domain::ledger::{Ledger, Obligation, StatedForecast};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::rejection::Rejection;
use ledger_core::domain::text::Reference;
use ledger_core::log::entry::Envelope;
use ledger_core::projection::{Posted, Projection};
use ledger_core::writer::{stamp_after, write_line};

use crate::{AsAt, Moment, QueryError, ReadModels};

/// A copy of the book with supposed postings applied.
#[derive(Debug)]
pub struct WhatIf {
    /// The moment the copy was taken as at.
    from: Moment,
    models: ReadModels,
    /// In order; the first has the position after `from`.
    supposed: Vec<Supposed>,
}

/// A supposed posting that passed every rule.
#[derive(Debug)]
struct Supposed {
    decision: Decision,
    /// The canonical bytes of its entry.
    line: Vec<u8>,
}

/// Reads an entry's events from the log. Reversals need the original; commitments and accruals need
/// the entries that name them.
pub type ReadEvents<'s> = &'s dyn Fn(Position) -> Option<Events>;

/// Why a posting is not supposed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhatIfError {
    /// It breaks a rule.
    #[error(transparent)]
    Refused(#[from] Rejection),
    /// It concerns sign-off.
    #[error(
        "a what-if takes every posting as signed: give the proposed command itself, without its proposal"
    )]
    ConcernsSignOff,
}

impl WhatIf {
    /// A copy as at a moment, with nothing supposed.
    pub fn new(models: &ReadModels, from: Moment) -> Self {
        WhatIf { from, models: models.until(from.position), supposed: Vec::new() }
    }

    /// The read models of the copy.
    pub const fn models(&self) -> &ReadModels {
        &self.models
    }

    /// The moment the copy was taken as at.
    pub const fn from(&self) -> Moment {
        self.from
    }

    /// The moment after every supposed posting.
    pub const fn moment(&self) -> Moment {
        Moment { position: self.models.times.head(), time: self.from.time }
    }

    /// Resolves the earlier moment of a comparison. A time stops before the supposed postings: they
    /// were never recorded.
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

    /// The decision on a supposed posting, by its position.
    pub fn decision(&self, position: Position) -> Option<&Decision> {
        self.supposed(position).map(|supposed| &supposed.decision)
    }

    /// The canonical bytes of a supposed entry, by its position.
    pub fn line(&self, position: Position) -> Option<&[u8]> {
        self.supposed(position).map(|supposed| &*supposed.line)
    }

    /// The events of every supposed posting, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.supposed.iter().flat_map(|supposed| &supposed.decision.events)
    }

    fn supposed(&self, position: Position) -> Option<&Supposed> {
        let after = position.get().checked_sub(self.from.position.get().checked_add(1)?)?;
        self.supposed.get(usize::try_from(after).ok()?)
    }

    /// Judges postings in order and applies those that pass. A refused posting changes nothing for
    /// later ones.
    ///
    /// They are judged by the rules in force at the copy's moment, and taken as signed. Returns
    /// each posting's position, or why it was refused.
    pub fn suppose(
        &mut self,
        postings: &[Posting],
        actor: &Actor,
        events_of: ReadEvents<'_>,
    ) -> Vec<Result<Position, WhatIfError>> {
        let commands = || postings.iter().map(|posting| &posting.command);
        let mut grounds = Subjects::of(commands());
        let seen = postings.iter().flat_map(|posting| &posting.expected_versions);
        grounds.lines.extend(seen.map(|expected| expected.line));
        let originals: Vec<Original> = commands()
            .flat_map(Command::undoes)
            .filter_map(|position| {
                Some(Original { position, events: self.events_at(position, events_of)? })
            })
            .collect();
        let cited = commands().flat_map(Command::references).cloned();
        let reversed = originals.iter().flat_map(|original| &original.events);
        let cited = cited.chain(reversed.flat_map(|event| event.references()).cloned());
        let obligations = self.obligations(cited.collect(), events_of);
        let forecasts = self.forecasts(&originals, commands(), events_of);
        let mut ledger = self.models.ledger(&grounds, obligations, forecasts);
        let recorded = self.from.time.max(ledger.recorded());
        postings
            .iter()
            .map(|posting| self.suppose_one(&mut ledger, posting, actor, recorded, &originals))
            .collect()
    }

    /// An entry's events: supposed entries from the copy, others from the log up to its moment.
    fn events_at(&self, position: Position, events_of: ReadEvents<'_>) -> Option<Events> {
        if position <= self.from.position {
            return events_of(position);
        }
        self.decision(position).map(|decision| decision.events.clone())
    }

    /// The state of cited commitments and accruals, folded from the entries that name them.
    fn obligations(
        &self,
        mut cited: BTreeSet<Reference>,
        events_of: ReadEvents<'_>,
    ) -> Vec<(Reference, Obligation)> {
        let mut entries = BTreeMap::new();
        self.read_naming(&cited, events_of, &mut entries);
        // Sign-off treats an accrual as part of the commitment it discharged, so that one is needed
        // too.
        let mut discharged = BTreeSet::new();
        for event in entries.values().flatten() {
            if let Some((accrual, commitment)) = discharged_by_accrual(event)
                && cited.contains(accrual)
            {
                discharged.insert(commitment.clone());
            }
        }
        self.read_naming(&discharged, events_of, &mut entries);
        cited.append(&mut discharged);
        let mut ledger = Ledger::new();
        for (position, events) in &entries {
            let recorded = self.models.times.recorded(*position).unwrap_or_default();
            ledger.apply(*position, recorded, ActorDigest::default(), events);
        }
        let found = |cited: Reference| ledger.obligation(&cited).copied().map(|one| (cited, one));
        cited.into_iter().filter_map(found).collect()
    }

    /// Every forecast of the lines that entries to undo have stated one of, or the commands state.
    fn forecasts<'c>(
        &self,
        originals: &[Original],
        commands: impl Iterator<Item = &'c Command>,
        events_of: ReadEvents<'_>,
    ) -> Vec<(LineKey, StatedForecast)> {
        let commands: Vec<&Command> = commands.collect();
        if commands.iter().all(|command| command.undoes().is_empty()) {
            return Vec::new();
        }
        let mut lines: BTreeSet<LineKey> =
            commands.iter().flat_map(|command| command.forecast_lines()).collect();
        let undone = originals.iter().flat_map(|original| &original.events);
        lines.extend(undone.filter_map(|event| {
            if let Event::ForecastRevised(forecast) = event { Some(forecast.line) } else { None }
        }));
        let mut ledger = Ledger::new();
        let stating = lines.iter().flat_map(|line| self.models.entries_stating(line));
        for position in stating.collect::<BTreeSet<_>>() {
            if let Some(events) = self.events_at(position, events_of) {
                ledger.apply(position, Timestamp::default(), ActorDigest::default(), &events);
            }
        }
        let of = |line: &LineKey| {
            let stated = ledger.stated_forecasts(line).to_vec();
            stated.into_iter().map(|stated| (*line, stated)).collect::<Vec<_>>()
        };
        lines.iter().flat_map(of).collect()
    }

    /// Reads the entries that name any of `cited` and are not in `entries` yet.
    fn read_naming(
        &self,
        cited: &BTreeSet<Reference>,
        events_of: ReadEvents<'_>,
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
    ) -> Result<Position, WhatIfError> {
        if posting.command.is_about_sign_off() {
            return Err(WhatIfError::ConcernsSignOff);
        }
        check_versions(ledger, &posting.expected_versions, &actor.reads)?;
        let original = |position| match self.decision(position) {
            Some(Decision { events, .. }) => Some(Original { position, events: events.clone() }),
            None => originals.iter().find(|known| known.position == position).cloned(),
        };
        let reversed = posting.command.undoes().into_iter();
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
        let by = actor.digest();
        ledger.apply(position, recorded, by, &decision.events);
        let (inferred, events) = (posting.inferred.is_some(), &decision.events);
        self.models.apply(&Posted { position, recorded, by, inferred, events });
        self.supposed.push(Supposed { decision, line });
        Ok(position)
    }
}

/// An accrual and the commitment it discharges, where the event has both.
fn discharged_by_accrual(event: &Event) -> Option<(&Reference, &Reference)> {
    match event {
        Event::Accrued(Accrual { reference, discharges, .. }) => {
            Some((reference, &discharges.as_ref()?.reference))
        }
        Event::BookOpened(_)
        | Event::BodyRegistered(_)
        | Event::BodyClosed(_)
        | Event::BodiesMerged(_)
        | Event::ProgrammeOpened(_)
        | Event::ProgrammeRenamed(_)
        | Event::ProgrammeClosed(_)
        | Event::ProgrammeCancelled(_)
        | Event::ProgrammeReinstated(_)
        | Event::FundEstablished(_)
        | Event::FundingSettled(_)
        | Event::Earmarked(_)
        | Event::FundCancelled(_)
        | Event::Allocated(_)
        | Event::Cut(_)
        | Event::Reallocated(_)
        | Event::Withdrawn(_)
        | Event::LineSplit(_)
        | Event::BudgetExchanged(_)
        | Event::Committed(_)
        | Event::CommitmentReleased(_)
        | Event::AccrualReleased(_)
        | Event::ActualRecorded(_)
        | Event::ForecastRevised(_)
        | Event::ForecastWithdrawn(_)
        | Event::UnderspendExplained(_)
        | Event::ProfileSet(_)
        | Event::BaselineStruck(_)
        | Event::BaselineWithdrawn(_)
        | Event::PeriodClosed(_)
        | Event::PeriodReopened(_)
        | Event::Reversed(_)
        | Event::PolicyAdopted(_)
        | Event::Proposal(_)
        | Event::Delegation(_)
        | Event::OffsetLinked(_)
        | Event::ScopeDefined(_)
        | Event::FigurePublished(_) => None,
    }
}
