//! Funds: envelopes of money for a purpose.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use ledger_core::domain::code::FundCode;
use ledger_core::domain::line;
use ledger_core::domain::movement::Pot;
use projections::ReadModels;
use projections::funds;
use projections::register;

use crate::access::gate::Denied;
use crate::graphql::Limits;
use crate::graphql::budget::figures::BudgetClass;
use crate::graphql::kit::fault::denied;
use crate::graphql::kit::page::{self, Page, Slice};
use crate::graphql::kit::scalars::{self, MoneyGbp};
use crate::graphql::kit::view::{AsAt, Root, View};
use crate::graphql::log::entry::Entry;

/// A fund's money in one class.
#[derive(SimpleObject)]
pub(crate) struct FundBalance {
    /// The class the money was settled in.
    class: BudgetClass,
    /// The total settled: new and re-announced money.
    settled: MoneyGbp,
    /// New money, from the Treasury.
    new_money: MoneyGbp,
    /// Re-announced money, from existing budgets.
    reannounced: MoneyGbp,
    /// The first year it may be allocated to; null where nothing was settled.
    from: Option<scalars::Year>,
    /// The last year it may be allocated to.
    to: Option<scalars::Year>,
    /// Received from funds above, less earmarked for funds below.
    earmarked: MoneyGbp,
    /// Allocated to lines, less returns.
    allocated: MoneyGbp,
    /// Given up to the Treasury by cancelling the fund.
    cancelled: MoneyGbp,
    /// Not yet allocated: what cancelling the fund would give up.
    unallocated: MoneyGbp,
}

impl FundBalance {
    fn new(sum: &funds::ClassBalance) -> Self {
        let funds::ClassBalance { class, years, balance } = *sum;
        FundBalance {
            class: class.into(),
            settled: balance.settled().into(),
            new_money: balance.new_money.into(),
            reannounced: balance.reannounced.into(),
            from: years.map(|(from, _)| from.into()),
            to: years.map(|(_, to)| to.into()),
            earmarked: balance.earmarked.into(),
            allocated: balance.allocated.into(),
            cancelled: balance.cancelled.into(),
            unallocated: balance.unallocated().into(),
        }
    }
}

/// An envelope of money for a purpose. Funds form a tree.
pub(crate) struct Fund {
    pub(crate) view: View,
    pub(crate) code: FundCode,
}

fn find_in(models: &ReadModels, view: &View, code: FundCode) -> Option<register::Fund> {
    let mut all = models.register.funds(view.position());
    all.find(|(known, _)| *known == code).map(|(_, fund)| fund.clone())
}

impl Fund {
    /// Finds a fund; `None` where it was not established then.
    pub(crate) fn find(view: &View, code: FundCode) -> Option<Self> {
        find_in(&view.models(), view, code)?;
        Some(Fund { view: view.clone(), code })
    }

    /// The funds, or those directly below `parent`, in order of code.
    pub(crate) fn list(view: &View, parent: Option<FundCode>) -> Vec<FundCode> {
        let models = view.models();
        let all = models.register.funds(view.position());
        let wanted = |fund: &register::Fund| parent.is_none() || fund.parent == parent;
        all.filter(|(_, fund)| wanted(fund)).map(|(code, _)| code).collect()
    }

    fn read(&self) -> Option<register::Fund> {
        find_in(&self.view.models(), &self.view, self.code)
    }

    /// The summed balances, by class, of the funds for which `wanted` is true: this one and those
    /// below it.
    fn sums(&self, wanted: impl Fn(&ReadModels, FundCode) -> bool) -> Result<Vec<FundBalance>> {
        if !self.view.scope.admits_fund(self.code) {
            return Err(denied(&Denied::Unscoped));
        }
        let (models, at) = (self.view.models(), self.view.position());
        let sums = self.view.within(&models).fund_sums(at, |code| wanted(&models, code));
        Ok(sums.iter().map(FundBalance::new).collect())
    }

    /// Refuses callers who may not read every line, since balances sum over all lines.
    fn open(&self) -> Result<()> {
        if self.view.is_partial() { Err(denied(&Denied::Unscoped)) } else { Ok(()) }
    }
}

/// An envelope of money for a purpose. Funds form a tree.
#[Object]
impl Fund {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        ID(format!("Fund:{}", self.code))
    }

    /// The code, which never changes.
    async fn code(&self) -> scalars::Fund {
        self.code.into()
    }

    /// The name.
    async fn name(&self) -> String {
        self.read().map(|fund| fund.name.to_string()).unwrap_or_default()
    }

    /// The fund directly above; null at the top.
    async fn parent(&self) -> Option<Fund> {
        Fund::find(&self.view, self.read()?.parent?)
    }

    /// The funds directly below, in order of code.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn children(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<Fund>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let children = Self::list(&slice.view, Some(self.code));
        Ok(slice.page(children, |code| Fund { view: slice.view.clone(), code }))
    }

    /// The balances by class, including the funds below it.
    #[graphql(complexity = "page::one(page::times(3, child_complexity))")]
    async fn balances(&self) -> Result<Vec<FundBalance>> {
        self.sums(|models, code| models.register.fund_path(code).any(|above| above == self.code))
    }

    /// The balances by class, without the funds below it.
    #[graphql(complexity = "page::one(page::times(3, child_complexity))")]
    async fn own_balances(&self) -> Result<Vec<FundBalance>> {
        self.sums(|_, code| code == self.code)
    }

    /// The entries behind its own balances, in order of position.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
    ) -> Result<Page<Entry>> {
        self.open()?;
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let mut positions = Vec::new();
        {
            let (models, at) = (slice.view.models(), slice.view.position());
            for class in line::BudgetClass::ALL {
                let pot = Pot { fund: self.code, class };
                positions.extend(slice.view.within(&models).fund_entries(pot, at));
            }
        }
        positions.sort_unstable();
        positions.dedup();
        Ok(slice.page(positions, |position| Entry::at(&slice.view, position)))
    }

    /// The position the answer was read at.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }
}

#[derive(Default)]
pub(crate) struct FundQuery(pub(crate) Root);

#[Object]
impl FundQuery {
    /// A fund; null where it was not established at the moment.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn fund(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The code.")] code: scalars::Fund,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<Fund>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        Ok(Fund::find(&view, code.0))
    }

    /// The funds, in order of code, with what was settled, allocated and left. To a limited role
    /// that names funds, those and the funds below them.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn funds(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "The moment to read the book at; now if omitted.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published, so that you read your own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Page<Fund>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let slice = Slice::new(&view, context.data::<Limits>()?, first, after.as_deref())?;
        let mut all = Fund::list(&slice.view, None);
        if all.iter().any(|code| slice.view.scope.admits_fund(*code)) {
            all.retain(|code| slice.view.scope.admits_fund(*code));
        }
        Ok(slice.page(all, |code| Fund { view: slice.view.clone(), code }))
    }
}

/// The balances of funds at one moment.
pub(crate) struct FundBalances {
    pub(crate) view: View,
    pub(crate) fund: Option<FundCode>,
}

/// The balances of funds at one moment.
#[Object]
impl FundBalances {
    /// The position of the last entry counted.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }

    /// When that entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.recorded_at()
    }

    /// The funds, in order of code.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn funds(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The maximum number of items to return.")] first: i32,
    ) -> Result<Page<Fund>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, None)?;
        let all = Fund::list(&slice.view, None);
        let wanted = all.into_iter().filter(|code| self.fund.is_none_or(|fund| fund == *code));
        Ok(slice.page(wanted, |code| Fund { view: slice.view.clone(), code }))
    }
}
