//! Ids, references, names and reasons: their forms, and that case does not tell people apart.

use serde_json::json;

use crate::desk::Desk;
use crate::small_book::{SmallBook, commit, everywhere, lim, person};

const OWN: &str = "P1/RA1/2018-19/revenue";

#[test]
fn identifying_texts_have_one_form_and_are_compared_without_case() {
    let book = SmallBook::new(200, 200);
    let who = person("wyn", vec![everywhere("preparer"), everywhere("auditor")]);
    assert_eq!(book.refused(&who, "commit", &commit(OWN, "1.00", "po-a")), "REFERENCE_TAKEN");
    let release = json!({ "reference": "po-a", "month": "M2", "amount": "1.00" });
    assert_eq!(book.refused(&who, "releaseCommitment", &release), "", "it is the same reference");
    assert_eq!(
        book.refused(
            &lim(),
            "releaseCommitment",
            &json!({ "reference": "Po-A", "month": "M2", "amount": "2.00" })
        ),
        ""
    );
    for reference in [" PO-5", "PO-5 ", "PO\u{2011}5", "РО-5", "PO-5\u{200B}"] {
        let answer = book.post(&who, "commit", &commit(OWN, "1.00", reference));
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains("input.reference"), "{reference:?}: {answer}");
    }
    for name in ["  ", "\u{202E}txt", "a\u{200D}b"] {
        let input = json!({ "code": "N1", "name": name });
        assert_eq!(book.refused(&who, "openProgramme", &input), "MALFORMED", "{name:?}");
    }
    // One person, however their id is spelled.
    let bob = |id: &str| {
        person(
            id,
            vec![
                everywhere("preparer"),
                everywhere("approver:department:XDH"),
                everywhere("auditor"),
            ],
        )
    };
    let made = book.post(
        &bob("bob"),
        "propose",
        &json!({ "commands": [{ "commit": commit(OWN, "1.00", "PO-7") }] }),
    );
    let number = &made["data"]["propose"]["position"];
    let sign = json!({ "proposals": [{ "proposal": number, "version": 1 }] });
    assert_eq!(book.refused(&bob("BOB"), "signOff", &sign), "OWN_WORK");
}

#[test]
fn a_key_is_for_one_spelling_of_an_id_and_may_name_funds() {
    let desk = Desk::new();
    let create = |person: &str, more: &str| {
        let arguments = ["keys", "create", "--for", person, "--role", "preparer"];
        let more = more.split(' ').filter(|word| !word.is_empty());
        let arguments: Vec<&str> = arguments.into_iter().chain(more).collect();
        let mut command = crate::process::program(&arguments);
        command.env("BUDGET_LEDGER_DATA", desk.path()).env("BUDGET_LEDGER_TOKEN", &desk.ada);
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for id in ["ben ", "ben\u{200B}", "b\u{435}n", " ", ""] {
        let (code, said) = create(id, "");
        assert_eq!(code, 2, "{id:?}: {said}");
    }
    assert_eq!(create("ben", "").0, 0);
    for other in ["BEN", "Ben", "BOB"] {
        let (code, said) = create(other, "");
        assert!(code == 2 && said.contains("one id"), "{other}: {said}");
    }
    assert_eq!(create("ben", "--body RXX --fund P2020").0, 0);
    let (code, said) = create("ben", "--fund P2020");
    assert!(code == 2 && said.contains("leave out --fund"), "{said}");
    let listed = desk.does("keys list --format json", &desk.ada).to_string();
    assert!(listed.contains("preparer, bodies RXX, funds P2020"), "{listed}");
}
