//! Planned versus actual: the figures of every line, month and year, as at any position.
//!
//! Answers the questions:
//!
//! - What was the plan for a year as known on a date?
//! - What are capital and revenue by programme, region, ICB and trust?
//! - Which postings hit a closed period, and what was restated?
//!
//! [`crate::budget`] works out further answers from it.

use std::io::{self, Write};
use std::thread;

use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::event::{Close, Discharge, Event, ObligationKind};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::{Account, Movement};
use ledger_core::domain::position::Position;
use ledger_core::domain::text::Reference;
use ledger_core::projection::{Posted, Projection};

use crate::Moment;
use crate::measure::Measure;
use crate::scope::Within;
use crate::year::{Adjustment, PriorSpend, UnderspendExplanation, Year, split_sized};

/// The years of a book.
#[derive(Debug, Default)]
pub(crate) struct PlannedVersusActual {
    /// Sorted by year.
    years: Vec<Year>,
}

impl PlannedVersusActual {
    /// A copy as at a position.
    pub(crate) fn until(&self, at: Position) -> Self {
        let years = in_parallel(&self.years, |year| year.until(at));
        let mut years = years.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        years.retain(|year| !year.is_empty());
        PlannedVersusActual { years }
    }

    /// A year; None where it has no line and no statement.
    pub(crate) fn year(&self, year: FinancialYear) -> Option<&Year> {
        self.years.iter().find(|known| known.year() == year)
    }

    /// A line's number in its year.
    pub(crate) fn find(&self, line: &LineKey) -> Option<usize> {
        self.year(line.year)?.find(line)
    }

    /// The years, in order.
    pub(crate) fn years(&self) -> impl Iterator<Item = &Year> {
        self.years.iter()
    }

    /// Bytes of memory that grow with the number of entries.
    pub(crate) fn memory(&self) -> usize {
        self.years.iter().map(Year::memory).sum()
    }

    fn year_mut(&mut self, year: FinancialYear) -> &mut Year {
        let index = self.years.partition_point(|known| known.year() < year);
        if self.years.get(index).is_none_or(|known| known.year() != year) {
            self.years.insert(index, Year::new(year));
        }
        &mut self.years[index]
    }

    fn movement(&mut self, posting: Posting, movement: &Movement) {
        let years = movement.legs.iter().filter_map(|leg| leg.as_line()).map(|line| line.year);
        let first = years.min();
        for leg in &movement.legs {
            let Some(line) = leg.as_line() else { continue };
            // An exchange's leg in the later year is effective in M1.
            let month = if Some(line.year) == first { movement.month } else { Month::M1 };
            self.add(posting, line, month, Measure::Revised, leg.pence);
            self.adjust(posting, movement.concerns, line, Measure::Revised, leg.pence);
        }
    }

    /// Records the fund an allocation takes from as a payer of its lines.
    fn note_payers(&mut self, at: Position, movement: &Movement) {
        let gives = movement.legs.iter().filter(|leg| leg.pence.is_negative());
        let payer = gives.into_iter().find_map(|leg| match leg.account {
            Account::Fund(pot) => Some(pot.fund),
            Account::Line(_) | Account::Outside(_) => None,
        });
        let Some(payer) = payer else { return };
        for leg in movement.legs.iter().filter(|leg| leg.pence.is_positive()) {
            let Some(line) = leg.as_line() else { continue };
            let year = self.year_mut(line.year);
            let number = year.line(&line, at);
            year.statements_mut().pay(at, number, payer);
        }
    }

    fn add(
        &mut self,
        posting: Posting,
        line: LineKey,
        month: Month,
        measure: Measure,
        pence: Pence,
    ) {
        let year = self.year_mut(line.year);
        let number = year.line(&line, posting.at);
        year.add(posting.at, number, month, measure, pence.get());
        if posting.inferred {
            year.statements_mut().infer(posting.at, number, month);
        }
    }

    fn discharge(&mut self, posting: Posting, line: LineKey, month: Month, taken: &Discharge) {
        let measure = match taken.kind {
            ObligationKind::Commitment => Measure::Committed,
            ObligationKind::Accrual => Measure::Accrued,
        };
        self.add(posting, line, month, measure, taken.pence.negated());
        if taken.kind == ObligationKind::Accrual {
            self.adjust_accrued(posting, line, &taken.reference, taken.pence.negated());
        }
    }

