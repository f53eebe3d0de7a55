//! A document before it is executed: which operation is meant, what it is, and whether its
//! variables are there.

use std::collections::HashMap;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition,
    OperationType, Selection,
};
use async_graphql::{Name, Positioned, Request, ServerError, Value, Variables};

use super::bounds::{
    INTROSPECTED_LISTS_MAX, INTROSPECTED_MAX, NAME_BYTES_MAX, NESTING_MAX, SELECTIONS_MAX,
    TYPENAMES_MAX, VARIABLES_MAX, read,
};
use super::request::GraphQlRequest;
use crate::graphql::tells_state;

pub(super) type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Why a document is not executed.
#[derive(Debug, thiserror::Error)]
pub(super) enum DocumentError {
    /// It is no GraphQL.
    #[error("{}", .0.message)]
    Syntax(Box<ServerError>),
    /// Its brackets, or its fragments, nest too deep to be read.
    #[error("the document nests deeper than {NESTING_MAX}: ask for less at a time")]
    Nesting,
    /// It has too many variables.
    #[error("the document has more than {VARIABLES_MAX} variables: send lists or objects")]
    Variables,
    /// It selects too much.
    #[error(
        "the document selects more than {SELECTIONS_MAX} fields, with its fragments spread out: ask for less at a time"
    )]
    Selections,
    /// It asks more of the schema than any tool needs.
    #[error(
        "the document asks too much of the schema: send one introspection at a time, with its lists at most {INTROSPECTED_LISTS_MAX} deep and {INTROSPECTED_MAX} fields; or read schema.graphql"
    )]
    Introspection,
    /// It asks for `__typename` again and again.
    #[error(
        "a selection set asks for __typename under more than {TYPENAMES_MAX} names: once is enough"
    )]
    Typenames,
    /// A name in it is too long.
    #[error("a name has more than {NAME_BYTES_MAX} bytes: give a shorter one")]
    Name,
    /// There is no operation of that name, or the name is missing.
    #[error("{0}")]
    Operation(String),
    /// A variable does not have what its type demands.
    #[error("variable ${name} must not be null: it is of type {expected}")]
    Variable {
        /// Which one.
        name: Name,
        /// What it must be.
        expected: String,
    },
    /// More than one mutation in one operation.
    #[error(
        "an operation posts once: send one mutation field at a time, or postBatch, so that no answer hides what was posted"
    )]
    Mutations,
    /// Not exactly one subscription in an operation.
    #[error("a subscription has exactly one field: subscribe to each on its own")]
    Subscriptions,
}

impl DocumentError {
    /// The error's stable name, for programs.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            DocumentError::Syntax(_) => "GRAPHQL_PARSE_FAILED",
            DocumentError::Nesting
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

/// What an operation is and what may be made of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It reads; the book alone, or also the schema.
    Query { book_alone: bool },
    /// It posts.
    Mutation,
    /// It follows; the latest state, or every entry.
    Subscription { state: bool },
}

/// A request that is ready to be executed.
pub(super) struct Operation {
    pub(super) kind: Kind,
    pub(super) request: Request,
}

impl Operation {
    /// Parses and checks a request, as far as the schema is not needed for it.
    pub(super) fn new(request: GraphQlRequest) -> Result<Self, DocumentError> {
        let GraphQlRequest { query, operation_name, variables, .. } = request;
        let document = read(&query)?;
        let kind = kind(&document, operation_name.as_deref(), &variables)?;
        let mut request = Request::new(query).variables(variables);
        if let Some(name) = operation_name {
            request = request.operation_name(name);
        }
        request.set_parsed_query(document);
        Ok(Operation { kind, request })
    }
}

/// What the operation that is meant is, if its variables are there.
fn kind(
    document: &ExecutableDocument,
    name: Option<&str>,
    given: &Variables,
) -> Result<Kind, DocumentError> {
    let operation = select(document, name)?;
    check_variables(operation, given)?;
    let roots = roots(operation, &document.fragments);
    let mut fields = roots.iter().filter(|field| field.name.node != "__typename").peekable();
    match operation.ty {
        OperationType::Query => {
            let of_book = |field: &&Field| !field.name.node.starts_with("__");
            let book_alone = fields.peek().is_some() && fields.all(of_book);
            Ok(Kind::Query { book_alone })
        }
        OperationType::Mutation if fields.count() > 1 => Err(DocumentError::Mutations),
        OperationType::Mutation => Ok(Kind::Mutation),
        OperationType::Subscription => match *roots.as_slice() {
            [field] => Ok(Kind::Subscription { state: tells_state(&field.name.node) }),
            _ => Err(DocumentError::Subscriptions),
        },
    }
}

/// The operation that is meant.
fn select<'d>(
    document: &'d ExecutableDocument,
    name: Option<&str>,
) -> Result<&'d OperationDefinition, DocumentError> {
    let operation = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.values().next()
        }
        (DocumentOperations::Multiple(_), None) => {
            return Err(DocumentError::Operation(
                "the document has several operations: name one in operationName".to_owned(),
            ));
        }
    };
    let unknown = || {
        let name = name.unwrap_or_default();
        DocumentError::Operation(format!("the document has no operation called \"{name}\""))
    };
    operation.map(|operation| &operation.node).ok_or_else(unknown)
}

