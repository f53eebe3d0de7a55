//! Posting files: JSON lines of postings, or tidy CSV with a command a row.
//!
//! Every row is read before any is posted, and every unreadable row is listed. A row without a key
//! gets one from the digest of the file and its line, so posting a file twice posts nothing twice.

use ledger_core::domain::command::{
    Accrue, Allocate, Command, Commit, Cut, ExplainUnderspend, LineAmount, Reallocate,
    RecordActual, ReleaseCommitment, ReturnTo, ReviseForecast,
};
use ledger_core::domain::event::{Series, UnderspendCause};
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::{Citation, IdempotencyKey};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::text::amount::TypedAmount;
use crate::text::hex::hex;

/// The format of a posting file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A JSON posting on each line.
    JsonLines,
    /// A command in each row, under a header.
    Csv,
}

/// A row of a posting file.
#[derive(Debug)]
pub struct Row {
    /// Its line in the file, from 1.
    pub line: u64,
    /// The posting, or why the row cannot be read.
    pub posting: Result<Posting, String>,
}

/// Reads a posting file.
///
/// # Errors
///
/// If no row can be read: the file is not UTF-8, or its header has an unknown column.
pub fn read(bytes: &[u8], kind: FileKind) -> Result<Vec<Row>, String> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(text).map_err(|error| {
        format!("byte {} is not UTF-8 text: save the file as CSV UTF-8", error.valid_up_to() + 1)
    })?;
    let digest = Sha256::digest(bytes);
    let digest = hex(digest.get(..8).unwrap_or_default());
    match kind {
        FileKind::JsonLines => Ok(json_lines(text, &digest)),
        FileKind::Csv => csv(text, &digest),
    }
}

fn row_key(digest: &str, line: u64) -> String {
    format!("file-{digest}-{line}")
}

fn json_lines(text: &str, digest: &str) -> Vec<Row> {
    let lines = text.split_inclusive('\n').zip(1_u64..);
    lines
        .filter(|(line, _)| !line.trim().is_empty())
        .map(|(line, number)| Row { line: number, posting: json_line(line, digest, number) })
        .collect()
}

fn json_line(line: &str, digest: &str, number: u64) -> Result<Posting, String> {
    let with_hint = |error: serde_json::Error| {
        let hint = match error.classify() {
            Category::Eof if !line.ends_with('\n') => {
                ": the file seems cut short, so fetch it again"
            }
            Category::Eof | Category::Syntax => {
                ": write a JSON posting on each line, or name a CSV file .csv"
            }
            Category::Data | Category::Io => "",
        };
        // The report names the line, so the message gives the column only.
        let column = error.column();
        let text = error.to_string();
        let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
        format!("{what} (at column {column}){hint}")
    };
    // The line as it is comes first, so that errors give its own columns.
    let error = match serde_json::from_str(line) {
        Ok(posting) => return Ok(posting),
        Err(error) => error,
    };
    let keyless = serde_json::from_str::<Map<String, Value>>(line)
        .is_ok_and(|object| !object.is_empty() && !object.contains_key("key"));
    let Some(open) = line.trim_end().strip_suffix('}').filter(|_| keyless) else {
        return Err(with_hint(error));
    };
    // The key goes into the text, because a map would drop duplicate members.
    let keyed = format!("{open},\"key\":\"{}\"}}", row_key(digest, number));
    serde_json::from_str(&keyed).map_err(with_hint)
}

/// The columns a CSV file may have; `command` it must have.
const COLUMNS: [&str; 17] = [
    "command",
    "key",
    "reason",
    "authority",
    "evidence",
    "inferred",
    "month",
    "line",
    "to",
    "fund",
    "amount",
    "reference",
    "discharges",
    "series",
    "cause",
    "transaction",
    "concerns",
];

/// The commands a CSV row may hold: those of one line and one amount.
const COMMANDS: &str =
    "allocate, cut, reallocate, commit, release, accrue, actual, forecast, explain";

