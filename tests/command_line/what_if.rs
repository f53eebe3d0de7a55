//! `what-if` on a folder and on a server: what would change, and nothing of it stored.

use super::program::{Desk, text};
use super::served::Served;

const CANCEL: &str = "what-if --cancel X-STOP --to fund:X-FUND --month M9";

/// Of each changed figure: account, figure, before and after.
fn changes(desk: &Desk, question: &str) -> Vec<String> {
    let rows = desk.rows(question);
    let cell = |row: &serde_json::Value, name| text(row, name).to_owned();
    let names = ["account", "figure", "before", "after", "change"];
    rows.iter().map(|row| names.map(|name| cell(row, name)).join(" ")).collect()
}

#[test]
fn cancelling_a_programme_releases_what_is_neither_spent_nor_committed() {
    let desk = Desk::sample();
    let before = desk.does("export").out;
    // 50 planned, 12 spent, 8 committed.
    assert_eq!(
        changes(&desk, CANCEL),
        [
            "X-FUND/capital unallocated 25000000.00 55000000.00 30000000.00",
            "X-STOP/XDH/2026-27/capital revised 50000000.00 20000000.00 -30000000.00",
            "X-STOP/XDH/2026-27/capital available 30000000.00 0.00 -30000000.00",
        ]
    );
    let told = desk.does(CANCEL);
    assert!(told.err.contains("cancelling X-STOP would release £30,000,000.00"), "{told:?}");
    assert_eq!(desk.does("export").out, before, "nothing is stored");
    let served = Served::on(&desk);
    for format in ["table", "json", "csv"] {
        let question = format!("{CANCEL} --format {format}");
        assert_eq!(served.does(&question).out, desk.does(&question).out);
    }
}

#[test]
fn a_scenario_is_a_file_that_can_be_asked_about_again_as_at_any_moment() {
    let desk = Desk::sample();
    let row = |from: &str, to: &str, amount: &str| {
        format!(
            "{{\"reason\":\"r\",\"command\":{{\"reallocate\":{{\"month\":\"M2\",\"from\":[{{\"line\":\"{from}/XDH/2017-18/unsplit\",\"amount\":\"{amount}\"}}],\"to\":[{{\"line\":\"{to}/XDH/2017-18/unsplit\",\"amount\":\"{amount}\"}}]}}}}}}\n"
        )
    };
    let file = row("WIFI", "CYBER", "1000000.00") + &row("WIFI", "CYBER", "999000000.00");
    desk.write("donate.jsonl", file);
    let asked = "what-if donate.jsonl --save donors --as-of 2017-12-31 --format json";
    let answer = desk.run(asked);
    assert_eq!(answer.code, 3, "{answer:?}");
    assert!(
        answer.err.contains("BEYOND_AVAILABLE") || answer.err.contains("line\":2"),
        "{answer:?}"
    );
    let again = desk.run("what-if --scenario donors --as-of 2017-12-31 --format json");
    assert_eq!(again.out, answer.out);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&again.out).expect("rows");
    assert_eq!(rows[0]["account"], "CYBER/XDH/2017-18/unsplit");
    assert_eq!((text(&rows[0], "before"), text(&rows[0], "after")), ("8700000.00", "9700000.00"));
    // The year has been hard-closed since.
    let now = desk.run("what-if --scenario donors");
    assert_eq!(now.code, 3, "{now:?}");
    assert!(now.err.contains("2017-18"), "{now:?}");
    for wrong in
        ["what-if", "what-if --scenario ../x", "what-if --scenario nothing", "what-if nofile"]
    {
        assert_eq!(desk.run(wrong).code, 2, "{wrong}");
    }
}

