//! Reading with a role limited to a body: the part's own totals, marked as partial, over HTTP,
//! sockets and the command line.

use ledger_tests::sample_head;
use serde_json::{Value, json};

use crate::desk::{Desk, bearer};
use crate::process::{REGISTER, Server, registration};

const THEIRS: &str = "CYBER/RXX/2018-19/unsplit";
const OTHERS: &str = "CYBER/XDH/2018-19/unsplit";

/// A desk whose book has a trust with £5m for cyber security in 2018-19, £1.25m of it spent: six
/// entries after the sample book, the fifth of them the policy of several people.
fn with_trust() -> (Desk, String) {
    let desk = Desk::after(&[
        "body register RXX Trust --kind trust --parent XDH",
        "fund establish TRUSTS Trusts",
        "settle TRUSTS --class unsplit --from 2018-19 --to 2018-19 --new 10m --reannounced 0",
        "allocate TRUSTS CYBER/RXX/2018-19/unsplit=5m --month M12",
    ]);
    assert_eq!(desk.head(), sample_head() + 5);
    let preparer = desk.key("pat", "--role preparer").token;
    let spend = "actual CYBER/RXX/2018-19/unsplit 1.25m --month M12 --reason test";
    desk.does(spend, &preparer);
    (desk, preparer)
}

fn ask(server: &Server, token: &str, query: &str) -> Value {
    let body = json!({ "query": query }).to_string();
    server.post(&body, &[("authorization", &bearer(token))]).json()
}

fn year(rollup: &str) -> String {
    format!(
        "{{ financialYear(year: \"2018-19\") {{ partial plannedVersusActual(rollup: {rollup}) {{
           partial rows(first: 50) {{ edges {{ node {{ programme {{ code }} body {{ code }}
           figures {{ revised actual }} }} }} }} }} }} }}"
    )
}

#[test]
fn totals_sum_only_readable_lines_and_are_marked_partial() {
    let (desk, preparer) = with_trust();
    let limited = desk.key("rae", "--role viewer --body RXX").token;
    let server = desk.serve();
    let theirs = json!({ "revised": "5000000.00", "actual": "1250000.00" });
    for rollup in ["YEAR", "PROGRAMME", "BODY", "CLASS", "MONTH"] {
        let answer = ask(&server, &limited, &year(rollup))["data"]["financialYear"].clone();
        assert_eq!((&answer["partial"], answer.get("errors")), (&json!(true), None), "{answer}");
        let planned = &answer["plannedVersusActual"];
        assert_eq!(planned["partial"], true, "{answer}");
        let rows = planned["rows"]["edges"].as_array().unwrap();
        let last = &rows.last().unwrap()["node"];
        assert_eq!(last["figures"], theirs, "{rollup}: {last}");
        let of_others = |row: &&Value| row["node"]["programme"]["code"] == "WIFI";
        assert_eq!(rows.iter().find(of_others), None, "{rollup}");
    }
    let whole = ask(&server, &preparer, &year("YEAR"))["data"]["financialYear"].clone();
    assert_eq!(whole["partial"], false);
    let revised = &whole["plannedVersusActual"]["rows"]["edges"][0]["node"]["figures"]["revised"];
    assert_eq!(revised, "1227800000.00", "£757.2m and £465.6m of the sample, and the trust's £5m");
    let body = "{ body(code: \"XDH\") { partial figures(year: \"2018-19\") { revised } } }";
    let body = ask(&server, &limited, body)["data"]["body"].clone();
    assert_eq!(body, json!({ "partial": true, "figures": { "revised": "5000000.00" } }));
}

