//! A restricted programme is visible only to auditors and to roles granted it by name.

use serde_json::{Value, json};

use crate::desk::{Desk, bearer};

const OTHERS: &str = "WIFI/XDH/2017-18/unsplit";

/// Ada proposes and Bob signs a policy that restricts these programmes from a day on.
pub(crate) fn restrict(desk: &Desk, programmes: &[&str], from: &str) {
    let at = desk.head() + 1;
    let shown = desk.does("policy show --format json", &desk.bob);
    let mut policy: Value = serde_json::from_str(shown[0]["policy"].as_str().unwrap()).unwrap();
    policy["restricted"] = json!(programmes);
    let file = desk.path().join(format!("policy-{at}.json"));
    std::fs::write(&file, policy.to_string()).unwrap();
    let file = file.display();
    desk.does(&format!("policy adopt {file} --effective {from} --reason test"), &desk.ada);
    desk.does(&format!("sign-off {at}@1 --reason test"), &desk.bob);
}

/// The revised budget of 2017-18 that a token reads.
fn revised(desk: &Desk, token: &str) -> Value {
    desk.does("budget --year 2017-18 --rollup year --format json", token)[0]["revised"].clone()
}

#[test]
fn totals_include_a_restricted_programme_only_for_roles_granted_it() {
    let desk = Desk::new();
    let viewer = desk.key("vi", "--role viewer").token;
    let named = desk.key("win", "--role viewer --programme WIFI").token;
    let auditor = desk.key("ned", "--role auditor").token;
    let before = revised(&desk, &viewer);
    restrict(&desk, &["WIFI"], "2020-01-01");
    assert_eq!(before, "260300000.00");
    assert_eq!(revised(&desk, &viewer), "225000000.00", "without £35.3m for Wi-Fi");
    assert_eq!(revised(&desk, &auditor), before);
    assert_eq!(revised(&desk, &named), "35300000.00");
    assert_eq!(desk.refuses("budget --year 2017-18 --programme WIFI", &viewer).0, 2);
    let listed = desk.does("programme list --format json", &viewer).to_string();
    assert!(!listed.contains("WIFI"), "{listed}");
    let entries = desk.does("log --limit 1000 --format json", &viewer).to_string();
    assert!(!entries.contains("WIFI/XDH"), "{entries}");
    for whole in ["funds", "verify", "replay", "export"] {
        let arguments =
            if whole == "export" { whole.to_owned() } else { format!("{whole} --format json") };
        assert_eq!(desk.run(&arguments, &viewer).status.code(), Some(4), "{whole}");
        assert_eq!(desk.run(&arguments, &auditor).status.code(), Some(0), "{whole}");
    }
    let server = desk.serve();
    let query = json!({ "query": format!(
        "{{ ledger {{ partial }} programme(code: \"WIFI\") {{ name }} line(key: \"{OTHERS}\") {{ key }} }}"
    ) });
    let ask = |token: &str| {
        server.post(&query.to_string(), &[("authorization", &bearer(token))]).json()["data"].clone()
    };
    let nothing = json!({ "ledger": { "partial": true }, "programme": null, "line": null });
    assert_eq!(ask(&viewer), nothing);
    assert_eq!(ask(&named)["line"]["key"], OTHERS);
    assert_eq!(ask(&auditor)["ledger"]["partial"], false);
}

#[test]
fn a_restriction_lasts_until_it_is_lifted_and_a_future_one_holds_at_once() {
    let desk = Desk::new();
    let viewer = desk.key("vi", "--role viewer").token;
    restrict(&desk, &["WIFI"], "2020-01-01");
    restrict(&desk, &[], "2199-01-01");
    assert_eq!(revised(&desk, &viewer), "225000000.00");
    restrict(&desk, &["PROVDIG"], "2199-02-01");
    assert_eq!(revised(&desk, &viewer), "103400000.00", "cyber security and suspense are left");
}
