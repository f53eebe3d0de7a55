//! Exchanges: what was deferred to the next year, and whether it arrived.

use async_graphql::{ComplexObject, Context, Object, Result, SimpleObject};
use ledger_core::domain::calendar::FinancialYear;
use projections::flows;

use crate::graphql::Limits;
use crate::graphql::kit::as_of::AsOf;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, MoneyGbp};
use crate::graphql::kit::view::{AsAt, Root, View};

/// A programme's share of the budget exchanged into the next year.
#[derive(SimpleObject)]
pub(crate) struct ExchangedProgramme {
    /// The programme.
    programme: scalars::Programme,
    /// The amount the programme deferred to the next year.
    deferred: MoneyGbp,
    /// The amount of deferred budget the programme received in the next year, whichever programme
    /// deferred it.
    arrived: MoneyGbp,
}

impl From<flows::Exchanged> for ExchangedProgramme {
    fn from(exchanged: flows::Exchanged) -> Self {
        ExchangedProgramme {
            programme: exchanged.programme.into(),
            deferred: exchanged.deferred.into(),
            arrived: exchanged.arrived.into(),
        }
    }
}

/// The budget deferred from a year to the next, at one moment.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Exchanges {
    #[graphql(skip)]
    view: View,
    #[graphql(flatten)]
    as_of: AsOf,
    /// The year the budget was deferred from.
    year: scalars::Year,
    /// The total deferred.
    deferred: MoneyGbp,
    /// The part that programmes of the next year received by reallocation from the holding lines.
    arrived: MoneyGbp,
    /// The part that left the holding lines another way: cut, or exchanged into the year after.
    elsewhere: MoneyGbp,
    /// The part still on the holding lines.
    waiting: MoneyGbp,
}

impl Exchanges {
    pub(crate) fn new(view: View, year: FinancialYear) -> Self {
        let exchanges = read(&view, year);
        Exchanges {
            as_of: AsOf::new(&view),
            view,
            year: year.into(),
            deferred: exchanges.deferred.into(),
            arrived: exchanges.arrived.into(),
            elsewhere: exchanges.elsewhere.into(),
            waiting: exchanges.waiting().into(),
        }
    }
}

fn read(view: &View, year: FinancialYear) -> flows::Exchanges {
    view.within(&view.models()).exchanges(year, view.position())
}

#[ComplexObject]
impl Exchanges {
    /// The amounts deferred and received by each programme.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<ExchangedProgramme>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        Ok(slice.page(read(&slice.view, self.year.0).programmes, ExchangedProgramme::from))
    }
}

#[derive(Default)]
pub(crate) struct ExchangeQuery(pub(crate) Root);

#[Object]
impl ExchangeQuery {
    /// How much of a year's budget was deferred to the next by budget exchange, and how much of
    /// that arrived.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn exchanges(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The year the budget was deferred from.")] year: scalars::Year,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Exchanges> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        Ok(Exchanges::new(view, year.0))
    }
}
