//! Funds: envelopes of money for a purpose.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use ledger_core::domain::code::FundCode;
use ledger_core::domain::line;
use ledger_core::domain::movement::Pot;
use projections::ReadModels;
use projections::funds;
use projections::register;

use super::Limits;
use super::entry::Entry;
use super::fault::denied;
use super::figures::BudgetClass;
use super::page::{self, Page, Slice};
use super::scalars::{self, MoneyGbp};
use super::view::{AsAt, Root, View};
use crate::access::gate::Denied;

/// A fund's money in one class.
#[derive(SimpleObject)]
pub(super) struct FundBalance {
    /// The class it was settled in.
    class: BudgetClass,
    /// All that was settled: new and re-announced.
    settled: MoneyGbp,
    /// What came from the Treasury.
    new_money: MoneyGbp,
    /// What was in existing budgets before.
    reannounced: MoneyGbp,
    /// What was received from the fund above, less what was earmarked for funds below.
    earmarked: MoneyGbp,
    /// What is allocated to lines, less what came back.
    allocated: MoneyGbp,
    /// What is left to allocate.
    unallocated: MoneyGbp,
}

impl FundBalance {
    fn new(class: line::BudgetClass, balance: &funds::FundBalance) -> Self {
        FundBalance {
            class: class.into(),
            settled: balance.settled().into(),
            new_money: balance.new_money.into(),
            reannounced: balance.reannounced.into(),
            earmarked: balance.earmarked.into(),
            allocated: balance.allocated.into(),
            unallocated: balance.unallocated().into(),
        }
    }
}

/// An envelope of money for a purpose. Funds form a tree.
pub(super) struct Fund {
    pub(super) view: View,
    pub(super) code: FundCode,
}

fn find_in(models: &ReadModels, view: &View, code: FundCode) -> Option<register::Fund> {
    let mut all = models.register.funds(view.position());
    all.find(|(known, _)| *known == code).map(|(_, fund)| fund.clone())
}

impl Fund {
    /// A fund as at a view; none where none was established then.
    pub(super) fn find(view: &View, code: FundCode) -> Option<Self> {
        find_in(&view.models(), view, code)?;
        Some(Fund { view: view.clone(), code })
    }

    /// The funds there were, by code.
    pub(super) fn list(view: &View, parent: Option<FundCode>) -> Vec<FundCode> {
        let models = view.models();
        let all = models.register.funds(view.position());
        let wanted = |fund: &register::Fund| parent.is_none() || fund.parent == parent;
        all.filter(|(_, fund)| wanted(fund)).map(|(code, _)| code).collect()
    }

    fn read(&self) -> Option<register::Fund> {
        find_in(&self.view.models(), &self.view, self.code)
    }

    /// The balances of the funds that a test lets through, by class.
    fn sums(&self, wanted: impl Fn(&ReadModels, FundCode) -> bool) -> Result<Vec<FundBalance>> {
        self.open()?;
        let (models, at) = (self.view.models(), self.view.position());
        let sums = models.fund_sums(at, |code| wanted(&models, code)).into_iter();
        Ok(sums.map(|(class, sum)| FundBalance::new(class, &sum)).collect())
    }

    /// What is allocated sums over all lines, so it is told to those who may read all of them.
    fn open(&self) -> Result<()> {
        if self.view.is_partial() { Err(denied(&Denied::Unscoped)) } else { Ok(()) }
    }
}

/// An envelope of money for a purpose. Funds form a tree.
#[Object]
impl Fund {
    /// The global id.
    pub(super) async fn id(&self) -> ID {
        ID(format!("Fund:{}", self.code))
    }

    /// The code, which never changes.
    async fn code(&self) -> scalars::Fund {
        self.code.into()
    }

    /// What it is called.
    async fn name(&self) -> String {
        self.read().map(|fund| fund.name.to_string()).unwrap_or_default()
    }

    /// The fund it is part of; null at the top.
    async fn parent(&self) -> Option<Fund> {
        Fund::find(&self.view, self.read()?.parent?)
    }

    /// The funds directly below it, by code.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn children(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<Fund>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let children = Self::list(&slice.view, Some(self.code));
        Ok(slice.page(children, |code| Fund { view: slice.view.clone(), code }))
    }

    /// Its money by class, with that of the funds below it.
    #[graphql(complexity = "page::one(page::times(3, child_complexity))")]
    async fn balances(&self) -> Result<Vec<FundBalance>> {
        self.sums(|models, code| models.register.fund_path(code).any(|above| above == self.code))
    }

    /// Its own money by class, without that of the funds below it.
    #[graphql(complexity = "page::one(page::times(3, child_complexity))")]
    async fn own_balances(&self) -> Result<Vec<FundBalance>> {
        self.sums(|_, code| code == self.code)
    }

    /// The entries behind its own balances, in order.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
    ) -> Result<Page<Entry>> {
        self.open()?;
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, after.as_deref())?;
        let mut positions = Vec::new();
        {
            let (models, at) = (slice.view.models(), slice.view.position());
            for class in line::BudgetClass::ALL {
                positions.extend(models.funds.entries(Pot { fund: self.code, class }, at));
            }
        }
        positions.sort_unstable();
        positions.dedup();
        Ok(slice.page(positions, |position| Entry::at(&slice.view, position)))
    }

    /// The position it is told as at.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }
}

#[derive(Default)]
pub(super) struct FundQuery(pub(super) Root);

#[Object]
impl FundQuery {
    /// A fund; null where none of this code was established then.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn fund(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its code.")] code: scalars::Fund,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Option<Fund>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        Ok(Fund::find(&view, code.0))
    }

    /// The funds, by code: what was settled, new and re-announced, what is allocated, what is left.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn funds(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
        #[graphql(desc = "The cursor of the last one seen.")] after: Option<String>,
        #[graphql(desc = "As at which moment; now where left out.")] as_at: Option<AsAt>,
        #[graphql(desc = "Wait until this entry is published: to read one's own writes.")]
        at_least_position: Option<scalars::LogPosition>,
    ) -> Result<Page<Fund>> {
        let view = self.0.view(context, as_at, at_least_position).await?;
        let slice = Slice::new(&view, context.data::<Limits>()?, first, after.as_deref())?;
        let all = Fund::list(&slice.view, None);
        Ok(slice.page(all, |code| Fund { view: slice.view.clone(), code }))
    }
}

/// The balances of funds at one moment.
pub(super) struct FundBalances {
    pub(super) view: View,
    pub(super) fund: Option<FundCode>,
}

/// The balances of funds at one moment.
#[Object]
impl FundBalances {
    /// The last entry that counts.
    async fn position(&self) -> scalars::LogPosition {
        self.view.position().into()
    }

    /// When that entry was recorded.
    async fn recorded_at(&self) -> Option<scalars::Moment> {
        self.view.recorded_at()
    }

    /// The funds asked for, by code.
    #[graphql(complexity = "page::list(first, child_complexity)")]
    async fn funds(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, at most.")] first: i32,
    ) -> Result<Page<Fund>> {
        let slice = Slice::new(&self.view, context.data::<Limits>()?, first, None)?;
        let all = Fund::list(&slice.view, None);
        let wanted = all.into_iter().filter(|code| self.fund.is_none_or(|fund| fund == *code));
        Ok(slice.page(wanted, |code| Fund { view: slice.view.clone(), code }))
    }
}
