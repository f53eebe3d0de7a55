//! A bare date begins with its day in the UK where something begins, and ends with it where
//! something ends or is asked about.

use ledger_api::clock::now;

use crate::desk::Desk;

const COMMIT: &str = "commit FRONTDIG/XDH/2022-23/revenue 10 --month M9 --reason test --propose";

/// The canonical text of the last entry.
fn last_entry(desk: &Desk) -> String {
    let entry = desk.does(&format!("show entry {} --format json", desk.head()), &desk.bob);
    entry.to_string()
}

#[test]
fn a_deputy_may_sign_on_the_first_day_and_on_the_last() {
    let desk = Desk::new();
    let carol = desk.key("carol", "--role preparer").token;
    let dan = desk.key("dan", "--role preparer").token;
    desk.does(&format!("{COMMIT} --reference P-1"), &carol);
    let proposal = desk.head();
    let today = now().day();
    let give = "delegate give dan --as department:XDH --reason leave";
    desk.does(&format!("{give} --begins {today} --ends {today}"), &desk.bob);
    desk.does(&format!("sign-off {proposal}@1 --reason test"), &dan);
    desk.does(&format!("{give} --begins 2027-07-01 --ends 2027-07-31"), &desk.bob);
    let entry = last_entry(&desk);
    assert!(entry.contains(r#""begins":"2027-06-30T23:00:00.000000Z""#), "{entry}");
    assert!(entry.contains(r#""ends":"2027-07-31T22:59:59.999999Z""#), "{entry}");
}

#[test]
fn a_policy_is_in_force_on_the_day_it_takes_effect() {
    let desk = Desk::new();
    let shown = desk.does("policy show --format json", &desk.bob);
    let file = desk.path().join("policy.json");
    let policy = shown[0]["policy"].as_str().unwrap();
    std::fs::write(&file, policy.replace("\"providerOver\":5000000", "\"providerOver\":1"))
        .unwrap();
    let today = now().day();
    let adopt = format!("policy adopt {} --effective {today} --reason test", file.display());
    desk.does(&adopt, &desk.ada);
    let proposal = desk.head();
    desk.does(&format!("sign-off {proposal}@1 --reason test"), &desk.bob);
    let adopted = desk.head();
    let shown = desk.does("policy show --format json", &desk.bob);
    assert_eq!(shown[0]["recordedBy"], adopted);
    let carol = desk.key("carol", "--role preparer").token;
    desk.does(&format!("{COMMIT} --reference P-1"), &carol);
    let judged = last_entry(&desk);
    assert!(judged.contains(&format!("\"policy\":{adopted}")), "{judged}");
}
