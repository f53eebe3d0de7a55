//! What changed between two moments: the figures before and after, and the entries in between.
//!
//! Helps to answer the question: what was the plan for a year as known on a date?

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

/// A line or sum that changed between two moments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffRow {
    /// The figures before; None where the line or sum did not exist.
    pub before: Option<BudgetRow>,
    /// The figures after.
    pub after: BudgetRow,
}

/// The change of each figure, in pence. A missing figure counts as 0.00.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FigureChanges {
    /// Change of the original budget.
    pub original: Pence,
    /// Change of the revised budget.
    pub revised: Pence,
    /// Change of the plan to date, which also grows as months pass.
    pub plan_to_date: Pence,
    /// Change of open commitments.
    pub committed: Pence,
    /// Change of open accruals.
    pub accrued: Pence,
    /// Change of spend.
    pub actual: Pence,
    /// Change of the reported forecast.
    pub forecast: Pence,
    /// Change of the sum of the reported forecasts that are stated.
    pub forecast_known: Pence,
    /// Change of the internal forecast.
    pub internal_forecast: Pence,
    /// Change of the available amount.
    pub available: Pence,
    /// Change of the variance. Its basis may differ between the moments.
    pub variance: Pence,
    /// Change of the underspend.
    pub underspend: Pence,
}

impl DiffRow {
    /// The change of each figure.
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
            forecast: change(|figures| figures.forecast.whole().unwrap_or_default()),
            forecast_known: change(|figures| figures.forecast.known.unwrap_or_default()),
            internal_forecast: change(|figures| {
                figures.internal_forecast.whole().unwrap_or_default()
            }),
            available: change(Figures::available),
            variance: change(|figures| figures.variance().0),
            underspend: change(Figures::underspend),
        }
    }
}

/// A row's figures without the plan to date, which changes with the calendar as well.
fn without_plan_to_date(figures: &Figures) -> Figures {
    Figures { plan_to_date: Pence::ZERO, through: None, ..*figures }
}

/// The key of a row within one answer.
type RowKey = (
    Option<ProgrammeCode>,
    Option<BodyCode>,
    Option<BudgetClass>,
    Option<RingFence>,
    Option<Month>,
);

/// An entry between the moments, and its net changes on the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiffEntry {
    /// The entry.
    pub position: Position,
    /// The change of each measure. All zero for an entry that changes no amount, such as striking a
    /// baseline.
    pub measures: Measures,
}

impl Within<'_> {
    /// The rows of [`Within::budget`] that differ from an earlier moment, in the same order. A code
    /// unknown at the earlier moment is no error.
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
            rows => rows?,
        };
        let key = |row: &BudgetRow| key(query, row);
        let mut keys: Vec<(RowKey, usize)> = before.iter().map(key).zip(0..).collect();
        keys.sort_unstable();
        let mut before: Vec<Option<BudgetRow>> = before.into_iter().map(Some).collect();
        let rows = after.into_iter().filter_map(|after| {
            let wanted = key(&after);
            let found = keys.binary_search_by_key(&wanted, |(key, _)| *key).ok();
            let before = found.and_then(|found| before.get_mut(keys.get(found)?.1)?.take());
            let figures = |row: &BudgetRow| row.figures.as_ref().map(without_plan_to_date);
            let same = before.as_ref().and_then(figures) == figures(&after);
            (!same).then_some(DiffRow { before, after })
        });
        Ok(rows.collect())
    }

    /// At most `count` entries after both `since` and `after` that changed the lines or the year,
    /// in order of position.
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
        let mut stating = year.stating_entries(&wanted, from, to).into_iter().peekable();
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

/// The key of a row. It leaves out what the lines of a sum merely share, since that may change.
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
