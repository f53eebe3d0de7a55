//! Read models: folds over entries that answer questions as at any position.
//!
//! Every figure is read through [`ReadModels::within`], which applies the reader's [`scope`]. The
//! writer alone applies entries, one by one. A read names a [`Moment`], so entries applied later do
//! not change its answer.
//!
//! Reading order: [`scope`] for what a reader may see; [`measure`], [`year`], `planned`,
//! [`figures`] and [`budget`] for planned versus actual; [`flows`] and [`switches`] for who paid
//! for whom; [`funds`], [`register`] and [`times`]; [`claims`] for published figures; [`proposals`]
//! and [`sign_off_times`] for sign-off; [`systems`] for offsets; [`what_if`] for postings that are
//! only supposed.
//!
//! Each module names the questions it answers. Two are answered by modules together: what
//! cancelling a programme would release ([`what_if`]) and what was the plan as known on a date
//! ([`times`] and `planned`).

pub mod book;
pub mod budget;
mod calendar;
pub mod claims;
pub mod compare;
pub mod figures;
pub mod flows;
pub mod funds;
mod growing;
pub mod measure;
pub mod monthly;
mod past_ledger;
mod planned;
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
    planned: PlannedVersusActual,
    /// Fund balances.
    pub(crate) funds: FundBalances,
    /// Programmes, bodies and funds.
    pub register: Register,
    /// Proposals and delegations.
    pub proposals: Proposals,
    /// Who paid for whom.
    flows: Flows,
    /// Movements in which capital paid for revenue.
    switches: Switches,
    /// Offsets linked to provider overspends.
    offsets: Offsets,
    /// Published figures, and the totals they name.
    claims: Claims,
    /// Facts that later postings are judged by.
    precedents: Precedents,
    /// When entries were recorded.
    pub times: Times,
    policies: Vec<Adopted>,
}

/// A policy in force from a time on, and the entry that recorded it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adopted {
    /// The entry that recorded it.
    pub recorded_by: Position,
    /// When it comes into force; None for the policy the book was opened with.
    pub effective: Option<Timestamp>,
    /// The rules and limits.
    pub policy: Policy,
}

/// The point in the log a question is asked at, and the time that dates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The last entry that counts.
    pub position: Position,
    /// The time it stands at: now by the clock, the time or day asked for, else when that entry was
    /// recorded. Sets the month of the plan to date, the policy in force and what its calendar has
    /// closed.
    pub time: Timestamp,
}

/// How a caller names a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AsAt {
    /// Every entry posted so far.
    #[default]
    Now,
    /// Every entry up to this one.
    Position(Position),
    /// Every entry recorded by this time.
    Recorded(Timestamp),
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The programme was not open at the moment.
    #[error("there was no programme {0} then: correct the code, or ask as at a later moment")]
    UnknownProgramme(ProgrammeCode),
    /// The body was not registered at the moment.
    #[error("there was no body {0} then: correct the code, or ask as at a later moment")]
    UnknownBody(BodyCode),
    /// The position is after the last entry.
    #[error("there is no entry {asked}: the last one is {head}")]
    BeyondHead {
        /// The position asked for.
        asked: Position,
        /// The last entry.
        head: Position,
    },
    /// The moments are in the wrong order.
    #[error("position {since} is not before position {at}: give the earlier moment first")]
    Backwards {
        /// The moment given as the earlier one.
        since: Position,
        /// The moment given as the later one.
        at: Position,
    },
}

#[derive(Serialize, Deserialize)]
struct RegisterSection<R, F, Q, S, O, C, D, P> {
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
    /// Resolves a caller's moment. Without a clock, now is when the last entry was recorded: see
    /// [`ReadModels::now`].
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

    /// The policy in force at a moment: the latest recorded whose date has come.
    pub fn policy(&self, moment: Moment) -> Option<&Adopted> {
        self.policies_recorded(moment.position)
            .rev()
            .find(|adopted| adopted.effective.is_none_or(|since| since <= moment.time))
    }

    /// The policy an entry was judged by: the one in force just before it was recorded.
    pub fn policy_of(&self, entry: Position) -> Option<&Adopted> {
        let position = Position::new(entry.get().checked_sub(1)?);
        self.policy(Moment { position, time: self.times.recorded(entry)? })
    }

    /// The date since which the rules an entry was judged by were in force.
    pub fn rules_since(&self, entry: Position) -> Option<Timestamp> {
        let adopted = self.policy_of(entry)?;
        adopted.effective.or_else(|| self.times.recorded(adopted.recorded_by))
    }

    /// The policies recorded up to a position, in order.
    pub fn policies_recorded(&self, at: Position) -> impl DoubleEndedIterator<Item = &Adopted> {
        let after = self.policies.partition_point(|adopted| adopted.recorded_by <= at);
        self.policies.iter().take(after)
    }

    fn adopt(&mut self, recorded_by: Position, effective: Option<Timestamp>, policy: &Policy) {
        self.policies.push(Adopted { recorded_by, effective, policy: policy.clone() });
    }

    fn underspending_share(&self, moment: Moment) -> Decimal {
        self.policy(moment).map_or(Decimal::ONE, |adopted| adopted.policy.underspending_share)
    }

    /// A copy as if the log ended at a position. Entries applied to the copy do not change the
    /// original. Large lists are shared.
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

    /// Bytes of memory that grow with the number of entries.
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
        let small = RegisterSection {
            register,
            funds,
            proposals,
            switches,
            offsets,
            claims,
            precedents,
            policies,
        };
        snapshot.section("register", |out| Ok(serde_json::to_writer(out, &small)?))?;
        snapshot.section("times", |out| out.write_all(&self.times.to_bytes()))?;
        snapshot.section("references", |out| out.write_all(&self.precedents.named_to_bytes()))?;
        snapshot.section("flows", |out| self.flows.write(out))?;
        snapshot.section("years", |out| self.planned.write(out))
    }

    /// Reads the models from a snapshot; None where any section is missing or malformed.
    pub fn read(snapshot: &Snapshot) -> Option<Self> {
        let planned = PlannedVersusActual::read(&snapshot.section("years")?)?;
        let times = Times::from_bytes(&snapshot.section("times")?)?;
        let flows = Flows::read(&snapshot.section("flows")?, &planned)?;
        let small = serde_json::from_slice(&snapshot.section("register")?).ok()?;
        let RegisterSection {
            register,
            funds,
            proposals,
            switches,
            offsets,
            claims,
            precedents,
            policies,
        } = small;
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
            match event {
                Event::BookOpened(opened) => {
                    self.adopt(entry.position, None, &opened.policy);
                }
                Event::PolicyAdopted(adopted) => {
                    self.adopt(entry.position, Some(adopted.effective), &adopted.policy);
                }
                Event::BodyRegistered(_)
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
                | Event::Accrued(_)
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
                | Event::Proposal(_)
                | Event::Delegation(_)
                | Event::OffsetLinked(_)
                | Event::ScopeDefined(_)
                | Event::FigurePublished(_) => {}
            }
        }
    }
}
