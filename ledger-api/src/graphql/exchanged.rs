//! Exchanges: what was deferred to the next year, and whether it arrived.

use async_graphql::{Context, Object, Result, SimpleObject};
use ledger_core::domain::calendar::FinancialYear;
use projections::flows;

use super::Limits;
use super::page::{self, Page, Slice};
use super::scalars::{self, MoneyGbp};
use super::view::{AsAt, Root, View};

/// A programme's part in the exchange between two years.
#[derive(SimpleObject)]
pub(super) struct ExchangedProgramme {
    /// The programme.
    programme: scalars::Programme,
    /// What it deferred to the next year.
    deferred: MoneyGbp,
    /// What it got there of what was deferred, by whomever.
    arrived: MoneyGbp,
}

impl From<flows::Exchanged> for ExchangedProgramme {
    fn from(told: flows::Exchanged) -> Self {
        ExchangedProgramme {
            programme: told.programme.into(),
            deferred: told.deferred.into(),
            arrived: told.arrived.into(),
        }
    }
}

/// What was deferred from a year to the next, at one moment.
pub(super) struct Exchanges {
    view: View,
    year: FinancialYear,
    told: flows::Exchanges,
}

impl Exchanges {
    pub(super) fn new(view: View, year: FinancialYear) -> Self {
        let told = read(&view, year);
        Exchanges { view, year, told }
    }
}

fn read(view: &View, year: FinancialYear) -> flows::Exchanges {
    view.within(&view.models()).exchanges(year, view.position())
}

/// What was deferred from a year to the next, at one moment.
#[Object]
impl Exchanges {
    /// The year it was deferred from.
    async fn year(&self) -> scalars::Year {
        self.year.into()
    }

    /// All that was deferred.
    async fn deferred(&self) -> MoneyGbp {
        self.told.deferred.into()
    }

    /// Of that, what programmes of the next year got by reallocation from its holding lines.
    async fn arrived(&self) -> MoneyGbp {
        self.told.arrived.into()
    }

    /// What left the holding lines in another way: cut, or exchanged into the year after.
    async fn elsewhere(&self) -> MoneyGbp {
        self.told.elsewhere.into()
    }

    /// What is still held.
    async fn waiting(&self) -> MoneyGbp {
        self.told.waiting().into()
    }

    /// By programme: what each deferred, and what each got.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<ExchangedProgramme>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        Ok(slice.page(read(&slice.view, self.year).programmes, ExchangedProgramme::from))
    }

    /// The last entry that counts.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }

    /// When that entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.recorded_at()
    }

    /// Whether this is of a part of the book: of what the caller may read.
    async fn partial(&self) -> bool {
        self.view.is_partial()
    }
}

#[derive(Default)]
pub(super) struct ExchangeQuery(pub(super) Root);

#[Object]
impl ExchangeQuery {
    /// How much of a year's budget was deferred to the next by budget exchange, and how much of it
    /// arrived there.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn exchanges(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The year it was deferred from.")] year: scalars::Year,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Exchanges> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        Ok(Exchanges::new(view, year.0))
    }
}
