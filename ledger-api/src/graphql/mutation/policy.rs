//! Policy: proposed by an administrator, and signed by the department.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::kit::scalars::Moment;
use crate::graphql::mutation::posting::{FieldError, PostingPayload, submit};

/// Adopt a policy in place of the one in force. It waits for the department's sign-off.
#[derive(InputObject)]
pub(crate) struct AdoptPolicy {
    /// All the rules, as JSON in the form of the current policy's `canonical`. Take that and change
    /// what you need.
    policy: String,
    /// When the rules take effect; a date means its start, UK time. Entries recorded before adoption
    /// are not judged again.
    effective: Moment,
}

impl CommandInput for AdoptPolicy {
    fn command(self) -> Result<Command, FieldError> {
        let policy = serde_json::from_str(&self.policy);
        let policy = Box::new(policy.map_err(|error| FieldError::new("policy", &error))?);
        Ok(command::AdoptPolicy { policy, effective: self.effective.0.begins() }.into())
    }
}

mutation_input!(
    /// The policy to adopt, and the posting fields.
    AdoptPolicyInput(AdoptPolicy)
);

#[derive(Debug, Default)]
pub(crate) struct PolicyMutation;

#[Object]
impl PolicyMutation {
    /// Adopt a policy in place of the one in force. An administrator proposes it, and it waits for
    /// the department's sign-off.
    async fn adopt_policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The policy, and why.")] input: AdoptPolicyInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
