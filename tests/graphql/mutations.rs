//! Every mutation: posted, refused, tried, repeated, and its key used for something else.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::fixture::{Fixture, number};
use crate::sign_off;

/// A mutation in a story: what is posted, and what is refused after it. `LAST` is the last entry
/// before both.
struct Case {
    field: &'static str,
    kind: &'static str,
    input: &'static str,
    refused: &'static str,
    code: &'static str,
}

const fn case(
    field: &'static str,
    kind: &'static str,
    input: &'static str,
    refused: &'static str,
    code: &'static str,
) -> Case {
    Case { field, kind, input, refused, code }
}

const STORY: &[Case] = &[
    case(
        "establishFund",
        "FUND_ESTABLISHED",
        r#"code: "P2020", name: "Paperless 2020""#,
        r#"code: "P2020", name: "Again""#,
        "CODE_TAKEN",
    ),
    case(
        "settleFunding",
        "FUNDING_SETTLED",
        r#"fund: "P2020", class: CAPITAL, from: "2016-17", to: "2018-19", newMoney: "1000.00", reannounced: "500""#,
        r#"fund: "P2020", class: CAPITAL, from: "2018-19", to: "2016-17", newMoney: "1.00", reannounced: "0""#,
        "YEARS_REVERSED",
    ),
    case(
        "earmark",
        "EARMARKED",
        r#"fund: "P2020", class: CAPITAL, to: [{ fund: "LOCAL", amount: "100.00" }]"#,
        r#"fund: "LOCAL", class: CAPITAL, to: [{ fund: "P2020", amount: "1.00" }]"#,
        "NOT_CHILD_FUND",
    ),
    case(
        "registerBody",
        "BODY_REGISTERED",
        r#"code: "RQM", name: "A trust", kind: TRUST, parent: "XDH", openedOn: "2010-04-01""#,
        r#"code: "RQX", name: "A trust", kind: TRUST, parent: "NOBODY""#,
        "UNKNOWN_BODY",
    ),
    case(
        "openProgramme",
        "PROGRAMME_OPENED",
        r#"code: "WIFI", name: "Wi-Fi""#,
        r#"code: "WIFI", name: "Wi-Fi again""#,
        "CODE_TAKEN",
    ),
    case(
        "renameProgramme",
        "PROGRAMME_RENAMED",
        r#"code: "WIFI", name: "NHS Wi-Fi""#,
        r#"code: "WIFY", name: "Misspelt""#,
        "UNKNOWN_PROGRAMME",
    ),
    case(
        "allocate",
        "ALLOCATED",
        r#"fund: "P2020", month: "M1", to: [{ line: "WIFI/RQM/2016-17/capital", amount: "600.00" },
           { line: "CYBER/RQM/2016-17/capital", amount: "100.00" }]"#,
        r#"fund: "P2020", month: "M1", to: [{ line: "WIFI/RQM/2016-17/capital", amount: "9000.00" }]"#,
        "BEYOND_AVAILABLE",
    ),
    case(
        "cut",
        "CUT",
        r#"line: "WIFI/RQM/2016-17/capital", amount: "50.00", month: "M2""#,
        r#"line: "WIFI/RQM/2016-17/capital", amount: "5000.00", month: "M2", to: { outOfBook: TREASURY }"#,
        "BEYOND_AVAILABLE",
    ),
    case(
        "reallocate",
        "REALLOCATED",
        r#"month: "M2", from: [{ line: "WIFI/RQM/2016-17/capital", amount: "10.00" }],
           to: [{ line: "CYBER/RQM/2016-17/capital", amount: "10.00" }]"#,
        r#"month: "M2", from: [{ line: "WIFI/RQM/2016-17/capital", amount: "10.00" }],
           to: [{ line: "CYBER/RQM/2016-17/capital", amount: "9.99" }]"#,
        "UNBALANCED",
    ),
    case(
        "splitLine",
        "LINE_SPLIT",
        r#"line: "APPS/RQM/2016-17/unsplit", capital: "30.00", revenue: "20.00", month: "M3",
           evidence: ["Board paper 7"]"#,
        r#"line: "APPS/RQM/2016-17/unsplit", capital: "1.00", revenue: "1.00", month: "M3""#,
        "EVIDENCE_REQUIRED",
    ),
    case(
        "exchangeBudget",
        "BUDGET_EXCHANGED",
        r#"line: "WIFI/RQM/2016-17/capital", amount: "1.00", month: "M3""#,
        r#"line: "WIFI/RQM/2016-17/capital", amount: "100.00", month: "M3""#,
        "BUDGET_EXCHANGE",
    ),
    case(
        "commit",
        "COMMITTED",
        r#"line: "WIFI/RQM/2016-17/capital", month: "M3", amount: "200.00", reference: "PO-1""#,
        r#"line: "WIFI/RQM/2016-17/capital", month: "M3", amount: "200.00", reference: "PO-1""#,
        "REFERENCE_TAKEN",
    ),
    case(
        "releaseCommitment",
        "COMMITMENT_RELEASED",
        r#"reference: "PO-1", month: "M4", amount: "20.00""#,
        r#"reference: "PO-9", month: "M4""#,
        "UNKNOWN_REFERENCE",
    ),
    case(
        "accrue",
        "ACCRUED",
        r#"line: "WIFI/RQM/2016-17/capital", month: "M4", amount: "80.00", reference: "GRN-1", discharges: "PO-1""#,
        r#"line: "WIFI/RQM/2016-17/capital", month: "M4", amount: "-1.00", reference: "GRN-2""#,
        "NOT_POSITIVE",
    ),
    case(
        "recordActual",
        "ACTUAL_RECORDED",
        r#"line: "WIFI/RQM/2016-17/capital", month: "M5", amount: "75.50", transaction: "INV-1",
           accountingClass: REVENUE, discharges: "GRN-1""#,
        r#"line: "WIFI/RQM/2016-17/capital", month: "M5", amount: "0.00""#,
        "ZERO",
    ),
    case(
        "reviseForecast",
        "FORECAST_REVISED",
        r#"line: "WIFI/RQM/2016-17/capital", month: "M6", amount: "500.00""#,
        r#"line: "WIFI/RQM/2016-17/capital", month: "M6", series: INTERNAL, amount: "500.00", phasing: ["1.00"]"#,
        "PHASING_DIFFERS",
    ),
    case(
        "setProfile",
        "PROFILE_SET",
        r#"line: "WIFI/RQM/2016-17/capital", weights: [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]"#,
        r#"line: "WIFI/RQM/2015-16/capital", weights: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"#,
        "UNKNOWN_LINE",
    ),
    case(
        "explainUnderspend",
        "UNDERSPEND_EXPLAINED",
        r#"line: "WIFI/RQM/2016-17/capital", cause: SLIPPAGE, amount: "30.00""#,
        r#"line: "WIFI/RQM/2016-17/capital", cause: SAVING, amount: "300.00""#,
        "BEYOND_UNDERSPEND",
    ),
    case(
        "defineScope",
        "SCOPE_DEFINED",
        r#"code: "TRUST-CAPITAL", name: "Capital of a trust", bodies: ["RQM"], classes: [CAPITAL]"#,
        r#"code: "ELSEWHERE", name: "Of nobody", bodies: ["NOBODY"]"#,
        "UNKNOWN_BODY",
    ),
    case(
        "publishFigure",
        "FIGURE_PUBLISHED",
        r#"code: "LIKELY", title: "Underspend", scope: "TRUST-CAPITAL", year: "2016-17", measure: UNDERSPEND, figure: { unquantified: "substantial" }, source: "minutes", publishedOn: "2017-01-31", bearer: LOCAL"#,
        r#"code: "MIXED", title: "Spend", scope: "TRUST-CAPITAL", measure: ACTUAL, figure: { range: { low: "1.00", high: "2.00" } }, source: "minutes", publishedOn: "2017-01-31""#,
        "MEASURE_UNFIT",
    ),
    case(
        "strikeBaseline",
        "BASELINE_STRUCK",
        r#"year: "2016-17", name: "original""#,
        r#"year: "2016-17", name: "original""#,
        "BASELINE_TAKEN",
    ),
    case(
        "closePeriod",
        "PERIOD_CLOSED",
        r#"year: "2016-17", month: "M1", close: SOFT"#,
        r#"year: "2016-17", close: SOFT"#,
        "SOFT_CLOSE_NEEDS_MONTH",
    ),
    case(
        "reopenPeriod",
        "PERIOD_REOPENED",
        r#"year: "2016-17", month: "M1", authority: "Finance director, letter of 3 May""#,
        r#"year: "2016-17", month: "M1", authority: "Finance director, letter of 3 May""#,
        "NOT_SOFTLY_CLOSED",
    ),
    case("reverse", "REVERSED", r#"entry: "14""#, r#"entry: "14""#, "REVERSED_ALREADY"),
    case(
        "correct",
        "REVERSED",
        r#"entry: "LAST", replacement: { recordActual: { line: "CYBER/RQM/2016-17/capital", month: "M6", amount: "6.00" } }"#,
        r#"entry: "LAST", replacement: { recordActual: { line: "CYBER/RQM/2016-17/capital", month: "M6", amount: "6.00" } }"#,
        "REVERSED_ALREADY",
    ),
    case(
        "withdrawForecast",
        "FORECAST_WITHDRAWN",
        r#"entry: "LAST""#,
        r#"entry: "LAST""#,
        "NO_FORECAST",
    ),
    case(
        "cancelFund",
        "FUND_CANCELLED",
        r#"fund: "LOCAL", to: { fund: "P2020" }"#,
        r#"fund: "P2020", to: { fund: "LOCAL" }"#,
        "NOT_ABOVE_FUND",
    ),
    case(
        "openYear",
        "ALLOCATED",
        r#"from: "2016-17", fund: "P2020", programme: "WIFI", recurring: true, month: "M1""#,
        r#"from: "2030-31", fund: "P2020", month: "M1""#,
        "NOTHING_TO_OPEN",
    ),
    case(
        "postBatch",
        "COMMITTED",
        r#"commands: [{ commit: { line: "CYBER/RQM/2016-17/capital", month: "M6", amount: "5.00", reference: "PO-2" } },
           { recordActual: { line: "CYBER/RQM/2016-17/capital", month: "M6", amount: "5.00", discharges: "PO-2" } }]"#,
        r#"commands: [{ commit: { line: "CYBER/RQM/2016-17/capital", month: "M6", amount: "5.00", reference: "PO-3" } },
           { recordActual: { line: "CYBER/RQM/2016-17/capital", month: "M6", amount: "0.00" } }]"#,
        "ZERO",
    ),
    case(
        "mergeBodies",
        "BODIES_MERGED",
        r#"from: ["RX1"], into: "RQM", on: "2016-12-31""#,
        r#"from: ["RX7"], into: "RQM", on: "2016-12-31""#,
        "UNKNOWN_BODY",
    ),
    case(
        "closeBody",
        "BODY_CLOSED",
        r#"code: "RX2", on: "2016-12-31""#,
        r#"code: "RX7", on: "2016-12-31""#,
        "UNKNOWN_BODY",
    ),
    case(
        "cancelProgramme",
        "PROGRAMME_CANCELLED",
        r#"programme: "APPS", to: { fund: "P2020" }, month: "M7""#,
        r#"programme: "SUSPENSE", to: { outOfBook: TREASURY }, month: "M7""#,
        "RESERVED_PROGRAMME",
    ),
    case(
        "closeProgramme",
        "PROGRAMME_CLOSED",
        r#"code: "IDLE""#,
        r#"code: "CYBER""#,
        "PROGRAMME_IN_USE",
    ),
];

