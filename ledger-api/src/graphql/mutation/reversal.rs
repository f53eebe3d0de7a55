//! Reversals and corrections: the only ways to put a posting right.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::batch::AnyCommand;
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

/// Reverse one whole entry and post its replacement, as one entry.
#[derive(InputObject)]
pub(crate) struct Correct {
    /// The position of the entry to reverse.
    entry: LogPosition,
    /// The command to post in its place; several are posted in order.
    replacement: Vec<AnyCommand>,
}

impl CommandInput for Correct {
    fn command(self) -> Result<Command, FieldError> {
        let mut commands = Vec::new();
        for (number, command) in self.replacement.into_iter().enumerate() {
            commands.push(command.command().map_err(|malformed| malformed.in_command(number))?);
        }
        let replacement = match commands.pop() {
            Some(one) if commands.is_empty() => one,
            last => Command::Batch(commands.into_iter().chain(last).collect()),
        };
        Ok(command::Correct { entry: self.entry.0, replacement: Box::new(replacement) }.into())
    }
}

mutation_input!(
    /// The entry to correct and its replacement, and the posting fields.
    CorrectInput(Correct)
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

    /// Reverse one whole entry and post its replacement, as one entry: both or neither. What is
    /// available is judged after both. The correction can be corrected in turn.
    async fn correct(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to correct, and why.")] input: CorrectInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
