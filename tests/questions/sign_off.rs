//! Waiting proposals and signatures: questions 10, 13, 14 and 15.

use serde_json::{Value, json};

use crate::Question;
use crate::asking::{SampleBook, cells, has, nodes, row, text};

/// The approver of the integrated care board.
const APPROVER: &str = "demo-approver-icb";

/// Signs the commitment that waits for the integrated care board.
pub(crate) fn sign(book: &SampleBook) {
    let answered = book
        .ask(r#"{ signOffQueue(body: "X-ICB", first: 5) { edges { node { number version } } } }"#);
    let waiting = nodes(&answered["signOffQueue"]);
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    let (number, version) = (&waiting[0]["number"], &waiting[0]["version"]);
    let input = format!(
        r#"idempotencyKey: "signed", reason: "Agreed at the finance committee",
           proposals: [{{ proposal: {number}, version: {version} }}]"#
    );
    book.post(Some(APPROVER), "signOff", &input);
}

/// The page's note on the signature.
pub(crate) const BEFOREHAND: &str =
    "For this question alone, the approver of the integrated care board has signed the commitment
    that waits for it in the sample book (`sign-off`).";

pub(crate) const QUESTIONS: fn() -> Vec<Question> = || {
    vec![
        Question {
            number: 10,
            title: "What is only proposed, and what if all of it were confirmed?",
            explanation:
                "Two commitments of 2022-23 wait for sign-off, of £50,000.01 and £100,000.01. They
                have moved no figure yet: `before` is the present figure, `after` is the figure if
                both were posted. Together £150,000.02 more would be committed.",
            commands: &["queue --if-all-were-posted"],
            query: r#"{
  ifAllWerePosted(BEFORE_SIGNING) { account figure before change after }
}"#,
            check: proposed,
        },
        Question {
            number: 13,
            title: "Who approved this movement, under which limit in force that day?",
            explanation:
                "Each posted proposal has the entry that posted it (`endedBy`) and its steps. A step
                has the rule that asked for a signature, the limit in force and its first day, the
                amount compared with the limit, and the signer. Here £50,000.01 is a penny over the
                £50,000.00 limit of a trust under a regime. The rejected proposal of £4.2bn stays
                visible beside it. The command lists the status of each proposal. For the
                signatures, run `show entry N` with the entry that ended the proposal.",
            commands: &["queue --all"],
            query: r#"{
  posted: proposals(status: POSTED, first: 5) {
    edges {
      node {
        preparers
        steps { tier body rule limit since amount signedBy signedAt }
        endedBy { position events { kind lines amount } }
      }
    }
  }
  rejected: proposals(status: REJECTED, first: 5) {
    edges { node { summary endedBy { actor reason } } }
  }
}"#,
            check: approved,
        },
        Question {
            number: 14,
            title: "Which approvals wait, with whom, how long?",
            explanation:
                "Two have waited since 12 December 2022. £50,000.01 of trust B waits for its
                integrated care board, over the limit of £50,000.00. £100,000.01 of the board itself
                waits for the region, over the limit of £100,000.00. The longest wait comes first.",
            commands: &["queue"],
            query: r#"{
  signOffQueue(first: 10, BEFORE_SIGNING) {
    edges {
      node { summary waitsFor { tier body amount limit waitingSince } }
    }
  }
}"#,
            check: waiting,
        },
        Question {
            number: 15,
            title: "Which provider overspends lack a compensating offset?",
            explanation:
                "In 2022-23 trust A's forecast is £1.2m worse than its budget. Trust B's improvement
                of £1.2m is linked to it and compensates all of it. So `uncompensated` is 0.00, no
                overspend lacks an offset, and the integrated care board oversees the system.",
            commands: &["systems --year 2022-23"],
            query: r#"{
  systems(year: "2022-23") {
    rows {
      icb regime
      deteriorations { body amount offsets { by amount } uncompensated }
    }
  }
}"#,
            check: overspends,
        },
    ]
};

fn proposed(answer: &Value) {
    let changes = answer["ifAllWerePosted"].as_array().expect("changes");
    for (line, amount) in [
        ("X-CLINIT/X-TRUST-B/2022-23/revenue", "50000.01"),
        ("X-CLINIT/X-ICB/2022-23/revenue", "100000.01"),
    ] {
        has(
            row(changes, "account", line),
            &[("figure", "committed"), ("before", "0.00"), ("change", amount), ("after", amount)],
        );
    }
    assert_eq!(changes.len(), 2);
}

fn approved(answer: &Value) {
    let posted = nodes(&answer["posted"]);
    assert_eq!(posted.len(), 1, "one was signed");
    let steps = posted[0]["steps"].as_array().expect("steps");
    assert_eq!(steps.len(), 1);
    has(
        &steps[0],
        &[
            ("tier", "ICB"),
            ("body", "X-ICB"),
            ("limit", "50000.00"),
            ("amount", "50000.01"),
            ("signedBy", APPROVER),
        ],
    );
    assert!(steps[0]["since"].is_string() && steps[0]["signedAt"].is_string());
    assert_ne!(posted[0]["preparers"], json!([APPROVER]));
    let events = posted[0]["endedBy"]["events"].as_array().expect("events");
    let committed = row(events, "kind", "COMMITTED");
    assert_eq!(committed["lines"], json!(["X-CLINIT/X-TRUST-B/2022-23/revenue"]));
    has(committed, &[("amount", "50000.01")]);
    let rejected = nodes(&answer["rejected"]);
    assert_eq!(rejected.len(), 1);
    assert!(rejected[0]["endedBy"]["actor"].is_string());
}

fn waiting(answer: &Value) {
    let rows = nodes(&answer["signOffQueue"]);
    let paths = ["waitsFor/body", "waitsFor/tier", "waitsFor/amount", "waitsFor/limit"];
    let answered: Vec<Vec<String>> = rows.iter().map(|row| cells(row, &paths)).collect();
    assert_eq!(
        answered,
        [
            ["X-ICB", "ICB", "50000.01", "50000.00"],
            ["X-REGION", "REGION", "100000.01", "100000.00"]
        ]
    );
    for row in &rows {
        assert!(text(&row["waitsFor"]["waitingSince"]).starts_with("2022-12-12"), "{row}");
    }
}

fn overspends(answer: &Value) {
    let rows = answer["systems"]["rows"].as_array().expect("systems");
    let system = row(rows, "icb", "X-ICB");
    assert_eq!(system["regime"], "PROVIDER_DETERIORATED");
    assert_eq!(
        system["deteriorations"],
        json!([{ "body": "X-TRUST-A", "amount": "1200000.00",
            "offsets": [{ "by": "X-TRUST-B", "amount": "1200000.00" }], "uncompensated": "0.00" }])
    );
}
