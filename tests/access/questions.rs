//! Every query and every subscription, for each role of a demo, without a role, and for a role
//! limited to a body.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::desk::{Desk, bearer};
use crate::process::Server;

/// Every query field of the schema, with arguments that find something.
const QUESTIONS: &[(&str, &str)] = &[
    ("ledger", "ledger { head }"),
    ("financialYear", "financialYear(year: \"2017-18\") { year }"),
    ("financialYears", "financialYears(first: 1) { position }"),
    ("plannedVersusActual", "plannedVersusActual(year: \"2017-18\") { position }"),
    ("programme", "programme(code: \"CYBER\") { code }"),
    ("programmes", "programmes(first: 1) { position }"),
    ("body", "body(code: \"XDH\") { code }"),
    ("bodies", "bodies(first: 1) { position }"),
    ("line", "line(key: \"CYBER/XDH/2017-18/unsplit\") { key }"),
    ("fund", "fund(code: \"P2020\") { code }"),
    ("funds", "funds(first: 1) { position }"),
    (
        "flows",
        "flows(year: \"2017-18\", by: PROGRAMME) { rows(first: 5) { position } totals { budget }
           origins(first: 5) { position } path(programme: \"CYBER\", first: 5) { position } }",
    ),
    ("exchanges", "exchanges(year: \"2017-18\") { deferred }"),
    ("capitalForRevenue", "capitalForRevenue(year: \"2017-18\") { used }"),
    ("entry", "entry(position: \"1\") { position }"),
    ("entries", "entries(first: 1) { position }"),
    ("policy", "policy { position }"),
    ("node", "node(id: \"Body:XDH\") { id }"),
    ("proposal", "proposal(number: \"53\") { status }"),
    ("proposals", "proposals(first: 1) { position }"),
    ("signOffQueue", "signOffQueue(first: 1) { position }"),
    ("ifAllWerePosted", "ifAllWerePosted { account }"),
    ("signOffTimes", "signOffTimes { position }"),
    ("delegations", "delegations { number }"),
    ("systems", "systems(year: \"2022-23\") { partial }"),
    ("balances", "balances { rows(first: 1) { position } }"),
    ("bridge", "bridge(year: \"2017-18\") { partial }"),
    ("diff", "diff(year: \"2017-18\", since: { position: \"9\" }) { rows(first: 1) { position } }"),
    ("underspendsByReason", "underspendsByReason(year: \"2017-18\") { partial }"),
    ("persistentVariances", "persistentVariances { rows(first: 1) { position } }"),
    ("forecastAccuracy", "forecastAccuracy { rows(first: 1) { position } }"),
    ("forecastRevisions", "forecastRevisions(year: \"2017-18\") { rows(first: 1) { position } }"),
    ("publishedFigures", "publishedFigures { rows(first: 1) { position } }"),
    ("figureScopes", "figureScopes { rows(first: 1) { position } }"),
    ("whatIf", "whatIf(input: { postings: [] }) { from }"),
    ("commitmentsAtRisk", "commitmentsAtRisk(year: \"2022-23\") { rows(first: 1) { position } }"),
];

fn fields(server: &Server, root: &str) -> BTreeSet<String> {
    let query = format!("{{ __schema {{ {root} {{ fields {{ name }} }} }} }}");
    let fields = server.ask(&query, &json!({}))["__schema"][root]["fields"].clone();
    let name = |field: &Value| field["name"].as_str().unwrap().to_owned();
    fields.as_array().unwrap().iter().map(name).collect()
}

#[test]
fn every_question_is_listed_here() {
    let server = Server::demo(&[]);
    let listed: BTreeSet<String> = QUESTIONS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(fields(&server, "queryType"), listed);
    let streams = [
        "balances",
        "bridge",
        "capitalForRevenue",
        "commitmentsAtRisk",
        "diff",
        "entries",
        "exchanges",
        "flows",
        "forecastAccuracy",
        "forecastRevisions",
        "fundBalances",
        "persistentVariances",
        "plannedVersusActual",
        "publishedFigures",
        "underspendsByReason",
        "whatIf",
    ];
    assert_eq!(fields(&server, "subscriptionType"), BTreeSet::from(streams.map(str::to_owned)));
}

#[test]
fn every_role_of_a_demo_reads_every_question() {
    let server = Server::demo(&[]);
    let keys = ["", "viewer", "preparer", "approver-department", "approver-icb"];
    for key in keys.into_iter().chain(["approver-region", "auditor", "administrator"]) {
        for (name, question) in QUESTIONS {
            let body = json!({ "query": format!("{{ {question} }}") }).to_string();
            let sent = bearer(&format!("demo-{key}"));
            let headers = [("authorization", sent.as_str())];
            let headers: &[_] = if key.is_empty() { &[] } else { &headers };
            let answer = server.post(&body, headers);
            let json = answer.json();
            assert!(json.get("errors").is_none(), "{key} {name}: {json}");
        }
    }
}

#[test]
fn a_role_limited_to_a_body_asks_every_question_about_its_part() {
    let desk = Desk::new();
    let key = desk.key("rae", "--role viewer --body RXX");
    let server = desk.serve();
    let sent = bearer(&key.token);
    for (name, question) in QUESTIONS {
        let body = json!({ "query": format!("{{ {question} }}") }).to_string();
        let answer = server.post(&body, &[("authorization", &sent)]).json();
        if *name == "whatIf" {
            // A what-if is judged on the whole book.
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN_SCOPE", "{answer}");
            continue;
        }
        assert!(answer.get("errors").is_none(), "{name}: {answer}");
        let nothing = ["line", "proposal", "bridge"].contains(name);
        assert_eq!(answer["data"][name].is_null(), nothing, "{name}: {answer}");
    }
}
