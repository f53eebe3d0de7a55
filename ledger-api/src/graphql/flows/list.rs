//! Flows: who paid for whom in a year, and from which settlement the money came.

use async_graphql::{Context, Object, Result};
use ledger_core::domain::calendar::{FinancialYear, Month};
use projections::flows::{self, FlowQuery, PartyInYear};

use crate::graphql::Limits;
use crate::graphql::budget::planned::LineFilter;
use crate::graphql::flows::figures::{FlowMargin, FlowTotals};
use crate::graphql::flows::flow::Flow;
use crate::graphql::flows::origin::OriginShare;
use crate::graphql::flows::party::{FlowParty, FlowsBy};
use crate::graphql::kit::as_of::AsOf;
use crate::graphql::kit::fault::unanswerable;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars;
use crate::graphql::kit::view::{AsAt, Root, View};

/// The rule that decides pairs and origins where no source states them.
const RULE: &str = "What each party gave and got is as entries state it. Where one entry names \
several givers and several takers, givers pay in the order of the entry, each in proportion to what \
the takers still lack, in exact pence by largest remainder: who paid whom is then the rule's, and no \
source's. Origins: what leaves a fund, or a programme's money of a year and class, takes a share of \
each settlement in it, in the same way; spend takes the proportions of the budget. A reversal \
subtracts from the flow that it undoes.";

/// Who paid for whom in a year, at one moment.
pub(crate) struct Flows {
    pub(crate) view: View,
    pub(crate) year: FinancialYear,
    pub(crate) by: FlowsBy,
    pub(crate) level: Option<u32>,
    pub(crate) filter: LineFilter,
    pub(crate) through: Option<Month>,
}

impl Flows {
    fn query(&self, view: &View) -> FlowQuery {
        let LineFilter { programme, body, class } = &self.filter;
        FlowQuery {
            year: self.year,
            by: self.by.into(),
            level: self.level.map(|level| usize::try_from(level).unwrap_or(usize::MAX)),
            programme: programme.as_ref().map(|code| code.0),
            body: body.as_ref().map(|code| code.0),
            class: class.map(Into::into),
            moment: view.moment,
            through: self.through,
        }
    }

    fn read(&self, view: &View) -> Result<flows::YearFlows> {
        let flows = view.within(&view.models()).flows(&self.query(view));
        flows.map_err(|error| unanswerable(&error))
    }

    fn origins_of(&self, view: &View) -> Result<flows::Origins> {
        let origins = view.within(&view.models()).origins(&self.query(view));
        origins.map_err(|error| unanswerable(&error))
    }
}

/// Who paid for whom in a year, at one moment.
#[Object]
impl Flows {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.year.into()
    }

    /// What lines are summed by.
    async fn by(&self) -> FlowsBy {
        self.by
    }

    /// The level of the programme or body tree that is summed to; null where nothing is summed.
    async fn level(&self) -> Option<u32> {
        self.level
    }

    /// Only movements and spend up to this month are counted; null for the full year.
    async fn through(&self) -> Option<scalars::YearMonth> {
        self.through.map(Into::into)
    }

    /// The rule that decides pairs and origins where no source states them.
    async fn rule(&self) -> &str {
        RULE
    }

    /// Who paid whom, in order of the payer.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<Flow>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let (query, year_flows) = (self.query(&slice.view), self.read(&slice.view)?);
        let view = &slice.view;
        Ok(slice.page(year_flows.flows, |flow| Flow::new(view, query, flow, None)))
    }

    /// What each party paid and received, as entries state it. A programme or body includes those
    /// below it, without payments between them.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn margins(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<FlowMargin>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let year_flows = self.read(&slice.view)?;
        Ok(slice.page(year_flows.margins, |margin| FlowMargin {
            party: FlowParty::new(&slice.view, PartyInYear::asked(margin.party)),
            figures: (&margin.totals).into(),
        }))
    }

    /// The totals of the flows.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn totals(&self) -> Result<FlowTotals> {
        let (year_flows, origins) = (self.read(&self.view)?, self.origins_of(&self.view)?);
        Ok(FlowTotals {
            figures: (&year_flows.totals).into(),
            unattributed: year_flows.unattributed.into(),
            recycled: year_flows.recycled.into(),
            within_parties: year_flows.within.into(),
            reclassified: year_flows.reclassified.into(),
            budget: origins.budget.into(),
            spent: origins.spent.into(),
        })
    }

    /// The settlements the money came from. The shares sum exactly to the revised budget and to the
    /// spend.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn origins(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<OriginShare>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        Ok(slice.page(self.origins_of(&slice.view)?.shares, OriginShare::from))
    }

    /// The path of a programme's money, nearest step first: its spend, its payers, their payers,
    /// and so on through funds to settlements. Each step is everything one party paid another.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn path(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The programme, without those below it.")] programme: scalars::Programme,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<Flow>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.query(&slice.view);
        let path = slice.view.within(&slice.view.models()).flow_path(&query, programme.0);
        let path = path.map_err(|error| unanswerable(&error))?;
        let view = &slice.view;
        Ok(slice.page(path, |flows::PathStep { distance, flow }| {
            Flow::new(view, query, flow, Some(distance))
        }))
    }

    /// What it was read from.
    #[graphql(flatten)]
    async fn as_of(&self) -> AsOf {
        AsOf::new(&self.view)
    }
}

#[derive(Default)]
pub(crate) struct FlowsQuery(pub(crate) Root);

#[Object]
impl FlowsQuery {
    /// Who paid for whom in a year: the matrix of parties, the settlements their money came from,
    /// and the path it took.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "each is an argument of the question")]
    async fn flows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "What to sum lines by.")] by: FlowsBy,
        #[graphql(
            desc = "The level of the programme or body tree to sum to, 0 for the top; nothing is summed if omitted."
        )]
        level: Option<u32>,
        #[graphql(desc = "Only what these lines paid or received; all lines if omitted.")]
        filter: Option<LineFilter>,
        #[graphql(desc = "Count only movements and spend up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Flows> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let (year, filter, through) = (year.0, filter.unwrap_or_default(), through.map(Into::into));
        Ok(Flows { view, year, by, level, filter, through })
    }
}
