//! Sign-off over GraphQL, on the sample book and with the keys of a demo.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::fixture::{Fixture, number};

const PREPARER: &str = "demo-preparer";
const ICB: &str = "demo-approver-icb";
const REGION: &str = "demo-approver-region";
const DEPARTMENT: &str = "demo-approver-department";
const ADMINISTRATOR: &str = "demo-administrator";

/// The mutations about sign-off, each of which is posted below.
pub(crate) const MUTATIONS: [&str; 13] = [
    "adoptPolicy",
    "delegate",
    "endDelegation",
    "linkOffset",
    "propose",
    "rejectProposal",
    "requestPeerReview",
    "reviewProposal",
    "reviseProposal",
    "signOff",
    "submitProposal",
    "withdrawBaseline",
    "withdrawProposal",
];

/// A sample book, and a programme of its own for each rule that is shown.
struct Demo {
    fixture: Fixture,
    mutations: std::cell::RefCell<BTreeSet<String>>,
}

impl Demo {
    fn new() -> Self {
        Demo { fixture: Fixture::sample(), mutations: BTreeSet::new().into() }
    }

    /// The same, with a deterioration of a year to come: the illustration's own has long ended.
    fn under_regime() -> Self {
        let demo = Demo::new();
        demo.programme("X-REGIME");
        let on = |amount: &str| {
            format!(
                r#"line: "X-REGIME/X-TRUST-B/2030-31/revenue", month: "M1", amount: "{amount}""#
            )
        };
        demo.passes(PREPARER, "recordActual", &on("0.01"));
        demo.passes(PREPARER, "reviseForecast", &on("1.00"));
        demo
    }