/// What must be there before a mutation of the story, and is no part of it.
fn prepare(fixture: &Fixture, field: &str) {
    match field {
        "earmark" => {
            fixture.post("establishFund", r#"code: "LOCAL", name: "Local part", parent: "P2020""#);
        }
        "allocate" => {
            for code in ["CYBER", "APPS", "IDLE"] {
                fixture.post("openProgramme", &format!(r#"code: "{code}", name: "{code}""#));
            }
        }
        "splitLine" => {
            fixture.post(
                "settleFunding",
                r#"fund: "P2020", class: UNSPLIT, from: "2016-17", to: "2016-17", newMoney: "100.00", reannounced: "0.00""#,
            );
            fixture.post(
                "allocate",
                r#"fund: "P2020", month: "M1", to: [{ line: "APPS/RQM/2016-17/unsplit", amount: "80.00" }]"#,
            );
        }
        "correct" => {
            let wrong = r#"line: "CYBER/RQM/2016-17/capital", month: "M6", amount: "5.00""#;
            fixture.post("recordActual", wrong);
        }
        "withdrawForecast" => {
            let wrong = r#"line: "CYBER/RQM/2016-17/capital", month: "M9", amount: "5.00""#;
            fixture.post("reviseForecast", wrong);
        }
        "mergeBodies" => {
            for code in ["RX1", "RX2"] {
                fixture.post(
                    "registerBody",
                    &format!(r#"code: "{code}", name: "A trust", kind: TRUST, parent: "XDH""#),
                );
            }
        }
        _ => {}
    }
}

fn only_error(payload: &Value) -> &Value {
    let errors = payload["userErrors"].as_array().expect("a list");
    assert_eq!(errors.len(), 1, "{payload}");
    for field in ["position", "outcome", "entry", "preview"] {
        assert_eq!(payload[field], Value::Null, "{payload}");
    }
    &errors[0]
}

#[test]
fn every_mutation_posts_once_is_tried_is_repeated_and_is_refused_as_data() {
    let fixture = Fixture::empty();
    for Case { field, kind, input, refused, code } in STORY {
        prepare(&fixture, field);
        let before = fixture.head();
        let last = before.to_string();
        let (input, refused) = (input.replace("LAST", &last), refused.replace("LAST", &last));
        let with = |key: &str, reason: &str, rest: &str| {
            let fields = format!("idempotencyKey: \"{key}\", reason: \"{reason}\", {rest}");
            fixture.submit(field, &fields)
        };
        let key = format!("story-{field}");

        let tried = with(&key, "why", &format!("{input}, dryRun: true"));
        assert_eq!(tried["userErrors"], json!([]), "{field}");
        assert_eq!((&tried["dryRun"], &tried["position"]), (&json!(true), &Value::Null), "{field}");
        assert_eq!(tried["outcome"], Value::Null, "{field}");
        assert!(contains_kind(&tried["preview"]["events"], kind), "{field}: {tried}");
        assert_eq!(fixture.head(), before, "{field}: a dry run posts nothing");

        let posted = with(&key, "why", &input);
        assert_eq!(posted["userErrors"], json!([]), "{field}");
        assert_eq!(posted["outcome"], "POSTED", "{field}");
        assert_eq!((&posted["replayed"], &posted["dryRun"]), (&json!(false), &json!(false)));
        assert_eq!(number(&posted["position"]), before + 1, "{field}");
        assert_eq!(posted["entry"]["position"], posted["position"], "{field}");
        assert_eq!(posted["entry"]["actor"], "tester", "{field}");
        assert!(contains_kind(&posted["entry"]["events"], kind), "{field}: {posted}");

        let again = with(&key, "why", &input);
        assert_eq!((&again["replayed"], &again["outcome"]), (&json!(true), &json!("POSTED")));
        for same in ["position", "warnings", "entry"] {
            assert_eq!(again[same], posted[same], "{field}: the first answer again");
        }

        let reused = with(&key, "another reason", &input);
        assert_eq!(only_error(&reused)["code"], "IDEMPOTENCY_KEY_REUSED", "{field}");
        assert_eq!(only_error(&reused)["field"], "idempotencyKey", "{field}");

        for dry_run in ["true", "false"] {
            let rest = format!("{refused}, dryRun: {dry_run}");
            let payload = with(&format!("refused-{field}"), "why", &rest);
            let error = only_error(&payload);
            assert_eq!(error["code"], *code, "{field}: {payload}");
            assert!(error["message"].as_str().is_some_and(|text| text.len() > 20), "{payload}");
        }
        assert_eq!(fixture.head(), before + 1, "{field}: refusals and replays post nothing");
    }
}

fn contains_kind(events: &Value, kind: &str) -> bool {
    events.as_array().is_some_and(|events| events.iter().any(|event| event["kind"] == kind))
}

#[test]
fn the_story_has_every_mutation_there_is_and_a_batch_takes_all_but_itself() {
    let fixture = Fixture::empty();
    let names = |document: &str, list: &str| -> BTreeSet<String> {
        let answer = fixture.ask(document);
        let fields = answer["__type"][list].as_array().expect("fields");
        fields.iter().filter_map(|field| field["name"].as_str().map(str::to_owned)).collect()
    };
    let all = names(r#"{ __type(name: "Mutation") { fields { name } } }"#, "fields");
    let story: BTreeSet<String> = STORY.iter().map(|case| case.field.to_owned()).collect();
    let elsewhere = sign_off::MUTATIONS.map(str::to_owned);
    let mut posting: BTreeSet<String> = story.iter().cloned().chain(elsewhere).collect();
    let previewed =
        names(r#"{ __type(name: "PostingInput") { inputFields { name } } }"#, "inputFields");
    assert_eq!(previewed, posting, "each can be judged among others");
    posting.insert("previewPostings".to_owned());
    assert_eq!(all, posting);
    let batch =
        names(r#"{ __type(name: "CommandInput") { inputFields { name } } }"#, "inputFields");
    let mut others: BTreeSet<String> =
        story.into_iter().filter(|field| field != "postBatch").collect();
    others.extend(["adoptPolicy", "linkOffset", "withdrawBaseline"].map(str::to_owned));
    assert_eq!(batch, others);
}
