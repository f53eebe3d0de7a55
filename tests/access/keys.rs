//! Keys: made by one person, confirmed by another, revoked and expired; and a keys file changed by
//! hand.

use std::fs;

use crate::desk::{Desk, bearer};
use crate::process::program;

const PREPARER: &str = "--role preparer";

const POST: &str = "reallocate --from OTHER25/XDH/2018-19/unsplit=2m --to CYBER/XDH/2018-19/unsplit=2m --month M12 --reason x";

#[test]
fn a_folder_with_keys_opens_only_to_people_who_sign_in() {
    let desk = Desk::new();
    assert_eq!(desk.refuses("funds", ""), (4, "UNAUTHENTICATED".to_owned()));
    assert_eq!(desk.refuses("funds", "blk_00"), (4, "UNKNOWN_KEY".to_owned()));
    assert_eq!(desk.refuses("verify", ""), (4, "UNAUTHENTICATED".to_owned()));
    desk.does("funds", &desk.bob);
    let kept = fs::read_to_string(desk.path().join("keys.json")).unwrap();
    assert!(!kept.contains(&desk.ada) && !kept.contains("blk_"), "tokens are not stored");
}

#[test]
fn one_administrator_alone_cannot_widen_a_role() {
    let desk = Desk::new();
    let second = (4, "SECOND_PERSON".to_owned());
    assert_eq!(desk.refuses("keys create --for ada --role preparer", &desk.ada), second);
    // A new person stays out until another administrator or approver confirms the key.
    let friend = desk.pending("friend", "--role administrator");
    assert_eq!(desk.refuses("funds", &friend.token), (4, "KEY_PENDING".to_owned()));
    let confirm = format!("keys confirm {}", friend.id);
    assert_eq!(desk.run(&confirm, &desk.ada).status.code(), Some(4));
    assert_eq!(desk.run(&confirm, &friend.token).status.code(), Some(4));
    // The holder of a key does not confirm it either.
    let more = desk.pending("bob", PREPARER);
    let confirm = format!("keys confirm {}", more.id);
    assert_eq!(desk.run(&confirm, &desk.bob).status.code(), Some(4));
    // Other roles make no keys, and `keys init` runs once.
    assert_eq!(desk.refuses("keys create --for x --role viewer", &desk.bob).0, 4);
    let again = desk.refuses("keys init --administrator eve --approver mal", "");
    assert_eq!(again, (5, "KEYS_EXIST".to_owned()));
    let same = Desk::new();
    fs::remove_file(same.path().join("keys.json")).unwrap();
    let again = same.refuses("keys init --administrator eve --approver mal", "");
    assert_eq!(again, (5, "KEYS_EXIST".to_owned()), "the keys trail still exists");
    // An administrator posts no money and reads no access log, and the log records the attempts.
    let post = POST;
    assert_eq!(desk.refuses(post, &desk.ada), (4, "FORBIDDEN".to_owned()));
    assert_eq!(desk.refuses("access-log", &desk.ada), (4, "FORBIDDEN".to_owned()));
    let auditor = desk.key("ned", "--role auditor");
    let log = desk.access_log(&auditor.token);
    let tried = |asked: &str| log.contains(&("denied".to_owned(), asked.to_owned()));
    assert!(tried("post") && tried("access-log"), "{log:?}");
}

#[test]
fn a_signed_in_person_cannot_post_as_another() {
    let desk = Desk::new();
    let cyd = desk.key("cyd", PREPARER);
    let post = POST;
    let other = desk.refuses(&format!("{post} --actor bob"), &cyd.token);
    assert_eq!(other, (4, "FORBIDDEN".to_owned()));
    desk.does(post, &cyd.token);
    let last = desk.run(&format!("log --from {} --format jsonl", desk.head()), &cyd.token);
    assert!(String::from_utf8_lossy(&last.stdout).contains("\"cyd\""), "{last:?}");
}

#[test]
fn a_key_ends_when_it_is_revoked_and_when_it_expires() {
    let desk = Desk::new();
    let cyd = desk.key("cyd", PREPARER);
    desk.does("funds", &cyd.token);
    desk.does(&format!("keys revoke {}", cyd.id), &desk.ada);
    assert_eq!(desk.refuses("funds", &cyd.token), (4, "REVOKED".to_owned()));
    let late = desk.pending("late", "--role viewer --days 0");
    assert_eq!(desk.refuses("funds", &late.token), (4, "EXPIRED".to_owned()));
}

#[test]
fn a_keys_file_or_an_access_log_changed_by_hand_is_refused() {
    let desk = Desk::new();
    let path = desk.path().join("keys.json");
    let good = fs::read_to_string(&path).unwrap();
    fs::write(&path, good.replace("\"administrator\"", "\"preparer\"")).unwrap();
    assert_eq!(desk.refuses("funds", &desk.bob), (6, "KEYS_CHANGED".to_owned()));
    fs::write(&path, &good).unwrap();
    desk.does("verify", &desk.bob);
    desk.does("funds", &desk.bob);
    for trail in ["cli", "keys"] {
        let log = desk.path().join("access").join(trail).join("00000000000000000001.jsonl");
        let lines = fs::read_to_string(&log).unwrap();
        let who = if trail == "cli" { "\"bob\"" } else { "\"ada\"" };
        assert!(lines.contains(who), "{lines}");
        fs::write(&log, lines.replacen(who, "\"eve\"", 1)).unwrap();
        let refused = desk.refuses("verify", &desk.bob);
        assert_eq!(refused, (6, "ACCESS_LOG_DAMAGED".to_owned()), "{trail}");
        let since = fs::read_to_string(&log).unwrap();
        fs::write(&log, since.replacen("\"eve\"", who, 1)).unwrap();
    }
    desk.does("verify", &desk.bob);
}

#[test]
fn a_book_without_keys_is_served_only_with_an_explicit_flag() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    assert!(program(&["init", "--data", data]).output().unwrap().status.success());
    let refused = |arguments: &[&str]| {
        let first = ["serve", "--data", data, "--listen", "127.0.0.1:0"];
        let output = program(&[&first, arguments].concat()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = refused(&[]);
    assert_eq!(code, Some(2));
    assert!(said.contains("--without-sign-in") && said.contains("keys init"), "{said}");
    let desk = Desk::new();
    let with_keys = desk.path().to_str().unwrap();
    for flag in ["--demo", "--without-sign-in"] {
        let output = program(&["serve", "--data", with_keys, flag]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{flag}");
    }
    let server = desk.serve();
    let answer = server.post(r#"{"query":"{ledger{head}}"}"#, &[]);
    assert_eq!((answer.status, answer.code().as_str()), (401, "UNAUTHENTICATED"));
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    let signed_in = bearer(&desk.bob);
    let answer = server.post(r#"{"query":"{ledger{head}}"}"#, &[("authorization", &signed_in)]);
    assert_eq!(answer.status, 200, "{answer:?}");
}
