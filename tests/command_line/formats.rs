//! Tables, JSON, JSON lines and CSV: the same columns and rows in each.

use serde_json::Value;

use super::program::{Answer, Desk, WIFI};

/// Every reading verb.
const QUESTIONS: [&str; 15] = [
    "budget --year 2017-18",
    "budget --year 2017-18 --rollup programme",
    "budget --year 2017-18 --rollup month",
    "budget --year 2017-18 --rollup ring-fence",
    "funds",
    "funds P2020",
    "log --limit 1000",
    "log --year 2017-18 --programme CYBER",
    "show line CYBER/XDH/2017-18/unsplit",
    "show behind --year 2017-18 --body XDH",
    "show underspends --year 2004-05",
    "replay --to 60",
    "verify",
    "programme list",
    "body list",
];

fn csv_cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(csv_cell).collect::<Vec<_>>().join("; "),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

#[test]
fn every_answer_is_the_same_in_all_formats() {
    let desk = Desk::sample();
    for question in QUESTIONS {
        let rows = desk.rows(question);
        assert!(!rows.is_empty(), "{question}");
        let lines = desk.does(&format!("{question} --format jsonl")).out;
        let lines: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        assert_eq!(lines, rows, "{question}");
        let text = desk.does(&format!("{question} --format csv")).out;
        let mut csv = csv::Reader::from_reader(text.as_bytes());
        let header = csv.headers().expect("a header").clone();
        let records: Vec<csv::StringRecord> =
            csv.records().map(|row| row.expect("a row")).collect();
        assert_eq!(records.len(), rows.len(), "{question}");
        for (record, row) in records.iter().zip(&rows) {
            assert_eq!(header.len(), row.as_object().map_or(0, serde_json::Map::len), "{question}");
            for (column, cell) in header.iter().zip(record) {
                assert_eq!(cell, csv_cell(&row[column]), "{column} of {question}");
            }
        }
        let table = desk.does(question);
        assert_eq!(table.err, "", "{question}");
        let shown = table.out.lines().skip_while(|line| !line.starts_with("--")).count();
        let last = table.out.lines().last().expect("a row");
        let total = usize::from(last.split("  ").any(|cell| cell.trim() == "Total"));
        let expected = 1 + rows.len() + total;
        assert_eq!(shown, expected, "a rule, the rows and a total: {question}\n{}", table.out);
    }
}

#[test]
fn a_compact_table_tells_once_what_is_the_same_in_every_row() {
    let table = Desk::sample().does("budget --year 2017-18 --rollup programme --compact").out;
    let lines: Vec<&str> = table.lines().collect();
    let head = ledger_tests::sample_head();
    let caption = format!("Planned versus actual, 2017-18, as at position {head} on ");
    assert!(lines[0].starts_with(&caption), "{table}");
    assert!(lines[0].ends_with(", plan to date through M12"), "{table}");
    assert!(lines.contains(&"  body: XDH") && lines.contains(&"  year: 2017-18"), "{table}");
    let cyber = lines.iter().find(|line| line.starts_with("  CYBER")).expect("a row");
    let cells: Vec<&str> =
        cyber.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(
        cells,
        [
            "CYBER",
            "Cyber security",
            "8,700,000.00",
            "72,400,000.00",
            "72,400,000.00",
            "72,400,000.00",
            "31,500,000.00",
            "0.00",
            "0.00",
            "onBudget",
            "100.0%",
            "onTrack",
            "TECH",
            "1",
            "no",
            "31,500,000.00",
            "72,400,000.00",
            "72,400,000.00",
        ]
    );
}

#[test]
fn an_empty_answer_is_empty_in_every_format() {
    let desk = Desk::small();
    let question = "budget --year 2030-31";
    assert_eq!(desk.does(&format!("{question} --format json")).out, "[]\n");
    assert_eq!(desk.does(&format!("{question} --format jsonl")).out, "");
    assert_eq!(desk.does(&format!("{question} --format csv")).out.lines().count(), 1);
    assert!(desk.does(question).out.ends_with("(nothing)\n"));
}

