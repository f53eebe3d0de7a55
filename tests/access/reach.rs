//! Who may register, draw on a fund, post, revise, submit, withdraw, sign and read.

use serde_json::{Value, json};

use crate::small_book::{
    DRAFT, OF_RA1, OF_RB1, RESTRICTED, SmallBook, commit, everywhere, lim, limited, part, pat,
    person,
};

const OWN: &str = "P1/RA1/2018-19/revenue";

#[test]
fn registering_takes_a_role_that_reaches_the_whole_book() {
    let book = SmallBook::new(200, 200);
    let both = person(
        "both",
        vec![
            limited("preparer", &["XDH"], &["F"]),
            everywhere("viewer"),
            everywhere("administrator"),
        ],
    );
    for (field, input) in [
        ("registerBody", json!({ "code": "N1", "name": "N", "kind": "ICB", "parent": "RA1" })),
        (
            "registerBody",
            json!({ "code": "N2", "name": "N", "kind": "NATIONAL_BODY", "parent": "RA1" }),
        ),
        (
            "registerBody",
            json!({ "code": "N3", "name": "N", "kind": "GP_PRACTICE", "parent": "RA1" }),
        ),
        ("closeBody", json!({ "code": "RA1", "on": "2019-03-31" })),
        ("mergeBodies", json!({ "from": ["RA1"], "into": "RB1", "on": "2019-03-31" })),
        ("openProgramme", json!({ "code": "N4", "name": "N", "parent": "P1" })),
        ("establishFund", json!({ "code": "N5", "name": "N", "parent": "F" })),
        ("defineScope", json!({ "code": "N6", "name": "N" })),
    ] {
        for who in [&lim(), &both] {
            assert_eq!(book.refused(who, field, &input), "FORBIDDEN_SCOPE", "{field} {input}");
            let command = json!({ "commands": [{ field: input }] });
            assert_eq!(book.refused(who, "propose", &command), "FORBIDDEN_SCOPE", "{command}");
        }
    }
}

#[test]
fn what_oversees_stands_below_nothing_that_it_oversees() {
    let book = SmallBook::new(200, 200);
    let register = |code: &str, kind: &str, parent: &str| {
        let input = json!({ "code": code, "name": "N", "kind": kind, "parent": parent });
        book.refused(&pat(), "registerBody", &input)
    };
    for parent in ["RA1", "QA1"] {
        assert_eq!(register("N1", "ICB", parent), "BODY_OUT_OF_ORDER", "{parent}");
        assert_eq!(register("N2", "REGION", parent), "BODY_OUT_OF_ORDER", "{parent}");
    }
    assert_eq!(register("N3", "GP_PRACTICE", "RA1"), "");
    assert_eq!(register("N4", "ICB", "N3"), "BODY_OUT_OF_ORDER");
    assert_eq!(register("N5", "ICB", "Y1"), "");
    let merge = json!({ "from": ["N5"], "into": "RA1", "on": "2019-03-31" });
    assert_eq!(book.refused(&pat(), "mergeBodies", &merge), "BODY_OUT_OF_ORDER");
    let merge = json!({ "from": ["N5"], "into": "QA1", "on": "2019-03-31" });
    assert_eq!(book.refused(&pat(), "mergeBodies", &merge), "");
}

#[test]
fn a_limited_role_draws_on_a_fund_that_its_grant_names_and_reads_its_balance() {
    let book = SmallBook::new(200, 200);
    let named = person("nia", vec![limited("preparer", &["RA1"], &["F"])]);
    // A fund named in a grant that posts nothing there is not drawn on.
    let apart = person(
        "ana",
        vec![limited("preparer", &["RA1"], &[]), limited("viewer", &["RB1"], &["F"])],
    );
    let allocate = |fund: &str| json!({ "fund": fund, "month": "M2", "to": part(OWN, "1.00") });
    for (who, fund, code) in [
        (lim(), "F", "FORBIDDEN_SCOPE"),
        (lim(), "SNOPE", "FORBIDDEN_SCOPE"),
        (apart, "F", "FORBIDDEN_SCOPE"),
        (named.clone(), "H", "FORBIDDEN_SCOPE"),
        (named.clone(), "F", ""),
        (pat(), "H", ""),
    ] {
        assert_eq!(book.refused(&who, "allocate", &allocate(fund)), code, "{} {fund}", who.id);
    }
    let earmark =
        json!({ "fund": "F", "class": "REVENUE", "to": [{ "fund": "G", "amount": "5.00" }] });
    assert_eq!(book.refused(&lim(), "earmark", &earmark), "FORBIDDEN_SCOPE");
    assert_eq!(book.refused(&named, "earmark", &earmark), "");
    assert_eq!(book.refused(&named, "allocate", &allocate("G")), "", "it is below F");
    let settle = json!({ "fund": "F", "class": "REVENUE", "from": "2018-19", "to": "2018-19",
                         "newMoney": "1.00", "reannounced": "0.00" });
    assert_eq!(book.refused(&named, "settleFunding", &settle), "FORBIDDEN_SCOPE");
    let balance = |who, fund: &str| {
        let document = format!("{{ fund(code: \"{fund}\") {{ balances {{ unallocated }} }} }}");
        let answer = book.ask(who, &document, json!({}));
        let code = answer["errors"][0]["extensions"]["code"].as_str().map(str::to_owned);
        code.unwrap_or_else(|| answer["data"]["fund"]["balances"][0]["unallocated"].to_string())
    };
    // £9,000, less £1,000 and £200 twice, and £2 since.
    assert_eq!(balance(&named, "F"), "\"7598.00\"");
    assert_eq!(balance(&named, "H"), "FORBIDDEN_SCOPE");
    assert_eq!(balance(&lim(), "F"), "FORBIDDEN_SCOPE");
    let funds = "{ funds(first: 9) { edges { node { code ownBalances { class } } } } }";
    let listed = book.ask(&named, funds, json!({}));
    assert_eq!(listed["data"]["funds"]["edges"].as_array().map(Vec::len), Some(2), "{listed}");
}

