//! Proposals by the command line, on the folder and on a server: nobody signs their own.

use serde_json::json;

use crate::desk::Desk;

const COMMIT: &str = "commit FRONTDIG/XDH/2022-23/revenue 10 --month M9 --reason test";

#[test]
fn a_preparer_does_not_sign_their_own_proposal_by_the_command_line() {
    let desk = Desk::new();
    let two_roles = desk.key("carol", "--role preparer --role approver:department:XDH").token;
    let delegated = desk.key("dan", "--role preparer").token;
    let (begins, ends) = ("2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z");
    let give = format!("delegate give dan --as department:XDH --begins {begins} --ends {ends}");
    desk.does(&format!("{give} --reason test"), &desk.bob);
    let mut own = Vec::new();
    for (maker, reference) in [(&two_roles, "P-1"), (&delegated, "P-2")] {
        desk.does(&format!("{COMMIT} --reference {reference} --propose"), maker);
        own.push((desk.head(), maker));
    }
    let server = desk.serve();
    let there = format!(" --server http://{}", server.address);
    let refused = |place: &str| {
        for (proposal, maker) in &own {
            for verb in ["sign-off", "reject"] {
                let (exit, code) =
                    desk.refuses(&format!("{verb} {proposal}@1 --reason test{place}"), maker);
                assert_eq!((exit, code.as_str()), (3, "OWN_WORK"), "{verb} {proposal}{place}");
            }
        }
    };
    refused(&there);
    drop(server);
    refused("");
    // Each may sign the other's proposal.
    for (proposal, _) in &own {
        let by = if *proposal == own[0].0 { &delegated } else { &two_roles };
        desk.does(&format!("sign-off {proposal}@1 --reason test"), by);
    }
}

#[test]
fn a_proposal_is_drafted_revised_submitted_and_signed_by_the_command_line() {
    let desk = Desk::new();
    let carol = desk.key("carol", "--role preparer").token;
    let server = desk.serve();
    let does = |arguments: &str, token: &str| {
        let there = format!("--format json --server http://{}", server.address);
        desk.does(&format!("{arguments} {there}"), token)
    };
    let rows = does(&format!("{COMMIT} --reference P-1 --draft"), &carol);
    assert_eq!(rows[0]["outcome"], "DRAFTED", "{rows}");
    let drafted = rows[0]["position"].as_u64().unwrap();
    let revised = json!({ "key": "k", "reason": "test", "command": { "reviseProposal": {
        "proposal": drafted, "version": 1, "command": { "commit": {
            "line": "FRONTDIG/XDH/2022-23/revenue", "month": "M9", "amount": "11.00",
            "reference": "P-1",
        } },
    } } });
    let file = desk.path().join("revised.jsonl");
    std::fs::write(&file, revised.to_string()).unwrap();
    does(&format!("post {}", file.display()), &carol);
    let rows = does(&format!("submit {drafted}@2 --reason test"), &carol);
    assert_eq!(rows[0]["outcome"], "AWAITING_SIGN_OFF", "{rows}");
    let rows = does(&format!("sign-off {drafted}@2 --reason test"), &desk.bob);
    assert_eq!(rows[0]["outcome"], "POSTED", "{rows}");
    let all = does("queue --all", &carol);
    let row = all.as_array().unwrap().iter().find(|row| row["proposal"] == drafted).unwrap();
    assert_eq!((&row["version"], &row["status"]), (&json!(2), &json!("posted")), "{row}");
}

#[test]
fn who_rejects_a_proposal_is_told_that_it_is_rejected() {
    let desk = Desk::new();
    let carol = desk.key("carol", "--role preparer").token;
    for reference in ["P-1", "P-2"] {
        desk.does(&format!("{COMMIT} --reference {reference} --propose"), &carol);
    }
    let (first, second) = (desk.head() - 1, desk.head());
    let output = desk.run(&format!("reject {first}@1 --reason no"), &desk.bob);
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(
        table.starts_with("Rejected: the proposal is over, and no figure has changed."),
        "{table}"
    );
    let server = desk.serve();
    let there = format!("--format json --server http://{}", server.address);
    let told = desk.does(&format!("reject {second}@1 --reason no {there}"), &desk.bob);
    assert_eq!((&told[0]["outcome"], &told[0]["proposal"]), (&json!("REJECTED"), &json!(second)));
    let queue = desk.does(&format!("queue {there}"), &carol);
    let waits = |number: u64| queue.as_array().unwrap().iter().any(|row| row["proposal"] == number);
    assert!(!waits(first) && !waits(second), "{queue}");
}
