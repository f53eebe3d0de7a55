//! Reasons for underspends.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::posting::{Malformed, PostingPayload, submit};
use crate::graphql::scalars::{Line, MoneyGbp};
use crate::graphql::underspend::UnderspendCause;

/// Explain part of a line's underspend.
#[derive(InputObject)]
pub(super) struct ExplainUnderspend {
    /// The line.
    line: Line,
    /// Why it was not spent.
    cause: UnderspendCause,
    /// How much of the underspend.
    amount: MoneyGbp,
}

impl CommandInput for ExplainUnderspend {
    fn command(self) -> Result<Command, Malformed> {
        let ExplainUnderspend { line, cause, amount } = self;
        let (line, cause, amount) = (line.0, cause.into(), amount.0);
        Ok(command::ExplainUnderspend { line, cause, amount }.into())
    }
}

mutation_input!(
    /// An underspend to explain, and what the posting says about itself.
    ExplainUnderspendInput(ExplainUnderspend)
);

#[derive(Debug, Default)]
pub(super) struct UnderspendMutation;

#[Object]
impl UnderspendMutation {
    /// Explain part of a line's underspend: slippage, saving, clawback or diversion.
    async fn explain_underspend(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to explain, and why it is so.")] input: ExplainUnderspendInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