    fn post(&self, who: &str, field: &str, input: &str) -> Value {
        let key = format!("{field}-{}-{}", self.fixture.head(), self.mutations.borrow().len());
        let document = format!(
            "mutation {{ {field}(input: {{ idempotencyKey: \"{key}\", reason: \"shown\", {input} }}) {{
               outcome position warnings {{ code }} userErrors {{ code message rule limit }}
               proposal {{ number version status preparers summary
                 steps {{ tier body rule limit since amount signedBy counted {{ entry pending amount }} }}
                 waitsFor {{ tier body }} changes {{ account figure before after }} }} }} }}"
        );
        self.mutations.borrow_mut().insert(field.to_owned());
        self.fixture.ask_as(who, &document)[field].clone()
    }

    /// Posts, and gives the proposal that it waits in.
    fn waits(&self, who: &str, field: &str, input: &str) -> Value {
        let payload = self.post(who, field, input);
        assert_eq!(payload["outcome"], "AWAITING_SIGN_OFF", "{payload}");
        payload["proposal"].clone()
    }

    fn passes(&self, who: &str, field: &str, input: &str) -> Value {
        self.comes_to("POSTED", who, field, input)
    }

    fn comes_to(&self, outcome: &str, who: &str, field: &str, input: &str) -> Value {
        let payload = self.post(who, field, input);
        assert_eq!(payload["outcome"], outcome, "{payload}");
        payload
    }

    fn refused(&self, who: &str, field: &str, input: &str, code: &str) {
        let payload = self.post(who, field, input);
        assert_eq!(payload["userErrors"][0]["code"], code, "{payload}");
    }

    fn programme(&self, code: &str) {
        self.passes(PREPARER, "openProgramme", &format!(r#"code: "{code}", name: "Shown""#));
    }

    /// A commitment of a body of the illustration.
    fn commit(&self, programme: &str, body: &str, amount: &str, reference: &str) -> Value {
        self.post(PREPARER, "commit", &commitment(programme, body, "2022-23", amount, reference))
    }
}

fn commitment(programme: &str, body: &str, year: &str, amount: &str, reference: &str) -> String {
    format!(
        r#"line: "{programme}/{body}/{year}/revenue", month: "M9", amount: "{amount}", reference: "{reference}""#
    )
}

fn steps(proposal: &Value) -> Vec<(String, String)> {
    let step = |step: &Value| {
        let text = |name: &str| step[name].as_str().expect("text").to_owned();
        (text("tier"), text("body"))
    };
    proposal["steps"].as_array().expect("steps").iter().map(step).collect()
}

fn step(tier: &str, body: &str) -> (String, String) {
    (tier.to_owned(), body.to_owned())
}

fn version(proposal: &Value, version: u32) -> String {
    format!(r#"proposal: {}, version: {version}"#, proposal["number"])
}

fn signature(proposal: &Value, at: u32) -> String {
    format!("proposals: [{{ {} }}]", version(proposal, at))
}

#[test]
fn the_thresholds_of_the_protocol_hold() {
    let demo = Demo::under_regime();
    for code in ["X-ONE", "X-TWO", "X-THREE"] {
        demo.programme(code);
    }
    let passes = demo.commit("X-ONE", "X-TRUST-A", "50000.00", "T-1");
    assert_eq!(passes["outcome"], "POSTED", "{passes}");
    let waits = demo.commit("X-TWO", "X-TRUST-A", "0.01", "T-2");
    assert_eq!(waits["outcome"], "AWAITING_SIGN_OFF", "{waits}");
    assert_eq!(steps(&waits["proposal"]), [step("ICB", "X-ICB")]);
    assert_eq!(waits["proposal"]["steps"][0]["limit"], "50000.00");
    let waits = demo.commit("X-THREE", "X-ICB", "100000.01", "T-3");
    assert_eq!(steps(&waits["proposal"]), [step("REGION", "X-REGION")]);
}

#[test]
fn what_is_split_counts_together() {
    let demo = Demo::under_regime();
    for code in ["X-SPLIT", "X-BATCH"] {
        demo.programme(code);
    }
    let four: Vec<Value> = (1..=4)
        .map(|number| demo.commit("X-SPLIT", "X-TRUST-B", "20000.00", &format!("S-{number}")))
        .collect();
    let outcomes: Vec<&Value> = four.iter().map(|payload| &payload["outcome"]).collect();
    assert_eq!(outcomes, ["POSTED", "POSTED", "AWAITING_SIGN_OFF", "AWAITING_SIGN_OFF"]);
    let counted = |payload: &Value| {
        let counted = payload["proposal"]["steps"][0]["counted"].as_array().expect("a list");
        counted.iter().map(|one| number(&one["entry"])).collect::<Vec<_>>()
    };
    let at = |index: usize| number(&four[index]["position"]);
    assert_eq!(counted(&four[2]), [at(0), at(1)]);
    assert_eq!(counted(&four[3]), [at(0), at(1), at(2)]);
    let commits: Vec<String> = (1..=4)
        .map(|number| {
            let fields =
                commitment("X-BATCH", "X-TRUST-B", "2022-23", "20000.00", &format!("B-{number}"));
            format!("{{ commit: {{ {fields} }} }}")
        })
        .collect();
    let batch = format!("commands: [{}]", commits.join(", "));
    let proposal = demo.waits(PREPARER, "postBatch", &batch);
    assert_eq!(steps(&proposal), [step("ICB", "X-ICB"), step("REGION", "X-REGION")]);
}

#[test]
fn under_the_switch_for_all_trusts_the_same_holds_without_a_regime() {
    let demo = Demo::new();
    demo.programme("X-CALM");
    demo.programme("X-ALWAYS");
    let calm = commitment("X-CALM", "X-TRUST-A", "2027-28", "50000.01", "C-1");
    demo.passes(PREPARER, "commit", &calm);
    let asked = demo.fixture.ask("{ policy { canonical } }");
    let policy = asked["policy"]["canonical"].as_str().expect("JSON");
    let always = policy.replace(r#""trigger":"underRegime""#, r#""trigger":"always""#);
    let adopt = format!(r#"policy: {}, effective: "2022-11-11T00:00:00Z""#, json!(always));
    let proposal = demo.waits(ADMINISTRATOR, "adoptPolicy", &adopt);
    assert_eq!(steps(&proposal), [step("DEPARTMENT", "XDH")]);
    demo.passes(DEPARTMENT, "signOff", &signature(&proposal, 1));
    let now = demo.fixture.ask("{ policy { signOff { trigger } effective } }");
    assert_eq!(now["policy"]["signOff"]["trigger"], "ALWAYS");
    let again = commitment("X-ALWAYS", "X-TRUST-A", "2027-28", "50000.01", "C-2");
    let waits = demo.waits(PREPARER, "commit", &again);
    assert_eq!(steps(&waits), [step("ICB", "X-ICB")]);
    // Its limit is of the new policy; that of what waited before is of the one it was judged by.
    assert_eq!(waits["steps"][0]["since"], "2022-11-11T00:00:00.000000Z");
    let queue =
        "{ signOffQueue(first: 3) { edges { node { waitsFor { since } steps { since } } } } }";
    let queue = demo.fixture.ask(queue);
    let since = |index: usize| {
        let node = &queue["signOffQueue"]["edges"][index]["node"];
        assert_eq!(node["waitsFor"]["since"], node["steps"][0]["since"], "{node}");
        node["waitsFor"]["since"].as_str().expect("a moment")
    };
    let opened = "2004-04-01T11:00:00.000000Z";
    assert_eq!([since(0), since(1), since(2)], [opened, opened, "2022-11-11T00:00:00.000000Z"]);
}

#[test]
fn a_proposal_is_signed_by_those_it_waits_for_and_never_by_its_makers() {
    let demo = Demo::under_regime();
    demo.programme("X-OWN");
    let waits = demo.commit("X-OWN", "X-TRUST-A", "60000.00", "O-1");
    let proposal = &waits["proposal"];
    assert_eq!(proposal["preparers"], json!([PREPARER]));
    assert_eq!(proposal["changes"][0]["after"], "60000.00");
    for nobody in [PREPARER, "demo-viewer", "demo-auditor", ADMINISTRATOR] {
        let document = format!(
            r#"mutation {{ signOff(input: {{ idempotencyKey: "no", reason: "no", {} }}) {{ outcome }} }}"#,
            signature(proposal, 1)
        );
        assert_eq!(demo.fixture.fails_as(nobody, &document), "FORBIDDEN", "{nobody}");
    }
    demo.refused(REGION, "signOff", &signature(proposal, 1), "NOT_YOUR_STEP");
    // Delegated to its maker, it is still the maker's own work.
    let to_maker = r#"to: "demo-preparer", tier: ICB, body: "X-ICB", begins: "2022-01-01T00:00:00Z", ends: "2100-01-01T00:00:00Z""#;
    let given = demo.passes(ICB, "delegate", to_maker);
    demo.refused(PREPARER, "signOff", &signature(proposal, 1), "OWN_WORK");
    demo.passes(ICB, "endDelegation", &format!("delegation: {}", given["position"]));
    demo.passes(ICB, "signOff", &signature(proposal, 1));
    let asked = demo.fixture.ask(&format!(
        "{{ proposal(number: {}) {{ status steps {{ signedBy }} endedBy {{ events {{ kind }} }} }} }}",
        proposal["number"]
    ));
    assert_eq!(asked["proposal"]["status"], "POSTED");
    assert_eq!(asked["proposal"]["steps"][0]["signedBy"], ICB);
    let events = &asked["proposal"]["endedBy"]["events"];
    assert_eq!(events, &json!([{ "kind": "PROPOSAL_SIGNED" }, { "kind": "COMMITTED" }]));
}

#[test]
fn a_date_begins_and_ends_with_its_day_in_the_uk() {
    let demo = Demo::new();
    let dates =
        r#"to: "deputy", tier: ICB, body: "X-ICB", begins: "2027-07-01", ends: "2027-07-31""#;
    demo.passes(ICB, "delegate", dates);
    let given = demo.fixture.ask("{ delegations { begins ends } }")["delegations"][0].clone();
    let expected =
        json!({ "begins": "2027-06-30T23:00:00.000000Z", "ends": "2027-07-31T22:59:59.999999Z" });
    assert_eq!(given, expected);
    // As known on a day: at its end.
    let known = |time: &str| {
        let document = format!("{{ policy(asAt: {{ recordedAt: \"{time}\" }}) {{ position }} }}");
        demo.fixture.ask(&document)["policy"]["position"].clone()
    };
    assert_eq!(known("2018-01-31"), known("2018-01-31T23:59:59Z"));
    assert_ne!(known("2018-01-31"), known("2018-01-31T00:00:00Z"));
}

/// The commitment was signed; an accrual took its place; what pays the accrual rests on the signature.
#[test]
fn what_is_supposed_to_pay_the_accrual_of_a_signed_commitment_needs_no_other_signature() {
    let demo = Demo::under_regime();
    demo.programme("X-ACCRUED");
    let waits = demo.commit("X-ACCRUED", "X-TRUST-A", "60000.00", "AC-O");
    demo.passes(ICB, "signOff", &signature(&waits["proposal"], 1));
    let on = |amount: &str, rest: &str| {
        let line = "line: \"X-ACCRUED/X-TRUST-A/2022-23/revenue\", month: \"M9\"";
        format!("{line}, amount: \"{amount}\", {rest}")
    };
    let accrual = on("60000.00", "reference: \"AC-A\", discharges: \"AC-O\"");
    demo.passes(PREPARER, "accrue", &accrual);
    let warnings = |rest: &str| {
        let spend = on("60000.00", rest);
        let document = format!(
            "{{ whatIf(input: {{ postings: [{{ recordActual: {{ idempotencyKey: \"s\", reason: \"s\", {spend} }} }}] }})
               {{ outcomes {{ warnings {{ code }} userErrors {{ message }} }} }} }}"
        );
        let outcome = demo.fixture.ask(&document)["whatIf"]["outcomes"][0].clone();
        assert_eq!(outcome["userErrors"], json!([]));
        outcome["warnings"].to_string().contains("UNSIGNED_INVESTMENT")
    };
    assert!(!warnings("discharges: \"AC-A\""));
    assert!(warnings("transaction: \"another\""), "what rests on nothing signed does");
    let spend = on("60000.00", "discharges: \"AC-A\"");
    let posted = demo.passes(PREPARER, "recordActual", &spend);
    assert!(!posted["warnings"].to_string().contains("UNSIGNED"), "nor the posting: {posted}");
}

#[test]
fn a_draft_is_revised_submitted_reviewed_rejected_and_withdrawn() {
    let demo = Demo::under_regime();
    demo.programme("X-DRAFT");
    let commit = |amount: &str| {
        let fields = commitment("X-DRAFT", "X-TRUST-A", "2022-23", amount, "D-1");
        format!("commands: [{{ commit: {{ {fields} }} }}]")
    };
    let draft = format!("{}, draft: true", commit("1.00"));
    let drafted = demo.comes_to("DRAFTED", PREPARER, "propose", &draft);
    let first = json!({ "number": drafted["position"] });
    let revision = format!("{}, {}", version(&first, 1), commit("70000.00"));
    demo.comes_to("DRAFTED", PREPARER, "reviseProposal", &revision);
    let proposal = demo.waits(PREPARER, "submitProposal", &version(&first, 2));
    let asked = format!(r#"{}, body: "X-TRUST-B""#, version(&proposal, 2));
    demo.passes(PREPARER, "requestPeerReview", &asked);
    demo.refused(PREPARER, "reviewProposal", &format!("{asked}, outcome: SUPPORTED"), "OWN_WORK");
    demo.refused(ICB, "rejectProposal", &version(&proposal, 1), "SUPERSEDED");
    demo.comes_to("REJECTED", ICB, "rejectProposal", &version(&proposal, 2));
    let withdraw = format!("proposal: {}", proposal["number"]);
    demo.refused(PREPARER, "withdrawProposal", &withdraw, "WRONG_STAGE");
    let other = demo.comes_to("DRAFTED", PREPARER, "propose", &draft);
    let withdraw = format!("proposal: {}", other["position"]);
    demo.comes_to("WITHDRAWN", PREPARER, "withdrawProposal", &withdraw);
    let link = r#"year: "2022-23", deteriorated: "X-TRUST-A", by: "X-TRUST-B", amount: "0.01""#;
    demo.refused(PREPARER, "linkOffset", link, "BEYOND_IMPROVEMENT");
}

#[test]
fn the_queue_says_what_waits_with_whom_and_what_if_all_were_posted() {
    let demo = Demo::new();
    let queue = demo.fixture.ask(
        "{ signOffQueue(first: 10) { edges { node { summary waitsFor { tier body waitingSince rule limit } } } }
           region: signOffQueue(first: 10, tier: REGION) { edges { node { summary } } }
           ifAllWerePosted { account figure before after available }
           systems(year: \"2022-23\") { partial rows { icb regime deteriorations { body amount uncompensated offsets { by amount } } } }
           rejected: proposals(first: 10, status: REJECTED) { edges { node { version steps { rule } endedBy { recordedAt } } } } }",
    );
    let edges = queue["signOffQueue"]["edges"].as_array().expect("edges");
    assert_eq!(edges.len(), 2, "{queue}");
    assert_eq!(edges[0]["node"]["waitsFor"]["waitingSince"], "2022-12-12T12:00:00.000000Z");
    assert_eq!(queue["region"]["edges"].as_array().map(Vec::len), Some(1));
    let changes = queue["ifAllWerePosted"].as_array().expect("changes");
    let trust = changes.iter().find(|one| one["account"] == "X-CLINIT/X-TRUST-B/2022-23/revenue");
    let trust = trust.expect("the trust's line");
    assert_eq!((&trust["figure"], &trust["after"]), (&json!("committed"), &json!("50000.01")));
    assert_eq!(trust["available"], "15000000.00");
    assert_eq!(queue["systems"]["partial"], false);
    let system = &queue["systems"]["rows"][0];
    assert_eq!(
        (&system["icb"], &system["regime"]),
        (&json!("X-ICB"), &json!("PROVIDER_DETERIORATED"))
    );
    let found = &system["deteriorations"][0];
    assert_eq!((&found["amount"], &found["uncompensated"]), (&json!("1200000.00"), &json!("0.00")));
    let rejected = &queue["rejected"]["edges"][0]["node"];
    assert_eq!(rejected["steps"][0]["rule"], "PROPOSED", "{queue}");
}

#[test]
fn how_long_sign_off_took_is_told_by_step_and_by_approver() {
    let demo = Demo::under_regime();
    demo.programme("X-TIMES");
    let waits = demo.commit("X-TIMES", "X-TRUST-A", "60000.00", "TM-1");
    let before = demo.fixture.head();
    demo.passes(ICB, "signOff", &signature(&waits["proposal"], 1));
    let asked = |at: u64| {
        let told = "partial rows(first: 5) { edges { node { step tier approver signatures totalHours averageHours longestHours } } }";
        demo.fixture.ask(&format!(
            "{{ all: signOffTimes(asAt: {{ position: \"{at}\" }}) {{ {told} }}
               each: signOffTimes(by: APPROVER, asAt: {{ position: \"{at}\" }}) {{ {told} }} }}"
        ))
    };
    assert_eq!(asked(before)["all"]["rows"]["edges"], json!([]));
    let told = asked(demo.fixture.head());
    for (field, approver) in [("all", Value::Null), ("each", json!(ICB))] {
        assert_eq!(told[field]["partial"], false);
        let edges = told[field]["rows"]["edges"].as_array().expect("edges");
        assert_eq!(edges.len(), 1, "{told}");
        let mut node = edges[0]["node"].clone();
        for hours in ["totalHours", "averageHours", "longestHours"] {
            assert!(node[hours].as_str().is_some_and(|text| text.contains('.')), "{node}");
            node.as_object_mut().expect("a row").remove(hours);
        }
        let row = json!({ "step": 1, "tier": "ICB", "approver": approver, "signatures": 1 });
        assert_eq!(node, row);
    }
}

#[test]
fn a_baseline_is_withdrawn_by_two_people() {
    let demo = Demo::new();
    let baseline = r#"year: "2026-27", name: "outline""#;
    demo.passes(PREPARER, "strikeBaseline", baseline);
    let asked = || demo.fixture.ask(r#"{ financialYear(year: "2026-27") { baselines } }"#);
    assert_eq!(asked()["financialYear"]["baselines"], json!(["original", "outline"]));
    let proposal = demo.waits(PREPARER, "withdrawBaseline", baseline);
    assert_eq!(proposal["steps"][0]["rule"], "ALWAYS_SIGNED");
    demo.passes(DEPARTMENT, "signOff", &signature(&proposal, 1));
    assert_eq!(asked()["financialYear"]["baselines"], json!(["original"]));
}
