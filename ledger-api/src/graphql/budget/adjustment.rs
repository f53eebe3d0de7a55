//! Prior-period adjustments: posted in a later year, for a closed one.

use async_graphql::{ComplexObject, Result, SimpleObject};
use projections::budget;
use projections::year;

use crate::graphql::budget::contribution::Measure;
use crate::graphql::kit::page;
use crate::graphql::kit::scalars;
use crate::graphql::kit::view::View;
use crate::graphql::log::entry::Entry;

/// An adjustment to a closed year, posted in a later year. The restated year is its own postings
/// plus these adjustments.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Adjustment {
    #[graphql(skip)]
    view: View,
    /// The position of the entry.
    position: scalars::LogPosition,
    /// The line of the later year it was posted on.
    posted_on: scalars::Line,
    /// Budget, accrual or actual.
    measure: Measure,
    /// The amount.
    amount: scalars::MoneyGbp,
}

impl Adjustment {
    pub(crate) fn new(view: &View, adjustment: &year::Adjustment) -> Self {
        Adjustment {
            view: view.clone(),
            position: adjustment.position.into(),
            posted_on: adjustment.posted_on.into(),
            measure: adjustment.measure.into(),
            amount: adjustment.pence.into(),
        }
    }
}

#[ComplexObject]
impl Adjustment {
    /// The entry: who posted it, when and why. Null where the entry also concerns lines the caller
    /// may not read.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.position.0).await
    }
}

/// A figure of a year, as posted and as restated.
#[derive(SimpleObject)]
pub(crate) struct RestatedFigure {
    /// Budget, accrual or actual.
    measure: Measure,
    /// The amount posted in the year.
    posted: scalars::MoneyGbp,
    /// The adjustments posted in later years.
    adjusted: scalars::MoneyGbp,
    /// The sum of `posted` and `adjusted`.
    restated: scalars::MoneyGbp,
}

impl From<budget::Restated> for RestatedFigure {
    fn from(figure: budget::Restated) -> Self {
        RestatedFigure {
            measure: figure.measure.into(),
            posted: figure.posted.into(),
            adjusted: figure.adjusted.into(),
            restated: figure.restated().into(),
        }
    }
}
