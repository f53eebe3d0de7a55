//! A small book at a fixed time, asked and posted to in process: two systems, a restricted
//! programme, and amounts out of a limited role's reach.

use std::sync::Arc;

use async_graphql::{Request, Variables};
use ledger_api::access::identity::grant::{Grant, Reach};
use ledger_api::access::identity::principal::Principal;
use ledger_api::access::identity::role::Role;
use ledger_api::graphql::{Caller, LedgerSchema, Limits, schema};
use ledger_core::domain::actor::Actor;
use ledger_core::domain::event::Events;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::{ActorId, BookId};
use ledger_core::log::entry::Entry;
use ledger_core::state::Genesis;
use projections::book::{Book, DataFolder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The proposals of the book: on a line of RB1, on a restricted programme, and on a line of RA1.
pub(crate) const OF_RB1: u64 = 20;
pub(crate) const RESTRICTED: u64 = 21;
pub(crate) const OF_RA1: u64 = 22;
/// A draft on a line of RA1.
pub(crate) const DRAFT: u64 = 23;

pub(crate) struct SmallBook {
    book: Arc<Book>,
    schema: LedgerSchema,
    runtime: Runtime,
    _folder: TempDir,
}

/// What each entry after the first posts. `other` pounds are on a line of RB1, `secret` pounds on
/// one of a restricted programme.
fn postings(other: u32, secret: u32) -> Vec<(&'static str, Value)> {
    let body = |code: &str, kind: &str, parent: &str| json!({ "registerBody": { "code": code, "name": code, "kind": kind, "parent": parent } });
    let programme = |code: &str| json!({ "openProgramme": { "code": code, "name": code } });
    let fund = |code: &str, parent: &str| {
        let mut fund = json!({ "code": code, "name": code });
        if !parent.is_empty() {
            fund["parent"] = json!(parent);
        }
        json!({ "establishFund": fund })
    };
    let line = |programme: &str, body: &str| format!("{programme}/{body}/2018-19/revenue");
    let settle = |fund: &str| json!({ "settleFunding": { "fund": fund, "class": "revenue", "from": "2018-19", "to": "2018-19", "newMoney": "9000.00", "reannounced": "0.00" } });
    let allocate = |line: String, pounds: u32| json!({ "allocate": { "fund": "F", "month": "M1", "to": [{ "line": line, "amount": format!("{pounds}.00") }] } });
    let commit = |line: String, pounds: u32, reference: &str| json!({ "commit": { "line": line, "month": "M2", "amount": format!("{pounds}.00"), "reference": reference } });
    let propose =
        |command: Value, draft: bool| json!({ "propose": { "command": command, "draft": draft } });
    vec![
        (
            "pat",
            json!({ "batch": [body("Y1", "region", "XDH"), body("QA1", "icb", "Y1"), body("QB1", "icb", "Y1")] }),
        ),
        ("pat", body("RA1", "trust", "QA1")),
        ("pat", body("RB1", "trust", "QB1")),
        ("pat", programme("P1")),
        ("pat", programme("P2")),
        ("pat", programme("SECRET")),
        ("pat", json!({ "openProgramme": { "code": "SECRET1", "name": "Below", "parent": "P2" } })),
        ("pat", fund("F", "")),
        ("pat", fund("G", "F")),
        ("pat", fund("H", "")),
        ("pat", settle("F")),
        ("pat", settle("H")),
        ("pat", allocate(line("P1", "RA1"), 1000)),
        ("pat", allocate(line("P1", "RB1"), other)),
        ("pat", allocate(line("SECRET", "RA1"), secret)),
        ("pat", commit(line("P1", "RA1"), 10, "PO-A")),
        ("pat", commit(line("P1", "RB1"), other / 10, "PO-B")),
        ("pat", commit(line("SECRET", "RA1"), secret / 10, "PO-S")),
        ("pat", propose(commit(line("P1", "RB1"), other / 10, "PO-1"), false)),
        ("mo", propose(commit(line("SECRET", "RA1"), secret / 10, "PO-2"), false)),
        ("lim", propose(commit(line("P1", "RA1"), 5, "PO-3"), false)),
        ("lim", propose(commit(line("P1", "RA1"), 6, "PO-4"), true)),
    ]
}

impl SmallBook {
    /// A book with this many pounds on a line of RB1, and on one of a restricted programme.
    pub(crate) fn new(other: u32, secret: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = "2018-07-02T09:00:00Z".parse().unwrap();
        let restricted = ["SECRET", "SECRET1"].map(|code| code.parse().unwrap());
        let genesis = Genesis {
            book: BookId::new([7; 16]),
            department: "XDH".parse().unwrap(),
            name: "The department".parse().unwrap(),
            policy: Policy { restricted: restricted.into(), ..Policy::default() },
            recorded: now,
            actor: "local".parse().unwrap(),
        };
        let data = DataFolder::writable(folder.path()).unwrap();
        let book = Book::create(data, &genesis, Box::new(move || now)).unwrap();
        let book = Arc::new(book);
        let schema = schema(Arc::clone(&book), &Limits::default());
        let book = SmallBook { book, schema, runtime: Runtime::new().unwrap(), _folder: folder };
        for (who, command) in postings(other, secret) {
            book.record(who, &command).unwrap_or_else(|refusal| panic!("{refusal}: {command}"));
        }
        book
    }

    /// Posts past the gate. An error says why it was refused.
    pub(crate) fn record(&self, who: &str, command: &Value) -> Result<(), String> {
        let posting = Posting {
            key: format!("recorded-{}", self.head()).parse().unwrap(),
            command: serde_json::from_value(command.clone()).unwrap(),
            reason: "A test".parse().unwrap(),
            authority: None,
            evidence: Default::default(),
            inferred: None,
            expected_versions: Vec::new(),
        };
        let who: ActorId = who.parse().unwrap();
        let actor: Arc<Actor> = (&who).into();
        let mut posted = self.book.writer().post_all_blocking(actor, vec![posting]);
        posted.pop().unwrap().map(drop).map_err(|refusal| refusal.to_string())
    }

    /// The position of the last entry.
    pub(crate) fn head(&self) -> u64 {
        self.book.models().times.head().get()
    }

    /// Who posted an entry, and its events.
    pub(crate) fn events(&self, position: u64) -> (String, Events) {
        let document = format!("{{ entry(position: \"{position}\") {{ canonical }} }}");
        let answer = self.ask(&person("aud", vec![everywhere("auditor")]), &document, json!({}));
        let line =
            answer["data"]["entry"]["canonical"].as_str().unwrap_or_else(|| panic!("{answer}"));
        let entry: Entry<'_> = serde_json::from_str(line).unwrap();
        (entry.actor.into_owned(), entry.events)
    }

    /// The whole answer to a document.
    pub(crate) fn ask(&self, who: &Principal, document: &str, variables: Value) -> Value {
        let request = Request::new(document)
            .variables(Variables::from_json(variables))
            .data(Caller::new(Arc::new(who.clone())));
        serde_json::to_value(self.runtime.block_on(self.schema.execute(request))).unwrap()
    }

    /// The whole answer to a posting, named by its mutation.
    pub(crate) fn post(&self, who: &Principal, field: &str, input: &Value) -> Value {
        let (first, rest) = field.split_at(1);
        let kind = format!("{}{rest}Input", first.to_uppercase());
        let document = format!(
            "mutation($input: {kind}!) {{ {field}(input: $input) {{
               position outcome replayed warnings {{ code message }}
               entry {{ position events {{ summary steps }} }}
               proposal {{ number version changes {{ account before after }}
                 steps {{ rule limit amount counted {{ entry amount }} }} }}
               preview {{ events {{ summary }} changes {{ account figure before after }} }}
               userErrors {{ code field message rule limit currentVersion }} }} }}"
        );
        let mut input = input.clone();
        let key = format!("{field}-{input}");
        input["reason"] = json!("A test");
        if input["idempotencyKey"].is_null() {
            let digest: u64 =
                key.bytes().fold(7, |sum, byte| sum.wrapping_mul(31) + u64::from(byte));
            input["idempotencyKey"] = json!(format!("{digest:x}"));
        }
        let mut answer = self.ask(who, &document, json!({ "input": input }));
        // The place of an error in the document differs with the input's name alone.
        for error in answer["errors"].as_array_mut().into_iter().flatten() {
            error.as_object_mut().unwrap().remove("locations");
        }
        answer
    }

    /// The code of the refusal; nothing where it was posted.
    pub(crate) fn refused(&self, who: &Principal, field: &str, input: &Value) -> String {
        let answer = self.post(who, field, input);
        let top = &answer["errors"][0]["extensions"]["code"];
        let code = &answer["data"][field]["userErrors"][0]["code"];
        let code = top.as_str().or(code.as_str()).unwrap_or_default();
        assert!(!code.is_empty() || answer.get("errors").is_none_or(Value::is_null), "{answer}");
        code.to_owned()
    }
}

