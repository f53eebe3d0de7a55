//! Bodies: register, close, merge.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::kit::scalars::{Body, Day};
use crate::graphql::mutation::posting::{FieldError, PostingPayload, submit};
use crate::graphql::register::body::BodyKind;

/// Register an organisation.
#[derive(InputObject)]
pub(crate) struct RegisterBody {
    /// The ODS code.
    code: Body,
    /// The name: 1 to 200 characters.
    name: String,
    /// The kind of organisation.
    kind: BodyKind,
    /// The body directly above.
    parent: Option<Body>,
    /// The first day, where known.
    opened_on: Option<Day>,
}

impl CommandInput for RegisterBody {
    fn command(self) -> Result<Command, FieldError> {
        let RegisterBody { code, name, kind, parent, opened_on } = self;
        Ok(command::RegisterBody {
            code: code.0,
            name: name.parse().map_err(|error| FieldError::new("name", &error))?,
            kind: kind.into(),
            parent: parent.map(Into::into),
            opened_on: opened_on.map(Into::into),
        }
        .into())
    }
}

mutation_input!(
    /// The organisation to register, and the posting fields.
    RegisterBodyInput(RegisterBody)
);

/// Close an organisation. It takes no postings for later months.
#[derive(InputObject)]
pub(crate) struct CloseBody {
    /// The ODS code.
    code: Body,
    /// The last day.
    on: Day,
}

impl CommandInput for CloseBody {
    fn command(self) -> Result<Command, FieldError> {
        Ok(command::CloseBody { code: self.code.0, on: self.on.0 }.into())
    }
}

mutation_input!(
    /// The organisation to close, and the posting fields.
    CloseBodyInput(CloseBody)
);

/// Merge organisations into another registered one.
#[derive(InputObject)]
pub(crate) struct MergeBodies {
    /// The organisations that end.
    from: Vec<Body>,
    /// The organisation that succeeds them.
    into: Body,
    /// The last day of the organisations that end.
    on: Day,
}

impl CommandInput for MergeBodies {
    fn command(self) -> Result<Command, FieldError> {
        let MergeBodies { from, into, on } = self;
        let from = from.into_iter().map(Into::into).collect();
        Ok(command::MergeBodies { from, into: into.0, on: on.0 }.into())
    }
}

mutation_input!(
    /// The organisations to merge, and the posting fields.
    MergeBodiesInput(MergeBodies)
);

#[derive(Debug, Default)]
pub(crate) struct BodyMutation;

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

    /// Close an organisation. It takes no postings for later months.
    async fn close_body(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to close, and why.")] input: CloseBodyInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Merge organisations into another registered one.
    async fn merge_bodies(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to merge, and why.")] input: MergeBodiesInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
