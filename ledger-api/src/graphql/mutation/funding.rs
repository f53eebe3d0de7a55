//! Funds: establish, settle, earmark, cancel.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::budget::ReturnTo;
use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::budget::figures::BudgetClass;
use crate::graphql::kit::scalars::{Fund, MoneyGbp, Year};
use crate::graphql::mutation::posting::{FieldError, PostingPayload, submit};

/// Establish a fund.
#[derive(InputObject)]
pub(crate) struct EstablishFund {
    /// The code.
    code: Fund,
    /// The name: 1 to 200 characters.
    name: String,
    /// The fund directly above.
    parent: Option<Fund>,
}

impl CommandInput for EstablishFund {
    fn command(self) -> Result<Command, FieldError> {
        let EstablishFund { code, name, parent } = self;
        let name = name.parse().map_err(|error| FieldError::new("name", &error))?;
        let (code, parent) = (code.0, parent.map(Into::into));
        Ok(command::EstablishFund { code, name, parent }.into())
    }
}

mutation_input!(
    /// The fund to establish, and the posting fields.
    EstablishFundInput(EstablishFund)
);

/// Settle money on a fund.
#[derive(InputObject)]
pub(crate) struct SettleFunding {
    /// The fund.
    fund: Fund,
    /// The class of the money.
    class: BudgetClass,
    /// The first year it may be allocated to.
    from: Year,
    /// The last year it may be allocated to.
    to: Year,
    /// New money, from the Treasury.
    new_money: MoneyGbp,
    /// Re-announced money, from existing budgets.
    reannounced: MoneyGbp,
}

impl CommandInput for SettleFunding {
    fn command(self) -> Result<Command, FieldError> {
        let SettleFunding { fund, class, from, to, new_money, reannounced } = self;
        Ok(command::SettleFunding {
            fund: fund.0,
            class: class.into(),
            from: from.0,
            to: to.0,
            new_money: new_money.0,
            reannounced: reannounced.0,
        }
        .into())
    }
}

mutation_input!(
    /// The money to settle on a fund, and the posting fields.
    SettleFundingInput(SettleFunding)
);

/// An amount for a fund.
#[derive(InputObject)]
pub(crate) struct FundAmount {
    /// The fund.
    fund: Fund,
    /// The amount.
    amount: MoneyGbp,
}

/// Earmark a fund's money for funds directly below it.
#[derive(InputObject)]
pub(crate) struct Earmark {
    /// The fund that gives.
    fund: Fund,
    /// The class of the money.
    class: BudgetClass,
    /// The funds directly below, and the amount each receives.
    to: Vec<FundAmount>,
}

impl CommandInput for Earmark {
    fn command(self) -> Result<Command, FieldError> {
        let Earmark { fund, class, to } = self;
        let to = to.into_iter().map(|FundAmount { fund, amount }| command::FundAmount {
            fund: fund.0,
            amount: amount.0,
        });
        Ok(command::Earmark { fund: fund.0, class: class.into(), to: to.collect() }.into())
    }
}

mutation_input!(
    /// The money to earmark, and the posting fields.
    EarmarkInput(Earmark)
);

/// Cancel a fund and those below it: what is unallocated leaves it.
#[derive(InputObject)]
pub(crate) struct CancelFund {
    /// The fund.
    fund: Fund,
    /// The class of the money; every class if omitted.
    class: Option<BudgetClass>,
    /// The destination: a fund above it, or out of the book.
    to: ReturnTo,
}

impl CommandInput for CancelFund {
    fn command(self) -> Result<Command, FieldError> {
        let CancelFund { fund, class, to } = self;
        let class = class.map(Into::into);
        Ok(command::CancelFund { fund: fund.0, class, to: to.into() }.into())
    }
}

mutation_input!(
    /// The fund to cancel, and the posting fields.
    CancelFundInput(CancelFund)
);

#[derive(Debug, Default)]
pub(crate) struct FundingMutation;

#[Object]
impl FundingMutation {
    /// Establish a fund: an envelope of money for a purpose.
    async fn establish_fund(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to establish, and why.")] input: EstablishFundInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Settle money on a fund: new money, re-announced money, or both.
    async fn settle_funding(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to settle, and why.")] input: SettleFundingInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Earmark a fund's money for funds directly below it.
    async fn earmark(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to earmark, and why.")] input: EarmarkInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Cancel a fund and those below it: what is unallocated moves to a fund above it or out to the
    /// Treasury. Money already allocated stays on its lines: cut it first.
    async fn cancel_fund(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to cancel, and why.")] input: CancelFundInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
