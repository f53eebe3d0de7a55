//! Reversals: the only way to correct a posting.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::posting::{Malformed, PostingPayload, submit};
use crate::graphql::scalars::LogPosition;

/// Reverse one entry, whole, once.
#[derive(InputObject)]
pub(super) struct Reverse {
    /// Its position.
    entry: LogPosition,
}

impl CommandInput for Reverse {
    fn command(self) -> Result<Command, Malformed> {
        Ok(command::Reverse { entry: self.entry.0 }.into())
    }
}

mutation_input!(
    /// An entry to reverse, and what the posting says about itself.
    ReverseInput(Reverse)
);

#[derive(Debug, Default)]
pub(super) struct ReversalMutation;

#[Object]
impl ReversalMutation {
    /// Reverse one entry, whole, once. A reversal is not reversed in turn: post again.
    async fn reverse(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to reverse, and why.")] input: ReverseInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
