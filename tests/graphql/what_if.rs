//! What-if: the book as it would be, asked about as the book is, and stored nowhere.

use serde_json::{Value, json};

use crate::fixture::{Fixture, number};

fn posting(key: &str, mutation: &str, input: &str) -> String {
    format!("{{ {mutation}: {{ idempotencyKey: \"{key}\", reason: \"supposed\", {input} }} }}")
}

fn what_if(as_at: &str, postings: &[String], fields: &str) -> String {
    let postings = postings.join(", ");
    format!("{{ whatIf(input: {{ postings: [{postings}] }}{as_at}) {{ {fields} }} }}")
}

const YEAR: &str = "financialYear(year: \"2016-17\") { plannedVersusActual(rollup: PROGRAMME) {
    rows(first: 20) { edges { node { programme { code } figures { revised actual } } } } } }";

/// Of each programme, what is revised.
fn revised(book: &Value) -> Vec<(String, String)> {
    let rows = &book["financialYear"]["plannedVersusActual"]["rows"]["edges"];
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let row = |edge: &Value| {
        let node = &edge["node"];
        (text(&node["programme"]["code"]), text(&node["figures"]["revised"]))
    };
    rows.as_array().expect("rows").iter().map(row).collect()
}

/// A fund with 100.00, a programme with 60.00 of it, and the entry after which that was so.
fn small_book() -> (Fixture, u64) {
    let fixture = Fixture::empty();
    fixture.post("establishFund", "code: \"F\", name: \"Fund\"");
    let years = "from: \"2016-17\", to: \"2018-19\", newMoney: \"100.00\", reannounced: \"0.00\"";
    fixture.post("settleFunding", &format!("fund: \"F\", class: CAPITAL, {years}"));
    for code in ["A", "B"] {
        fixture.post("openProgramme", &format!("code: \"{code}\", name: \"{code}\""));
    }
    let to = "[{ line: \"A/XDH/2016-17/capital\", amount: \"60.00\" }]";
    let at = fixture.post("allocate", &format!("fund: \"F\", month: \"M1\", to: {to}"));
    (fixture, at)
}

