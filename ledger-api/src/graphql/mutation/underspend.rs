//! Reasons for underspends.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::budget::underspend::UnderspendCause;
use crate::graphql::kit::scalars::{Line, MoneyGbp};
use crate::graphql::mutation::posting::{FieldError, PostingPayload, submit};

/// Explain part of a line's underspend.
#[derive(InputObject)]
pub(crate) struct ExplainUnderspend {
    /// The line.
    line: Line,
    /// The reason.
    cause: UnderspendCause,
    /// The amount of the underspend explained.
    amount: MoneyGbp,
}

impl CommandInput for ExplainUnderspend {
    fn command(self) -> Result<Command, FieldError> {
        let ExplainUnderspend { line, cause, amount } = self;
        let (line, cause, amount) = (line.0, cause.into(), amount.0);
        Ok(command::ExplainUnderspend { line, cause, amount }.into())
    }
}

mutation_input!(
    /// The underspend to explain, and the posting fields.
    ExplainUnderspendInput(ExplainUnderspend)
);

#[derive(Debug, Default)]
pub(crate) struct UnderspendMutation;

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