#[test]
fn every_verb_answers_as_if_a_scenario_had_been_posted() {
    let desk = Desk::sample();
    let before = desk.does("export").out;
    let posting = r#"{"reason":"A bold stroke","authority":"HMT letter","command":{"reallocate":{"month":"M12","from":[{"line":"WIFI/XDH/2017-18/unsplit","amount":"1000000.00"}],"to":[{"line":"CYBER/XDH/2017-18/unsplit","amount":"1000000.00"}]}}}"#;
    desk.write("bold.jsonl", format!("{posting}\n"));
    let revised = |question: &str| {
        let rows = desk.rows(&format!("budget --year 2017-18 --rollup programme {question}"));
        ["CYBER", "WIFI"].map(|code| {
            let row = rows.iter().find(|row| row["programme"] == code).expect("a row");
            text(row, "revised").to_owned()
        })
    };
    // Neither had been changed by the end of 2017.
    let then = "--as-of 2017-12-31";
    assert_eq!(revised(then), ["8700000.00", "49000000.00"]);
    let supposed = format!("{then} --what-if bold.jsonl");
    assert_eq!(revised(&supposed), ["9700000.00", "48000000.00"]);
    desk.does(&format!("what-if bold.jsonl {then} --save bold"));
    let bold = format!("{then} --what-if bold");
    assert_eq!(revised(&bold), ["9700000.00", "48000000.00"]);
    let told = desk.does(&format!("bridge --year 2017-18 --programme CYBER {bold}"));
    assert!(told.out.contains("A bold stroke"), "{told:?}");
    assert!(told.err.contains("as if bold had been posted after entry"), "{told:?}");
    let parted = &desk.rows(&format!("budget --year 2017-18 {then}"))[0]["position"];
    for since in [format!("--since {parted}"), "--since-time 2017-12-31".to_owned()] {
        let diff = desk.rows(&format!("diff --year 2017-18 --programme CYBER {since} {bold}"));
        let revised = diff.iter().find(|row| row["figure"] == "revised").expect("it has changed");
        assert_eq!(text(revised, "change"), "1000000.00", "{since}");
    }
    for (verb, changes) in [
        ("flows --year 2017-18 --by programme", true),
        ("show line CYBER/XDH/2017-18/unsplit", true),
        ("show behind --year 2017-18", true),
        ("show balances --from 2017-18 --to 2018-19", false),
        ("show switches --year 2017-18", false),
        ("show at-risk --year 2017-18", false),
        ("funds", false),
        ("programme list", false),
    ] {
        let rows = |moment: &str| {
            let mut rows = desk.rows(&format!("{verb} {moment}"));
            let positions = rows.iter_mut().filter_map(|row| row.get_mut("position"));
            positions.for_each(|position| *position = serde_json::Value::Null);
            rows
        };
        assert_eq!(rows(&bold) != rows(then), changes, "{verb}");
    }
    assert_eq!(desk.does("export").out, before, "nothing is stored");
}

#[test]
fn a_server_answers_as_its_folder_does_what_would_be() {
    let desk = Desk::sample();
    let served = Served::on(&desk);
    let part = |line: &str| format!(r#"[{{"line":"{line}/XDH/2017-18/unsplit","amount":"1.00"}}]"#);
    let posting = |from: &str, to: &str| {
        let (from, to) = (part(from), part(to));
        format!(
            r#"{{"reason":"A bold stroke","command":{{"reallocate":{{"month":"M12","from":{from},"to":{to}}}}}}}"#
        )
    };
    let forecast = r#"{"reason":"r","command":{"reviseForecast":{"line":"CYBER/XDH/2017-18/unsplit","month":"M9","series":"reported","amount":"7000000.00"}}}"#;
    let postings = [posting("WIFI", "CYBER"), posting("CYBER", "APPS"), forecast.to_owned()];
    desk.write("bold.jsonl", postings.join("\n"));
    let bold = "--as-of 2017-12-31 --what-if bold.jsonl";
    let mut told = 0;
    for verb in [
        "budget --year 2017-18 --rollup programme",
        "bridge --year 2017-18 --programme CYBER",
        "diff --year 2017-18 --since-time 2017-12-31",
        "diff --year 2017-18 --since-time 2017-12-31 --entries",
        "flows --year 2017-18 --by programme",
        "show line CYBER/XDH/2017-18/unsplit",
        "show behind --year 2017-18",
        "show balances --from 2017-18 --to 2018-19",
        "show restated --year 2017-18 --total",
        "show restated --year 2017-18",
        "show reasons --year 2017-18",
        "show outflows --year 2017-18",
        "show persistent",
        "show accuracy",
        "show revisions --year 2017-18 --since-time 2017-12-31",
        "show at-risk --year 2017-18",
        "show exchanges --year 2017-18",
        "show switches --year 2017-18",
        "show underspends --year 2017-18",
        "flows --year 2017-18 --by body",
        "flows --year 2017-18 --by class --origins",
        "queue",
        "queue --if-all-were-posted",
        "queue --times",
        "delegate list",
        "policy show",
        "claims",
        "funds",
        "programme list",
        "body list",
    ] {
        let line = format!("{verb} {bold} --format json");
        let (there, here) = (served.run(&line), desk.run(&line));
        assert_eq!((there.code, &there.out), (here.code, &here.out), "{verb}: {there:?} {here:?}");
        assert!(there.err.contains("as if bold.jsonl had been posted after entry"), "{there:?}");
        assert_eq!(there.err, here.err, "{verb}");
        let rows: Vec<serde_json::Value> = serde_json::from_str(&here.out).expect("rows");
        told += usize::from(!rows.is_empty());
    }
    assert!(told > 15, "{told} of the verbs told something");
    // After what is there now, by more than one question.
    desk.write(
        "late.jsonl",
        posting("X-STOP", "X-STEADY").replace("2017-18/unsplit", "2026-27/capital"),
    );
    let line = "bridge --year 2026-27 --programme X-STOP --what-if late.jsonl --format json";
    let (there, here) = (served.run(line), desk.run(line));
    assert_eq!((there.code, &there.out, &there.err), (0, &here.out, &here.err));
    assert!(here.out.contains("A bold stroke"), "{here:?}");
    desk.write(
        "again.jsonl",
        r#"{"reason":"r","command":{"openProgramme":{"code":"CYBER","name":"A"}}}"#,
    );
    // Whatever is asked, what is refused is said first.
    for line in [
        "budget --year 2017-18 --what-if again.jsonl --format json",
        "budget --year 2017-18 --programme NOPE --what-if again.jsonl --format json",
    ] {
        let (there, here) = (served.run(line), desk.run(line));
        assert_eq!((there.code, &there.out, &there.err), (here.code, &here.out, &here.err));
        assert_eq!(there.error()["code"], "ROWS_REFUSED", "{line}");
    }
    // The log holds what is supposed, after the entries that are there.
    let line = format!("log --limit 4 {bold} --format csv");
    let (there, here) = (served.run(&line), desk.run(&line));
    assert_eq!((there.code, &there.out), (0, &here.out), "{there:?}");
    assert!(here.out.matches("A bold stroke").count() == 2, "{here:?}");
    let refused = served.run(&format!("what-if bold.jsonl {bold}"));
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("leave --what-if out"), "{refused:?}");
    let kept = served.run("budget --year 2017-18 --what-if bold");
    assert_eq!(kept.code, 2, "{kept:?}");
    assert!(kept.err.contains("a server has no scenarios"), "{kept:?}");
    desk.write("many.jsonl", vec![posting("WIFI", "CYBER"); 1001].join("\n"));
    let many = served.run("budget --year 2017-18 --what-if many.jsonl");
    assert_eq!(many.code, 2, "{many:?}");
    assert!(many.err.contains("send at most 1000"), "{many:?}");
}

