//! Pages stay consistent while entries arrive, and one request sees one moment.

use std::sync::Arc;

use async_graphql::Request;
use ledger_api::graphql::{Caller, Now};
use ledger_tests::generate::parsed;
use serde_json::Value;

use crate::fixture::{Fixture, number};

/// Reads a list page by page, and posts something between pages.
fn read(
    fixture: &Fixture,
    size: usize,
    disturb: bool,
    page: impl Fn(&str) -> String,
    at: &str,
) -> Vec<Value> {
    let (mut read, mut after, mut position) = (Vec::new(), String::new(), None);
    for turn in 0.. {
        assert!(turn < 200, "it ends");
        let arguments = format!("first: {size}{after}");
        let answer = fixture.ask(&page(&arguments));
        let list = answer.pointer(at).expect("the list").clone();
        read.extend(
            list["edges"].as_array().expect("edges").iter().map(|edge| edge["node"].clone()),
        );
        let first = position.get_or_insert_with(|| list["position"].clone());
        assert_eq!(*first, list["position"], "all pages are read as at the first");
        if disturb {
            let code = format!("A{}", fixture.head());
            fixture.post("openProgramme", &format!(r#"code: "{code}", name: "new""#));
        }
        if list["pageInfo"]["hasNextPage"] == false {
            break;
        }
        let end = list["pageInfo"]["endCursor"].as_str().expect("a cursor");
        after = format!(r#", after: "{end}""#);
    }
    read
}

#[test]
fn a_list_is_the_same_in_pages_of_any_size_whatever_is_posted_between_them() {
    let fixture = Fixture::sample();
    type Question = (fn(&str) -> String, &'static str);
    let questions: [Question; 5] = [
        (
            |page| {
                format!(
                    "{{ programmes({page}) {{ position edges {{ node {{ code }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
                )
            },
            "/programmes",
        ),
        (
            |page| {
                format!(
                    "{{ entries({page}) {{ position edges {{ node {{ position }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
                )
            },
            "/entries",
        ),
        (
            |page| {
                format!(
                    r#"{{ entries({page}, filter: {{ kind: ALLOCATED }}) {{ position edges {{ node {{ position }} }} pageInfo {{ hasNextPage endCursor }} }} }}"#
                )
            },
            "/entries",
        ),
        (
            |page| {
                format!(
                    r#"{{ financialYear(year: "2017-18") {{ plannedVersusActual(rollup: PROGRAMME) {{ rows({page}) {{ position edges {{ node {{ name figures {{ revised }} }} }} pageInfo {{ hasNextPage endCursor }} }} }} }} }}"#
                )
            },
            "/financialYear/plannedVersusActual/rows",
        ),
        (
            |page| {
                format!(
                    r#"{{ financialYear(year: "2017-18") {{ contributions({page}) {{ position edges {{ node {{ position line measure amount }} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"#
                )
            },
            "/financialYear/contributions",
        ),
    ];
    for (question, at) in questions {
        let whole = read(&fixture, 500, false, question, at);
        assert!(whole.len() > 2, "{at}");
        for size in [1, 2, 7] {
            assert_eq!(read(&fixture, size, false, question, at), whole, "{at} by {size}");
        }
        assert_eq!(read(&fixture, 3, true, question, at), whole, "{at} while entries arrive");
    }
}

#[test]
fn a_page_must_be_asked_for_within_bounds_and_by_a_cursor_of_the_same_list() {
    let fixture = Fixture::sample();
    for first in ["0", "-1", "501"] {
        let document = format!("{{ programmes(first: {first}) {{ position }} }}");
        assert_eq!(fixture.fails(&document).0, "BAD_PAGE");
    }
    for cursor in ["", "x", "9999999.1", "12"] {
        let document = format!(r#"{{ programmes(first: 1, after: "{cursor}") {{ position }} }}"#);
        assert_eq!(fixture.fails(&document).0, "BAD_CURSOR", "{cursor}");
    }
    let document =
        r#"{ programmes(first: 1, after: "12.1", asAt: { position: "13" }) { position } }"#;
    assert_eq!(fixture.fails(document).0, "BAD_CURSOR");
    let missing = fixture.execute("{ programmes { position } }");
    assert!(!missing.errors.is_empty(), "first is required");
}

#[test]
fn fields_of_one_request_are_answered_as_at_the_same_position() {
    let fixture = Fixture::sample();
    let now = Arc::new(Now::default());
    let ask = |document: &str| {
        let caller = Caller::local(parsed("tester"));
        let request = Request::new(document).data(caller).data(Arc::clone(&now));
        let response = fixture.runtime.block_on(fixture.schema.execute(request));
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        serde_json::to_value(response.data).expect("JSON")
    };
    ask(r#"{ programme(code: "CYBER", asAt: { position: "20" }) { name } }"#);
    assert_eq!(now.taken(), None, "a fixed position is not now");
    let first = number(&ask("{ policy { position } }")["policy"]["position"]);
    assert_eq!(now.taken().map(|position| position.get()), Some(first));
    let posted = fixture.post("openProgramme", r#"code: "NEW", name: "new""#);
    let same = ask("{ policy { position } funds(first: 1) { position } }");
    assert_eq!(number(&same["policy"]["position"]), first);
    assert_eq!(number(&same["funds"]["position"]), first);
    let own = ask(&format!(r#"{{ policy(atLeastPosition: "{posted}") {{ position }} }}"#));
    assert_eq!(number(&own["policy"]["position"]), posted, "one reads one's own writes");
}

#[test]
fn a_time_that_is_not_past_is_now_and_a_position_ahead_is_waited_for() {
    let fixture = Fixture::sample();
    let caller = || Caller::local(parsed("tester"));
    let taken = |as_at: &str| {
        let now = Arc::new(Now::default());
        let document = format!("{{ policy(asAt: {as_at}) {{ position }} }}");
        let request = Request::new(document).data(caller()).data(Arc::clone(&now));
        let response = fixture.runtime.block_on(fixture.schema.execute(request));
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        now.taken().is_some()
    };
    assert!(taken(r#"{ recordedAt: "2199-01-01T00:00:00Z" }"#));
    assert!(!taken(r#"{ recordedAt: "2010-02-01T00:00:00Z" }"#));
    assert!(!taken(&format!(r#"{{ position: "{}" }}"#, fixture.head())));
    let beyond = fixture.head() + 1;
    let document = format!(r#"{{ policy(asAt: {{ position: "{beyond}" }}) {{ position }} }}"#);
    assert_eq!(fixture.fails(&document).0, "BEYOND_HEAD");
    let waits = format!(r#"{{ policy(atLeastPosition: "{beyond}") {{ position }} }}"#);
    let schema = fixture.schema.clone();
    let waiting = fixture.runtime.spawn(async move { schema.execute(waits).await });
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert!(!waiting.is_finished());
    fixture.post("openProgramme", r#"code: "NEW", name: "new""#);
    let response = fixture.runtime.block_on(waiting).expect("it ends");
    let data = serde_json::to_value(response.data).expect("JSON");
    assert_eq!(number(&data["policy"]["position"]), beyond);
}