/// A variable that must not be null has to be there before anything runs: once the first field of
/// a mutation has been executed, it is too late to find out.
fn check_variables(
    operation: &OperationDefinition,
    given: &Variables,
) -> Result<(), DocumentError> {
    for definition in &operation.variable_definitions {
        let definition = &definition.node;
        let wrong = match given.get(&definition.name.node) {
            Some(Value::Null) => true,
            Some(_) => false,
            None => definition.default_value.is_none(),
        };
        if wrong && !definition.var_type.node.nullable {
            let (name, expected) =
                (definition.name.node.clone(), definition.var_type.node.to_string());
            return Err(DocumentError::Variable { name, expected });
        }
    }
    Ok(())
}

/// The fields at the top of an operation, wherever they are written.
fn roots<'d>(operation: &'d OperationDefinition, fragments: &'d Fragments) -> Vec<&'d Field> {
    let mut roots = Vec::new();
    let mut waiting = vec![&operation.selection_set.node];
    // A fragment may spread itself, before validation has said that it must not.
    let mut spread: Vec<&str> = Vec::new();
    while let Some(set) = waiting.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => roots.push(&field.node),
                Selection::InlineFragment(inline) => {
                    waiting.push(&inline.node.selection_set.node);
                }
                Selection::FragmentSpread(other) => {
                    let name = other.node.fragment_name.node.as_str();
                    if !spread.contains(&name) {
                        spread.push(name);
                        let fragment = fragments.get(name);
                        waiting.extend(fragment.map(|found| &found.node.selection_set.node));
                    }
                }
            }
        }
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(query: &str, variables: &str) -> Result<Kind, &'static str> {
        let body = serde_json::json!({
            "query": query,
            "variables": serde_json::from_str::<serde_json::Value>(variables).unwrap(),
        });
        let request = GraphQlRequest::from_body(body.to_string().as_bytes()).unwrap();
        Operation::new(request).map(|operation| operation.kind).map_err(|error| error.code())
    }

    #[test]
    fn an_operation_posts_once() {
        let cases = [
            ("mutation { cut { position } }", Ok(Kind::Mutation)),
            ("mutation { __typename cut { position } }", Ok(Kind::Mutation)),
            ("mutation { a: cut { position } b: cut { position } }", Err("ONE_MUTATION_AT_A_TIME")),
            (
                "mutation { ...A cut { position } } fragment A on Mutation { ... { accrue { a } } }",
                Err("ONE_MUTATION_AT_A_TIME"),
            ),
        ];
        for (query, kind) in cases {
            assert_eq!(prepared(query, "{}"), kind, "{query}");
        }
    }

    #[test]
    fn a_subscription_has_one_field() {
        let (state, sequence) =
            (Ok(Kind::Subscription { state: true }), Ok(Kind::Subscription { state: false }));
        let refused = Err("ONE_SUBSCRIPTION_AT_A_TIME");
        let cases = [
            ("subscription { plannedVersusActual { a } }", state),
            ("subscription { a: plannedVersusActual { a } }", state),
            ("subscription { entries { a } }", sequence),
            ("subscription { entries { a } plannedVersusActual { a } }", refused),
            ("subscription { __typename entries { a } }", refused),
        ];
        for (query, kind) in cases {
            assert_eq!(prepared(query, "{}"), kind, "{query}");
        }
    }

    #[test]
    fn a_variable_that_must_not_be_null_is_there_before_anything_runs() {
        let cases = [
            ("query($a: Int!) { b(a: $a) }", "{}", Err("BAD_USER_INPUT")),
            ("query($a: Int!) { b(a: $a) }", r#"{"a":null}"#, Err("BAD_USER_INPUT")),
            ("query($a: Int! = 1) { b(a: $a) }", r#"{"a":null}"#, Err("BAD_USER_INPUT")),
            ("query($a: Int! = 1) { b(a: $a) }", "{}", Ok(Kind::Query { book_alone: true })),
            ("query($a: Int) { b(a: $a) }", "{}", Ok(Kind::Query { book_alone: true })),
        ];
        for (query, variables, kind) in cases {
            assert_eq!(prepared(query, variables), kind, "{query} {variables}");
        }
    }

    #[test]
    fn what_asks_about_the_schema_is_told_apart() {
        let cases = [
            ("{ a }", true),
            ("{ __typename a }", true),
            ("{ a __schema { b } }", false),
            ("{ a ...A } fragment A on Query { __type { b } }", false),
            ("{ __typename }", false),
        ];
        for (query, book_alone) in cases {
            assert_eq!(prepared(query, "{}"), Ok(Kind::Query { book_alone }), "{query}");
        }
    }

    #[test]
    fn the_operation_that_is_meant_is_named() {
        let two = "query A { a } mutation B { b }";
        let named = |query: &str, name: &str| {
            let body = serde_json::json!({ "query": query, "operationName": name }).to_string();
            let operation = Operation::new(GraphQlRequest::from_body(body.as_bytes()).unwrap());
            operation.map(|operation| operation.kind).map_err(|error| error.code())
        };
        assert_eq!(named(two, "B"), Ok(Kind::Mutation));
        assert_eq!(named(two, "C"), Err("OPERATION_NOT_FOUND"));
        assert_eq!(prepared(two, "{}"), Err("OPERATION_NOT_FOUND"));
        assert_eq!(prepared("query A { a }", "{}"), Ok(Kind::Query { book_alone: true }));
    }

    #[test]
    fn a_fragment_that_spreads_itself_is_left_to_validation() {
        let query = "{ ...A } fragment A on Query { ...B } fragment B on Query { a ...A }";
        assert_eq!(prepared(query, "{}"), Ok(Kind::Query { book_alone: true }));
    }
}
