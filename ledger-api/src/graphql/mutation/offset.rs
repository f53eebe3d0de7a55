//! Offsets: improvements that compensate deteriorations.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::kit::scalars::{Body, MoneyGbp, Year};
use crate::graphql::mutation::posting::{FieldError, PostingPayload, submit};

/// Link a provider's improvement to the deterioration it compensates.
#[derive(InputObject)]
pub(crate) struct LinkOffset {
    /// The year.
    year: Year,
    /// The body whose forecast deteriorated.
    deteriorated: Body,
    /// The provider of the same system whose forecast improved.
    by: Body,
    /// The amount of the improvement.
    amount: MoneyGbp,
}

impl CommandInput for LinkOffset {
    fn command(self) -> Result<Command, FieldError> {
        let LinkOffset { year, deteriorated, by, amount } = self;
        let (deteriorated, by) = (deteriorated.0, by.0);
        Ok(command::LinkOffset { year: year.0, deteriorated, by, amount: amount.0 }.into())
    }
}

mutation_input!(
    /// The offset to link, and the posting fields.
    LinkOffsetInput(LinkOffset)
);

#[derive(Debug, Default)]
pub(crate) struct OffsetMutation;

#[Object]
impl OffsetMutation {
    /// Link a provider's improvement to the deterioration it compensates.
    async fn link_offset(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to link, and why.")] input: LinkOffsetInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