/// A person with grants.
pub(crate) fn person(id: &str, grants: Vec<Grant>) -> Principal {
    Principal { grants, ..Principal::local(id.parse().unwrap()) }
}

/// A role on the whole book.
pub(crate) fn everywhere(role: &str) -> Grant {
    Grant::everywhere(role.parse::<Role>().unwrap())
}

/// A role limited to bodies, drawing on funds.
pub(crate) fn limited(role: &str, bodies: &[&str], funds: &[&str]) -> Grant {
    Grant {
        bodies: Reach::Only(bodies.iter().map(|code| code.parse().unwrap()).collect()),
        funds: funds.iter().map(|code| code.parse().unwrap()).collect(),
        ..everywhere(role)
    }
}

/// A preparer limited to RA1.
pub(crate) fn lim() -> Principal {
    person("lim", vec![limited("preparer", &["RA1"], &[])])
}

/// A preparer everywhere, who may not read restricted programmes.
pub(crate) fn pat() -> Principal {
    person("pat", vec![everywhere("preparer")])
}

/// A commitment's input.
pub(crate) fn commit(line: &str, amount: &str, reference: &str) -> Value {
    json!({ "line": line, "month": "M2", "amount": amount, "reference": reference })
}

/// A part of a movement's input.
pub(crate) fn part(line: &str, amount: &str) -> Value {
    json!([{ "line": line, "amount": amount }])
}
