//! The gate: every command, for every role, on the role's own body and on another.
//!
//! An exhaustive match states the reach each command needs, so a new command does not compile until
//! it is added. The suite fails without an example of it.

use std::collections::BTreeSet;

use ledger_api::access::gate::{self, Denied};
use ledger_api::access::identity::grant::{Grant, Reach};
use ledger_api::access::identity::principal::Principal;
use ledger_api::access::identity::role::Role;
use ledger_api::clock::{now, system_clock};
use ledger_core::domain::command::Command;
use ledger_core::domain::policy::Policy;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::{ActorId, BookId};
use ledger_core::state::Genesis;
use projections::book::{Book, DataFolder};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The reach a command needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// The lines it names, directly or through a reference.
    Lines,
    /// A body itself.
    Body,
    /// A programme itself.
    Programme,
    /// A fund that a limited grant must name.
    Fund,
    /// The whole book.
    Book,
    /// A proposal, a policy or a delegation: the role decides, not a place.
    SignOff,
}

fn within(command: &Command) -> Within {
    match command {
        Command::Allocate(_) | Command::Earmark(_) => Within::Fund,
        Command::Cut(_)
        | Command::Reallocate(_)
        | Command::SplitLine(_)
        | Command::ExchangeBudget(_)
        | Command::Commit(_)
        | Command::ReleaseCommitment(_)
        | Command::Accrue(_)
        | Command::RecordActual(_)
        | Command::ReviseForecast(_)
        | Command::WithdrawForecast(_)
        | Command::Correct(_)
        | Command::ExplainUnderspend(_)
        | Command::SetProfile(_)
        | Command::Reverse(_)
        | Command::Propose(_)
        | Command::ReviseProposal(_)
        | Command::Batch(_) => Within::Lines,
        Command::LinkOffset(_) | Command::ReviewProposal(_) => Within::Body,
        Command::RenameProgramme(_) | Command::CloseProgramme(_) | Command::CancelProgramme(_) => {
            Within::Programme
        }
        Command::RegisterBody(_)
        | Command::CloseBody(_)
        | Command::MergeBodies(_)
        | Command::OpenProgramme(_)
        | Command::EstablishFund(_)
        | Command::SettleFunding(_)
        | Command::CancelFund(_)
        | Command::OpenYear(_)
        | Command::StrikeBaseline(_)
        | Command::WithdrawBaseline(_)
        | Command::DefineScope(_)
        | Command::PublishFigure(_)
        | Command::ClosePeriod(_)
        | Command::ReopenPeriod(_) => Within::Book,
        Command::AdoptPolicy(_)
        | Command::SubmitProposal(_)
        | Command::SignOff(_)
        | Command::RejectProposal(_)
        | Command::WithdrawProposal(_)
        | Command::RequestPeerReview(_)
        | Command::Delegate(_)
        | Command::EndDelegation(_) => Within::SignOff,
    }
}

/// The number of commands.
const KINDS: usize = 44;

