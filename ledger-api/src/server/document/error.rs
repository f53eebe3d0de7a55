//! Errors of a document, found before it is executed.

use async_graphql::{Name, ServerError};

use super::limits::{
    INTROSPECTED_LISTS_MAX, INTROSPECTED_MAX, NAME_BYTES_MAX, NESTING_MAX, SELECTIONS_MAX,
    TOKENS_MAX, TYPENAMES_MAX, VARIABLES_MAX,
};

/// Why a document is not executed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DocumentError {
    /// The text is not GraphQL.
    #[error("{}", .0.message)]
    Syntax(Box<ServerError>),
    /// The document has too many tokens.
    #[error(
        "the document has more than {TOKENS_MAX} names, values and marks: give long lists in variables, or ask for less at a time"
    )]
    Tokens,
    /// An input object gives a field twice.
    #[error("the field {0} is given twice in one input object: give it once")]
    RepeatedField(String),
    /// Brackets or fragments nest too deep.
    #[error("the document nests deeper than {NESTING_MAX}: ask for less at a time")]
    Nesting,
    /// The document has too many variables.
    #[error("the document has more than {VARIABLES_MAX} variables: send lists or objects")]
    Variables,
    /// The document selects too many fields.
    #[error(
        "the document selects more than {SELECTIONS_MAX} fields, with its fragments expanded: ask for less at a time"
    )]
    Selections,
    /// The introspection is larger than any tool needs.
    #[error(
        "the introspection is too large: send one at a time, with lists at most {INTROSPECTED_LISTS_MAX} deep and at most {INTROSPECTED_MAX} fields; or read schema.graphql"
    )]
    Introspection,
    /// A selection set repeats `__typename`.
    #[error(
        "a selection set asks for __typename under more than {TYPENAMES_MAX} names: ask for it once"
    )]
    Typenames,
    /// A name is too long.
    #[error("a name has more than {NAME_BYTES_MAX} bytes: give a shorter one")]
    Name,
    /// The named operation does not exist, or a needed name is missing.
    #[error("{0}")]
    Operation(String),
    /// A variable of a non-null type is null.
    #[error("variable ${name} must not be null: it is of type {expected}")]
    Variable {
        /// The variable.
        name: Name,
        /// Its type.
        expected: String,
    },
    /// The operation has more than one mutation field.
    #[error(
        "an operation posts once, so that every posting has its own answer: send one mutation field at a time, or postBatch"
    )]
    Mutations,
    /// The subscription does not have exactly one field.
    #[error("a subscription has exactly one field: send one subscription for each")]
    Subscriptions,
}

impl DocumentError {
    /// The error's stable code, for programs.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            DocumentError::Syntax(_) => "GRAPHQL_PARSE_FAILED",
            DocumentError::RepeatedField(_) => "REPEATED_FIELD",
            DocumentError::Tokens
            | DocumentError::Nesting
            | DocumentError::Selections
            | DocumentError::Introspection
            | DocumentError::Variables
            | DocumentError::Typenames
            | DocumentError::Name => "TOO_COMPLEX",
            DocumentError::Operation(_) => "OPERATION_NOT_FOUND",
            DocumentError::Variable { .. } => "BAD_USER_INPUT",
            DocumentError::Mutations => "ONE_MUTATION_AT_A_TIME",
            DocumentError::Subscriptions => "ONE_SUBSCRIPTION_AT_A_TIME",
        }
    }
}
