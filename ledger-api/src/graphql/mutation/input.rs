//! The inputs of mutations: the fields of a command and the fields every posting has.

use ledger_core::domain::command::Command;

use crate::graphql::mutation::posting::{FieldError, PostingFields};

/// The fields of one command, as an input.
pub(crate) trait CommandInput {
    /// The command these fields describe.
    ///
    /// # Errors
    ///
    /// The first field in the wrong form.
    fn command(self) -> Result<Command, FieldError>;
}

/// The input of a mutation: command fields and posting fields.
pub(crate) trait MutationInput {
    /// The fields of the command.
    type Fields: CommandInput;

    /// Separates the two.
    fn parts(self) -> (Self::Fields, PostingFields);
}

/// Defines an input of command fields and posting fields.
macro_rules! mutation_input {
    ($(#[doc = $doc:literal])* $name:ident($fields:ty)) => {
        $(#[doc = $doc])*
        #[derive(async_graphql::InputObject)]
        pub(crate) struct $name {
            #[graphql(flatten)]
            command: $fields,
            #[graphql(flatten)]
            posting: $crate::graphql::mutation::posting::PostingFields,
        }

        impl $crate::graphql::mutation::input::MutationInput for $name {
            type Fields = $fields;

            fn parts(self) -> ($fields, $crate::graphql::mutation::posting::PostingFields) {
                (self.command, self.posting)
            }
        }
    };
}
pub(crate) use mutation_input;
