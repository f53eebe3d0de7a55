//! Policy: proposed by an administrator, and signed by the department.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::posting::{Malformed, PostingPayload, submit};
use crate::graphql::scalars::Moment;

/// Adopt a policy in the place of the one in force. It waits for the department's sign-off.
#[derive(InputObject)]
pub(super) struct AdoptPolicy {
    /// The rules, whole: JSON in the form that `canonical` of the policy in force has. Take that,
    /// and change what is to change.
    policy: String,
    /// Since when they hold. What was recorded before they are adopted is not judged again.
    effective: Moment,
}

impl CommandInput for AdoptPolicy {
    fn command(self) -> Result<Command, Malformed> {
        let policy = serde_json::from_str(&self.policy);
        let policy = Box::new(policy.map_err(|error| Malformed::new("policy", &error))?);
        Ok(command::AdoptPolicy { policy, effective: self.effective.0 }.into())
    }
}

mutation_input!(
    /// The policy to adopt, and what the posting says about itself.
    AdoptPolicyInput(AdoptPolicy)
);

#[derive(Debug, Default)]
pub(super) struct PolicyMutation;

#[Object]
impl PolicyMutation {
    /// Adopt a policy in the place of the one in force. Administrators propose it, and it waits for
    /// the sign-off of the department.
    async fn adopt_policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The policy, and why.")] input: AdoptPolicyInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