#[test]
fn money_returns_to_any_fund_and_a_reversal_of_that_draws_on_it() {
    let book = SmallBook::new(200, 200);
    let cut = json!({ "line": OWN, "month": "M2", "amount": "3.00", "to": { "fund": "F" } });
    let answer = book.post(&lim(), "cut", &cut);
    let cut = answer["data"]["cut"]["position"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let reverse = json!({ "entry": cut });
    assert_eq!(book.refused(&lim(), "reverse", &reverse), "FORBIDDEN_SCOPE");
    let named = person("nia", vec![limited("preparer", &["RA1"], &["F"])]);
    assert_eq!(book.refused(&named, "reverse", &reverse), "");
}

#[test]
fn a_proposal_is_revised_submitted_and_withdrawn_by_its_maker() {
    let book = SmallBook::new(200, 200);
    let revise = |proposal: u64, line: &str| {
        json!({ "proposal": proposal.to_string(), "version": 1,
                "commands": [{ "commit": commit(line, "7.00", "PO-9") }] })
    };
    let of = |proposal: u64| json!({ "proposal": proposal.to_string(), "version": 1 });
    // Another preparer of the same body reads it, and changes nothing.
    let other = person("oli", vec![limited("preparer", &["RA1"], &[])]);
    let wide = person("wyn", vec![everywhere("preparer"), everywhere("auditor")]);
    for who in [&other, &wide] {
        assert_eq!(book.refused(who, "reviseProposal", &revise(OF_RA1, OWN)), "NOT_YOURS");
        let withdraw = json!({ "proposal": OF_RA1.to_string() });
        assert_eq!(book.refused(who, "withdrawProposal", &withdraw), "NOT_YOURS");
    }
    assert_eq!(book.refused(&wide, "submitProposal", &of(DRAFT)), "NOT_YOURS");
    assert_eq!(book.refused(&wide, "reviseProposal", &revise(DRAFT, OWN)), "NOT_YOURS");
    // A proposal of somebody else is no place to put one's own command.
    assert_eq!(book.refused(&lim(), "reviseProposal", &revise(OF_RB1, OWN)), "UNKNOWN_PROPOSAL");
    assert_eq!(
        book.refused(&lim(), "reviseProposal", &revise(OF_RA1, "P1/RB1/2018-19/revenue")),
        "FORBIDDEN_SCOPE",
        "the new command is out of reach"
    );
    // A maker whose reach has changed since.
    let moved = person("lim", vec![limited("preparer", &["RB1"], &[])]);
    for (field, input) in [
        ("reviseProposal", revise(OF_RA1, "P1/RB1/2018-19/revenue")),
        ("submitProposal", of(DRAFT)),
        ("withdrawProposal", json!({ "proposal": OF_RA1.to_string() })),
    ] {
        assert_eq!(book.refused(&moved, field, &input), "FORBIDDEN_SCOPE", "{field}");
    }
    assert_eq!(book.refused(&lim(), "submitProposal", &of(DRAFT)), "");
    assert_eq!(book.refused(&lim(), "reviseProposal", &revise(OF_RA1, OWN)), "");
    let withdraw = json!({ "proposal": OF_RA1.to_string() });
    assert_eq!(book.refused(&lim(), "withdrawProposal", &withdraw), "");
}

#[test]
fn a_policy_proposal_is_revised_by_the_administrator_who_made_it() {
    let book = SmallBook::new(200, 200);
    let ada = person("ada", vec![everywhere("administrator")]);
    let policy = book.ask(&ada, "{ policy { canonical } }", json!({}));
    let policy = policy["data"]["policy"]["canonical"].clone();
    assert!(policy.as_str().unwrap().contains("SECRET"), "who decides policy reads all of it");
    let adopt = json!({ "adoptPolicy": { "policy": policy, "effective": "2018-08-01T00:00:00Z" } });
    let answer = book.post(&ada, "propose", &json!({ "commands": [adopt] }));
    let number =
        answer["data"]["propose"]["position"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let revise =
        |command: Value| json!({ "proposal": number, "version": 1, "commands": [command] });
    let other = person("abe", vec![everywhere("administrator")]);
    assert_eq!(book.refused(&other, "reviseProposal", &revise(adopt.clone())), "NOT_YOURS");
    let mine = json!({ "commit": commit(OWN, "7.00", "PO-9") });
    let hidden = book.refused(&lim(), "reviseProposal", &revise(mine.clone()));
    assert_eq!(hidden, "UNKNOWN_PROPOSAL");
    assert_eq!(book.refused(&pat(), "reviseProposal", &revise(mine)), "UNKNOWN_PROPOSAL");
    assert_eq!(book.refused(&ada, "reviseProposal", &revise(adopt)), "");
    let bob = person("bob", vec![everywhere("approver:department:XDH")]);
    let sign = json!({ "proposals": [{ "proposal": number, "version": 2 }] });
    assert_eq!(book.refused(&bob, "signOff", &sign), "", "a department approver reads the policy");
}

#[test]
fn nobody_signs_or_rejects_what_they_may_not_read() {
    let book = SmallBook::new(200, 200);
    let bob = person("bob", vec![everywhere("approver:department:XDH")]);
    let reader = person("rae", vec![everywhere("approver:department:XDH"), everywhere("auditor")]);
    let part = person("ray", vec![limited("approver:department:XDH", &["QB1"], &[])]);
    let sign = |proposal: u64| json!({ "proposals": [{ "proposal": proposal.to_string(), "version": 1 }] });
    let reject = |proposal: u64| json!({ "proposal": proposal.to_string(), "version": 1 });
    for (who, proposal) in [(&bob, RESTRICTED), (&part, RESTRICTED), (&part, OF_RA1)] {
        for absent in [proposal, 999] {
            let (signed, rejected) = (
                book.post(who, "signOff", &sign(absent)),
                book.post(who, "rejectProposal", &reject(absent)),
            );
            for (answer, field) in [(&signed, "signOff"), (&rejected, "rejectProposal")] {
                let error = &answer["data"][field]["userErrors"][0];
                assert_eq!(error["code"], "UNKNOWN_PROPOSAL", "{} {absent}: {answer}", who.id);
            }
        }
    }
    assert_eq!(book.refused(&bob, "signOff", &sign(OF_RB1)), "");
    assert_eq!(book.refused(&part, "signOff", &sign(OF_RB1)), "WRONG_STAGE", "signed by bob");
    assert_eq!(book.refused(&reader, "signOff", &sign(RESTRICTED)), "");
}

#[test]
fn posting_takes_reading() {
    let book = SmallBook::new(200, 200);
    let hidden = "SECRET/RA1/2018-19/revenue";
    for dry_run in [true, false] {
        let moved = json!({ "month": "M2", "from": part(hidden, "1.00"), "to": part(OWN, "1.00"),
                            "dryRun": dry_run });
        assert_eq!(book.refused(&pat(), "reallocate", &moved), "UNKNOWN_PROGRAMME");
        assert_eq!(book.refused(&lim(), "reallocate", &moved), "UNKNOWN_PROGRAMME");
        // What it would change besides: the programme below it is restricted.
        let cancel = json!({ "programme": "P2", "month": "M2", "to": { "outOfBook": "TREASURY" },
                             "dryRun": dry_run });
        assert_eq!(book.refused(&pat(), "cancelProgramme", &cancel), "OUT_OF_REACH");
    }
    let reader = person("wyn", vec![everywhere("preparer"), everywhere("auditor")]);
    let moved = json!({ "month": "M2", "from": part(hidden, "1.00"), "to": part(OWN, "1.00") });
    assert_eq!(book.refused(&reader, "reallocate", &moved), "");
    let restricted = "{ policy { restricted canonical } }";
    let told = book.ask(&pat(), restricted, json!({}));
    assert!(!told.to_string().contains("SECRET"), "{told}");
}

#[test]
fn absent_and_hidden_are_refused_alike() {
    let book = SmallBook::new(200, 200);
    let cases = [
        ("reverse", json!({ "entry": "18" }), json!({ "entry": "999" })),
        ("reverse", json!({ "entry": "15" }), json!({ "entry": "999" })),
        ("reverse", json!({ "entry": "16" }), json!({ "entry": "999" })),
        ("reverse", json!({ "entry": "19" }), json!({ "entry": "999" })),
        (
            "releaseCommitment",
            json!({ "reference": "PO-B", "month": "M2" }),
            json!({ "reference": "PO-X", "month": "M2" }),
        ),
        (
            "releaseCommitment",
            json!({ "reference": "PO-S", "month": "M2" }),
            json!({ "reference": "PO-X", "month": "M2" }),
        ),
        (
            "recordActual",
            json!({ "line": OWN, "month": "M2", "amount": "-1.00", "discharges": "PO-S" }),
            json!({ "line": OWN, "month": "M2", "amount": "-1.00", "discharges": "PO-X" }),
        ),
        (
            "commit",
            commit("SECRET/RA1/2018-19/revenue", "-1.00", "PO-N"),
            commit("SNOPE/RA1/2018-19/revenue", "-1.00", "PO-N"),
        ),
        (
            "commit",
            commit("SECRET/RA1/2018-19/revenue", "1.00", "PO-A"),
            commit("SNOPE/RA1/2018-19/revenue", "1.00", "PO-A"),
        ),
        (
            "cancelProgramme",
            json!({ "programme": "P1", "month": "M2", "to": { "programme": "SECRET" } }),
            json!({ "programme": "P1", "month": "M2", "to": { "programme": "SNOPE" } }),
        ),
        (
            "signOff",
            json!({ "proposals": [{ "proposal": "21", "version": 1 }] }),
            json!({ "proposals": [{ "proposal": "999", "version": 9 }] }),
        ),
        ("withdrawProposal", json!({ "proposal": "21" }), json!({ "proposal": "999" })),
    ];
    let seen = |hidden: &Value, absent: &Value, answer: &Value| {
        let mut text = answer.to_string();
        for name in ["entry", "reference", "discharges", "line", "proposal"] {
            let (from, to) = (&hidden[name], &absent[name]);
            if let (Some(from), Some(to)) = (from.as_str(), to.as_str()) {
                let short = |text: &str| text.split('/').next().unwrap().to_owned();
                text = text.replace(from, to).replace(&short(from), &short(to));
            }
        }
        text.replace("SECRET", "SNOPE")
            .replace("proposal 21 ", "proposal 999 ")
            .replace("proposal 21:", "proposal 999:")
    };
    for (field, hidden, absent) in &cases {
        for who in [pat(), lim()] {
            // The first two cases are of a line that pat may read.
            if who.id.as_str() == "pat"
                && (hidden["entry"] == "15"
                    || hidden["entry"] == "18"
                    || hidden["reference"] == "PO-B")
            {
                continue;
            }
            let (first, second) = (book.post(&who, field, hidden), book.post(&who, field, absent));
            assert_eq!(
                seen(hidden, absent, &first),
                second.to_string(),
                "{} {field} {hidden}",
                who.id
            );
        }
    }
    // Versions of lines out of reach.
    for (who, line) in [(pat(), "SECRET/RA1/2018-19/revenue"), (lim(), "P1/RB1/2018-19/revenue")] {
        for version in ["0", "1", "16", "99"] {
            let told = |line: &str| {
                let mut input = commit(OWN, "1.00", "PO-A");
                input["expectedVersions"] = json!([{ "line": line, "version": version }]);
                let answer = book.post(&who, "commit", &input);
                answer.to_string().replace("SECRET", "SNOPE").replace("RB1", "RZ9")
            };
            let absent = line.replace("SECRET", "SNOPE").replace("RB1", "RZ9");
            assert_eq!(told(line), told(&absent), "{} {version}", who.id);
        }
    }
    // A taken reference says no more than that.
    for (who, reference) in [(pat(), "po-s"), (lim(), "PO-B"), (lim(), "PO-S")] {
        let answer = book.post(&who, "commit", &commit(OWN, "1.00", reference));
        let error = &answer["data"]["commit"]["userErrors"][0];
        assert_eq!(error["code"], "REFERENCE_TAKEN", "{answer}");
        assert!(!answer.to_string().contains("/2018-19/"), "{answer}");
    }
    // A mistaken code is answered without the code of a restricted programme.
    let answer =
        book.post(&pat(), "commit", &commit("SECRETS/RA1/2018-19/revenue", "1.00", "PO-N"));
    assert!(!answer.to_string().contains("did you mean"), "{answer}");
    let all = json!({ "fund": "F", "month": "M2", "to": part(OWN, "9999.00") });
    let answer = book.post(&pat(), "allocate", &all);
    let error = &answer["data"]["allocate"]["userErrors"][0];
    assert_eq!((&error["code"], &error["limit"]), (&json!("BEYOND_AVAILABLE"), &Value::Null));
    assert!(!error["message"].as_str().unwrap().contains('£'), "{error}");
}
