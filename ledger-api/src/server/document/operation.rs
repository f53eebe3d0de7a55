//! Operations: the operation that a request selects, its kind and its variables.

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
};
use async_graphql::{Request, Value, Variables};

use super::bounds::{Fragments, read};
use super::error::DocumentError;
use super::request::GraphQlRequest;
use crate::graphql::tells_state;
use crate::server::shares::Holding;

/// The kind of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Reads the book. `book_alone` is false if it reads the schema too.
    Query { book_alone: bool },
    /// Posts to the book.
    Mutation,
    /// Follows the latest state if `state` is true, else every entry.
    Subscription { state: bool },
}

/// A checked request, ready to execute.
pub(crate) struct Operation {
    pub(crate) kind: Kind,
    pub(crate) request: Request,
    /// Whether its text is so long that checking it takes a turn among the caller's questions.
    pub(crate) is_long: bool,
    /// The memory that the parsed document takes.
    pub(crate) holding: Option<Holding>,
}

impl Operation {
    /// Parses a request and checks it as far as that needs no schema.
    pub(crate) fn new(request: GraphQlRequest) -> Result<Self, DocumentError> {
        let GraphQlRequest { query, operation_name, variables, .. } = request;
        let document = read(&query)?;
        let kind = kind(&document, operation_name.as_deref(), &variables)?;
        let mut request = Request::new(query).variables(variables);
        if let Some(name) = operation_name {
            request = request.operation_name(name);
        }
        request.set_parsed_query(document);
        Ok(Operation { kind, request, is_long: false, holding: None })
    }
}

/// The kind of the selected operation, if its variables are complete.
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

/// The selected operation.
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

/// Checks that no variable of a non-null type is null. Execution would find this too late, after the
/// first field of a mutation.
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

/// The root fields of an operation, with fragments expanded.
fn roots<'d>(operation: &'d OperationDefinition, fragments: &'d Fragments) -> Vec<&'d Field> {
    let mut roots = Vec::new();
    let mut waiting = vec![&operation.selection_set.node];
    // Before validation, a fragment may spread itself.
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
    fn a_missing_variable_of_a_non_null_type_is_refused() {
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
    fn a_query_that_reads_the_schema_is_recognised() {
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
    fn the_operation_name_selects_an_operation() {
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