    fn adjust(
        &mut self,
        posting: Posting,
        concerns: Option<FinancialYear>,
        posted_on: LineKey,
        measure: Measure,
        pence: Pence,
    ) {
        if let Some(concerned) = concerns {
            let adjustment = Adjustment { position: posting.at, posted_on, measure, pence };
            self.year_mut(concerned).statements_mut().adjust(adjustment);
        }
    }

    /// Discharging or releasing an accrual adjusts the year that accrual concerns.
    fn adjust_accrued(
        &mut self,
        posting: Posting,
        line: LineKey,
        accrual: &Reference,
        pence: Pence,
    ) {
        let year = self.year(line.year);
        let concerned = year.and_then(|year| year.statements().concerned_year(accrual));
        self.adjust(posting, concerned, line, Measure::Accrued, pence);
    }

    fn event(&mut self, posting: Posting, event: &Event) {
        let at = posting.at;
        match event {
            Event::Allocated(movement) => {
                self.movement(posting, movement);
                self.note_payers(at, movement);
            }
            Event::Cut(movement)
            | Event::Reallocated(movement)
            | Event::Withdrawn(movement)
            | Event::LineSplit(movement)
            | Event::BudgetExchanged(movement) => self.movement(posting, movement),
            Event::Committed(made) => {
                self.add(posting, made.line, made.month, Measure::Committed, made.pence);
            }
            Event::CommitmentReleased(released) => {
                let pence = released.pence.negated();
                self.add(posting, released.line, released.month, Measure::Committed, pence);
            }
            Event::AccrualReleased(released) => {
                let pence = released.pence.negated();
                self.add(posting, released.line, released.month, Measure::Accrued, pence);
                self.adjust_accrued(posting, released.line, &released.reference, pence);
            }
            Event::Accrued(accrual) => {
                let (line, month, pence) = (accrual.line, accrual.month, accrual.pence);
                self.add(posting, line, month, Measure::Accrued, pence);
                self.adjust(posting, accrual.concerns, line, Measure::Accrued, pence);
                if let Some(concerned) = accrual.concerns {
                    let year = self.year_mut(line.year);
                    year.statements_mut().note_accrual(at, &accrual.reference, concerned);
                }
                if let Some(taken) = &accrual.discharges {
                    self.discharge(posting, line, month, taken);
                }
            }
            Event::ActualRecorded(actual) => {
                let (line, month, pence) = (actual.line, actual.month, actual.counted());
                self.add(posting, line, month, Measure::Actual, pence);
                if let Some(taken) = actual.discharges_on_line() {
                    self.discharge(posting, line, month, taken);
                }
                if actual.concerns.is_some() {
                    let year = self.year_mut(line.year);
                    let line = year.line(&line, at);
                    let spend = PriorSpend { position: at, line, month, pence };
                    year.statements_mut().spend_prior(spend);
                }
                // Last: readers take an entry's last adjustment as the amount paid.
                self.adjust(posting, actual.concerns, line, Measure::Actual, pence);
            }
            Event::ForecastRevised(forecast) => {
                // Opens the line and marks it inferred; the year turns the level into deltas.
                let (line, month) = (forecast.line, forecast.month);
                self.add(posting, line, month, Measure::Forecast, Pence::ZERO);
                let year = self.year_mut(line.year);
                let number = year.line(&line, at);
                year.state_forecast(at, number, forecast);
            }
            Event::ForecastWithdrawn(withdrawn) => {
                let (line, month) = (withdrawn.line, withdrawn.month);
                self.add(posting, line, month, Measure::Forecast, Pence::ZERO);
                let year = self.year_mut(withdrawn.line.year);
                let line = year.line(&withdrawn.line, at);
                year.withdraw_forecast(at, line, withdrawn);
            }
            Event::UnderspendExplained(explanation) => {
                let year = self.year_mut(explanation.line.year);
                let line = year.line(&explanation.line, at);
                let (cause, pence) = (explanation.cause, explanation.pence);
                year.statements_mut().explain(UnderspendExplanation {
                    position: at,
                    line,
                    cause,
                    pence,
                });
            }
            Event::ProfileSet(set) => {
                let year = self.year_mut(set.line.year);
                let line = year.line(&set.line, at);
                year.statements_mut().set_profile(at, line, set.profile);
                if posting.inferred {
                    // A profile affects the plan to date from M1.
                    year.statements_mut().infer(at, line, Month::M1);
                }
            }
            Event::BaselineStruck(struck) => {
                self.year_mut(struck.year).strike_baseline(at, struck.name.as_str());
            }
            Event::BaselineWithdrawn(withdrawn) => {
                self.year_mut(withdrawn.year).withdraw_baseline(at, withdrawn.name.as_str());
            }
            Event::PeriodClosed(closed) => self.year_mut(closed.year).close(at, closed),
            Event::PeriodReopened(reopened) => self.year_mut(reopened.year).reopen(at, reopened),
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
            | Event::Reversed(_)
            | Event::PolicyAdopted(_)
            | Event::Proposal(_)
            | Event::Delegation(_)
            | Event::OffsetLinked(_)
            | Event::ScopeDefined(_)
            | Event::FigurePublished(_) => {}
        }
    }

    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.years.iter().try_for_each(|year| year.write(out))
    }

    /// Reads what [`PlannedVersusActual::write`] wrote, with a thread per core.
    pub(crate) fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut parts = Vec::new();
        while !bytes.is_empty() {
            let (year, rest) = split_sized(bytes)?;
            parts.push(year);
            bytes = rest;
        }
        let years = in_parallel(&parts, |part| Year::read(part)).ok()?;
        let years: Vec<Year> = years.into_iter().collect::<Option<_>>()?;
        let ordered = years.windows(2).all(|pair| pair[0].year() < pair[1].year());
        ordered.then_some(PlannedVersusActual { years })
    }
}