fn csv(text: &str, digest: &str) -> Result<Vec<Row>, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| csv_error(&error))?.clone();
    for column in &header {
        if !COLUMNS.contains(&column) {
            return Err(format!(
                "the column \"{column}\" is unknown: rename it to one of {}",
                COLUMNS.join(", ")
            ));
        }
    }
    for column in ["command", "reason", "month", "amount"] {
        if !header.iter().any(|name| name == column) && column != "month" {
            return Err(format!("the column \"{column}\" is missing: add it to the first row"));
        }
    }
    let mut rows: Vec<Row> = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                let line = record.position().map_or(line, csv::Position::line);
                let cells = Cells { header: &header, record: &record };
                rows.push(Row { line, posting: csv_row(&cells, digest, line) });
            }
            Err(error) => rows.push(Row { line, posting: Err(csv_error(&error)) }),
        }
    }
    // An amount cut short can still look like an amount.
    if let Some(last) = rows.last_mut().filter(|_| !text.ends_with(['\n', '\r'])) {
        let cut = "the file does not end with a line break, so it may be cut short: \
                   fetch it again, or add one if it is whole";
        last.posting = last
            .posting
            .as_ref()
            .map_or_else(|error| Err(format!("{error}; {cut}")), |_| Err(cut.to_owned()));
    }
    Ok(rows)
}

/// Why a row is not CSV.
fn csv_error(error: &csv::Error) -> String {
    if let csv::ErrorKind::UnequalLengths { expected_len, len, .. } = error.kind() {
        return format!(
            "the row has {len} cells and the header has {expected_len}: \
             put a cell that holds a comma between quotation marks"
        );
    }
    error.to_string()
}

struct Cells<'r> {
    header: &'r csv::StringRecord,
    record: &'r csv::StringRecord,
}

impl<'r> Cells<'r> {
    /// The text of a cell; None if it is empty or the column is missing.
    fn find(&self, column: &str) -> Option<&'r str> {
        let index = self.header.iter().position(|name| name == column)?;
        self.record.get(index).filter(|cell| !cell.is_empty())
    }

    fn read<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, String> {
        let Some(text) = self.find(column) else { return Ok(None) };
        let read = T::deserialize(Value::String(text.to_owned()));
        read.map(Some).map_err(|error| format!("{column}: {error}"))
    }

    fn need<T: DeserializeOwned>(&self, column: &str) -> Result<T, String> {
        self.read(column)?.ok_or_else(|| format!("{column} is empty: fill it in"))
    }

    fn amount(&self) -> Result<ledger_core::domain::money::Pence, String> {
        let text = self.find("amount").ok_or_else(|| "amount is empty: fill it in".to_owned())?;
        let amount = text.parse::<TypedAmount>();
        amount.map(|TypedAmount(pence)| pence).map_err(|error| format!("amount: {error}"))
    }
}

fn csv_row(cells: &Cells<'_>, digest: &str, line: u64) -> Result<Posting, String> {
    let key = match cells.read::<IdempotencyKey>("key")? {
        Some(key) => key,
        None => row_key(digest, line).parse().map_err(|error| format!("key: {error}"))?,
    };
    let evidence = cells.find("evidence").unwrap_or_default();
    let evidence = evidence.split('|').map(str::trim).filter(|citation| !citation.is_empty());
    let evidence = evidence.map(|text| text.parse::<Citation>());
    Ok(Posting {
        key,
        command: csv_command(cells)?,
        reason: cells.need("reason")?,
        authority: cells.read("authority")?,
        evidence: evidence
            .collect::<Result<_, _>>()
            .map_err(|error| format!("evidence: {error}"))?,
        inferred: cells.read("inferred")?,
        expected_versions: Vec::new(),
    })
}