fn command(value: &Value) -> Command {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

/// An example of every command, on a body and a programme. The commitment and the entry belong to
/// that body too.
fn examples(body: &str, programme: &str) -> Vec<Command> {
    let line = format!("{programme}/{body}/2018-19/revenue");
    let part = json!([{ "line": line, "amount": "1.00" }]);
    let reverse = if body == "RA1" { 10 } else { 11 };
    let commit = json!({ "line": line, "month": "M2", "amount": "1.00", "reference": "new" });
    let examples = [
        json!({ "registerBody": { "code": "RZ9", "name": "New", "kind": "gpPractice", "parent": body } }),
        json!({ "closeBody": { "code": body, "on": "2019-03-31" } }),
        json!({ "mergeBodies": { "from": [body], "into": body, "on": "2019-03-31" } }),
        json!({ "openProgramme": { "code": "NEW", "name": "New", "parent": programme } }),
        json!({ "renameProgramme": { "code": programme, "name": "Other" } }),
        json!({ "closeProgramme": { "code": programme } }),
        json!({ "cancelProgramme": { "programme": programme, "to": "treasury", "month": "M2" } }),
        json!({ "establishFund": { "code": "G", "name": "G" } }),
        json!({ "settleFunding": { "fund": "F", "class": "revenue", "from": "2018-19", "to": "2018-19", "newMoney": "1.00", "reannounced": "0.00" } }),
        json!({ "earmark": { "fund": "F", "class": "revenue", "to": [] } }),
        json!({ "allocate": { "fund": "F", "month": "M2", "to": part } }),
        json!({ "cut": { "line": line, "amount": "1.00", "month": "M2" } }),
        json!({ "reallocate": { "month": "M2", "from": part, "to": part } }),
        json!({ "splitLine": { "line": line, "capital": "1.00", "revenue": "0.00", "month": "M2" } }),
        json!({ "exchangeBudget": { "line": line, "amount": "1.00", "month": "M2" } }),
        json!({ "commit": commit }),
        json!({ "releaseCommitment": { "reference": format!("of-{body}"), "month": "M2" } }),
        json!({ "accrue": { "line": line, "month": "M2", "amount": "1.00", "reference": "new", "discharges": format!("of-{body}") } }),
        json!({ "recordActual": { "line": line, "month": "M2", "amount": "1.00" } }),
        json!({ "reviseForecast": { "line": line, "month": "M2", "series": "reported", "amount": "1.00" } }),
        json!({ "explainUnderspend": { "line": line, "cause": "slippage", "amount": "1.00" } }),
        json!({ "setProfile": { "line": line, "profile": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] } }),
        json!({ "strikeBaseline": { "year": "2018-19", "name": "plan" } }),
        json!({ "closePeriod": { "year": "2018-19", "close": "hard" } }),
        json!({ "reopenPeriod": { "year": "2018-19", "month": "M1" } }),
        json!({ "reverse": { "entry": reverse } }),
        json!({ "correct": { "entry": reverse, "replacement": { "commit": commit } } }),
        json!({ "withdrawForecast": { "entry": reverse } }),
        json!({ "withdrawBaseline": { "year": "2018-19", "name": "plan" } }),
        json!({ "cancelFund": { "fund": "F", "to": "treasury" } }),
        json!({ "openYear": { "from": "2018-19", "fund": "F", "month": "M1" } }),
        json!({ "batch": [{ "commit": commit }, { "releaseCommitment": { "reference": "new", "month": "M2" } }] }),
        json!({ "propose": { "command": { "commit": commit } } }),
        json!({ "reviseProposal": { "proposal": 9, "version": 1, "command": { "commit": commit } } }),
        json!({ "reviewProposal": { "proposal": 9, "version": 1, "body": body, "outcome": "supported" } }),
        json!({ "linkOffset": { "year": "2018-19", "deteriorated": body, "by": body, "amount": "1.00" } }),
    ];
    examples.into_iter().map(|value| command(&value)).collect()
}

/// An example of every command about sign-off, with the roles that may send it.
fn about_sign_off() -> Vec<(Command, &'static [&'static str])> {
    const APPROVERS: &[&str] =
        &["approver:icb:QA1", "approver:region:YA1", "approver:department:XDH"];
    let one = json!({ "proposal": 9, "version": 1 });
    let capacity = json!({ "tier": "icb", "body": "QA1" });
    let (begins, ends) = ("2026-01-01", "2026-02-01");
    let adopt = json!({ "adoptPolicy": { "policy": Policy::default(), "effective": begins } });
    let examples: [(Value, &[&str]); 9] = [
        (json!({ "propose": { "command": adopt } }), &["administrator"]),
        (adopt, &["administrator"]),
        (json!({ "submitProposal": one }), &["preparer", "administrator"]),
        (json!({ "withdrawProposal": { "proposal": 9 } }), &["preparer", "administrator"]),
        (
            json!({ "requestPeerReview": { "proposal": 9, "version": 1, "body": "RB1" } }),
            &["preparer"],
        ),
        (json!({ "signOff": { "proposals": [one] } }), APPROVERS),
        (json!({ "rejectProposal": one }), APPROVERS),
        (
            json!({ "delegate": { "to": "sam", "capacity": capacity, "begins": begins, "ends": ends } }),
            APPROVERS,
        ),
        (json!({ "endDelegation": { "delegation": 9 } }), APPROVERS),
    ];
    examples.into_iter().map(|(value, holders)| (command(&value), holders)).collect()
}

