//! `post FILE`: JSON lines and CSV, safe to run twice, and every bad row told.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use super::program::{Answer, CYBER, Desk, SMALL_HEAD, WIFI, text};
use super::served::Served;

/// One row a line: what `post` says it did.
fn check(row: &Value, posted: u64, replayed: u64, refused: u64) {
    let told = ["posted", "replayed", "refused"].map(|member| row[member].as_u64());
    assert_eq!(told, [posted, replayed, refused].map(Some), "{row}");
}

fn spend(line: &str, key: &str, amount: &str) -> String {
    let key = if key.is_empty() { String::new() } else { format!("\"key\":\"{key}\",") };
    format!(
        "{{{key}\"reason\":\"r\",\"command\":{{\"recordActual\":{{\"line\":\"{line}\",\
         \"month\":\"M1\",\"amount\":\"{amount}\"}}}}}}\n"
    )
}

#[test]
fn a_file_of_json_lines_posts_once_however_often_it_is_run() {
    let desk = Desk::small();
    // Two rows without keys and otherwise the same are two payments.
    let file = [spend(CYBER, "", "1.00"), spend(CYBER, "", "1.00"), spend(WIFI, "k", "2.00")];
    desk.write("spend.jsonl", file.concat());
    check(&desk.row("post spend.jsonl"), 3, 0, 0);
    let after = desk.entries();
    check(&desk.row("post spend.jsonl"), 0, 3, 0);
    desk.write("copy.jsonl", file.concat());
    check(&desk.row("post copy.jsonl"), 0, 3, 0);
    assert_eq!(desk.entries(), after);
    let rows = desk.rows("budget --year 2017-18 --rollup year");
    assert_eq!(rows[0]["actual"], "4.00");
    assert_eq!(desk.row("post spend.jsonl")["position"], SMALL_HEAD + 3);
}

#[test]
fn a_file_of_csv_takes_every_command_of_one_line_and_amount() {
    let desk = Desk::small();
    let file = format!(
        "\u{feff}command,key,reason,month,line,to,fund,amount,reference,discharges,series,cause,transaction,evidence\n\
         allocate,,plan,M1,{CYBER},,CENTRAL,\"£1,000.00\",,,,,,FOI 1|FOI 2\n\
         cut,,r,M2,{CYBER},treasury,,100,,,,,,\n\
         cut,,r,M2,{CYBER},CENTRAL,,100,,,,,,\n\
         reallocate,,r,M2,{CYBER},{WIFI},,0.5k,,,,,,\n\
         commit,,r,M2,{CYBER},,,50,PO-1,,,,,\n\
         accrue,,r,M3,{CYBER},,,20,AC-1,PO-1,,,,\n\
         actual,,r,M3,{CYBER},,,20,,AC-1,,,T-1,\n\
         actual,credit-1,r,M4,{CYBER},,,(5.00),,,,,T-2,\n\
         release,,r,M4,,,,30,PO-1,,,,,\n\
         forecast,,r,M6,{CYBER},,,90k,,,,,,\n\
         forecast,,r,M6,{CYBER},,,80k,,,internal,,,\n\
         explain,,r,,{CYBER},,,10k,,,,slippage,,\n"
    );
    desk.write("month.csv", &file);
    let done = desk.does("post month.csv --format json");
    assert_eq!(done.err, "", "{done:?}");
    check(&serde_json::from_str::<Vec<Value>>(&done.out).expect("rows")[0], 12, 0, 0);
    check(&desk.row("post month.csv"), 0, 12, 0);
    let row = desk.row("budget --year 2017-18 --programme CYBER");
    for (member, figure) in [
        ("revised", "100300.00"),
        ("committed", "0.00"),
        ("accrued", "0.00"),
        ("actual", "15.00"),
        ("forecast", "90000.00"),
    ] {
        assert_eq!(row[member], figure, "{member}");
    }
    let allocated = desk.row(&format!("log --reverse --from {} --limit 1", SMALL_HEAD + 1));
    assert_eq!(allocated["evidence"], serde_json::json!(["FOI 1", "FOI 2"]));
    assert_eq!(desk.row("log --cites T-2")["key"], "credit-1");
}

