//! Contributions: what each entry adds to a figure.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use async_graphql::{Enum, Object, Result};
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use projections::budget::{BudgetQuery, BudgetRow};
use projections::measure;
use projections::year;

use super::entry::Entry;
use super::fault::{interrupted, unanswerable};
use super::page::{self, Edge, Page, Slice};
use super::scalars;
use super::view::View;

/// A figure that entries add to.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum Measure {
    /// Posted movements of budget.
    Revised,
    /// Open commitments.
    Committed,
    /// Open accruals.
    Accrued,
    /// Posted spend.
    Actual,
    /// The reported forecast: what a statement changes of it.
    Forecast,
    /// The internal forecast: what a statement changes of it.
    InternalForecast,
}

impl From<measure::Measure> for Measure {
    fn from(measure: measure::Measure) -> Self {
        match measure {
            measure::Measure::Revised => Measure::Revised,
            measure::Measure::Committed => Measure::Committed,
            measure::Measure::Accrued => Measure::Accrued,
            measure::Measure::Actual => Measure::Actual,
            measure::Measure::Forecast | measure::Measure::ForecastLines => Measure::Forecast,
            measure::Measure::Internal | measure::Measure::InternalLines => {
                Measure::InternalForecast
            }
        }
    }
}

/// One entry's part in a figure.
pub(super) struct Contribution {
    view: View,
    contribution: year::Contribution,
}

/// Which contributions are wanted.
pub(super) struct Wanted {
    /// The year they are to.
    pub(super) year: FinancialYear,
    /// The lines they are to, in the order they are told for one entry.
    pub(super) lines: Vec<LineKey>,
    /// Only what was effective up to this month.
    pub(super) through: Option<Month>,
    /// Only those to this figure.
    pub(super) measure: Option<Measure>,
}

impl Wanted {
    /// Those to the lines that a question is about.
    pub(super) fn of_query(
        view: &View,
        query: &BudgetQuery,
        measure: Option<Measure>,
        wanted: impl Fn(&LineKey) -> bool,
    ) -> Result<Self> {
        let query = BudgetQuery { rollup: None, moment: view.moment, ..*query };
        let rows =
            view.within(&view.models()).budget(&query).map_err(|error| unanswerable(&error))?;
        let lines = rows.iter().filter_map(line).filter(wanted).collect();
        Ok(Wanted { year: query.year, lines, through: query.through, measure })
    }

    /// The first of them from an entry on, in order of position. The read models are let go of
    /// between lines, so that a year of millions of entries holds up nobody.
    fn first_from(&self, view: &View, from: Position, count: usize) -> Vec<year::Contribution> {
        let through = self.through.unwrap_or(Month::M13);
        let mut first: BinaryHeap<Ranked> = BinaryHeap::new();
        for (line, key) in self.lines.iter().enumerate() {
            let models = view.models();
            let year = models.planned.year(self.year);
            let Some((year, number)) = year.and_then(|y| Some((y, y.find(key)?))) else { continue };
            let behind = year.behind(number, view.position(), through);
            let behind = behind.take_while(|contribution| contribution.position >= from);
            for (back, contribution) in behind.enumerate() {
                if self.measure.is_some_and(|measure| measure != contribution.measure.into()) {
                    continue;
                }
                let rank = (contribution.position, line, Reverse(back));
                if first.len() < count || first.peek().is_some_and(|last| rank < last.rank) {
                    first.push(Ranked { rank, contribution });
                    if first.len() > count {
                        first.pop();
                    }
                }
            }
        }
        first.into_sorted_vec().into_iter().map(|ranked| ranked.contribution).collect()
    }
}

/// The line of a row that is one.
pub(super) fn line(row: &BudgetRow) -> Option<LineKey> {
    let &BudgetRow { year, programme, body, class, ring_fence, .. } = row;
    Some(LineKey { programme: programme?, body: body?, year, class: class?, ring_fence })
}

/// A contribution with its place in the list: by entry, line, and order within both.
struct Ranked {
    rank: (Position, usize, Reverse<usize>),
    contribution: year::Contribution,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Ranked {}

/// How far a list of contributions was read: the entry, and how many of its own. An entry has at
/// most 65,535 bytes, so never so many contributions.
const OWN_BITS: u32 = 16;

impl Contribution {
    /// A page of contributions, in order of position.
    pub(super) async fn page(slice: Slice, wanted: Wanted) -> Result<Page<Self>> {
        let from = Position::new(slice.read >> OWN_BITS);
        let skipped = slice.read & ((1 << OWN_BITS) - 1);
        let count = slice.first.saturating_add(usize::try_from(skipped).unwrap_or(0));
        let view = slice.view.clone();
        let found = move || wanted.first_from(&view, from, count.saturating_add(1));
        let found = tokio::task::spawn_blocking(found).await;
        let found = found.map_err(|error| interrupted(&error))?;
        let more = found.len() > count;
        let (mut entry, mut own, mut edges) = (from, 0, Vec::new());
        for contribution in found.into_iter().take(count) {
            if contribution.position != entry {
                (entry, own) = (contribution.position, 0);
            }
            own += 1;
            if entry == from && own <= skipped {
                continue;
            }
            let cursor = slice.cursor((entry.get() << OWN_BITS) | own);
            let node = Contribution { view: slice.view.clone(), contribution };
            edges.push(Edge { cursor, node });
        }
        let end = edges.last().map(|edge| edge.cursor.clone());
        Ok(slice.finish(edges, more, end))
    }
}

/// One entry's part in a figure.
#[Object]
impl Contribution {
    /// The entry's position.
    async fn position(&self) -> scalars::LogPosition {
        self.contribution.position.into()
    }

    /// When the entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.models().times.recorded(self.contribution.position).map(Into::into)
    }

    /// The line it changed.
    async fn line(&self) -> scalars::Line {
        self.contribution.line.into()
    }

    /// The effective month.
    async fn month(&self) -> scalars::YearMonth {
        self.contribution.month.into()
    }

    /// The figure it changed.
    async fn measure(&self) -> Measure {
        self.contribution.measure.into()
    }

    /// By how much.
    async fn amount(&self) -> scalars::MoneyGbp {
        self.contribution.pence.into()
    }

    /// The entry itself: who posted it, when and why. Null where it concerns what the caller may
    /// not read as well.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.contribution.position).await
    }
}
