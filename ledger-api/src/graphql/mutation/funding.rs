//! Funds: establish, settle, earmark.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::figures::BudgetClass;
use crate::graphql::posting::{Malformed, PostingPayload, submit};
use crate::graphql::scalars::{Fund, MoneyGbp, Year};

/// Establish a fund.
#[derive(InputObject)]
pub(super) struct EstablishFund {
    /// Its code.
    code: Fund,
    /// What it is called: 1 to 200 characters.
    name: String,
    /// The fund it is part of.
    parent: Option<Fund>,
}

impl CommandInput for EstablishFund {
    fn command(self) -> Result<Command, Malformed> {
        let EstablishFund { code, name, parent } = self;
        let name = name.parse().map_err(|error| Malformed::new("name", &error))?;
        let (code, parent) = (code.0, parent.map(Into::into));
        Ok(command::EstablishFund { code, name, parent }.into())
    }
}

mutation_input!(
    /// A fund to establish, and what the posting says about itself.
    EstablishFundInput(EstablishFund)
);

/// Settle money on a fund.
#[derive(InputObject)]
pub(super) struct SettleFunding {
    /// The fund.
    fund: Fund,
    /// The class of the money.
    class: BudgetClass,
    /// The first year it may be allocated to.
    from: Year,
    /// The last year it may be allocated to.
    to: Year,
    /// What comes from the Treasury.
    new_money: MoneyGbp,
    /// What was in existing budgets before.
    reannounced: MoneyGbp,
}

impl CommandInput for SettleFunding {
    fn command(self) -> Result<Command, Malformed> {
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
    /// Money to settle on a fund, and what the posting says about itself.
    SettleFundingInput(SettleFunding)
);

/// An amount for a fund.
#[derive(InputObject)]
pub(super) struct FundAmount {
    /// The fund.
    fund: Fund,
    /// How much.
    amount: MoneyGbp,
}

/// Earmark a fund's money for funds directly below it.
#[derive(InputObject)]
pub(super) struct Earmark {
    /// The fund it leaves.
    fund: Fund,
    /// The class of the money.
    class: BudgetClass,
    /// The funds below it, and what each gets.
    to: Vec<FundAmount>,
}

impl CommandInput for Earmark {
    fn command(self) -> Result<Command, Malformed> {
        let Earmark { fund, class, to } = self;
        let to = to.into_iter().map(|FundAmount { fund, amount }| command::FundAmount {
            fund: fund.0,
            amount: amount.0,
        });
        Ok(command::Earmark { fund: fund.0, class: class.into(), to: to.collect() }.into())
    }
}

mutation_input!(
    /// Money to earmark, and what the posting says about itself.
    EarmarkInput(Earmark)
);

#[derive(Debug, Default)]
pub(super) struct FundingMutation;

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
}
