//! The documents of the command line: each is valid, and a server answers it within its limits.

use std::fs;
use std::path::Path;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{DocumentOperations, OperationType};
use async_graphql::{Request, Variables};
use futures_util::StreamExt;
use serde_json::{Map, Value, json};

use super::fixture::Fixture;

/// A value for a variable of a type, as the command line may give it.
fn value(name: &str, of: &str) -> Value {
    match (name, of.trim_end_matches('!')) {
        (_, "FinancialYear") => json!("2017-18"),
        (_, "Month") => json!("M6"),
        (_, "LineKey") => json!("CYBER/XDH/2017-18/unsplit"),
        (_, "ProgrammeCode") => json!("CYBER"),
        (_, "Position") => json!("78"),
        ("since" | "after", "AsAt") => json!({ "position": "60" }),
        (_, "AsAt") => json!({ "position": "168" }),
        (_, "Date") => json!("2026-11-30"),
        (_, "Boolean") => json!(true),
        ("first", "Int") => json!(500),
        (_, "Int") => json!(1),
        (_, "LineFilter" | "EntryFilter") => json!({ "programme": "CYBER" }),
        (_, "Rollup" | "ReasonsBy" | "FlowsBy") => json!("PROGRAMME"),
        (_, "Series") => json!("REPORTED"),
        (_, "BridgeStage") => json!("REVISED"),
        (_, "Direction") => json!("UNDERSPENT"),
        (_, "SignOffTimesBy") => json!("STEP"),
        (_, "WhatIfInput") => json!({ "lines": [] }),
        ("after", "String") => Value::Null,
        (name, of) => panic!("give a value for ${name}: {of}"),
    }
}

#[test]
fn every_document_of_the_command_line_is_answered_within_a_servers_limits() {
    let fixture = Fixture::sample();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ledger-api/src/cli/documents");
    let mut seen = 0;
    for file in fs::read_dir(folder).expect("the documents") {
        let path = file.expect("a file").path();
        let document = fs::read_to_string(&path).expect("a document");
        let parsed = parse_query(&document).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let operations = match &parsed.operations {
            DocumentOperations::Single(operation) => vec![operation],
            DocumentOperations::Multiple(operations) => operations.values().collect(),
        };
        let [operation] = operations[..] else { panic!("{path:?} has not one operation") };
        let variables = operation.node.variable_definitions.iter().map(|definition| {
            let name = definition.node.name.node.to_string();
            let value = value(&name, &definition.node.var_type.node.to_string());
            (name, value)
        });
        let variables: Map<String, Value> = variables.collect();
        let request =
            Request::new(&document).variables(Variables::from_json(Value::Object(variables)));
        let response = match operation.node.ty {
            OperationType::Subscription => fixture
                .runtime
                .block_on(async { fixture.schema.execute_stream(request).next().await })
                .expect("an event"),
            OperationType::Query | OperationType::Mutation => {
                fixture.runtime.block_on(fixture.schema.execute(request))
            }
        };
        assert!(response.errors.is_empty(), "{path:?}: {:?}", response.errors);
        seen += 1;
    }
    assert!(seen > 30, "{seen} documents");
}
