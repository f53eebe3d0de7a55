//! Read models: pure folds over entries, each answering named questions as at any position.
//!
//! [`ReadModels`] holds them all. It is applied to by the writer, entry by entry, and by nobody
//! else; readers ask it as at a [`Moment`] and are not disturbed by what is applied meanwhile.
//!
//! Reading order: [`measure`], [`year`], [`planned`], [`figures`], [`budget`]; [`flows`] and
//! [`switches`] for who paid for whom; [`funds`], [`register`] and [`times`] beside them, [`claims`] for what others have
//! published, [`proposals`] and [`sign_off_times`] for what waits,
//! [`scope`] for who may read only a part.

pub mod budget;
pub mod claims;
pub mod compare;
pub mod figures;
pub mod flows;
pub mod funds;
mod growing;
pub mod measure;
pub mod monthly;
mod past_ledger;
pub mod planned;
mod precedents;
pub mod proposals;
pub mod register;
pub mod scope;
pub mod sign_off_times;
pub mod switches;
pub mod systems;
pub mod times;
pub mod what_if;
pub mod year;

use std::io;

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::code::{BodyCode, ProgrammeCode};
use ledger_core::domain::event::Event;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::position::Position;
use ledger_core::projection::{Posted, Projection};
use ledger_core::snapshot::{Snapshot, SnapshotWriter};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use claims::Claims;
use flows::Flows;
use funds::FundBalances;
use planned::PlannedVersusActual;
use precedents::Precedents;
use proposals::Proposals;
use register::Register;
use switches::Switches;
use systems::Offsets;
use times::Times;

/// Every read model of a book.
#[derive(Debug, Default)]
pub struct ReadModels {
    /// Planned versus actual.
    pub planned: PlannedVersusActual,
    /// Fund balances.
    pub funds: FundBalances,
    /// Programmes, bodies and funds.
    pub register: Register,
    /// Proposals and delegations.
    pub proposals: Proposals,
    /// Who paid for whom.
    pub flows: Flows,
    /// Capital that paid for revenue.
    switches: Switches,
    /// Improvements that compensate deteriorations.
    offsets: Offsets,
    /// Published figures, and the totals they are about.
    pub claims: Claims,
    /// What later postings are judged by.
    precedents: Precedents,
    /// When entries were recorded.
    pub times: Times,
    policies: Vec<Adopted>,
}

/// A policy, the entry that recorded it, and since when it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adopted {
    /// The entry.
    pub recorded_by: Position,
    /// None for the one the book was opened with, which holds for all time before.
    pub effective: Option<Timestamp>,
    /// The rules.
    pub policy: Policy,
}

/// When a question is asked as at: a position, and the moment that tells the month of the plan to
/// date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The last entry that counts.
    pub position: Position,
    /// The moment asked for, or when that entry was recorded.
    pub time: Timestamp,
}

/// How a moment is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AsAt {
    /// Everything posted so far.
    #[default]
    Now,
    /// Everything up to an entry.
    Position(Position),
    /// Everything recorded by then.
    Recorded(Timestamp),
}

/// Why a question cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// No such programme then.
    #[error("there was no programme {0} then: correct the code, or ask as at a later moment")]
    UnknownProgramme(ProgrammeCode),
    /// No such body then.
    #[error("there was no body {0} then: correct the code, or ask as at a later moment")]
    UnknownBody(BodyCode),
    /// No such entry.
    #[error("there is no entry {asked}: the last one is {head}")]
    BeyondHead {
        /// What was asked for.
        asked: Position,
        /// The last entry.
        head: Position,
    },
    /// The earlier of two moments comes after the later.
    #[error("position {since} is not before position {at}: give the earlier moment first")]
    Backwards {
        /// What was given as the earlier moment.
        since: Position,
        /// The moment that is asked as at.
        at: Position,
    },
}

#[derive(Serialize, Deserialize)]
struct Small<R, F, Q, S, O, C, D, P> {
    register: R,
    funds: F,
    proposals: Q,
    switches: S,
    offsets: O,
    claims: C,
    precedents: D,
    policies: P,
}

impl ReadModels {
    /// The moment that is meant.
    ///
    /// # Errors
    ///
    /// [`QueryError::BeyondHead`] where there is no such entry yet.
    pub fn moment(&self, as_at: AsAt) -> Result<Moment, QueryError> {
        let head = self.times.head();
        let at = |position| {
            let time = self.times.recorded(position).unwrap_or_default();
            Moment { position, time }
        };
        match as_at {
            AsAt::Now => Ok(at(head)),
            AsAt::Position(asked) if asked > head => Err(QueryError::BeyondHead { asked, head }),
            AsAt::Position(asked) => Ok(at(asked)),
            AsAt::Recorded(time) => Ok(Moment { position: self.times.position_at(time), time }),
        }
    }

