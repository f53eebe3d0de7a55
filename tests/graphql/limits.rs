//! What a request may cost.

use std::sync::Arc;

use async_graphql::Request;
use ledger_api::graphql::{Readers, Work};
use tokio::sync::Semaphore;

use crate::fixture::Fixture;

fn refused(document: &str) -> bool {
    let fixture = Fixture::empty();
    let response = fixture.execute(document);
    !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty())
}

#[test]
fn what_costs_too_much_is_refused_before_it_runs() {
    let rows =
        "edges { node { contributions(first: 500) { edges { node { position amount } } } } }";
    let wide = format!(
        r#"{{ financialYear(year: "2017-18") {{ plannedVersusActual {{ rows(first: 500) {{ {rows} }} }} }} }}"#
    );
    assert!(refused(&wide), "pages within pages");
    assert!(refused(&wide.replace("first: 500", "first: 2147483647")), "the largest page");
    let aliases: String = (0..5000).map(|i| format!("a{i}: ledger {{ head }} ")).collect();
    assert!(refused(&format!("{{ {aliases} }}")), "many aliases");
    let deep = format!(
        r#"{{ programme(code: "A") {{ {} code {} }} }}"#,
        "parent { ".repeat(20),
        "}".repeat(20)
    );
    assert!(refused(&deep), "depth");
    let directives = "@skip(if: false) ".repeat(20);
    assert!(refused(&format!("{{ ledger {{ head {directives} }} }}")), "directives");
    assert!(
        refused("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"),
        "cycles"
    );
    let variables = format!("query($n: Int!) {}", wide.replace("first: 500", "first: $n"));
    assert!(refused(&variables), "without its variable");
}

#[test]
fn a_dashboard_and_the_introspection_query_are_within_the_limits() {
    let fixture = Fixture::sample();
    fixture.ask(
        r#"{ financialYear(year: "2017-18") { plannedVersusActual(rollup: PROGRAMME) { position
            rows(first: 500) { edges { cursor node { programme { code name } name class through
            figures { original revised planToDate committed accrued actual forecast available variance
            varianceBasis sense percentUsed status inferred } position } } pageInfo { endCursor hasNextPage } } } } }"#,
    );
    fixture.ask(
        "{ entries(first: 500) { edges { node { position recordedAt actor reason authority evidence
           inferred warnings { code message } events { kind summary lines month amount } canonical } } } }",
    );
    let of_type =
        (0..9).fold("kind name".to_owned(), |inner, _| format!("kind name ofType {{ {inner} }}"));
    fixture.ask(&format!(
        "{{ __schema {{ types {{ fields {{ args {{ type {{ {of_type} }} }} }} }} }} }}"
    ));
}

#[test]
fn without_leave_the_schema_tells_nothing_about_itself() {
    use ledger_api::graphql::{Limits, schema};
    let fixture = Fixture::empty();
    let closed = schema(std::sync::Arc::clone(&fixture.book), &Limits::default());
    let ask = |document: &str| fixture.runtime.block_on(closed.execute(document));
    let introspection = ask("{ __schema { types { name } } }");
    let told = serde_json::to_value(&introspection.data).expect("JSON");
    assert!(told["__schema"].is_null(), "{told}");
    let misspelt = ask("{ ledgr { head } }");
    assert!(misspelt.errors.iter().all(|error| !error.message.contains("ledger")), "no suggestion");
}

#[test]
fn a_scan_stops_when_its_request_ends() {
    let fixture = Fixture::sample();
    let scan = |ended: bool| {
        let runtime = fixture.runtime.handle().clone();
        let readers = Readers { runtime, permits: Arc::new(Semaphore::new(1)) };
        let work = Arc::new(Work::of_request(1_000_000, readers));
        if ended {
            work.end();
        }
        let document = "{ entries(first: 1, filter: { actor: \"nobody\" }) { position } }";
        let request = Request::new(document).data(Arc::clone(&work));
        let response = fixture.runtime.block_on(fixture.schema.execute(request));
        (response.errors.len(), work.take_cost())
    };
    assert_eq!(scan(false), (0, 17), "it looks through 169 entries");
    assert_eq!(scan(true), (1, 0), "it stops at the first");
}
