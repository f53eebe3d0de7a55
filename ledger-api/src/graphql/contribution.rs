//! Contributions: what each entry adds to a figure.

use async_graphql::{Enum, Object, Result};
use ledger_core::domain::calendar::Month;
use ledger_core::domain::line::LineKey;
use projections::budget::BudgetQuery;
use projections::measure;
use projections::year;

use super::entry::Entry;
use super::fault::unanswerable;
use super::page::{self, Page, Slice};
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

impl Contribution {
    /// A page of the entries behind the answer to a question, of the lines that a test lets through.
    pub(super) fn page(
        slice: &Slice,
        query: &BudgetQuery,
        measure: Option<Measure>,
        wanted: impl Fn(&LineKey) -> bool,
    ) -> Result<Page<Self>> {
        let behind = slice.view.models().behind(query).map_err(|error| unanswerable(&error))?;
        let behind = behind.into_iter().filter(|contribution| {
            wanted(&contribution.line)
                && measure.is_none_or(|measure| measure == contribution.measure.into())
        });
        Ok(slice
            .page(behind, |contribution| Contribution { view: slice.view.clone(), contribution }))
    }

    /// A page of the entries behind one line's figures.
    pub(super) fn page_of_line(
        slice: &Slice,
        key: LineKey,
        through: Option<Month>,
        measure: Option<Measure>,
    ) -> Page<Self> {
        let mut behind = Vec::new();
        {
            let models = slice.view.models();
            if let Some(year) = models.planned.year(key.year)
                && let Some(number) = year.find(&key)
            {
                let through = through.unwrap_or(Month::M13);
                behind.extend(year.behind(number, slice.view.position(), through));
            }
        }
        behind.reverse();
        behind.retain(|contribution| {
            measure.is_none_or(|measure| measure == contribution.measure.into())
        });
        slice.page(behind, |contribution| Contribution { view: slice.view.clone(), contribution })
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

    /// The entry itself: who posted it, when and why.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Entry {
        Entry::at(&self.view.book, self.contribution.position)
    }
}
