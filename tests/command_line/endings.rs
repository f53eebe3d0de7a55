//! How the program ends: exit codes, errors as JSON, help, and what it reads of its surroundings.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use super::program::{Answer, CYBER, Desk, SEGMENT, text};

/// Every verb.
const VERBS: [&str; 57] = [
    "init",
    "post",
    "settle",
    "earmark",
    "allocate",
    "cut",
    "reallocate",
    "exchange",
    "split",
    "commit",
    "release",
    "accrue",
    "actual",
    "forecast",
    "explain",
    "profile",
    "baseline",
    "reverse",
    "cancel",
    "close",
    "reopen",
    "programme",
    "body",
    "fund",
    "budget",
    "bridge",
    "diff",
    "funds",
    "flows",
    "log",
    "show",
    "replay",
    "verify",
    "keys",
    "access-log",
    "watch",
    "schema",
    "serve",
    "export",
    "completions",
    "man",
    "sign-off",
    "submit",
    "reject",
    "withdraw",
    "withdraw-forecast",
    "withdraw-baseline",
    "open-year",
    "delegate",
    "offset",
    "policy",
    "queue",
    "systems",
    "publish",
    "scope",
    "claims",
    "what-if",
];

#[test]
fn exit_codes_are_those_that_are_documented() {
    let desk = Desk::small();
    let posting = format!("actual {CYBER} 5 --month M1 --reason r");
    desk.does(&format!("{posting} --key k"));
    for (arguments, code) in [
        ("budget --year 2017-18".to_owned(), 0),
        ("budget --year 2016-18".to_owned(), 2),
        ("budget --year 2017-18 --data elsewhere".to_owned(), 2),
        (format!("cut {CYBER} 1m --month M1 --to treasury --reason r"), 3),
        (format!("{posting} --key k --evidence another"), 5),
        ("init".to_owned(), 5),
    ] {
        assert_eq!(desk.run(&arguments).code, code, "{arguments}");
    }
    // Nobody's mistake: there is no room for the answer.
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut command = desk.command("export");
    command.stdout(full).stderr(Stdio::null());
    assert_eq!(command.status().unwrap().code(), Some(1));
    let bytes = fs::read(desk.path(SEGMENT)).unwrap();
    let other = String::from_utf8(bytes).unwrap().replace("Cyber security", "Cyber sekurity");
    desk.write(SEGMENT, other);
    let answer = desk.run("verify");
    assert_eq!(answer.code, 6);
    assert!(answer.err.contains("damaged at entry 4"), "{answer:?}");
    let help = desk.does("--help").out;
    for code in [
        "0 done",
        "1 failure",
        "2 usage",
        "3 refused",
        "4 not authorised",
        "5 conflict",
        "6 verification failed",
        "7 posted, but the receipt could not be shown",
    ] {
        assert!(help.contains(code), "{code}");
    }
}

#[test]
fn a_call_without_a_verb_prints_the_help() {
    let desk = Desk::bare();
    let mut command = desk.command("help");
    let bare = std::process::Command::new(command.get_program()).arg0("budget-ledger").output();
    let (bare, help) = (bare.unwrap(), command.output().unwrap());
    assert_eq!(bare.status.code(), Some(0));
    assert!(bare.stdout == help.stdout && bare.stderr.is_empty());
}

#[test]
fn errors_are_json_where_json_is_asked_for() {
    let desk = Desk::small();
    let cut = format!("cut {CYBER} 100,000.01 --month M1 --to treasury --reason r");
    for format in ["--format json", "--format=json", "--format jsonl"] {
        let answer = desk.run(&format!("{cut} {format}"));
        let error = answer.error();
        assert_eq!(error["exitCode"], 3, "{format}");
        assert_eq!(error["limit"], "100000.00", "{format}");
        assert!(error["currentVersion"].is_null(), "{format}");
        assert!(text(&error, "message").starts_with("£100,000.01 cannot leave"), "{error}");
        assert_eq!(answer.out, "", "{format}");
    }
    for format in ["", "--format csv", "--format table"] {
        let answer = desk.run(format!("{cut} {format}").trim());
        let last = answer.err.lines().last().expect("a message");
        assert!(last.starts_with("error: £100,000.01 cannot leave"), "{answer:?}");
    }
    // Also where the arguments as such are wrong.
    let error = desk.run("budget --format json --year 2016-18").error();
    assert_eq!((text(&error, "code"), error["exitCode"].as_u64()), ("USAGE", Some(2)));
}