#[test]
fn stdin_is_a_file_of_json_lines() {
    let desk = Desk::small();
    let mut command = desk.command("post - --format json");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(spend(CYBER, "", "7.00").as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    assert_eq!(desk.row("budget --year 2017-18 --programme CYBER")["actual"], "7.00");
}

#[test]
fn a_file_that_cannot_be_read_whole_posts_nothing_and_tells_every_bad_row() {
    let desk = Desk::small();
    let before = desk.entries();
    let good = spend(CYBER, "", "1.00");
    let file = format!(
        "{good}{}\n{}{}{good}",
        "not json",
        spend(CYBER, "", "1.005"),
        spend("CYBER/RRV/2016-18/revenue", "", "1.00"),
    );
    desk.write("bad.jsonl", &file);
    let answer = desk.run("post bad.jsonl --format json");
    assert_eq!(answer.code, 2, "{answer:?}");
    assert_eq!(answer.error()["message"], "3 rows cannot be read, so nothing was posted");
    let told = answer.error()["rows"].as_array().expect("rows").clone();
    let lines: Vec<_> = told.iter().filter_map(|row| row["row"].as_u64()).collect();
    assert_eq!(lines, [2, 3, 4], "{answer:?}");
    let answer = desk.run("post bad.jsonl");
    for (line, row) in answer.err.lines().zip(&told) {
        assert_eq!(line, format!("row {}: {}", row["row"], text(row, "message")));
    }
    // Cut anywhere within a line, it is not what was sent.
    for length in [good.len() + 1, good.len() + 40, 2 * good.len() - 2] {
        desk.write("cut.jsonl", &good.repeat(2).as_bytes()[..length]);
        let answer = desk.run("post cut.jsonl");
        assert_eq!(answer.code, 2, "{answer:?}");
        assert!(answer.err.contains("row 2: ") && answer.err.contains("cut short"), "{answer:?}");
    }
    desk.write(
        "cut.csv",
        format!("command,reason,month,line,amount\nactual,r,M1,{CYBER},1\nactual,r,M"),
    );
    let answer = desk.run("post cut.csv");
    assert_eq!(answer.code, 2, "{answer:?}");
    assert!(answer.err.contains("row 3: "), "{answer:?}");
    assert_eq!(desk.entries(), before);
}

#[test]
fn a_file_posts_whole_or_not_at_all_unless_the_valid_rows_are_accepted() {
    for served in [false, true] {
        let desk = Desk::small();
        let server = served.then(|| Served::on(&desk));
        let run = |arguments: &str| {
            server.as_ref().map_or_else(|| desk.run(arguments), |server| server.run(arguments))
        };
        let cut = |amount: &str| {
            format!(
                "{{\"reason\":\"r\",\"command\":{{\"cut\":{{\"line\":\"{CYBER}\",\"month\":\"M1\",\
                 \"to\":\"treasury\",\"amount\":\"{amount}\"}}}}}}\n"
            )
        };
        desk.write("cuts.jsonl", [cut("60000.00"), cut("60000.00"), cut("40000.00")].concat());
        let before = run("export").out;
        let answer = run("post cuts.jsonl --format json");
        assert_eq!(answer.code, 3, "{answer:?}");
        assert_eq!(answer.error()["code"], "ROWS_REFUSED");
        let refused = "£60,000.00 cannot leave CYBER/RRV/2017-18/revenue, which has £40,000.00 available: move no more than that";
        let row = serde_json::json!({"row": 2, "code": "BEYOND_AVAILABLE", "message": refused});
        assert_eq!(answer.error()["rows"], serde_json::json!([row]));
        let rows = |answer: &Answer| serde_json::from_str::<Vec<Value>>(&answer.out).expect("rows");
        check(&rows(&answer)[0], 0, 0, 1);
        assert_eq!(run("export").out, before, "nothing is posted");
        let answer = run("post cuts.jsonl --accept-valid --format json");
        assert_eq!(answer.code, 3, "{answer:?}");
        assert_eq!(answer.error()["rows"], serde_json::json!([row]));
        check(&rows(&answer)[0], 2, 0, 1);
        // Once there is money, the same file posts what it owes, and no more.
        let allocated = run(&format!("allocate CENTRAL {CYBER}=60k --month M2 --reason more"));
        assert_eq!(allocated.code, 0, "{allocated:?}");
        check(&rows(&run("post cuts.jsonl --format json"))[0], 1, 2, 0);
        check(&rows(&run("post cuts.jsonl --format json"))[0], 0, 3, 0);
        // A row that cannot be read holds the others up, or is left out, alike.
        desk.write(
            "more.jsonl",
            format!("{}x\n{}", spend(WIFI, "", "1.00"), spend(WIFI, "", "2.00")),
        );
        assert_eq!(run("post more.jsonl").code, 2);
        let answer = run("post more.jsonl --accept-valid --format json");
        assert_eq!((answer.code, &answer.error()["rows"][0]["row"]), (2, &2.into()), "{answer:?}");
        check(&rows(&answer)[0], 2, 0, 1);
    }
}

#[test]
fn warnings_are_told_by_kind_with_their_rows() {
    let desk = Desk::small();
    let over: String = (1..=25).map(|row| format!("actual,r {row},M1,{CYBER},200k\n")).collect();
    desk.write("over.csv", format!("command,reason,month,line,amount\n{over}"));
    for arguments in ["post over.csv --dry-run --format json", "post over.csv --format json"] {
        let answer = desk.does(arguments);
        let rows: Vec<Value> = serde_json::from_str(&answer.out).expect("rows");
        let told: Vec<&str> =
            answer.err.lines().filter(|line| line.starts_with("warning: OVER")).collect();
        assert_eq!(told.len(), 1, "{answer:?}");
        assert!(told[0].contains(", 25 in all, on row 2, 3, 4, "), "{answer:?}");
        assert!(told[0].contains("21, ...; the first: "), "{answer:?}");
        assert!(rows[0]["warnings"].as_u64() >= Some(25), "{answer:?}");
    }
}

#[test]
fn a_key_that_stands_for_another_command_is_a_conflict_in_a_file_too() {
    let desk = Desk::small();
    desk.write("one.jsonl", spend(CYBER, "k", "1.00"));
    desk.write("two.jsonl", spend(CYBER, "k", "2.00"));
    check(&desk.row("post one.jsonl"), 1, 0, 0);
    let after = desk.entries();
    let answer = desk.run("post two.jsonl");
    assert_eq!(answer.code, 5, "{answer:?}");
    assert_eq!(desk.entries(), after);
    // A key is good for a row of JSON, a row of CSV and a single command alike.
    desk.write(
        "one.csv",
        format!("command,key,reason,month,line,amount\nactual,k,r,M1,{CYBER},£1\n"),
    );
    check(&desk.row("post one.csv"), 0, 1, 0);
    let single = desk.row(&format!("actual {CYBER} 1 --month M1 --reason r --key k"));
    assert_eq!(single["replayed"], true);
}

#[test]
fn a_dry_run_of_a_file_judges_its_rows_in_order_and_posts_none() {
    let desk = Desk::small();
    let cut = format!("cut,r,M1,{CYBER},60k,treasury\n");
    desk.write("cuts.csv", format!("command,reason,month,line,amount,to\n{cut}{cut}"));
    let before = desk.entries();
    let answer = desk.run("post cuts.csv --dry-run --format json");
    assert_eq!(answer.code, 3, "{answer:?}");
    assert_eq!(answer.error()["rows"][0]["row"], 3, "{answer:?}");
    let rows: Vec<Value> = serde_json::from_str(&answer.out).expect("rows");
    check(&rows[0], 1, 0, 1);
    assert_eq!(rows[0]["dryRun"], true);
    assert_eq!(desk.entries(), before);
}

#[test]
fn a_batch_posts_as_one_entry_or_not_at_all() {
    let desk = Desk::small();
    let batch = |second: &str| {
        format!(
            "{{\"key\":\"b-{second}\",\"reason\":\"r\",\"command\":{{\"batch\":[\
             {{\"cut\":{{\"line\":\"{CYBER}\",\"month\":\"M1\",\"to\":\"treasury\",\"amount\":\"60000.00\"}}}},\
             {{\"cut\":{{\"line\":\"{CYBER}\",\"month\":\"M1\",\"to\":\"treasury\",\"amount\":\"{second}\"}}}}\
             ]}}}}\n"
        )
    };
    desk.write("over.jsonl", batch("40000.01"));
    let before = desk.entries();
    assert_eq!(desk.run("post over.jsonl").code, 3);
    assert_eq!(desk.entries(), before);
    desk.write("exact.jsonl", batch("40000.00"));
    check(&desk.row("post exact.jsonl"), 1, 0, 0);
    assert_eq!(desk.rows("log").len() as u64, SMALL_HEAD + 1);
}

#[test]
fn a_long_file_tells_twenty_bad_rows_and_counts_the_rest() {
    let desk = Desk::small();
    let mut file = String::from("command,reason,month,line,amount\n");
    for _ in 0..25 {
        writeln!(file, "actual,r,M1,{CYBER},1.005").expect("a string takes it");
    }
    desk.write("bad.csv", file);
    let answer = desk.run("post bad.csv");
    assert_eq!(answer.err.lines().filter(|line| line.starts_with("row ")).count(), 20);
    assert!(answer.err.contains("\nand 5 more rows\nerror: 25 rows cannot be read"), "{answer:?}");
    let error = desk.run("post bad.csv --format json").error();
    assert_eq!(error["rows"].as_array().map(Vec::len), Some(25), "a program is told all of them");
}

#[test]
fn thousands_of_rows_post_and_replay() {
    let desk = Desk::small();
    let rows = 9_000;
    let mut file: String = (0..rows).map(|_| spend(WIFI, "", "0.01")).collect();
    desk.write("many.jsonl", &file);
    check(&desk.row("post many.jsonl"), rows, 0, 0);
    check(&desk.row("post many.jsonl"), 0, rows, 0);
    assert_eq!(desk.row("budget --year 2017-18 --programme WIFI")["actual"], "90.00");
    assert_eq!(desk.row("replay")["differing"], 0);
    file += &spend("WIFY/RRV/2017-18/revenue", "", "0.01");
    desk.write("more.jsonl", file);
    let answer = desk.run("post more.jsonl --dry-run");
    assert!(answer.err.starts_with("row 9001: there is no programme WIFY"), "{answer:?}");
    let answer = desk.run("post more.jsonl");
    assert!(answer.err.starts_with("row 9001: there is no programme WIFY"), "{answer:?}");
}