#[test]
fn lines_and_entries_of_other_bodies_are_hidden() {
    let (desk, preparer) = with_trust();
    let limited = desk.key("rae", "--role viewer --body RXX").token;
    let server = desk.serve();
    let line = |token: &str, key: &str| {
        let query = format!("{{ line(key: \"{key}\") {{ key }} }}");
        ask(&server, token, &query)["data"]["line"]["key"].clone()
    };
    assert_eq!(line(&limited, THEIRS), THEIRS);
    assert_eq!(line(&limited, OTHERS), Value::Null);
    assert_eq!(line(&preparer, OTHERS), OTHERS);
    let entries = "{ entries(first: 500) { edges { node { position events { kind } } } } }";
    let answer = |token: &str| {
        let answer = ask(&server, token, entries);
        let edges = answer["data"]["entries"]["edges"].as_array().unwrap().clone();
        edges.into_iter().map(|edge| edge["node"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(answer(&preparer).len() as u64, sample_head() + 6);
    let theirs = answer(&limited);
    let position = |entry: &Value| entry["position"].as_str().unwrap().parse::<u64>().unwrap();
    let positions: Vec<u64> = theirs.iter().map(position).collect();
    assert!(
        positions.ends_with(&[1, 2, 4, 5, 6].map(|after| sample_head() + after)),
        "{positions:?}"
    );
    for entry in &theirs {
        let kind = entry["events"][0]["kind"].as_str().unwrap();
        let on_lines = ["ALLOCATED", "ACTUAL_RECORDED", "REALLOCATED", "FORECAST_REVISED"];
        let theirs = position(entry) > sample_head();
        assert!(theirs || !on_lines.contains(&kind), "{entry}");
        assert_ne!(kind, "FUNDING_SETTLED", "{entry}");
    }
    for query in [
        "{ entry(position: \"60\") { reason } }",
        "{ node(id: \"Entry:60\") { id } }",
        "{ fund(code: \"P2020\") { balances { unallocated } } }",
        "{ funds(first: 5) { edges { node { ownBalances { newMoney } } } } }",
    ] {
        let refused = ask(&server, &limited, query);
        let code = &refused["errors"][0]["extensions"]["code"];
        assert_eq!(code, "FORBIDDEN_SCOPE", "{query}: {refused}");
        assert_eq!(ask(&server, &preparer, query).get("errors"), None, "{query}");
    }
}

#[test]
fn a_subscription_delivers_only_readable_entries() {
    let (desk, preparer) = with_trust();
    let limited = desk.key("rae", "--role viewer --body RXX").token;
    let server = desk.serve();
    let mut socket = server.socket();
    let payload = json!({ "authorization": bearer(&limited) });
    socket.say(&json!({ "type": "connection_init", "payload": payload }));
    assert_eq!(socket.hear()["type"], "connection_ack");
    socket.subscribe("e", "subscription { entries { position } }", &json!({}));
    let state = "subscription { plannedVersusActual(year: \"2018-19\", rollup: YEAR) { partial
                 rows(first: 1) { edges { node { figures { actual } } } } } }";
    socket.subscribe("s", state, &json!({}));
    let actual = |answer: &Value| {
        let rows = &answer["payload"]["data"]["plannedVersusActual"]["rows"]["edges"];
        rows[0]["node"]["figures"]["actual"].clone()
    };
    let first = socket.hear();
    assert_eq!((&first["id"], actual(&first)), (&json!("s"), json!("1250000.00")), "{first}");
    for (line, key) in [(OTHERS, "x1"), (THEIRS, "x2")] {
        let query =
            "mutation ($input: RecordActualInput!) { recordActual(input: $input) { position } }";
        let input = json!({ "line": line, "month": "M12", "amount": "1000.00", "reason": "test",
                            "idempotencyKey": key });
        let body = json!({ "query": query, "variables": { "input": input } }).to_string();
        let posted = server.post(&body, &[("authorization", &bearer(&preparer))]).json();
        assert!(posted["data"]["recordActual"]["position"].is_string(), "{posted}");
    }
    let (mut entries, mut states) = (Vec::new(), Vec::new());
    while entries.is_empty() || states.last() != Some(&json!("1251000.00")) {
        let answer = socket.hear();
        match answer["id"].as_str() {
            Some("e") => entries.push(answer["payload"]["data"]["entries"]["position"].clone()),
            _ => states.push(actual(&answer)),
        }
    }
    assert_eq!(
        entries,
        [(sample_head() + 8).to_string()],
        "the entry before belongs to another body"
    );
    let theirs = |state: &&Value| **state == "1250000.00" || **state == "1251000.00";
    assert!(states.iter().all(|state| theirs(&state)), "{states:?}");
}

#[test]
fn equal_scopes_share_an_execution_and_different_ones_never_do() {
    let (desk, _) = with_trust();
    let key = |who: &str, grants: &str| desk.key(who, grants).token;
    let limited =
        [key("rae", "--role viewer --body RXX"), key("ray", "--role preparer --body RXX")];
    let whole = [key("vi", "--role viewer"), key("pam", "--role preparer")];
    let server = desk.serve();
    let mut sockets = Vec::new();
    for token in limited.iter().chain(&whole) {
        let mut socket = server.socket();
        let payload = json!({ "authorization": bearer(token) });
        socket.say(&json!({ "type": "connection_init", "payload": payload }));
        assert_eq!(socket.hear()["type"], "connection_ack");
        let state = "subscription { plannedVersusActual(year: \"2018-19\") { partial } }";
        socket.subscribe("s", state, &json!({}));
        let answer = socket.hear()["payload"]["data"]["plannedVersusActual"]["partial"].clone();
        assert_eq!(answer, limited.contains(token));
        sockets.push(socket);
    }
    let reader = bearer(&desk.ada);
    let groups = server.metric_for(&[("authorization", &reader)], "budget_ledger_groups");
    assert_eq!(groups, Some(2.0));
}

#[test]
fn the_command_line_on_the_folder_answers_the_same_part() {
    let (desk, preparer) = with_trust();
    let limited = desk.key("rae", "--role viewer --body RXX").token;
    let rows = desk.does("budget --year 2018-19 --rollup year --format json", &limited);
    assert_eq!(
        (&rows[0]["revised"], &rows[0]["actual"]),
        (&json!("5000000.00"), &json!("1250000.00"))
    );
    let said = desk.run("budget --year 2018-19", &limited);
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("of what you may read, not of all there is"), "{said}");
    let entries = desk.does("log --reverse --limit 1000 --format json", &limited);
    let entries = entries.as_array().unwrap().clone();
    assert_eq!(
        entries.last().map(|entry| entry["position"].clone()),
        Some(json!(sample_head() + 6))
    );
    assert!(entries.len() < 80, "{}", entries.len());
    for refused in ["show entry 76", "funds", "verify", "replay"] {
        assert_eq!(desk.refuses(refused, &limited), (4, "FORBIDDEN_SCOPE".to_owned()), "{refused}");
    }
    // A what-if is judged on the whole book.
    let none = desk.path().join("none.jsonl");
    std::fs::write(&none, "").unwrap();
    let supposed = format!("budget --year 2018-19 --what-if {}", none.display());
    assert_eq!(desk.refuses(&supposed, &limited), (4, "FORBIDDEN_SCOPE".to_owned()));
    desk.does(&format!("funds --what-if {}", none.display()), &preparer);
    let others = desk.refuses(&format!("show line {OTHERS}"), &limited);
    assert_eq!(others.0, 2, "the line is reported as unknown");
}

