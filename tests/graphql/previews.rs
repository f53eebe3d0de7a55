//! Several postings judged together: each as if those before it were posted, and none of them is.

use serde_json::{Value, json};

use crate::fixture::Fixture;

fn posting(key: &str, mutation: &str, input: &str) -> String {
    format!("{{ {mutation}: {{ idempotencyKey: \"{key}\", reason: \"tried\", {input} }} }}")
}

fn document(postings: &[String]) -> String {
    format!(
        "mutation {{ previewPostings(input: {{ postings: [{}] }}) {{ position outcome replayed dryRun
           entry {{ position }} proposal {{ number }} warnings {{ code }} preview {{ changes {{ account after }} }}
           userErrors {{ code field }} }} }}",
        postings.join(", ")
    )
}

#[test]
fn each_posting_is_judged_on_what_those_before_it_would_leave() {
    let fixture = Fixture::sample();
    let head = fixture.head();
    let line = "NEW/XDH/2018-19/unsplit";
    let open = posting("p1", "openProgramme", "code: \"NEW\", name: \"New\"");
    let other = "OTHER25/XDH/2018-19/unsplit";
    let moves = |key: &str, amount: &str, from: &str, to: &str| {
        let part = |line: &str| format!("[{{ line: \"{line}\", amount: \"{amount}\" }}]");
        let input = format!("month: \"M12\", from: {}, to: {}", part(from), part(to));
        posting(key, "reallocate", &input)
    };
    let commit = format!("line: \"{line}\", month: \"M12\", amount: \"5.00\", reference: \"R-1\"");
    let release = posting("p6", "releaseCommitment", "reference: \"R-1\", month: \"M12\"");
    let bad = open.replace("tried", "").replace("p1", "p7");
    let batch =
        format!("commands: [{}]", "{ renameProgramme: { code: \"NEW\", name: \"Newer\" } }");
    let rows = [
        open.clone(),
        moves("p2", "5.00", other, line),
        moves("p3", "5.01", line, other),
        posting("p4", "commit", &commit),
        moves("p5", "0.01", line, other),
        release,
        bad,
        open,
        posting("p8", "postBatch", &batch),
        posting("p9", "propose", &format!("{batch}, draft: true")),
    ];
    let told = fixture.ask(&document(&rows))["previewPostings"].clone();
    let told = told.as_array().expect("rows");
    let codes: Vec<&Value> = told.iter().map(|row| &row["userErrors"][0]["code"]).collect();
    let (none, beyond) = (&Value::Null, &json!("BEYOND_AVAILABLE"));
    let malformed = &json!("MALFORMED");
    assert_eq!(
        codes,
        [none, none, beyond, none, beyond, none, malformed, none, none, none],
        "{told:?}"
    );
    for row in told {
        assert_eq!((&row["dryRun"], &row["outcome"]), (&json!(true), none), "{row}");
    }
    assert_eq!(told[3]["preview"]["changes"][0], json!({ "account": line, "after": "5.00" }));
    // A key that one before it would have used is told as a repetition of that.
    assert_eq!(told[7]["replayed"], true);
    assert_eq!(told[7]["position"], json!((head + 1).to_string()));
    assert_eq!(told[7]["entry"], *none, "it is not there yet");
    assert_eq!(fixture.head(), head, "nothing was posted");
    assert_eq!(fixture.ask(&document(&[]))["previewPostings"], json!([]));
}

#[test]
fn only_those_who_may_post_all_of_it_have_it_judged_and_only_so_much() {
    let fixture = Fixture::sample();
    let open = posting("k", "openProgramme", "code: \"NEW\", name: \"New\"");
    let reason = open.replace("tried", "");
    for rows in [vec![open.clone()], vec![reason], vec![]] {
        for nobody in ["demo-viewer", "demo-auditor"] {
            assert_eq!(fixture.fails_as(nobody, &document(&rows)), "FORBIDDEN", "{rows:?}");
        }
        fixture.ask_as("demo-preparer", &document(&rows));
    }
    let sign = posting("s", "signOff", "proposals: [{ proposal: \"118\", version: 1 }]");
    let both = document(&[open.clone(), sign.clone()]);
    assert_eq!(fixture.fails_as("demo-preparer", &both), "FORBIDDEN");
    let signed = fixture.ask_as("demo-approver-icb", &document(&[sign]));
    assert_eq!(signed["previewPostings"][0]["userErrors"], json!([]), "{signed}");
    // What is asked of each costs, so that a thousand are judged where it is little.
    let (_, message) = fixture.fails(&document(&vec![open.clone(); 1000]));
    assert!(message.contains("complex"), "{message}");
    let little = |count: usize| {
        format!(
            "mutation {{ previewPostings(input: {{ postings: [{}] }}) {{ replayed }} }}",
            vec![open.clone(); count].join(", ")
        )
    };
    let told = fixture.ask(&little(1000))["previewPostings"].clone();
    assert_eq!(told.as_array().map(Vec::len), Some(1000));
    assert_eq!(fixture.fails(&little(1001)).0, "TOO_MANY_POSTINGS");
}