#[test]
fn every_question_is_answered_as_it_would_be_and_the_book_knows_nothing_of_it() {
    let (fixture, at) = small_book();
    // What happens afterwards is no part of what is supposed before it.
    let spend = "line: \"A/XDH/2016-17/capital\", month: \"M2\", amount: \"50.00\"";
    fixture.post("recordActual", spend);
    let before = fixture.ask("{ ledger { head root } }");
    let part =
        |line: &str| format!("[{{ line: \"{line}/XDH/2016-17/capital\", amount: \"20.00\" }}]");
    let moves = format!("month: \"M2\", from: {}, to: {}", part("A"), part("B"));
    let postings = [
        posting("w1", "reallocate", &moves),
        posting("w2", "reallocate", &moves.replace("20.00", "40.01")),
        posting("w3", "cancelProgramme", "programme: \"A\", to: { fund: \"F\" }, month: \"M3\""),
    ];
    let fields = format!(
        "from position outcomes {{ position userErrors {{ code }} entry {{ position reason events {{ kind }} }} }}
         changes {{ account figure before after }}
         book {{ {YEAR} entries(first: 20) {{ edges {{ node {{ position reason }} }} }}
           bridge(year: \"2016-17\", filter: {{ programme: \"B\" }}) {{ revised }}
           fund(code: \"F\") {{ balances {{ unallocated }} }} }}"
    );
    let as_at = format!(", asAt: {{ position: \"{at}\" }}");
    let told = fixture.ask(&what_if(&as_at, &postings, &fields))["whatIf"].clone();
    assert_eq!(number(&told["from"]), at);
    assert_eq!(number(&told["position"]), at + 2);
    let outcomes = told["outcomes"].as_array().expect("outcomes");
    assert_eq!(number(&outcomes[0]["position"]), at + 1);
    assert_eq!(outcomes[0]["entry"]["reason"], "supposed");
    assert_eq!(outcomes[1]["userErrors"], json!([{ "code": "BEYOND_AVAILABLE" }]));
    assert_eq!((&outcomes[1]["position"], &outcomes[1]["entry"]), (&Value::Null, &Value::Null));
    assert_eq!(number(&outcomes[2]["position"]), at + 2);
    // 60.00, less 20.00 to B, and nothing spent by then: 40.00 are released.
    let changed = |account: &str, figure: &str| {
        let changes = told["changes"].as_array().expect("changes");
        let found = changes.iter().find(|c| c["account"] == account && c["figure"] == figure);
        let found = found.unwrap_or_else(|| panic!("{account} {figure}: {changes:?}"));
        (found["before"].clone(), found["after"].clone())
    };
    assert_eq!(changed("A/XDH/2016-17/capital", "revised"), (json!("60.00"), json!("0.00")));
    assert_eq!(changed("B/XDH/2016-17/capital", "revised"), (json!("0.00"), json!("20.00")));
    assert_eq!(changed("F/capital", "unallocated"), (json!("40.00"), json!("80.00")));
    let book = &told["book"];
    let owned = |code: &str, figure: &str| (code.to_owned(), figure.to_owned());
    assert_eq!(revised(book), [owned("A", "0.00"), owned("B", "20.00")]);
    assert_eq!(book["bridge"]["revised"], "20.00");
    assert_eq!(book["fund"]["balances"][0]["unallocated"], "80.00");
    let entries = book["entries"]["edges"].as_array().expect("entries");
    let last: Vec<&Value> = entries.iter().rev().take(3).map(|e| &e["node"]["reason"]).collect();
    assert_eq!(last, ["supposed", "supposed", "setup"]);
    assert_eq!(entries.len() as u64, at + 2);
    assert_eq!(fixture.ask("{ ledger { head root } }"), before, "nothing is stored");
    assert_eq!(revised(&fixture.ask(&format!("{{ {YEAR} }}"))), [owned("A", "60.00")]);
}

#[test]
fn a_commitment_of_the_past_is_drawn_down_as_it_stood() {
    let (fixture, _) = small_book();
    let line = "line: \"A/XDH/2016-17/capital\", month: \"M2\"";
    let commit = format!("{line}, amount: \"30.00\", reference: \"PO-1\"");
    let at = fixture.post("commit", &commit);
    fixture.post("releaseCommitment", "reference: \"PO-1\", month: \"M3\"");
    let draws = |amount: &str| format!("{line}, amount: \"{amount}\", discharges: \"PO-1\"");
    let postings = [
        posting("d1", "recordActual", &draws("30.00")),
        posting("d2", "recordActual", &draws("0.01")),
        posting("d3", "commit", &commit),
    ];
    let asked = |as_at: &str| {
        let document = what_if(as_at, &postings, "outcomes { userErrors { code } }");
        let told = fixture.ask(&document)["whatIf"]["outcomes"].clone();
        let code = |outcome: &Value| outcome["userErrors"][0]["code"].clone();
        told.as_array().expect("outcomes").iter().map(code).collect::<Vec<_>>()
    };
    let then = format!(", asAt: {{ position: \"{at}\" }}");
    assert_eq!(asked(&then), [json!(null), json!("BEYOND_OPEN"), json!("REFERENCE_TAKEN")]);
    assert_eq!(asked("")[0], json!("BEYOND_OPEN"), "it has been released since");
}

/// The trust's forecast on one line has its system held to a limit; it spends on another.
#[test]
fn spend_is_judged_by_how_the_whole_system_stood() {
    let fixture = Fixture::empty();
    for (code, kind, parent) in
        [("Y1", "REGION", "XDH"), ("QX", "ICB", "Y1"), ("RC", "TRUST", "QX")]
    {
        let body =
            format!("code: \"{code}\", name: \"A body\", kind: {kind}, parent: \"{parent}\"");
        fixture.post("registerBody", &body);
    }
    for code in ["A", "B"] {
        fixture.post("openProgramme", &format!("code: \"{code}\", name: \"{code}\""));
    }
    let on = |programme: &str, amount: &str| {
        format!("line: \"{programme}/RC/2030-31/revenue\", month: \"M2\", amount: \"{amount}\"")
    };
    fixture.post("recordActual", &on("A", "1.00"));
    let before = fixture.post("recordActual", &on("B", "1.00"));
    fixture.post("reviseForecast", &on("A", "100.00"));
    let postings = [
        posting("s1", "recordActual", &on("B", "50000.01")),
        posting("s2", "recordActual", &on("B", "50000.00")),
    ];
    let warned = |as_at: &str| {
        let document = what_if(as_at, &postings, "outcomes { warnings { code } }");
        let told = fixture.ask(&document)["whatIf"]["outcomes"].clone();
        let unsigned = |outcome: &Value| outcome["warnings"].to_string().contains("UNSIGNED");
        told.as_array().expect("outcomes").iter().map(unsigned).collect::<Vec<_>>()
    };
    assert_eq!(warned(""), [true, true], "what is supposed adds up");
    assert_eq!(warned(&format!(", asAt: {{ position: \"{before}\" }}")), [false, false]);
}

#[test]
fn what_tells_of_the_log_or_of_signatures_is_no_part_of_it() {
    let (fixture, _) = small_book();
    let inside = |field: &str| fixture.fails(&what_if("", &[], &format!("book {{ {field} }}"))).0;
    assert_eq!(inside("ledger { head }"), "NOT_SUPPOSED");
    assert_eq!(inside("whatIf(input: { postings: [] }) { from }"), "NOT_SUPPOSED");
    let commands = "commands: [{ openProgramme: { code: \"C\", name: \"C\" } }]";
    let propose = posting("p1", "propose", commands);
    let told = fixture.ask(&what_if("", &[propose], "outcomes { userErrors { code } }"));
    assert_eq!(told["whatIf"]["outcomes"][0]["userErrors"][0]["code"], "ABOUT_SIGN_OFF");
    let beyond = fixture.fails(&what_if(", asAt: { position: \"999\" }", &[], "from"));
    assert_eq!(beyond.0, "BEYOND_HEAD");
    let malformed = posting("", "openProgramme", "code: \"C\", name: \"C\"");
    let told = fixture.ask(&what_if("", &[malformed], "outcomes { userErrors { code field } }"));
    let error = &told["whatIf"]["outcomes"][0]["userErrors"][0];
    assert_eq!(error, &json!({ "code": "MALFORMED", "field": "idempotencyKey" }));
}

#[test]
fn a_what_if_is_told_again_as_the_book_goes_on() {
    let (fixture, at) = small_book();
    let cancel =
        posting("w", "cancelProgramme", "programme: \"A\", to: { fund: \"F\" }, month: \"M3\"");
    let fields = "from outcomes { entry { actor } } changes { account figure before after }";
    let document = what_if("", &[cancel], fields);
    let mut told = fixture.subscribe(&format!("subscription {document}"));
    let first = fixture.next(&mut told)["whatIf"].clone();
    assert_eq!(number(&first["from"]), at);
    // All who ask the same are told the same.
    assert_eq!(first["outcomes"][0]["entry"]["actor"], "nobody");
    let spend = "line: \"A/XDH/2016-17/capital\", month: \"M2\", amount: \"50.00\"";
    let posted = fixture.post("recordActual", spend);
    let second = fixture.next(&mut told)["whatIf"].clone();
    assert_eq!(number(&second["from"]), posted);
    assert_ne!(first["changes"], second["changes"], "less is released");
}
