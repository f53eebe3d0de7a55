//! What a proposal changes: of a waiting one now, of one that is over as its end was judged.

use serde_json::{Value, json};

use crate::fixture::{Fixture, number};

const PREPARER: &str = "demo-preparer";
const DEPARTMENT: &str = "demo-approver-department";
const LINE: &str = "X-WHEN/XDH/2029-30/revenue";

fn post(fixture: &Fixture, who: &str, field: &str, input: &str) -> Value {
    let key = format!("{field}-{}", fixture.head());
    let document = format!(
        "mutation {{ {field}(input: {{ idempotencyKey: \"{key}\", reason: \"shown\", {input} }})
           {{ position userErrors {{ code message }} proposal {{ number }} }} }}"
    );
    let payload = fixture.ask_as(who, &document)[field].clone();
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload
}

/// Proposes a commitment and gives the proposal's number.
fn propose(fixture: &Fixture, amount: &str, reference: &str) -> u64 {
    let commit = commitment(amount, reference);
    let input = format!("commands: [{{ commit: {{ {commit} }} }}]");
    number(&post(fixture, PREPARER, "propose", &input)["proposal"]["number"])
}

fn commitment(amount: &str, reference: &str) -> String {
    format!(r#"line: "{LINE}", month: "M9", amount: "{amount}", reference: "{reference}""#)
}

/// The amounts before and after, and what was available before.
fn changes(fixture: &Fixture, proposal: u64) -> Value {
    let document = format!(
        "{{ proposal(number: \"{proposal}\") {{ changes {{ figure before after available }} }} }}"
    );
    let changes = fixture.ask(&document)["proposal"]["changes"].clone();
    assert_eq!(changes.as_array().map(Vec::len), Some(1), "{changes}");
    assert_eq!(changes[0]["figure"], "committed");
    json!([changes[0]["before"], changes[0]["after"], changes[0]["available"]])
}

#[test]
fn what_a_proposal_changed_is_told_as_its_end_was_judged() {
    let fixture = Fixture::sample();
    let open = r#"code: "X-WHEN", name: "Shown""#;
    post(&fixture, PREPARER, "openProgramme", open);
    let [first, second, rejected, withdrawn, waiting] =
        [("10.00", "W-1"), ("20.00", "W-2"), ("40.00", "W-3"), ("80.00", "W-4"), ("160.00", "W-5")]
            .map(|(amount, reference)| propose(&fixture, amount, reference));
    assert_eq!(changes(&fixture, second), json!(["0.00", "20.00", "0.00"]), "while it waits");
    let at = |proposal| format!("proposal: \"{proposal}\", version: 1");
    let both = format!("proposals: [{{ {} }}, {{ {} }}]", at(first), at(second));
    post(&fixture, DEPARTMENT, "signOff", &both);
    // Signed in one entry, the second is judged on what the first has left.
    let of_first = json!(["0.00", "10.00", "0.00"]);
    let of_second = json!(["10.00", "30.00", "-10.00"]);
    assert_eq!(
        [changes(&fixture, first), changes(&fixture, second)],
        [&of_first, &of_second].map(Clone::clone)
    );
    post(&fixture, DEPARTMENT, "rejectProposal", &at(rejected));
    post(&fixture, PREPARER, "withdrawProposal", &format!("proposal: \"{withdrawn}\""));
    post(&fixture, PREPARER, "commit", &commitment("1.00", "W-6"));
    let over = [first, second, rejected, withdrawn].map(|proposal| changes(&fixture, proposal));
    let of_rejected = json!(["30.00", "70.00", "-30.00"]);
    let of_withdrawn = json!(["30.00", "110.00", "-30.00"]);
    assert_eq!(over, [of_first, of_second, of_rejected, of_withdrawn]);
    assert_eq!(changes(&fixture, waiting), json!(["31.00", "191.00", "-31.00"]));
}
