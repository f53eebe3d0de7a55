//! Prior-period adjustments: posted in a later year, and concerning one that is closed.

use async_graphql::{Object, Result, SimpleObject};
use projections::budget;
use projections::year;

use super::contribution::Measure;
use super::entry::Entry;
use super::page;
use super::scalars;
use super::view::View;

/// An adjustment posted in a later year that concerns a closed one. What was posted in the closed
/// year and its adjustments together are the year as restated.
pub(super) struct Adjustment {
    view: View,
    adjustment: year::Adjustment,
}

impl Adjustment {
    pub(super) fn new(view: &View, adjustment: &year::Adjustment) -> Self {
        Adjustment { view: view.clone(), adjustment: *adjustment }
    }
}

/// An adjustment posted in a later year that concerns a closed one. What was posted in the closed
/// year and its adjustments together are the year as restated.
#[Object]
impl Adjustment {
    /// The entry's position.
    async fn position(&self) -> scalars::LogPosition {
        self.adjustment.position.into()
    }

    /// The line of the later year that carries it.
    async fn posted_on(&self) -> scalars::Line {
        self.adjustment.posted_on.into()
    }

    /// Budget, accrual or actual.
    async fn measure(&self) -> Measure {
        self.adjustment.measure.into()
    }

    /// How much.
    async fn amount(&self) -> scalars::MoneyGbp {
        self.adjustment.pence.into()
    }

    /// The entry itself: who posted it, when and why. Null where it concerns what the caller may
    /// not read as well.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn entry(&self) -> Result<Option<Entry>> {
        Entry::readable(&self.view, self.adjustment.position).await
    }
}

/// A figure of a year, as it was posted and restated.
#[derive(SimpleObject)]
pub(super) struct RestatedFigure {
    /// Budget, accrual or actual.
    measure: Measure,
    /// What was posted in the year.
    posted: scalars::MoneyGbp,
    /// What was posted in later years and concerns it.
    adjusted: scalars::MoneyGbp,
    /// The two together.
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