impl<'m> Within<'m> {
    /// The years with a line or a statement, in order. They are known to every reader.
    pub fn financial_years(&self) -> impl Iterator<Item = FinancialYear> + use<'m> {
        self.models.planned.years().map(Year::year)
    }

    /// Whether a year had a line by a position, in the scope or not.
    pub fn has_year(&self, year: FinancialYear, at: Position) -> bool {
        let first = self.models.planned.year(year).and_then(|year| year.lines().first());
        first.is_some_and(|line| line.opened <= at)
    }

    /// The months of a year and how each is closed, by a command or by the calendar of the policy in
    /// force; empty where the year has no line.
    pub fn periods(&self, year: FinancialYear, moment: Moment) -> Vec<(Month, Option<Close>)> {
        let Some(months) = self.models.planned.year(year) else { return Vec::new() };
        let Moment { position, time } = moment;
        let policy = self.models.policy(moment).map(|adopted| &adopted.policy);
        let by_calendar = |month| {
            let closed = policy.is_some_and(|policy| policy.has_closed(year, month, time));
            (closed && !months.was_reopened(position, month)).then_some(Close::Soft)
        };
        let close = |month| months.period(position, month).or_else(|| by_calendar(month));
        Month::all().map(|month| (month, close(month))).collect()
    }

    /// Whether every month of a year is hard-closed.
    pub fn is_hard_closed(&self, year: FinancialYear, at: Position) -> bool {
        self.models.planned.year(year).is_some_and(|year| year.is_hard_closed(at))
    }

    /// The names of a year's baselines, in the order they were struck.
    pub fn baselines(
        &self,
        year: FinancialYear,
        at: Position,
    ) -> impl Iterator<Item = &'m str> + use<'m> {
        let year = self.models.planned.year(year).into_iter();
        year.flat_map(move |year| year.baselines(at))
    }

    /// A year's tables, which hold every line; None unless the scope is the whole book.
    pub fn whole_year(&self, year: FinancialYear) -> Option<&'m Year> {
        self.models.planned.year(year).filter(|_| self.scope.is_everything())
    }
}

/// Applies `work` to every item, with a thread per core. Results keep the order of the items.
fn in_parallel<T: Sync, R: Send>(
    all: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> thread::Result<Vec<R>> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let work = &work;
    thread::scope(|scope| {
        let shares = all.chunks(all.len().div_ceil(threads).max(1));
        let workers =
            shares.map(|share| scope.spawn(|| share.iter().map(work).collect::<Vec<_>>()));
        let workers: Vec<_> = workers.collect();
        let done: Vec<_> = workers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        let done: thread::Result<Vec<Vec<R>>> = done.into_iter().collect();
        Ok(done?.into_iter().flatten().collect())
    })
}

/// The entry that is being applied.
#[derive(Clone, Copy)]
struct Posting {
    at: Position,
    inferred: bool,
}

impl Projection for PlannedVersusActual {
    fn apply(&mut self, entry: &Posted<'_>) {
        let posting = Posting { at: entry.position, inferred: entry.inferred };
        for event in entry.events {
            self.event(posting, event);
        }
    }
}