fn csv_command(cells: &Cells<'_>) -> Result<Command, String> {
    let command = cells.find("command").ok_or_else(|| "command is empty: fill it in".to_owned())?;
    let amount = cells.amount()?;
    let one = |line| std::iter::once(LineAmount { line, amount }).collect();
    Ok(match command {
        "allocate" => Allocate {
            fund: cells.need("fund")?,
            class: None,
            month: cells.need("month")?,
            to: one(cells.need("line")?),
            concerns: cells.read("concerns")?,
        }
        .into(),
        "cut" => Cut {
            line: cells.need("line")?,
            amount,
            month: cells.need("month")?,
            to: match cells.find("to") {
                Some("treasury") => Some(ReturnTo::Treasury),
                _ => cells.read("to")?.map(ReturnTo::Fund),
            },
            concerns: cells.read("concerns")?,
        }
        .into(),
        "reallocate" => Reallocate {
            month: cells.need("month")?,
            from: one(cells.need("line")?),
            to: one(cells.need("to")?),
            concerns: cells.read("concerns")?,
        }
        .into(),
        "commit" => Commit {
            line: cells.need("line")?,
            month: cells.need("month")?,
            amount,
            reference: cells.need("reference")?,
        }
        .into(),
        "release" => ReleaseCommitment {
            reference: cells.need("reference")?,
            month: cells.need("month")?,
            amount: Some(amount),
        }
        .into(),
        "accrue" => Accrue {
            line: cells.need("line")?,
            month: cells.need("month")?,
            amount,
            reference: cells.need("reference")?,
            discharges: cells.read("discharges")?,
            concerns: cells.read("concerns")?,
        }
        .into(),
        "actual" => RecordActual {
            line: cells.need("line")?,
            month: cells.need("month")?,
            amount,
            transaction: cells.read("transaction")?,
            accounting_class: None,
            discharges: cells.read("discharges")?,
            concerns: cells.read("concerns")?,
        }
        .into(),
        "forecast" => ReviseForecast {
            line: cells.need("line")?,
            month: cells.need("month")?,
            series: cells.read("series")?.unwrap_or(Series::Reported),
            amount,
            phasing: None,
        }
        .into(),
        "explain" => ExplainUnderspend {
            line: cells.need("line")?,
            cause: cells.need::<UnderspendCause>("cause")?,
            amount,
        }
        .into(),
        other => return Err(format!("\"{other}\" is not a command for CSV files: use {COMMANDS}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusals(text: &str, kind: FileKind) -> Vec<(u64, String)> {
        let rows = read(text.as_bytes(), kind).expect("the file as a whole can be read");
        rows.into_iter().filter_map(|row| Some((row.line, row.posting.err()?))).collect()
    }

    #[test]
    fn a_row_without_a_key_gets_one_from_the_file_and_its_line() {
        let line =
            r#"{"reason":"r","command":{"strikeBaseline":{"year":"2017-18","name":"original"}}}"#;
        let text = format!("{line}\n\n{line}\n");
        let keys = |text: &str| -> Vec<String> {
            let rows = read(text.as_bytes(), FileKind::JsonLines).expect("reads");
            rows.into_iter().map(|row| row.posting.expect("a posting").key.to_string()).collect()
        };
        assert_eq!(keys(&text), keys(&text));
        assert_eq!(keys(&text).len(), 2);
        assert_ne!(keys(&text)[0], keys(&text)[1]);
        assert_ne!(keys(&text)[0], keys(line)[0]);
    }

    #[test]
    fn csv_rows_become_commands_and_json_lines_the_same_ones() {
        let csv = "command,key,reason,month,line,to,amount\n\
                   reallocate,k1,r,M3,WIFI/XDH/2017-18/unsplit,CYBER/XDH/2017-18/unsplit,\"£1,000.50\"\n";
        let json = r#"{"key":"k1","reason":"r","command":{"reallocate":{"month":"M3",
            "from":[{"line":"WIFI/XDH/2017-18/unsplit","amount":"1000.5"}],
            "to":[{"line":"CYBER/XDH/2017-18/unsplit","amount":"1000.50"}]}}}"#;
        let csv = read(csv.as_bytes(), FileKind::Csv).expect("reads").pop().expect("a row");
        let json = json.replace('\n', " ");
        let json = read(json.as_bytes(), FileKind::JsonLines).expect("reads").pop().expect("a row");
        let (csv, json) = (csv.posting.expect("a posting"), json.posting.expect("a posting"));
        assert_eq!(csv, json);
        assert_eq!(csv.digest(), json.digest());
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        let json = "{\"key\":\"k\",\"reason\":\"r\",\"command\":{\"reverse\":{\"entry\":1}},\"x\":1}\n{\"key\":";
        let refused = refusals(json, FileKind::JsonLines);
        assert_eq!(refused.len(), 2);
        assert!(refused[0].1.contains("unknown field `x`"), "{}", refused[0].1);
        assert!(refused[1].1.contains("cut short"), "{}", refused[1].1);
        let csv = "command,reason,month,line,amount\nspend,r,M1,A/B/2017-18/capital,1\nactual,r,M99,A/B/2017-18/capital,1\nactual,r,M1,A/B/2017-18/capital,1.005\n";
        let refused = refusals(csv, FileKind::Csv);
        assert_eq!(refused.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4]);
        let twice = r#"{"reason":"r","reason":"s","command":{"reverse":{"entry":1}}}"#;
        for text in [twice.to_owned(), twice.replacen('{', r#"{"key":"k","#, 1)] {
            let refused = refusals(&text, FileKind::JsonLines);
            assert!(refused[0].1.contains("duplicate field `reason`"), "{refused:?}");
        }
        assert!(read(b"command,colour\n", FileKind::Csv).is_err());
        assert!(read(b"\xff\xfe", FileKind::JsonLines).is_err());
    }
}
