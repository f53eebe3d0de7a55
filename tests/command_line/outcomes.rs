//! The outcome of a posting in its receipt, also where the receipt cannot be shown.

use std::fs::File;
use std::process::Command;

use super::program::{Answer, CYBER, Desk, SMALL_HEAD, WIFI, text};
use super::served::Served;

/// Runs a command whose stdout has no room.
fn unheard(mut command: Command) -> Answer {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = command.stdout(full).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let output = output.wait_with_output().unwrap();
    Answer {
        code: output.status.code().unwrap(),
        out: String::new(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_posting_whose_receipt_cannot_be_shown_says_that_it_was_posted() {
    let desk = Desk::small();
    let posting = format!("actual {CYBER} 5 --month M1 --reason r --key mine");
    let told = unheard(desk.command(&posting));
    let entry = SMALL_HEAD + 1;
    assert_eq!(told.code, 7, "{told:?}");
    for part in [&format!("posted as entry {entry} (--key mine)"), "budget-ledger show entry 13"] {
        assert!(told.err.contains(part), "{told:?}");
    }
    assert_eq!(desk.row(&format!("log --from {entry}"))["key"], "mine");
    // The key was posted already: the answer names the same entry.
    let told = unheard(desk.command(&format!("{posting} --format json")));
    assert_eq!((told.code, &told.error()["code"]), (7, &"POSTED_NOT_SHOWN".into()), "{told:?}");
    // A dry run has posted nothing, and a question has nothing to lose.
    for other in [format!("{posting}-2 --dry-run"), "funds".to_owned()] {
        let told = unheard(desk.command(&other));
        assert!(told.code == 1 && !told.err.contains("posted as"), "{other}: {told:?}");
    }
    desk.write("rows.csv", format!("command,reason,month,line,amount\nactual,r,M1,{CYBER},3\n"));
    let told = unheard(desk.command("post rows.csv"));
    assert_eq!(told.code, 7, "{told:?}");
    assert!(told.err.contains("1 rows posted") && told.err.contains("as entry 14"), "{told:?}");
    assert_eq!(desk.row("post rows.csv")["replayed"], 1);
    // Through a server it is the same.
    let server = Served::on(&desk);
    let told = unheard(desk.command(&server.asking(&posting.replace("mine", "theirs"))));
    assert_eq!(told.code, 7, "{told:?}");
    assert!(told.err.contains("posted as entry 15 (--key theirs)"), "{told:?}");
}

/// Posts, and checks the caption and the outcome of the receipt.
fn comes_to(desk: &Desk, server: Option<&Served<'_>>, posting: &str, caption: &str, outcome: &str) {
    let posting = format!("{posting} --reason r --key '{posting}'").replace("--key '", "--key 'k ");
    let run = |format: &str| {
        let asked = format!("{posting} --format {format}");
        server.map_or_else(|| desk.does(&asked), |server| server.does(&asked))
    };
    let table = run("table").out;
    assert!(table.starts_with(caption), "{posting}: {table}");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&run("json").out).unwrap();
    assert_eq!((text(&rows[0], "outcome"), &rows[0]["replayed"]), (outcome, &true.into()));
}

#[test]
fn an_outcome_says_what_has_become_of_a_proposal() {
    for served in [false, true] {
        let desk = Desk::small();
        let server = served.then(|| Served::on(&desk));
        let check = |posting: &str, caption: &str, outcome: &str| {
            comes_to(&desk, server.as_ref(), posting, caption, outcome);
        };
        let moved = format!("reallocate --from {WIFI}=5 --to {CYBER}=5 --month M1");
        check(&moved, "Posted.\n", "POSTED");
        check(&format!("{moved} --draft"), "Saved as a draft", "DRAFTED");
        check("submit 14@1", "Waiting for sign-off", "AWAITING_SIGN_OFF");
        check("withdraw 14", "Withdrawn", "WITHDRAWN");
        let row = desk.row("budget --year 2017-18 --programme CYBER");
        assert_eq!(text(&row, "revised"), "100005.00", "the draft moved nothing");
    }
}

#[test]
fn a_reversal_says_where_it_landed() {
    for served in [false, true] {
        let desk = Desk::small();
        desk.does(&format!("reallocate --from {WIFI}=5 --to {CYBER}=5 --month M1 --reason r"));
        desk.does(&format!("actual {CYBER} 7 --month M3 --reason r"));
        desk.does("close 2017-18 M1 --reason r");
        let server = served.then(|| Served::on(&desk));
        let landed = |entry: u64| {
            let asked = format!("reverse {entry} --reason r --format json");
            let told =
                server.as_ref().map_or_else(|| desk.does(&asked), |server| server.does(&asked));
            let rows: Vec<serde_json::Value> = serde_json::from_str(&told.out).unwrap();
            rows[0]["landed"].clone()
        };
        // Its own month is closed: the next takes it.
        let both = serde_json::json!([format!("M2 of {CYBER}"), format!("M2 of {WIFI}")]);
        let moved = landed(13);
        let mut texts: Vec<_> = moved.as_array().unwrap().clone();
        texts.sort_by_key(|text| text.to_string());
        assert_eq!(serde_json::Value::from(texts), both, "{moved}");
        assert_eq!(landed(14), serde_json::json!([format!("M3 of {CYBER}")]));
    }
}

#[test]
fn a_token_is_trimmed_and_one_that_is_none_is_never_shown() {
    let desk = Desk::small();
    let made = desk.rows("keys init --administrator ada --approver bob");
    let token = text(&made[1], "token").to_owned();
    let with = |token: &str| {
        let mut command = desk.command("funds");
        Answer::of(command.env("BUDGET_LEDGER_TOKEN", token))
    };
    for padded in [token.clone(), format!("{token}\n"), format!(" {token}\r\n")] {
        assert_eq!(with(&padded).code, 0, "{padded:?}");
    }
    assert_eq!(with("").code, 2, "an empty one is none");
    for wrong in ["sesame\nopen", "sesame open", "sés\u{e2}me", "sesame\u{7f}"] {
        let mut answers = vec![with(wrong)];
        for place in ["", " --server http://127.0.0.1:1", " --data nowhere"] {
            let mut command = desk.command(&format!("funds --format json{place}"));
            answers.push(Answer::of(command.args(["--token", wrong])));
        }
        for answer in answers {
            assert_eq!(answer.code, 2, "{wrong:?}: {answer:?}");
            for part in ["sesame", "open", "sés"] {
                assert!(!answer.err.contains(part), "{wrong:?}: {answer:?}");
            }
        }
    }
}
