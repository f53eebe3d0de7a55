//! What somebody is told of sign-off who oversees a part of the book: their part, said to be one.

use serde_json::{Value, json};

use crate::desk::{Desk, bearer};

/// The rows somebody is told, and whether they are told that it is a part.
fn told(desk: &Desk, arguments: &str, token: &str) -> (Value, bool) {
    let output = desk.run(&format!("{arguments} --format json"), token);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments}: {said}");
    let rows = serde_json::from_slice(&output.stdout).unwrap();
    (rows, said.contains("of what you may read, not of all there is"))
}

#[test]
fn the_times_of_sign_off_are_those_of_proposals_that_may_be_read() {
    let desk = Desk::new();
    let carol = desk.key("carol", "--role preparer").token;
    let ida = desk.key("ida", "--role approver:icb:X-ICB").token;
    let viewer = desk.key("vi", "--role viewer").token;
    let limited = desk.key("rae", "--role viewer --body X-ICB").token;
    let propose = |line: &str, amount: &str, signs: &str| {
        let commit = format!("commit {line} {amount} --month M9 --reason test --propose");
        desk.does(&format!("{commit} --reference {amount}"), &carol);
        let proposal = desk.head();
        desk.does(&format!("sign-off {proposal}@1 --reason test"), signs);
    };
    propose("FRONTDIG/XDH/2022-23/revenue", "10", &desk.bob);
    propose("X-CLINIT/X-TRUST-A/2022-23/revenue", "60000", &ida);
    let server = desk.serve();
    let there = format!("--server http://{}", server.address);
    for (token, expected) in [
        (&viewer, json!([["department", "bob"], ["icb", "ida"]])),
        (&limited, json!([["icb", "ida"]])),
    ] {
        let (rows, partial) = told(&desk, "queue --times --by approver", token);
        assert_eq!(partial, *token == limited);
        let row = |row: &Value| {
            assert_eq!((&row["step"], &row["signatures"]), (&json!(1), &json!(1)), "{row}");
            assert!(row["longestHours"].is_number() && row["year"].is_string(), "{row}");
            json!([row["tier"], row["approver"]])
        };
        let mut named: Vec<Value> = rows.as_array().unwrap().iter().map(row).collect();
        named.sort_by_key(ToString::to_string);
        assert_eq!(json!(named), expected);
        let other = told(&desk, &format!("queue --times --by approver {there}"), token);
        assert_eq!(other, (rows, partial), "a server tells the same");
        let (rows, _) = told(&desk, "queue --times", token);
        assert!(rows.as_array().unwrap().iter().all(|row| row["approver"].is_null()), "{rows}");
        assert_eq!(told(&desk, &format!("queue --times {there}"), token).0, rows);
    }
    let query = "{ signOffTimes { partial rows(first: 9) { edges { node { tier step } } } } }";
    let body = json!({ "query": query }).to_string();
    let answer = server.post(&body, &[("authorization", &bearer(&limited))]).json();
    let times = &answer["data"]["signOffTimes"];
    assert_eq!(times["partial"], true, "{answer}");
    assert_eq!(times["rows"]["edges"], json!([{ "node": { "tier": "ICB", "step": 1 } }]));
}
