//! Budget: allocate, cut, reallocate, split, exchange.

use async_graphql::{Context, Enum, InputObject, Object, OneofObject, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::budget::figures::BudgetClass;
use crate::graphql::kit::scalars::{Fund, Line, MoneyGbp, Year, YearMonth};
use crate::graphql::mutation::posting::{FieldError, PostingPayload, submit};

/// An amount for a line.
#[derive(InputObject)]
pub(crate) struct LineAmount {
    /// The line.
    line: Line,
    /// The amount.
    amount: MoneyGbp,
}

impl From<LineAmount> for command::LineAmount {
    fn from(LineAmount { line, amount }: LineAmount) -> Self {
        command::LineAmount { line: line.0, amount: amount.0 }
    }
}

/// Allocate a fund's money to lines. An amount of 0.00 opens a line.
#[derive(InputObject)]
pub(crate) struct Allocate {
    /// The fund.
    fund: Fund,
    /// The class of the fund's money to use; the class of each line if omitted.
    class: Option<BudgetClass>,
    /// The effective month.
    month: YearMonth,
    /// The lines and the amount each receives.
    to: Vec<LineAmount>,
    /// The closed year, where this is a prior-period adjustment.
    concerns: Option<Year>,
}

impl CommandInput for Allocate {
    fn command(self) -> Result<Command, FieldError> {
        let Allocate { fund, class, month, to, concerns } = self;
        Ok(command::Allocate {
            fund: fund.0,
            class: class.map(Into::into),
            month: month.0,
            to: to.into_iter().map(Into::into).collect(),
            concerns: concerns.map(Into::into),
        }
        .into())
    }
}

mutation_input!(
    /// The money to allocate, and the posting fields.
    AllocateInput(Allocate)
);

/// The destination of money that leaves the book.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum OutOfBook {
    /// Back to the Treasury.
    Treasury,
}

/// The destination of a cut, or of a cancelled fund's money: give exactly one.
#[derive(OneofObject)]
pub(crate) enum ReturnTo {
    /// Out of the book.
    OutOfBook(OutOfBook),
    /// To this fund, in the class of the money.
    Fund(Fund),
}

impl From<ReturnTo> for command::ReturnTo {
    fn from(to: ReturnTo) -> Self {
        match to {
            ReturnTo::OutOfBook(OutOfBook::Treasury) => command::ReturnTo::Treasury,
            ReturnTo::Fund(fund) => command::ReturnTo::Fund(fund.0),
        }
    }
}

/// Cut a line's budget, back to a fund or out to the Treasury.
#[derive(InputObject)]
pub(crate) struct Cut {
    /// The line.
    line: Line,
    /// The amount.
    amount: MoneyGbp,
    /// The effective month.
    month: YearMonth,
    /// The destination; may be omitted where exactly one fund has paid the line.
    to: Option<ReturnTo>,
    /// The closed year, where this is a prior-period adjustment.
    concerns: Option<Year>,
}

impl CommandInput for Cut {
    fn command(self) -> Result<Command, FieldError> {
        let Cut { line, amount, month, to, concerns } = self;
        let (to, concerns) = (to.map(Into::into), concerns.map(Into::into));
        let (line, amount, month) = (line.0, amount.0, month.0);
        Ok(command::Cut { line, amount, month, to, concerns }.into())
    }
}

mutation_input!(
    /// The line to cut, and the posting fields.
    CutInput(Cut)
);

/// Reallocate budget between lines of one year.
#[derive(InputObject)]
pub(crate) struct Reallocate {
    /// The effective month.
    month: YearMonth,
    /// The lines that give, and the amounts.
    from: Vec<LineAmount>,
    /// The lines that receive, and the amounts; the total equals what is given.
    to: Vec<LineAmount>,
    /// The closed year, where this is a prior-period adjustment.
    concerns: Option<Year>,
}

impl CommandInput for Reallocate {
    fn command(self) -> Result<Command, FieldError> {
        let Reallocate { month, from, to, concerns } = self;
        Ok(command::Reallocate {
            month: month.0,
            from: from.into_iter().map(Into::into).collect(),
            to: to.into_iter().map(Into::into).collect(),
            concerns: concerns.map(Into::into),
        }
        .into())
    }
}

mutation_input!(
    /// The budget to reallocate, and the posting fields.
    ReallocateInput(Reallocate)
);

/// Reclassify money of an unsplit line as capital and revenue. Evidence is required.
#[derive(InputObject)]
pub(crate) struct SplitLine {
    /// The unsplit line.
    line: Line,
    /// The part that is capital.
    capital: MoneyGbp,
    /// The part that is revenue.
    revenue: MoneyGbp,
    /// The effective month.
    month: YearMonth,
}

impl CommandInput for SplitLine {
    fn command(self) -> Result<Command, FieldError> {
        let SplitLine { line, capital, revenue, month } = self;
        let (line, capital, revenue, month) = (line.0, capital.0, revenue.0, month.0);
        Ok(command::SplitLine { line, capital, revenue, month }.into())
    }
}

mutation_input!(
    /// The line to split, and the posting fields.
    SplitLineInput(SplitLine)
);

/// Exchange budget into the next year, onto a holding line.
#[derive(InputObject)]
pub(crate) struct ExchangeBudget {
    /// The line it leaves.
    line: Line,
    /// The amount.
    amount: MoneyGbp,
    /// The effective month in the line's year.
    month: YearMonth,
}

impl CommandInput for ExchangeBudget {
    fn command(self) -> Result<Command, FieldError> {
        let ExchangeBudget { line, amount, month } = self;
        let (line, amount, month) = (line.0, amount.0, month.0);
        Ok(command::ExchangeBudget { line, amount, month }.into())
    }
}

mutation_input!(
    /// The budget to exchange, and the posting fields.
    ExchangeBudgetInput(ExchangeBudget)
);

#[derive(Debug, Default)]
pub(crate) struct BudgetMutation;

#[Object]
impl BudgetMutation {
    /// Allocate a fund's money to lines. An amount of 0.00 opens a line.
    async fn allocate(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to allocate, and why.")] input: AllocateInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Cut a line's budget, back to a fund or out to the Treasury.
    async fn cut(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to cut, and why.")] input: CutInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Reallocate budget between lines of one year.
    async fn reallocate(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to reallocate, and why.")] input: ReallocateInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Reclassify money of an unsplit line as capital and revenue. Evidence is required.
    async fn split_line(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to split, and why.")] input: SplitLineInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Exchange budget into the next year, onto a holding line.
    async fn exchange_budget(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to exchange, and why.")] input: ExchangeBudgetInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
