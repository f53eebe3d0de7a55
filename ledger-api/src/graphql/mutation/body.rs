//! Bodies: register, close, merge.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::body::BodyKind;
use crate::graphql::posting::{Malformed, PostingPayload, submit};
use crate::graphql::scalars::{Body, Day};

/// Register an organisation.
#[derive(InputObject)]
pub(super) struct RegisterBody {
    /// Its ODS code.
    code: Body,
    /// What it is called: 1 to 200 characters.
    name: String,
    /// What sort of organisation it is.
    kind: BodyKind,
    /// The body above it.
    parent: Option<Body>,
    /// Its first day, where known.
    opened_on: Option<Day>,
}

impl CommandInput for RegisterBody {
    fn command(self) -> Result<Command, Malformed> {
        let RegisterBody { code, name, kind, parent, opened_on } = self;
        Ok(command::RegisterBody {
            code: code.0,
            name: name.parse().map_err(|error| Malformed::new("name", &error))?,
            kind: kind.into(),
            parent: parent.map(Into::into),
            opened_on: opened_on.map(Into::into),
        }
        .into())
    }
}

mutation_input!(
    /// An organisation to register, and what the posting says about itself.
    RegisterBodyInput(RegisterBody)
);

/// Close an organisation: it takes no postings for later months.
#[derive(InputObject)]
pub(super) struct CloseBody {
    /// Its ODS code.
    code: Body,
    /// Its last day.
    on: Day,
}

impl CommandInput for CloseBody {
    fn command(self) -> Result<Command, Malformed> {
        Ok(command::CloseBody { code: self.code.0, on: self.on.0 }.into())
    }
}

mutation_input!(
    /// An organisation to close, and what the posting says about itself.
    CloseBodyInput(CloseBody)
);

/// Merge organisations into one that is registered.
#[derive(InputObject)]
pub(super) struct MergeBodies {
    /// Those that end.
    from: Vec<Body>,
    /// The one that succeeds them.
    into: Body,
    /// The last day of those that end.
    on: Day,
}

impl CommandInput for MergeBodies {
    fn command(self) -> Result<Command, Malformed> {
        let MergeBodies { from, into, on } = self;
        let from = from.into_iter().map(Into::into).collect();
        Ok(command::MergeBodies { from, into: into.0, on: on.0 }.into())
    }
}

mutation_input!(
    /// Organisations to merge, and what the posting says about itself.
    MergeBodiesInput(MergeBodies)
);

#[derive(Debug, Default)]
pub(super) struct BodyMutation;

#[Object]
impl BodyMutation {
    /// Register an organisation.
    async fn register_body(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to register, and why.")] input: RegisterBodyInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Close an organisation: it takes no postings for later months.
    async fn close_body(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to close, and why.")] input: CloseBodyInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Merge organisations into one that is registered.
    async fn merge_bodies(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to merge, and why.")] input: MergeBodiesInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