    /// The policy by which an entry recorded at that moment would be judged: the latest recorded of
    /// those that hold by then.
    pub fn policy(&self, moment: Moment) -> Option<&Adopted> {
        self.policies_recorded(moment.position)
            .rev()
            .find(|adopted| adopted.effective.is_none_or(|since| since <= moment.time))
    }

    /// The policy that an entry was judged by, which is the one that it names: the latest recorded
    /// before it of those that held when it was recorded.
    pub fn policy_of(&self, entry: Position) -> Option<&Adopted> {
        let position = Position::new(entry.get().checked_sub(1)?);
        self.policy(Moment { position, time: self.times.recorded(entry)? })
    }

    /// Since when the rules and limits hold that an entry was judged by: since the date of its
    /// policy, or since the book was opened with it.
    pub fn rules_since(&self, entry: Position) -> Option<Timestamp> {
        let adopted = self.policy_of(entry)?;
        adopted.effective.or_else(|| self.times.recorded(adopted.recorded_by))
    }

    /// Every policy recorded by then, in order.
    pub fn policies_recorded(&self, at: Position) -> impl DoubleEndedIterator<Item = &Adopted> {
        let after = self.policies.partition_point(|adopted| adopted.recorded_by <= at);
        self.policies.iter().take(after)
    }

    fn underspending_share(&self, moment: Moment) -> Decimal {
        self.policy(moment).map_or(Decimal::ONE, |adopted| adopted.policy.underspending_share)
    }

    /// The read models as they stood at a position: as if the log ended there. They may then be told
    /// of what never happened, and asked as these are, without these knowing anything of it. What
    /// they hold of the past is shared where there is much of it.
    #[must_use]
    pub fn until(&self, at: Position) -> Self {
        let planned = self.planned.until(at);
        ReadModels {
            funds: self.funds.until(at),
            register: self.register.until(at),
            proposals: self.proposals.until(at),
            flows: self.flows.until(at, &planned),
            planned,
            switches: self.switches.until(at),
            offsets: self.offsets.until(at),
            claims: self.claims.until(at),
            precedents: self.precedents.until(at),
            times: self.times.until(at),
            policies: self.policies_recorded(at).cloned().collect(),
        }
    }

    /// Bytes of memory held, as far as it grows with the number of entries.
    pub fn memory(&self) -> usize {
        self.planned.memory()
            + self.flows.memory()
            + self.funds.memory()
            + self.precedents.memory()
            + self.times.memory()
            + self.claims.memory()
    }

    /// Writes the read models into a snapshot.
    ///
    /// # Errors
    ///
    /// Where the disk fails.
    pub fn write(&self, snapshot: &mut SnapshotWriter<'_>) -> io::Result<()> {
        let Self { register, funds, proposals, switches, offsets, .. } = self;
        let Self { claims, precedents, policies, .. } = self;
        let small =
            Small { register, funds, proposals, switches, offsets, claims, precedents, policies };
        snapshot.section("register", |out| Ok(serde_json::to_writer(out, &small)?))?;
        snapshot.section("times", |out| out.write_all(&self.times.to_bytes()))?;
        snapshot.section("references", |out| out.write_all(&self.precedents.named_to_bytes()))?;
        snapshot.section("flows", |out| self.flows.write(out))?;
        snapshot.section("years", |out| self.planned.write(out))
    }

    /// Reads them from a snapshot; none where any of it is doubtful.
    pub fn read(snapshot: &Snapshot) -> Option<Self> {
        let planned = PlannedVersusActual::read(&snapshot.section("years")?)?;
        let times = Times::from_bytes(&snapshot.section("times")?)?;
        let flows = Flows::read(&snapshot.section("flows")?, &planned)?;
        let small = serde_json::from_slice(&snapshot.section("register")?).ok()?;
        let Small { register, funds, proposals, switches, offsets, claims, precedents, policies } =
            small;
        let precedents = Precedents::with_named(precedents, &snapshot.section("references")?)?;
        let models = ReadModels {
            planned,
            funds,
            register,
            proposals,
            flows,
            switches,
            offsets,
            claims,
            precedents,
            times,
            policies,
        };
        (models.times.head() == snapshot.position()).then_some(models)
    }
}

impl Projection for ReadModels {
    fn apply(&mut self, entry: &Posted<'_>) {
        self.planned.apply(entry);
        self.funds.apply(entry);
        self.register.apply(entry);
        self.proposals.apply(entry);
        self.flows.apply(entry, &self.planned);
        self.switches.apply(entry);
        self.offsets.apply(entry);
        self.claims.apply(entry);
        self.precedents.apply(entry);
        self.times.apply(entry);
        for event in entry.events {
            let (effective, policy) = if let Event::BookOpened(opened) = event {
                (None, &opened.policy)
            } else if let Event::PolicyAdopted(adopted) = event {
                (Some(adopted.effective), &adopted.policy)
            } else {
                continue;
            };
            let recorded_by = entry.position;
            let policy = Policy::clone(policy);
            self.policies.push(Adopted { recorded_by, effective, policy });
        }
    }
}
