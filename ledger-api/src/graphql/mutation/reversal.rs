//! Reversals: the only way to correct a posting.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::kit::scalars::LogPosition;
use crate::graphql::mutation::posting::{FieldError, PostingPayload, submit};

/// Reverse one whole entry, once.
#[derive(InputObject)]
pub(crate) struct Reverse {
    /// The position of the entry.
    entry: LogPosition,
}

impl CommandInput for Reverse {
    fn command(self) -> Result<Command, FieldError> {
        Ok(command::Reverse { entry: self.entry.0 }.into())
    }
}

mutation_input!(
    /// The entry to reverse, and the posting fields.
    ReverseInput(Reverse)
);

#[derive(Debug, Default)]
pub(crate) struct ReversalMutation;

#[Object]
impl ReversalMutation {
    /// Reverse one whole entry, once. A reversal cannot be reversed: post the original again.
    async fn reverse(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to reverse, and why.")] input: ReverseInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