/// A book with two trusts, each below its own ICB, two programmes, and a commitment of each trust:
/// entries 10 and 11.
fn book() -> (TempDir, Book) {
    let folder = tempfile::tempdir().unwrap();
    let genesis = Genesis {
        book: BookId::new([7; 16]),
        department: "XDH".parse().unwrap(),
        name: "The department".parse().unwrap(),
        policy: Policy::default(),
        recorded: now(),
        actor: "local".parse().unwrap(),
    };
    let data = DataFolder::writable(folder.path()).unwrap();
    let book = Book::create(data, &genesis, system_clock()).unwrap();
    let body = |code: &str, kind: &str, parent: &str| json!({ "registerBody": { "code": code, "name": code, "kind": kind, "parent": parent } });
    let programme = |code: &str| json!({ "openProgramme": { "code": code, "name": code } });
    let commit = |body: &str| {
        let line = format!("P1/{body}/2018-19/revenue");
        json!({ "commit": { "line": line, "month": "M1", "amount": "1.00", "reference": format!("of-{body}") } })
    };
    let line =
        |body: &str| json!({ "line": format!("P1/{body}/2018-19/revenue"), "amount": "9.00" });
    let commands = [
        json!({ "batch": [body("QA1", "icb", "XDH"), body("QB1", "icb", "XDH")] }),
        body("RA1", "trust", "QA1"),
        body("RB1", "trust", "QB1"),
        programme("P1"),
        programme("P2"),
        json!({ "establishFund": { "code": "F", "name": "F" } }),
        json!({ "settleFunding": { "fund": "F", "class": "revenue", "from": "2018-19", "to": "2018-19", "newMoney": "100.00", "reannounced": "0.00" } }),
        json!({ "allocate": { "fund": "F", "month": "M1", "to": [line("RA1"), line("RB1")] } }),
        commit("RA1"),
        commit("RB1"),
    ];
    let postings = commands.into_iter().enumerate().map(|(number, value)| Posting {
        key: format!("key-{number}").parse().unwrap(),
        command: command(&value),
        reason: "A test".parse().unwrap(),
        authority: None,
        evidence: Default::default(),
        inferred: None,
        expected_versions: Vec::new(),
    });
    let actor: ActorId = "local".parse().unwrap();
    for outcome in book.writer().post_all_blocking(&actor, postings.collect()) {
        outcome.unwrap();
    }
    (folder, book)
}

fn with(grants: Vec<Grant>) -> Principal {
    Principal { grants, ..Principal::local("somebody".parse().unwrap()) }
}

fn limited(role: &str, bodies: &[&str], programmes: &[&str]) -> Grant {
    let role: Role = role.parse().unwrap();
    let mut grant = Grant::everywhere(role);
    if !bodies.is_empty() {
        grant.bodies = Reach::Only(bodies.iter().map(|code| code.parse().unwrap()).collect());
    }
    if !programmes.is_empty() {
        grant.programmes =
            Reach::Only(programmes.iter().map(|code| code.parse().unwrap()).collect());
    }
    grant
}

fn everywhere(role: &str) -> Grant {
    limited(role, &[], &[])
}

/// The roles that post nothing.
const POST_NOTHING: [&str; 6] = [
    "viewer",
    "auditor",
    "administrator",
    "approver:icb:QA1",
    "approver:region:YA1",
    "approver:department:XDH",
];

fn code(judged: &Result<(), Denied>) -> &'static str {
    judged.as_ref().err().map_or("", Denied::code)
}

#[test]
fn every_command_has_an_example() {
    let about_sign_off = about_sign_off().into_iter().map(|(command, _)| command);
    let kinds: BTreeSet<String> = examples("RA1", "P1")
        .into_iter()
        .chain(about_sign_off)
        .map(|command| {
            let value = serde_json::to_value(command).unwrap();
            value.as_object().unwrap().keys().next().unwrap().clone()
        })
        .collect();
    assert_eq!(kinds.len(), KINDS);
}

#[test]
fn every_role_sends_only_its_commands_on_its_bodies_and_programmes() {
    let (_folder, book) = book();
    for (body, own) in [("RA1", true), ("RB1", false)] {
        for command in examples(body, "P1") {
            let judge = |grants| code(&gate::may_post(&with(grants), &command, &book));
            let what = format!("{body} {command:?}");
            for role in POST_NOTHING {
                assert_eq!(judge(vec![everywhere(role)]), "FORBIDDEN", "{role} {what}");
            }
            let all = POST_NOTHING.map(everywhere).to_vec();
            assert_eq!(judge(all), "FORBIDDEN", "all of them at once: {what}");
            assert_eq!(judge(vec![everywhere("preparer")]), "", "{what}");
            let within = within(&command);
            // By body: the ICB is listed, the trust is below it.
            let covered = own && matches!(within, Within::Lines | Within::Body);
            let want = if covered { "" } else { "FORBIDDEN_SCOPE" };
            assert_eq!(judge(vec![limited("preparer", &["QA1"], &[])]), want, "by body: {what}");
            // The reach of a reading role does not widen a posting role.
            let mixed = vec![limited("preparer", &["QA1"], &[]), everywhere("viewer")];
            assert_eq!(judge(mixed), want, "reads everywhere: {what}");
            // By programme.
            let covered = matches!(within, Within::Lines | Within::Programme);
            let want = if covered { "" } else { "FORBIDDEN_SCOPE" };
            assert_eq!(judge(vec![limited("preparer", &[], &["P1"])]), want, "P1: {what}");
            let other = judge(vec![limited("preparer", &[], &["P2"])]);
            assert_eq!(other, "FORBIDDEN_SCOPE", "P2: {what}");
            // By body and programme.
            let covered = own && within == Within::Lines;
            let want = if covered { "" } else { "FORBIDDEN_SCOPE" };
            let both = judge(vec![limited("preparer", &["RA1"], &["P1"])]);
            assert_eq!(both, want, "by both: {what}");
            // Two grants together cover what each of them covers, and no more.
            let union =
                vec![limited("preparer", &["RA1"], &[]), limited("preparer", &["RB1"], &[])];
            let covered = matches!(within, Within::Lines | Within::Body);
            let want = if covered { "" } else { "FORBIDDEN_SCOPE" };
            assert_eq!(judge(union), want, "two grants: {what}");
            // By body and fund.
            let covered =
                (own && matches!(within, Within::Lines | Within::Body)) || within == Within::Fund;
            let covered = covered && (own || matches!(command, Command::Earmark(_)));
            let want = if covered { "" } else { "FORBIDDEN_SCOPE" };
            let mut grant = limited("preparer", &["RA1"], &[]);
            grant.funds = vec!["F".parse().unwrap()];
            assert_eq!(judge(vec![grant]), want, "by body and fund: {what}");
        }
    }
}

