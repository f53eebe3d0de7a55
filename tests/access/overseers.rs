//! Sign-off as seen by a role limited to a part of the book: that part, marked as partial.

use serde_json::{Value, json};

use crate::desk::{Desk, bearer};
use crate::restricted::restrict;

/// The rows that a token reads, and whether they are marked as partial.
fn rows_read(desk: &Desk, arguments: &str, token: &str) -> (Value, bool) {
    let output = desk.run(&format!("{arguments} --format json"), token);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments}: {said}");
    let rows = serde_json::from_slice(&output.stdout).unwrap();
    let noted = said.matches("of what you may read, not of all there is").count();
    assert!(noted < 2, "{arguments}: {said}");
    (rows, noted == 1)
}

#[test]
fn a_partial_answer_says_so_once_from_a_folder_and_from_a_server() {
    let desk = Desk::new();
    let viewer = desk.key("vi", "--role viewer").token;
    let limited = desk.key("rae", "--role viewer --body X-ICB").token;
    let server = desk.serve();
    for verb in [
        "budget --year 2022-23",
        "budget --year 2017-18",
        "show behind --year 2022-23",
        "show underspends --year 2022-23",
        "show restated --year 2017-18",
        "show restated --year 2017-18 --total",
        "show restated --year 2022-23 --total",
        "programme list",
        "body list",
        "queue",
        "queue --times",
        "queue --if-all-were-posted",
        "log",
    ] {
        for (token, partial) in [(&viewer, false), (&limited, true)] {
            let here = rows_read(&desk, verb, token);
            assert_eq!(here.1, partial, "{verb}");
            let there =
                rows_read(&desk, &format!("{verb} --server http://{}", server.address), token);
            assert_eq!(there, here, "{verb}: a server answers the same");
        }
    }
}

#[test]
fn sign_off_times_count_only_proposals_the_reader_may_see() {
    // The regime of the sample is over with its year. Another begins in a year that is not.
    let desk = Desk::after(&[
        "settle X-FUND --class revenue --from 2098-99 --to 2098-99 --new 1m --reannounced 0",
        "allocate X-FUND X-CLINIT/X-TRUST-A/2098-99/revenue=0 --month M1",
        "forecast X-CLINIT/X-TRUST-A/2098-99/revenue 1m --month M1",
    ]);
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
        let (rows, partial) = rows_read(&desk, "queue --times --by approver", token);
        assert_eq!(partial, *token == limited);
        let row = |row: &Value| {
            assert_eq!((&row["step"], &row["signatures"]), (&json!(1), &json!(1)), "{row}");
            assert!(row["longestHours"].is_number() && row["year"].is_string(), "{row}");
            json!([row["tier"], row["approver"]])
        };
        let mut named: Vec<Value> = rows.as_array().unwrap().iter().map(row).collect();
        named.sort_by_key(ToString::to_string);
        assert_eq!(json!(named), expected);
        let other = rows_read(&desk, &format!("queue --times --by approver {there}"), token);
        assert_eq!(other, (rows, partial), "a server answers the same");
        let (rows, _) = rows_read(&desk, "queue --times", token);
        assert!(rows.as_array().unwrap().iter().all(|row| row["approver"].is_null()), "{rows}");
        assert_eq!(rows_read(&desk, &format!("queue --times {there}"), token).0, rows);
    }
    let query = "{ signOffTimes { partial rows(first: 9) { edges { node { tier step } } } } }";
    let body = json!({ "query": query }).to_string();
    let answer = server.post(&body, &[("authorization", &bearer(&limited))]).json();
    let times = &answer["data"]["signOffTimes"];
    assert_eq!(times["partial"], true, "{answer}");
    assert_eq!(times["rows"]["edges"], json!([{ "node": { "tier": "ICB", "step": 1 } }]));
}

#[test]
fn a_system_is_visible_only_to_readers_of_all_its_bodies() {
    let desk = Desk::new();
    let carol = desk.key("carol", "--role preparer").token;
    for body in
        ["Y-ICB Another --kind icb --parent X-REGION", "Y-TRUST Trust --kind trust --parent Y-ICB"]
    {
        desk.does(&format!("body register {body} --reason test"), &carol);
    }
    let key = |person: &str, limits: &str| {
        let grants = format!("--role viewer{limits}");
        desk.key(person, &grants).token
    };
    let (both, one, none) = (json!(["X-ICB", "Y-ICB"]), json!(["X-ICB"]), json!([]));
    let readers = [
        (key("vi", ""), both.clone(), false),
        (key("ray", " --body X-REGION"), both, false),
        (key("ida", " --body X-ICB"), one, true),
        (key("ann", " --body X-TRUST-A"), none.clone(), true),
        (key("pro", " --programme X-CLINIT"), none.clone(), true),
        (key("two", " --body X-ICB --programme X-CLINIT"), none, true),
    ];
    let systems = "systems --year 2022-23";
    let icbs = |rows: &Value| -> Value {
        rows.as_array().unwrap().iter().map(|row| row["icb"].clone()).collect()
    };
    let server = desk.serve();
    for (token, expected, partial) in &readers {
        let (rows, said) = rows_read(&desk, systems, token);
        assert_eq!((&icbs(&rows), &said), (expected, partial));
        if expected[0] == "X-ICB" {
            let first = (&rows[0]["body"], &rows[0]["deterioration"], &rows[0]["uncompensated"]);
            assert_eq!(first, (&json!("X-TRUST-A"), &json!("1200000.00"), &json!("0.00")));
        }
        let there =
            rows_read(&desk, &format!("{systems} --server http://{}", server.address), token);
        assert_eq!(there, (rows, said), "a server answers the same");
        let body = json!({ "query": "{ systems(year: \"2022-23\") { partial rows { icb } } }" });
        let answer = server.post(&body.to_string(), &[("authorization", &bearer(token))]).json();
        let systems = &answer["data"]["systems"];
        assert_eq!((&systems["partial"], &icbs(&systems["rows"])), (&json!(partial), expected));
    }
    drop(server);
    // A restricted programme's parents are hidden too.
    restrict(&desk, &["X-CLINIT"], "2020-01-01");
    let (rows, partial) = rows_read(&desk, systems, &readers[1].0);
    assert_eq!((icbs(&rows), partial), (json!(["Y-ICB"]), true));
}
