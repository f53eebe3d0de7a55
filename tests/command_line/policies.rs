//! Policies as files: what `policy show` writes, `policy adopt` and `policy diff` read.

use serde_json::{Value, json};

use super::program::{Desk, text};

/// The policy in force, as a file of each format that holds all of it, changed alike.
fn files(desk: &Desk, from: &str, to: &str) -> [&'static str; 4] {
    let bare = text(&desk.row("policy show"), "policy").to_owned();
    assert!(bare.contains(from), "{bare}");
    desk.write("bare.json", bare.replace(from, to));
    for format in ["json", "jsonl", "csv"] {
        let shown = desk.does(&format!("policy show --format {format}")).out;
        let quoted = |text: &str| match format {
            "csv" => text.replace('"', "\"\""),
            _ => text.replace('"', "\\\""),
        };
        assert!(shown.contains(&quoted(from)), "{shown}");
        desk.write(&format!("shown.{format}"), shown.replace(&quoted(from), &quoted(to)));
    }
    ["bare.json", "shown.json", "shown.jsonl", "shown.csv"]
}

#[test]
fn a_policy_is_adopted_from_what_policy_show_writes() {
    let desk = Desk::small();
    let files = files(&desk, "\"providerOver\":5000000", "\"providerOver\":7500000");
    let keys = desk.rows("keys init --administrator ada --approver ben");
    let administrator = text(&keys[0], "token");
    // The files hold the same policy, and so the same command under one key.
    for (file, replayed) in files.into_iter().zip([false, true, true, true]) {
        let adopt = format!(
            "policy adopt {file} --effective 2027-04-01 --reason r --key k --token {administrator}"
        );
        assert_eq!(desk.row(&adopt)["replayed"], replayed, "{file}");
    }
}

#[test]
fn a_file_is_compared_with_the_policy_in_force_rule_by_rule() {
    let desk = Desk::small();
    for file in files(&desk, "\"providerOver\":5000000", "\"providerOver\":7500000") {
        let rows = desk.rows(&format!("policy diff {file}"));
        let position = super::program::SMALL_HEAD;
        let expected = json!([{
            "rule": "signOff.providerOver",
            "inForce": "£50,000.00",
            "inFile": "£75,000.00",
            "position": position,
        }]);
        assert_eq!(Value::Array(rows), expected, "{file}");
    }
    for file in files(&desk, "\"windowDays\":90", "\"windowDays\":90") {
        assert!(desk.rows(&format!("policy diff {file}")).is_empty(), "{file}");
    }
}

#[test]
fn a_file_that_is_not_a_policy_says_how_to_begin_one() {
    let desk = Desk::small();
    desk.write("list.json", "[]");
    desk.write("table.txt", desk.does("policy show").out);
    for file in ["absent.json", "list.json", "table.txt"] {
        for verb in ["diff", "adopt --effective 2027-04-01 --reason r"] {
            let answer = desk.run(&format!("policy {verb} {file}"));
            assert_eq!(answer.code, 2, "{answer:?}");
            assert!(
                answer.err.starts_with(&format!("error: {file} is not a policy: ")),
                "{answer:?}"
            );
            assert!(answer.err.contains("budget-ledger policy show --format json"), "{answer:?}");
        }
    }
}