#[test]
fn every_verb_has_help_a_manual_page_and_completions() {
    let desk = Desk::bare();
    let (help, page) = (desk.does("--help").out, desk.does("man").out);
    let scripts =
        ["bash", "zsh", "fish"].map(|shell| desk.does(&format!("completions {shell}")).out);
    for verb in VERBS {
        assert!(
            help.lines().any(|line| line.trim_start().starts_with(&format!("{verb} "))),
            "{verb}"
        );
        let named = format!("budget\\-ledger\\-{}", verb.replace('-', "\\-"));
        assert!(page.contains(&named), "{verb}");
        assert!(scripts.iter().all(|script| script.contains(verb)), "{verb}");
        let own = desk.does(&format!("{verb} --help")).out;
        assert!(own.contains(&format!("Usage: budget-ledger {verb}")), "{own}");
        let last = own.lines().last().expect("an example");
        assert!(own.contains("\nExamples:\n  budget-ledger "), "{own}");
        assert!(last.starts_with(&format!("  budget-ledger {verb}")), "{last}");
        let own = desk.does(&format!("man {verb}")).out;
        assert!(own.starts_with(".ie") && own.contains(".SH DESCRIPTION"), "{verb}: {own}");
    }
    let headings = ["Ask:", "Move money:", "Record spend and forecasts:", "Sign off:", "Register:"];
    for heading in headings.iter().chain(&["Correct and close:", "Run and check:"]) {
        assert!(help.lines().any(|line| line == *heading), "{heading}");
    }
    let (listed, _) = help.split_once("\nOptions:\n").expect("options");
    let listed = listed.lines().filter(|line| line.starts_with("  ")).count();
    assert_eq!(listed, VERBS.len(), "a verb is not in the list of this test: {help}");
    assert_eq!(desk.run("man nothing").code, 2);
    assert_eq!(desk.run("completions basic").code, 2);
    assert!(desk.does("--version").out.starts_with("budget-ledger "));
    assert_eq!(fs::read_dir(desk.path("")).unwrap().count(), 0, "something was written");
}

#[test]
fn the_surroundings_name_the_book_and_who_posts_unless_arguments_do() {
    let desk = Desk::bare();
    desk.does("init --data named");
    let run = |arguments: &str| {
        let mut command = desk.command(arguments);
        let command = command.env("BUDGET_LEDGER_DATA", "named").env("BUDGET_LEDGER_ACTOR", "u-1");
        let answer = Answer::of(command);
        assert_eq!(answer.code, 0, "{answer:?}");
    };
    run("programme open TECH Technology --reason r");
    run("programme open APPS Apps --reason r --actor u-2");
    run("init --data other");
    run("programme open TECH Technology --reason r --data other");
    let actors = |data: &str| -> Vec<String> {
        let rows = desk.rows(&format!("log --reverse --data {data}"));
        rows.iter().map(|row| text(row, "actor").to_owned()).collect()
    };
    assert_eq!(actors("named"), ["local", "u-1", "u-2"]);
    assert_eq!(actors("other"), ["u-1", "u-1"]);
}

#[test]
fn the_log_is_narrowed_by_what_an_auditor_looks_for() {
    let desk = Desk::small();
    desk.does(&format!(
        "actual {CYBER} 5 --month M1 --reason r --actor u-9 --evidence 'FOI 1' --authority A --transaction T"
    ));
    let positions = |arguments: &str| -> Vec<u64> {
        let rows = desk.rows(&format!("log {arguments}"));
        rows.iter().filter_map(|row| row["position"].as_u64()).collect()
    };
    for (arguments, expected) in [
        ("--from 12", vec![13, 12]),
        ("--from 3 --limit 2", vec![13, 12]),
        ("--from 3 --limit 2 --reverse", vec![3, 4]),
        ("--at 2", vec![2, 1]),
        ("--programme CYBER", vec![13, 10]),
        ("--programme CYBER --reverse", vec![10, 13]),
        ("--line WIFI/RRV/2017-18/revenue", vec![11]),
        ("--year 2018-19", vec![]),
        ("--by u-9", vec![13]),
        ("--cites 'FOI 1'", vec![13]),
        ("--cites A", vec![13]),
        ("--cites T", vec![13]),
        ("--cites FOI", vec![]),
    ] {
        assert_eq!(positions(arguments), expected, "{arguments}");
    }
}

#[test]
fn every_figure_lists_the_entries_behind_it() {
    let desk = Desk::small();
    desk.does(&format!("actual {CYBER} 5.25 --month M2 --reason r"));
    desk.does(&format!("actual {CYBER} 4.75 --month M3 --reason r"));
    desk.does(&format!("commit {CYBER} 7 --month M3 --reference PO-1 --reason r"));
    let behind = |arguments: &str| -> Vec<(u64, String)> {
        let rows = desk.rows(&format!("show behind --year 2017-18 {arguments}"));
        let told = rows.iter().map(|row| {
            let figure = format!("{} {}", text(row, "measure"), text(row, "amount"));
            (row["position"].as_u64().expect("a position"), figure)
        });
        told.collect()
    };
    let all = [
        (10, "revised 100000.00".to_owned()),
        (13, "actual 5.25".to_owned()),
        (14, "actual 4.75".to_owned()),
        (15, "committed 7.00".to_owned()),
    ];
    assert_eq!(behind("--programme CYBER"), all);
    assert_eq!(behind("--programme CYBER --through M2"), all[..2]);
    assert_eq!(behind("--programme CYBER --at 14"), all[..3]);
    assert_eq!(behind("--body RRV --class capital"), []);
    assert_eq!(behind("--programme TECH").len(), 5);
}
