//! The inputs of mutations: a command's own fields beside those that every posting has.

use ledger_core::domain::command::Command;

use crate::graphql::posting::{Malformed, PostingFields};

/// A command's own fields, as an input.
pub(super) trait CommandInput {
    /// The command they make.
    ///
    /// # Errors
    ///
    /// What of them has not the form it should have.
    fn command(self) -> Result<Command, Malformed>;
}

/// An input of a mutation, taken apart.
pub(super) trait MutationInput {
    /// The command's own fields.
    type Fields: CommandInput;

    /// Takes it apart.
    fn parts(self) -> (Self::Fields, PostingFields);
}

/// Joins a command's own fields with those that every posting has.
macro_rules! mutation_input {
    ($(#[doc = $doc:literal])* $name:ident($fields:ty)) => {
        $(#[doc = $doc])*
        #[derive(async_graphql::InputObject)]
        pub(super) struct $name {
            #[graphql(flatten)]
            command: $fields,
            #[graphql(flatten)]
            posting: $crate::graphql::posting::PostingFields,
        }

        impl $crate::graphql::mutation::input::MutationInput for $name {
            type Fields = $fields;

            fn parts(self) -> ($fields, $crate::graphql::posting::PostingFields) {
                (self.command, self.posting)
            }
        }
    };
}
pub(super) use mutation_input;
