//! Contributions: what each entry adds to a figure.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use async_graphql::{ComplexObject, Context, Enum, Result, SimpleObject};
use ledger_core::domain::calendar::Month;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use projections::budget::{BudgetQuery, BudgetRow};
use projections::measure;
use projections::year;

use crate::graphql::kit::fault::unanswerable;
use crate::graphql::kit::page::{self, Edge, Page, Slice};
use crate::graphql::kit::scalars;
use crate::graphql::kit::view::View;
use crate::graphql::kit::work::{Stopped, Work};
use crate::graphql::log::entry::Entry;

/// A figure that entries contribute to.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum Measure {
    /// The revised budget: posted movements.
    Revised,
    /// Open commitments.
    Committed,
    /// Open accruals.
    Accrued,
    /// Posted spend.
    Actual,
    /// The reported forecast: the change each statement makes.
    Forecast,
    /// The internal forecast: the change each statement makes.
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

/// One entry's contribution to a figure.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Contribution {
    #[graphql(skip)]
    view: View,
    /// The position of the entry.
    position: scalars::LogPosition,
    /// The line changed.
    line: scalars::Line,
    /// The effective month.
    month: scalars::YearMonth,
    /// The figure changed.
    measure: Measure,
    /// The amount of the change.
    amount: scalars::MoneyGbp,
}

impl Contribution {
    fn new(view: &View, contribution: &year::Contribution) -> Self {
        Contribution {
            view: view.clone(),
            position: contribution.position.into(),
            line: contribution.line.into(),
            month: contribution.month.into(),
            measure: contribution.measure.into(),
            amount: contribution.pence.into(),
        }
    }
}

/// A query for contributions.
pub(crate) struct ContributionQuery {
    /// The lines; the contributions of one entry follow this order.
    pub(crate) lines: Vec<LineKey>,
    /// Only what takes effect up to this month.
    pub(crate) through: Option<Month>,
    /// Only contributions to this figure.
    pub(crate) measure: Option<Measure>,
}

impl ContributionQuery {
    /// A query for the contributions to a budget query's lines.
    pub(crate) fn for_lines_of(
        view: &View,
        query: &BudgetQuery,
        measure: Option<Measure>,
        wanted: impl Fn(&LineKey) -> bool,
    ) -> Result<Self> {
        let query = BudgetQuery { rollup: None, moment: view.moment, ..*query };
        let rows =
            view.within(&view.models()).budget(&query).map_err(|error| unanswerable(&error))?;
        let lines = rows.iter().filter_map(line).filter(wanted).collect();
        Ok(ContributionQuery { lines, through: query.through, measure })
    }

    /// Up to `count` contributions from an entry on, in order of position. The lock on the read
    /// models is released between lines, so that long reads do not block the writer.
    fn list_from(
        &self,
        view: &View,
        work: &Work,
        from: Position,
        count: usize,
    ) -> Result<Vec<year::Contribution>, Stopped> {
        let through = self.through.unwrap_or(Month::M13);
        let mut first: BinaryHeap<RankedContribution> = BinaryHeap::new();
        for (line, key) in self.lines.iter().enumerate() {
            let models = view.models();
            let behind = view.within(&models).line_contributions(key, view.position(), through);
            let behind = behind.take_while(|contribution| contribution.position >= from);
            for (back, contribution) in behind.enumerate() {
                if back % AS_ONE_ENTRY == 0 {
                    work.look_through()?;
                }
                if self.measure.is_some_and(|measure| measure != contribution.measure.into()) {
                    continue;
                }
                let rank = (contribution.position, line, Reverse(back));
                if first.len() < count || first.peek().is_some_and(|last| rank < last.rank) {
                    first.push(RankedContribution { rank, contribution });
                    if first.len() > count {
                        first.pop();
                    }
                }
            }
        }
        Ok(first.into_sorted_vec().into_iter().map(|ranked| ranked.contribution).collect())
    }
}

/// The line of an unsummed row.
pub(crate) fn line(row: &BudgetRow) -> Option<LineKey> {
    let &BudgetRow { year, programme, body, class, ring_fence, .. } = row;
    Some(LineKey { programme: programme?, body: body?, year, class: class?, ring_fence })
}

/// A contribution with its rank in the list: entry, line, and order within both.
struct RankedContribution {
    rank: (Position, usize, Reverse<usize>),
    contribution: year::Contribution,
}

impl Ord for RankedContribution {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl PartialOrd for RankedContribution {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for RankedContribution {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for RankedContribution {}

/// The low bits of a place in the list count the contributions of an entry; the high bits are its
/// position. An entry has at most 65,535 bytes, so fewer contributions.
const OWN_BITS: u32 = 16;

/// The contributions in memory that take as long to look through as one entry of the log.
const AS_ONE_ENTRY: usize = 16;

impl Contribution {
    /// A page of contributions, in order of position.
    pub(crate) async fn page(
        context: &Context<'_>,
        slice: Slice,
        wanted: ContributionQuery,
    ) -> Result<Page<Self>> {
        let from = Position::new(slice.read >> OWN_BITS);
        let skipped = slice.read & ((1 << OWN_BITS) - 1);
        let count = slice.first.saturating_add(usize::try_from(skipped).unwrap_or(0));
        let view = slice.view.clone();
        let found = move |work: &Work| wanted.list_from(&view, work, from, count.saturating_add(1));
        let found = Work::of(context).scan(found).await??;
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
            let node = Contribution::new(&slice.view, &contribution);
            edges.push(Edge { cursor, node });
        }
        let end = edges.last().map(|edge| edge.cursor.clone());
        Ok(slice.finish(edges, more, end))
    }
}

#[ComplexObject]
impl Contribution {
    /// When the entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.models().times.recorded(self.position.0).map(Into::into)
    }

    /// The entry: who posted it, when and why. Null where the entry also concerns lines the caller
    /// may not read.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.position.0).await
    }
}