#[test]
fn a_long_list_of_what_would_be_is_told_whole_through_a_server() {
    let desk = Desk::small();
    let bodies = |kind: &str, count: usize| -> String {
        let row = |number: usize| {
            format!(
                "{{\"reason\":\"r\",\"command\":{{\"registerBody\":{{\"code\":\"{kind}{number:04}\",\"name\":\"A body\",\"kind\":\"trust\"}}}}}}\n"
            )
        };
        (0..count).map(row).collect()
    };
    desk.write("there.jsonl", bodies("B", 400));
    desk.does("post there.jsonl");
    desk.write("supposed.jsonl", bodies("S", 300));
    let served = Served::on(&desk);
    let line = "body list --what-if supposed.jsonl --format jsonl";
    let (there, here) = (served.does(line), desk.does(line));
    let code = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row");
        text(&row, "code").to_owned()
    };
    let codes: Vec<String> = there.out.lines().map(code).collect();
    assert_eq!(codes.len(), 2 + 400 + 300, "{}", there.err);
    assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), codes.len());
    assert!(["B0399", "S0299"].iter().all(|code| codes.iter().any(|known| known == code)));
    assert_eq!(there.out, here.out);
    assert_eq!(there.err.matches("as if supposed.jsonl had been posted").count(), 1, "{there:?}");
    // What the book holds in truth is less.
    assert_eq!(served.does("body list --format jsonl").out.lines().count(), 402);
}

#[test]
fn what_cannot_be_supposed_answers_nothing() {
    let desk = Desk::sample();
    let posting = r#"{"reason":"r","command":{"openProgramme":{"code":"CYBER","name":"Again"}}}"#;
    desk.write("again.jsonl", format!("{posting}\n"));
    let refused = desk.run("budget --year 2017-18 --what-if again.jsonl");
    assert_eq!((refused.code, refused.out.as_str()), (3, ""), "{refused:?}");
    assert!(refused.err.contains("row 1"), "{refused:?}");
    let refused = desk.run("budget --year 2017-18 --what-if again.jsonl --format json");
    assert_eq!(refused.error()["rows"][0]["code"], "CODE_TAKEN", "{refused:?}");
    desk.write("none.jsonl", String::new());
    let refused = desk.run("what-if none.jsonl --what-if none.jsonl");
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("leave --what-if out"), "{refused:?}");
    let missing = desk.run("budget --year 2017-18 --what-if nowhere");
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("nowhere cannot be read"), "{missing:?}");
}