#[test]
fn a_receipt_comes_in_every_format() {
    let desk = Desk::small();
    let posting = format!("actual {WIFI} 5 --month M1 --reason r --key k");
    let columns =
        ["position", "recorded", "outcome", "proposal", "replayed", "dryRun", "warnings", "landed"];
    let row = desk.row(&posting);
    let absent = columns.iter().filter(|column| row[**column].is_null());
    assert_eq!(absent.collect::<Vec<_>>(), [&"proposal"], "{row}");
    let csv = desk.does(&format!("{posting} --format csv")).out;
    assert_eq!(csv.lines().next(), Some(columns.join(",").as_str()));
    let line = desk.does(&format!("{posting} --format jsonl")).out;
    let line: Value = serde_json::from_str(&line).expect("an object");
    assert_eq!([&line["position"], &line["recorded"]], [&row["position"], &row["recorded"]]);
    assert!(desk.does(&posting).out.starts_with("Posted.\n"));
}

#[test]
fn an_entry_as_json_is_its_canonical_bytes() {
    let desk = Desk::small();
    let entries = desk.entries();
    for (line, position) in entries.lines().zip(1..) {
        let shown = desk.does(&format!("show entry {position} --format jsonl")).out;
        assert_eq!(shown.trim_end(), line);
        assert!(line.starts_with(&format!("{{\"position\":{position},")), "{line}");
    }
    let table = desk.does("show entry 10 --format csv").out;
    for part in ["key,s9", "reason,The plan.", "leaf hash,"] {
        assert!(table.contains(part), "{table}");
    }
}

#[test]
fn an_export_holds_the_entries_asked_for_and_no_seals() {
    let desk = Desk::small();
    let all = desk.does("export --format jsonl").out;
    assert_eq!(all.lines().count(), 12);
    assert!(!all.contains("\"seal\""), "{all}");
    let book = std::fs::read_to_string(desk.path("ledger-data/book/00000000000000000001.jsonl"));
    let book = book.expect("a segment");
    let stored: String =
        book.split_inclusive('\n').filter(|line| line.starts_with("{\"position\":")).collect();
    assert_eq!(all, stored);
    let some: String = all.split_inclusive('\n').skip(2).take(3).collect();
    assert_eq!(desk.does("export --from 3 --to 5").out, some);
    assert_eq!(desk.does("export --from 12").out.lines().count(), 1);
}

#[test]
fn a_spreadsheet_does_not_run_what_it_opens() {
    let desk = Desk::small();
    for reason in ["=1+1", "+1", "-1", "@SUM(A1)"] {
        desk.does(&format!("actual {WIFI} 5 --month M1 --reason={reason}"));
        let csv = desk.does("log --limit 1000 --format csv").out;
        assert!(csv.contains(&format!(",'{reason},")), "{csv}");
        let rows = desk.rows("log --limit 1000");
        assert_eq!(rows.first().expect("rows")["reason"], reason, "the newest");
    }
}

#[test]
fn without_colours_there_are_none() {
    let desk = Desk::small();
    let coloured = |name: &str, value: &str, arguments: &str| {
        let mut command = desk.command(arguments);
        let answer = Answer::of(command.env("CLICOLOR_FORCE", "1").env(name, value));
        answer.out.contains('\u{1b}') || answer.err.contains('\u{1b}')
    };
    // Help is what has colours; so the rest of the test says something.
    assert!(coloured("OTHER", "1", "budget --help"));
    for arguments in ["budget --help", "--help", "budget", "budget --year 2017-18", "nonsense"] {
        assert!(!coloured("NO_COLOR", "1", arguments), "{arguments}");
    }
}

#[test]
fn a_reader_that_goes_away_early_is_no_error() {
    let desk = Desk::sample();
    let mut command = desk.command("export");
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("starts");
    drop(child.stdout.take());
    assert!(child.wait().expect("ends").success());
}
