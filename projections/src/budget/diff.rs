//! What changed between two moments: the figures before and after, and the entries between.

use ledger_core::domain::calendar::Month;
use ledger_core::domain::code::{BodyCode, ProgrammeCode, RingFence};
use ledger_core::domain::line::BudgetClass;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;

use super::{BudgetQuery, BudgetRow};
use crate::figures::Figures;
use crate::measure::{Measure, Measures};
use crate::scope::Within;
use crate::{Moment, QueryError};

/// A line, or a sum of lines, that changed between two moments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffRow {
    /// The figures before; none where the line was not open, or the programme had no line.
    pub before: Option<BudgetRow>,
    /// The figures after.
    pub after: BudgetRow,
}

/// By how much figures changed. What was not there counts as 0.00.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FigureChanges {
    /// Of the original budget.
    pub original: Pence,
    /// Of the revised budget.
    pub revised: Pence,
    /// Of the plan to date, which also grows as months pass.
    pub plan_to_date: Pence,
    /// Of open commitments.
    pub committed: Pence,
    /// Of open accruals.
    pub accrued: Pence,
    /// Of spend.
    pub actual: Pence,
    /// Of the reported forecast.
    pub forecast: Pence,
    /// Of the internal forecast.
    pub internal_forecast: Pence,
    /// Of what may still leave.
    pub available: Pence,
    /// Of the variance, which may rest on another basis after than before.
    pub variance: Pence,
    /// Of the underspend.
    pub underspend: Pence,
}

impl DiffRow {
    /// By how much each figure changed.
    pub fn changes(&self) -> FigureChanges {
        let before = self.before.as_ref().and_then(|row| row.figures).unwrap_or_default();
        let after = self.after.figures.unwrap_or_default();
        let change = |figure: fn(&Figures) -> Pence| figure(&after).minus(figure(&before));
        FigureChanges {
            original: change(|figures| figures.original.unwrap_or_default()),
            revised: change(|figures| figures.revised),
            plan_to_date: change(|figures| figures.plan_to_date),
            committed: change(|figures| figures.committed),
            accrued: change(|figures| figures.accrued),
            actual: change(|figures| figures.actual),
            forecast: change(|figures| figures.forecast.unwrap_or_default()),
            internal_forecast: change(|figures| figures.internal_forecast.unwrap_or_default()),
            available: change(Figures::available),
            variance: change(|figures| figures.variance().0),
            underspend: change(Figures::underspend),
        }
    }
}

/// What of a row's figures only entries change: the plan to date also grows with the calendar.
fn entered(figures: &Figures) -> Figures {
    Figures { plan_to_date: Pence::ZERO, ..*figures }
}

/// What tells rows of one answer apart.
type RowKey = (
    Option<ProgrammeCode>,
    Option<BodyCode>,
    Option<BudgetClass>,
    Option<RingFence>,
    Option<Month>,
);

/// An entry between the two moments, and what it changed on the lines, all of its parts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiffEntry {
    /// The entry.
    pub position: Position,
    /// What it added to each figure; nothing to any where it changed no amount, such as one that
    /// struck a baseline.
    pub measures: Measures,
}

impl Within<'_> {
    /// The rows of [`Within::budget`] that are not what they were at an earlier moment, in the same
    /// order. Codes that were not known yet then are no error: there was nothing.
    ///
    /// # Errors
    ///
    /// [`QueryError`] where a code is not known at the later moment, or the moments are the wrong
    /// way round.
    pub fn diff(&self, query: &BudgetQuery, since: Moment) -> Result<Vec<DiffRow>, QueryError> {
        check_order(query, since)?;
        let after = self.budget(query)?;
        let earlier = BudgetQuery { moment: since, ..*query };
        let before = match self.budget(&earlier) {
            Err(QueryError::UnknownProgramme(_) | QueryError::UnknownBody(_)) => Vec::new(),
            told => told?,
        };
        let key = |row: &BudgetRow| key(query, row);
        let mut before: Vec<(RowKey, BudgetRow)> =
            before.into_iter().map(|row| (key(&row), row)).collect();
        before.sort_unstable_by_key(|(key, _)| *key);
        let rows = after.into_iter().filter_map(|after| {
            let found = before.binary_search_by_key(&key(&after), |(key, _)| *key).ok();
            let before = found.and_then(|index| before.get(index)).map(|(_, row)| row);
            let figures = |row: &BudgetRow| row.figures.as_ref().map(entered);
            let same = before.and_then(figures) == figures(&after);
            (!same).then(|| DiffRow { before: before.cloned(), after })
        });
        Ok(rows.collect())
    }

    /// The entries after `since` and `after`, in order of position, that changed something about
    /// the lines or the year: at most so many.
    ///
    /// # Errors
    ///
    /// [`QueryError`] as [`Within::diff`].
    pub fn diff_entries(
        &self,
        query: &BudgetQuery,
        since: Moment,
        after: Position,
        count: usize,
    ) -> Result<Vec<DiffEntry>, QueryError> {
        check_order(query, since)?;
        let Some((year, wanted)) = self.lines(query, None)? else { return Ok(Vec::new()) };
        let (from, to) = (since.position.max(after), query.moment.position);
        let through = query.through.unwrap_or(Month::M13);
        let range = year.deltas_up_to(from)..year.deltas_up_to(to);
        let mut nets = year.nets(&wanted, &Measure::ALL, through, range).peekable();
        let mut stating = year.stating(&wanted, from, to).into_iter().peekable();
        let merged = std::iter::from_fn(|| {
            let stated = match (nets.peek(), stating.peek()) {
                (Some(net), Some(stated)) if *stated < net.position => stating.next(),
                (None, Some(_)) => stating.next(),
                _ => None,
            };
            if let Some(position) = stated {
                return Some(DiffEntry { position, measures: Measures::default() });
            }
            let net = nets.next()?;
            stating.next_if_eq(&net.position);
            Some(DiffEntry { position: net.position, measures: net.measures })
        });
        Ok(merged.take(count).collect())
    }
}

fn check_order(query: &BudgetQuery, since: Moment) -> Result<(), QueryError> {
    let (since, at) = (since.position, query.moment.position);
    if since > at { Err(QueryError::Backwards { since, at }) } else { Ok(()) }
}

/// What tells a row from the others: what lines of a sum merely happen to have in common does not,
/// since that may change.
fn key(query: &BudgetQuery, row: &BudgetRow) -> RowKey {
    use super::Rollup;
    match query.rollup {
        None => (row.programme, row.body, row.class, row.ring_fence, None),
        Some(Rollup::Programme) => (row.programme, None, None, None, None),
        Some(Rollup::Body) => (None, row.body, None, None, None),
        Some(Rollup::Class) => (None, None, row.class, None, None),
        Some(Rollup::RingFence) => (None, None, None, row.ring_fence, None),
        Some(Rollup::Year) => (None, None, None, None, None),
        Some(Rollup::Month) => (None, None, None, None, row.through),
    }
}
