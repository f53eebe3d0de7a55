//! The contract: `schema.graphql` is what the program says, and says what everything means.

use std::path::Path;

use serde_json::Value;

use crate::fixture::Fixture;

#[test]
fn the_committed_schema_is_the_generated_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema.graphql");
    let committed = std::fs::read_to_string(&file).expect("schema.graphql");
    assert!(
        committed == ledger_api::graphql::sdl(),
        "schema.graphql has drifted: run `cargo run -- schema > schema.graphql` and read the diff"
    );
}

const INTROSPECTION: &str = "{ __schema { types { name kind description specifiedByURL isOneOf
    fields { name description args { name description } }
    inputFields { name description } enumValues { name description } } } }";

const BUILT_IN: [&str; 5] = ["String", "Int", "Float", "Boolean", "ID"];

fn types(fixture: &Fixture) -> Vec<Value> {
    let answer = fixture.ask(INTROSPECTION);
    let types = answer["__schema"]["types"].as_array().expect("types").clone();
    // What the specification defines needs no words of ours.
    let own = |of: &Value| {
        of["name"].as_str().is_some_and(|name| !name.starts_with("__") && !BUILT_IN.contains(&name))
    };
    types.into_iter().filter(own).collect()
}

#[test]
fn every_type_field_argument_and_value_is_described() {
    let mut silent = Vec::new();
    let mut check = |path: String, thing: &Value| {
        if thing["description"].as_str().is_none_or(|text| text.trim().len() < 5) {
            silent.push(path);
        }
    };
    for of in types(&Fixture::empty()) {
        let name = of["name"].as_str().expect("a name").to_owned();
        check(name.clone(), &of);
        for list in ["fields", "inputFields", "enumValues"] {
            for field in of[list].as_array().into_iter().flatten() {
                let path = format!("{name}.{}", field["name"].as_str().expect("a name"));
                check(path.clone(), field);
                for argument in field["args"].as_array().into_iter().flatten() {
                    check(format!("{path}({})", argument["name"]), argument);
                }
            }
        }
    }
    assert!(silent.is_empty(), "without a description: {silent:#?}");
}

#[test]
fn scalars_say_where_they_are_specified_and_inputs_of_alternatives_are_one_of() {
    let types = types(&Fixture::empty());
    for of in types.iter().filter(|of| of["kind"] == "SCALAR") {
        let name = of["name"].as_str().expect("a name");
        assert!(of["specifiedByURL"].is_string(), "{name}");
    }
    let one_of: Vec<&str> = types
        .iter()
        .filter(|of| of["isOneOf"] == true)
        .filter_map(|of| of["name"].as_str())
        .collect();
    assert_eq!(one_of.len(), 6, "{one_of:?}");
    let names =
        ["AsAt", "CommandInput", "Destination", "PostingInput", "ReturnTo", "StatedFigureInput"];
    for name in names {
        assert!(one_of.contains(&name), "{name}");
    }
}

#[test]
fn every_list_of_a_question_is_bounded() {
    // A list of objects is a connection, or has a bound that is known when the schema is written.
    let bounded = [
        "Bridge.spendByMonth",
        "BudgetLine.months",
        "BudgetYear.periods",
        "BudgetYear.restated",
        "CapitalToRevenue.caps",
        "Deterioration.offsets",
        "Entry.events",
        "Entry.warnings",
        "Event.legs",
        "Fund.balances",
        "Fund.ownBalances",
        "HeldFigure.explainedBy",
        "Mutation.previewPostings",
        "Outflow.destinations",
        "PersistentVariance.years",
        "PlannedVersusActual.restated",
        "PostingPayload.landed",
        "PostingPayload.userErrors",
        "PostingPayload.warnings",
        "Preview.changes",
        "Preview.events",
        "Preview.landed",
        "Proposal.changes",
        "Proposal.reviews",
        "Proposal.steps",
        "Query.delegations",
        "Query.ifAllWerePosted",
        "SignOffStep.counted",
        "SupposedPosting.userErrors",
        "SupposedPosting.warnings",
        "System.deteriorations",
        "Systems.rows",
        "Underspend.reasons",
        "WhatIf.changes",
        "WhatIf.outcomes",
    ];
    let sdl = ledger_api::graphql::sdl();
    let (mut of, mut last) = ("", "");
    for line in sdl.lines() {
        // The arguments of a field may stand on lines of their own.
        if let Some((field, _)) = line.trim().split_once('(') {
            last = field;
        }
        if let Some(rest) = line.strip_prefix("type ") {
            of = rest.split_whitespace().next().unwrap_or_default();
        } else if !line.starts_with(' ') {
            of = if line.is_empty() || line == "}" { "" } else { of };
        }
        let Some((field, listed)) = line.trim().split_once(": [") else { continue };
        let field = if field.ends_with(')') { last } else { field };
        let element = listed.trim_end_matches(['!', ']']);
        let object = sdl.contains(&format!("\ntype {element} "));
        if object && !of.ends_with("Connection") && !of.is_empty() {
            let path = format!("{of}.{field}");
            assert!(bounded.contains(&path.as_str()), "{path} is a list without pages");
        }
    }
}
