//! Two books that differ only in what a person may not read give that person the same answers.

use ledger_api::access::identity::principal::Principal;
use serde_json::{Value, json};

use crate::small_book::{SmallBook, commit, everywhere, lim, limited, part, pat, person};

/// Questions, none of which asks for hashes.
pub(crate) const QUESTIONS: &[&str] = &[
    "{ ledger { head partial } }",
    "{ entries(first: 100) { edges { node { position recordedAt actor reason warnings { code message } events { kind summary steps lines references legs { amount } } } } } }",
    "{ entries(first: 100, newestFirst: true) { edges { node { position } } } }",
    "{ proposals(first: 100) { edges { node { number version status summary details preparers changes { account before after } steps { rule amount counted { entry amount } } } } } }",
    "{ financialYear(year: \"2018-19\") { partial plannedVersusActual(rollup: YEAR) { rows(first: 50) { edges { node { figures { revised committed actual available } } } } } } }",
    "{ financialYear(year: \"2018-19\") { plannedVersusActual(rollup: PROGRAMME) { rows(first: 50) { edges { node { programme { code } figures { revised committed } } } } } } }",
    "{ financialYear(year: \"2018-19\") { plannedVersusActual(rollup: BODY) { rows(first: 50) { edges { node { body { code } figures { revised committed } } } } } } }",
    "{ programme(code: \"SECRET\") { name } }",
    "{ programmes(first: 50) { edges { node { code name } } } }",
    "{ line(key: \"SECRET/RA1/2018-19/revenue\") { key } }",
    "{ line(key: \"P1/RA1/2018-19/revenue\") { key version figures { revised committed available } } }",
    "{ fund(code: \"F\") { balances { unallocated } } }",
    "{ fund(code: \"F\") { code name parent { code } } }",
    "{ entry(position: \"17\") { reason events { summary } } }",
    "{ entry(position: \"14\") { canonical } }",
    "{ policy { restricted canonical } }",
    "{ systems(year: \"2018-19\") { partial rows { icb } } }",
    "{ signOffQueue(first: 10) { edges { node { number } } } }",
    "{ whatIf(input: {}) { position } }",
    "{ capitalForRevenue(year: \"2018-19\") { used } exchanges(year: \"2018-19\") { deferred } ifAllWerePosted { account change } }",
    "{ flows(year: \"2018-19\", by: PROGRAMME) { totals { budget } rows(first: 50) { edges { cursor } } origins(first: 50) { edges { cursor } } } }",
    "{ commitmentsAtRisk(year: \"2018-19\") { rows(first: 50) { edges { cursor } } } balances { rows(first: 50) { edges { cursor } } } }",
    "{ diff(year: \"2018-19\", since: { position: \"9\" }) { rows(first: 50) { edges { cursor } } } bridge(year: \"2018-19\") { partial } }",
    "{ signOffTimes { rows(first: 50) { edges { cursor } } } delegations { number } }",
];

