//! Flows: who paid for whom in a year, and from which settlement the money came.

use async_graphql::{Context, Object, Result};
use ledger_core::domain::calendar::{FinancialYear, Month};
use projections::flows::{self, FlowQuery, InYear};

use super::Limits;
use super::fault::unanswerable;
use super::flow::Flow;
use super::flow_figures::{FlowMargin, FlowTotals};
use super::flow_party::{FlowParty, FlowsBy};
use super::origin::OriginShare;
use super::page::{self, Page, Slice};
use super::planned::LineFilter;
use super::scalars;
use super::view::{AsAt, Root, View};

/// How pairs and origins are told where no source states them.
const RULE: &str = "What each party gave and got is as entries state it. Where one entry names \
several givers and several takers, givers pay in the order of the entry, each in proportion to what \
the takers still lack, in exact pence by largest remainder: who paid whom is then the rule's, and no \
source's. Origins: what leaves a fund, or a programme's money of a year and class, takes a share of \
each settlement in it, in the same way; spend takes the proportions of the budget. A reversal \
subtracts from the flow that it undoes.";

/// Who paid for whom in a year, at one moment.
pub(super) struct Flows {
    pub(super) view: View,
    pub(super) year: FinancialYear,
    pub(super) by: FlowsBy,
    pub(super) level: Option<u32>,
    pub(super) filter: LineFilter,
    pub(super) through: Option<Month>,
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
        let told = view.within(&view.models()).flows(&self.query(view));
        told.map_err(|error| unanswerable(&error))
    }

    fn origins_of(&self, view: &View) -> Result<flows::Origins> {
        let told = view.within(&view.models()).origins(&self.query(view));
        told.map_err(|error| unanswerable(&error))
    }
}

/// Who paid for whom in a year, at one moment.
#[Object]
impl Flows {
    /// The financial year.
    async fn year(&self) -> scalars::Year {
        self.year.into()
    }

    /// What lines are summed into.
    async fn by(&self) -> FlowsBy {
        self.by
    }

    /// How far down the tree of programmes or bodies; null where each stands on its own.
    async fn level(&self) -> Option<u32> {
        self.level
    }

    /// The month up to which movements and spend count; null where all of them do.
    async fn through(&self) -> Option<scalars::YearMonth> {
        self.through.map(Into::into)
    }

    /// The last entry that counts.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }

    /// When that entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.recorded_at()
    }

    /// Whether these are the flows of a part of the book: of what the caller may read.
    async fn partial(&self) -> bool {
        self.view.is_partial()
    }

    /// How pairs and origins are told where no source states them.
    async fn rule(&self) -> &str {
        RULE
    }

    /// Who paid whom, in order of who paid.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn rows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<Flow>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let (query, told) = (self.query(&slice.view), self.read(&slice.view)?);
        let view = &slice.view;
        Ok(slice.page(told.flows, |flow| Flow { view: view.clone(), query, flow, distance: None }))
    }

    /// What each party paid and got, as entries state it. Of programmes and bodies each is told with
    /// those below it, and what stays within it is eliminated.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn margins(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<FlowMargin>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let told = self.read(&slice.view)?;
        Ok(slice.page(told.margins, |margin| FlowMargin {
            party: FlowParty::new(&slice.view, InYear::asked(margin.party)),
            figures: (&margin.totals).into(),
        }))
    }

    /// All of it together.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn totals(&self) -> Result<FlowTotals> {
        let (told, origins) = (self.read(&self.view)?, self.origins_of(&self.view)?);
        Ok(FlowTotals {
            figures: (&told.totals).into(),
            unattributed: told.unattributed.into(),
            recycled: told.recycled.into(),
            within_parties: told.within.into(),
            reclassified: told.reclassified.into(),
            budget: origins.budget.into(),
            spent: origins.spent.into(),
        })
    }

    /// Which settlements the money came from. The shares sum to the revised budget, and to the
    /// spend, exactly.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn origins(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<OriginShare>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        Ok(slice.page(self.origins_of(&slice.view)?.shares, OriginShare::from))
    }

    /// The path of a programme's money, the nearest step first: what it spent, who paid it, who had
    /// paid them, through funds to settlements. Each step is all that one party paid another.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn path(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The programme, without those below it.")] programme: scalars::Programme,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<Flow>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let query = self.query(&slice.view);
        let told = slice.view.within(&slice.view.models()).flow_path(&query, programme.0);
        let told = told.map_err(|error| unanswerable(&error))?;
        let view = &slice.view;
        Ok(slice.page(told, |flows::PathStep { distance, flow }| Flow {
            view: view.clone(),
            query,
            flow,
            distance: Some(distance),
        }))
    }
}

#[derive(Default)]
pub(super) struct FlowsQuery(pub(super) Root);

#[Object]
impl FlowsQuery {
    /// Who paid for whom in a year: a matrix of parties, the settlements their money came from, and
    /// the path it took.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "each is an argument of the question")]
    async fn flows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "What to sum lines into.")] by: FlowsBy,
        #[graphql(desc = "How far down the tree of programmes or bodies, 0 for its top: what is \
                          below is summed into it. Each stands on its own where left out.")]
        level: Option<u32>,
        #[graphql(desc = "Only what these lines gave or got; all of them where left out.")]
        filter: Option<LineFilter>,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Flows> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let (year, filter, through) = (year.0, filter.unwrap_or_default(), through.map(Into::into));
        Ok(Flows { view, year, by, level, filter, through })
    }
}