#[test]
fn every_role_sends_only_its_commands_about_sign_off() {
    let (_folder, book) = book();
    for (command, holders) in about_sign_off() {
        assert!(matches!(within(&command), Within::SignOff | Within::Lines), "{command:?}");
        for role in POST_NOTHING.into_iter().chain(["preparer"]) {
            let judged = gate::may_post(&with(vec![everywhere(role)]), &command, &book);
            let want = if holders.contains(&role) { "" } else { "FORBIDDEN" };
            assert_eq!(code(&judged), want, "{role} {command:?}");
        }
    }
}

#[test]
fn one_line_out_of_reach_refuses_the_whole_command() {
    let (_folder, book) = book();
    let line =
        |body: &str| json!([{ "line": format!("P1/{body}/2018-19/revenue"), "amount": "1.00" }]);
    let out = json!({ "month": "M2", "from": line("RA1"), "to": line("RB1") });
    let preparer = with(vec![limited("preparer", &["QA1"], &[])]);
    let judge = |value: Value| gate::may_post(&preparer, &command(&value), &book);
    let denied = judge(json!({ "reallocate": out })).unwrap_err();
    assert!(denied.to_string().contains("P1/RB1/2018-19/revenue"), "{denied}");
    // A batch, an unknown reference, or an entry with more lines does not hide it.
    let batch = json!({ "batch": [{ "releaseCommitment": { "reference": "of-RA1", "month": "M2" } }, { "reallocate": out }] });
    assert_eq!(code(&judge(batch)), "FORBIDDEN_SCOPE");
    let unknown = json!({ "releaseCommitment": { "reference": "nobody's", "month": "M2" } });
    assert_eq!(code(&judge(unknown)), "FORBIDDEN_SCOPE");
    for entry in [1, 5, 9, 11, 12] {
        assert_eq!(code(&judge(json!({ "reverse": { "entry": entry } }))), "FORBIDDEN_SCOPE");
    }
}

#[test]
fn every_other_right_belongs_to_the_roles_that_have_it() {
    type Right = fn(&Principal) -> Result<(), Denied>;
    let rights: [(&str, Right, &[&str]); 6] = [
        ("propose policy", gate::may_propose_policy, &["administrator"]),
        ("administer", gate::may_administer, &["administrator"]),
        ("confirm keys", gate::may_confirm, &["administrator", "approver:department:XDH"]),
        ("read the access log", gate::may_read_access_log, &["auditor"]),
        (
            "post",
            gate::may_change_something,
            &[
                "preparer",
                "administrator",
                "approver:icb:QA1",
                "approver:region:YA1",
                "approver:department:XDH",
            ],
        ),
        (
            "read",
            gate::may_read,
            &[
                "preparer",
                "viewer",
                "auditor",
                "administrator",
                "approver:icb:QA1",
                "approver:region:YA1",
                "approver:department:XDH",
            ],
        ),
    ];
    for (name, right, holders) in rights {
        for role in POST_NOTHING.into_iter().chain(["preparer"]) {
            let judged = right(&with(vec![everywhere(role)]));
            let want = if holders.contains(&role) { "" } else { "FORBIDDEN" };
            assert_eq!(code(&judged), want, "{role} {name}");
        }
        assert_eq!(code(&right(&with(Vec::new()))), "FORBIDDEN", "nobody: {name}");
    }
    let export = |grants| code(&gate::may_export(&with(grants)));
    assert_eq!(export(vec![limited("viewer", &["RA1"], &[])]), "FORBIDDEN_SCOPE");
    assert_eq!(export(vec![limited("auditor", &["RA1"], &[])]), "", "an auditor reads everything");
    assert_eq!(export(vec![everywhere("viewer")]), "");
}