/// Postings of each sort on lines within reach and out of it, tried and then posted.
fn postings() -> Vec<(&'static str, Value)> {
    let (own, other, secret) =
        ("P1/RA1/2018-19/revenue", "P1/RB1/2018-19/revenue", "SECRET/RA1/2018-19/revenue");
    let mut all = Vec::new();
    for line in [own, other, secret] {
        all.push(("commit", commit(line, "1.00", "PO-N")));
        all.push(("commit", commit(line, "100000.00", "PO-M")));
        all.push((
            "cut",
            json!({ "line": line, "month": "M2", "amount": "5000.00", "to": { "fund": "F" } }),
        ));
        all.push((
            "reallocate",
            json!({ "month": "M2", "from": part(line, "1.00"), "to": part(own, "1.00") }),
        ));
        all.push((
            "reallocate",
            json!({ "month": "M2", "from": part(line, "8000.00"), "to": part(own, "8000.00") }),
        ));
        all.push((
            "reallocate",
            json!({ "month": "M2", "from": part(own, "1.00"), "to": part(line, "1.00") }),
        ));
        all.push(("exchangeBudget", json!({ "line": line, "month": "M2", "amount": "900.00" })));
        all.push(("recordActual", json!({ "line": line, "month": "M2", "amount": "5000.00" })));
        all.push((
            "recordActual",
            json!({ "line": own, "month": "M2", "amount": "1.00", "discharges": "PO-B" }),
        ));
        all.push((
            "explainUnderspend",
            json!({ "line": line, "cause": "SLIPPAGE", "amount": "7000.00" }),
        ));
        for version in ["0", "15", "17"] {
            let mut input = commit(own, "1.00", "PO-V");
            input["expectedVersions"] = json!([{ "line": line, "version": version }]);
            all.push(("commit", input));
        }
    }
    all.push(("recordActual", json!({ "line": own, "month": "M2", "amount": "60000.00" })));
    for reference in ["PO-A", "PO-B", "PO-S"] {
        all.push(("commit", commit(own, "1.00", reference)));
        all.push((
            "releaseCommitment",
            json!({ "reference": reference, "month": "M2", "amount": "500.00" }),
        ));
    }
    for entry in 1..=24 {
        all.push(("reverse", json!({ "entry": entry.to_string() })));
    }
    for proposal in 19..=24 {
        let of = json!({ "proposal": proposal.to_string(), "version": 1 });
        all.push(("signOff", json!({ "proposals": [of] })));
        all.push(("rejectProposal", of.clone()));
        all.push(("submitProposal", of));
        all.push(("withdrawProposal", json!({ "proposal": proposal.to_string() })));
    }
    all.push(("allocate", json!({ "fund": "F", "month": "M2", "to": part(own, "8900.00") })));
    all.push((
        "cancelProgramme",
        json!({ "programme": "SECRET", "month": "M2", "to": { "outOfBook": "TREASURY" } }),
    ));
    all.push(("closeProgramme", json!({ "code": "SECRET" })));
    all.push(("closeProgramme", json!({ "code": "P2" })));
    all
}

/// Asks and posts the same in two books: `other` and `secret` are the amounts out of reach.
fn compare(who: &Principal, other: [u32; 2], secret: [u32; 2]) {
    let (first, second) =
        (SmallBook::new(other[0], secret[0]), SmallBook::new(other[1], secret[1]));
    // A body is under a regime by a forecast of a restricted programme.
    for (book, secret) in [&first, &second].into_iter().zip(secret) {
        for (field, amount) in [("reviseForecast", secret * 2), ("recordActual", secret / 4)] {
            let mut input = json!({ "line": "SECRET/RA1/2018-19/revenue", "month": "M2", "amount": format!("{amount}.00") });
            if field == "reviseForecast" {
                input["series"] = json!("reported");
            }
            book.record("mo", &json!({ field: input })).unwrap();
        }
    }
    let asks = |when: &str| {
        for question in QUESTIONS {
            let answers = [&first, &second].map(|book| book.ask(who, question, json!({})));
            for error in answers[0]["errors"].as_array().into_iter().flatten() {
                assert!(error["extensions"]["code"].is_string(), "{question}: {error}");
            }
            assert_eq!(answers[0].to_string(), answers[1].to_string(), "{when} {question}");
        }
    };
    asks("before");
    for dry_run in [true, false] {
        for (field, input) in postings() {
            let mut input = input.clone();
            input["dryRun"] = json!(dry_run);
            let answers = [&first, &second].map(|book| book.post(who, field, &input));
            assert_eq!(answers[0].to_string(), answers[1].to_string(), "{field} {input}");
        }
    }
    asks("after");
}

const FIRST: [u32; 2] = [200, 3000];
const SAME: [u32; 2] = [200, 200];

#[test]
fn of_preparers_limited_to_a_body() {
    compare(&lim(), FIRST, FIRST);
    compare(&person("pru", vec![limited("preparer", &["RA1", "QA1"], &["H"])]), FIRST, FIRST);
}

#[test]
fn of_a_preparer_who_may_not_read_a_restricted_programme() {
    compare(&pat(), SAME, FIRST);
}

#[test]
fn of_others() {
    let department = "approver:department:XDH";
    compare(&person("ida", vec![limited(department, &["RA1"], &[])]), FIRST, FIRST);
    compare(&person("bob", vec![everywhere(department)]), SAME, FIRST);
    compare(&person("ada", vec![everywhere("administrator")]), SAME, FIRST);
    compare(&person("vi", vec![limited("viewer", &["RA1"], &[])]), FIRST, FIRST);
    compare(&person("nob", Vec::new()), FIRST, FIRST);
}