#[test]
fn a_dry_run_shows_a_fund_to_a_limited_preparer_whose_role_names_it() {
    let (desk, preparer) = with_trust();
    let limited = desk.key("ray", "--role preparer --body RXX").token;
    let named = desk.key("nia", "--role preparer --body RXX --fund TRUSTS").token;
    let dry =
        format!("allocate TRUSTS {THEIRS}=1m --month M12 --reason test --dry-run --format json");
    let accounts = |token: &str| -> Vec<Value> {
        let rows = desk.does(&dry, token);
        rows.as_array().unwrap().iter().map(|row| row["account"].clone()).collect()
    };
    assert!(accounts(&preparer).contains(&json!("TRUSTS/unsplit")));
    assert_eq!(accounts(&named), accounts(&preparer));
    assert_eq!(desk.refuses(&dry.replace(" --format json", ""), &limited).1, "FORBIDDEN_SCOPE");
    let cut =
        format!("cut {THEIRS} 1m --to TRUSTS --month M12 --reason test --dry-run --format json");
    let rows = desk.does(&cut, &limited);
    assert!(rows.as_array().unwrap().iter().all(|row| row["account"] == THEIRS), "{rows}");
    let funds = desk.does("funds TRUSTS --format json", &named);
    assert_eq!(funds[0]["unallocated"], "5000000.00", "{funds}");
    let server = desk.serve();
    let body = json!({ "query": REGISTER, "variables": registration("RXY") }).to_string();
    let answer = server.post(&body, &[("authorization", &bearer(&limited))]);
    assert_eq!(answer.code(), "FORBIDDEN_SCOPE", "{answer:?}");
}
