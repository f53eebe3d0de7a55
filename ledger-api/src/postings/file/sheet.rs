//! CSV: a command in each row, under a header. Every filled cell counts, or its row is refused.

use std::borrow::Cow;
use std::cell::Cell;

use csv::{ReaderBuilder, StringRecord, Trim};
use ledger_core::domain::command::{
    Accrue, Allocate, Command, Commit, Cut, ExplainUnderspend, LineAmount, Reallocate,
    RecordActual, ReleaseCommitment, ReturnTo, ReviseForecast,
};
use ledger_core::domain::event::{Series, UnderspendCause};
use ledger_core::domain::money::Pence;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::{Citation, IdempotencyKey};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{NO_KEY, Row};
use crate::text::amount::TypedAmount;

/// The columns a file may have.
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

/// The columns a file must have.
const NEEDED: [&str; 3] = ["command", "reason", "amount"];

/// The commands a row may hold: those of one line and one amount.
const COMMANDS: &str =
    "allocate, cut, reallocate, commit, release, accrue, actual, forecast, explain";

pub(super) fn read(text: &str) -> Result<Vec<Row>, String> {
    let mut reader = ReaderBuilder::new()
        .trim(Trim::All)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let (mut rows, mut header, mut number) = (Vec::new(), None, 0);
    let mut record = StringRecord::new();
    loop {
        let begin = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        number += empty_rows(text, begin) + 1;
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) if record.iter().all(str::is_empty) => {}
            Ok(true) => match &header {
                None => header = Some(columns(&record)?),
                Some(header) => {
                    rows.push(Row { number, posting: row(header, &on_one_line(&record)) });
                }
            },
            Err(error) => return Err(format!("row {number}: {error}")),
        }
    }
    if header.is_none() {
        columns(&StringRecord::new())?;
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

/// A record whose cells hold a space in place of line breaks.
fn on_one_line(record: &StringRecord) -> Cow<'_, StringRecord> {
    if !record.as_slice().contains(['\r', '\n']) {
        return Cow::Borrowed(record);
    }
    let lines = |cell: &str| {
        cell.split(['\r', '\n'])
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    Cow::Owned(record.iter().map(lines).collect())
}

/// The rows without any character before the record at `begin`. The reader skips them, and a
/// spreadsheet numbers them.
fn empty_rows(text: &str, begin: usize) -> u64 {
    let bytes = text.as_bytes();
    let (before, mut rest) = bytes.split_at_checked(begin).unwrap_or((bytes, &[]));
    if let ([.., b'\r'], [b'\n', after @ ..]) = (before, rest) {
        rest = after;
    }
    let mut empty = 0;
    while let [b'\r', b'\n', after @ ..] | [b'\r' | b'\n', after @ ..] = rest {
        (rest, empty) = (after, empty + 1);
    }
    empty
}

/// Checks a header. A column without a name may stand there, if all its cells are empty.
fn columns(record: &StringRecord) -> Result<StringRecord, String> {
    for (index, column) in record.iter().enumerate().filter(|(_, column)| !column.is_empty()) {
        if !COLUMNS.contains(&column) {
            let lower = column.to_lowercase();
            let distance = |known: &&str| strsim::damerau_levenshtein(&lower, known);
            let nearest = COLUMNS.into_iter().min_by_key(distance);
            let nearest = nearest.filter(|known| 2 * distance(known) <= lower.len());
            let hint = nearest.map(|known| format!(" (did you mean {known}?)")).unwrap_or_default();
            return Err(format!(
                "the column \"{column}\" is unknown{hint}: rename it to one of {}",
                COLUMNS.join(", ")
            ));
        }
        if record.iter().take(index).any(|earlier| earlier == column) {
            return Err(format!(
                "the column \"{column}\" occurs twice: keep the one that counts, and remove the other"
            ));
        }
    }
    match NEEDED.into_iter().find(|needed| !record.iter().any(|column| column == *needed)) {
        Some(missing) => {
            Err(format!("the column \"{missing}\" is missing: add it to the first row"))
        }
        None => Ok(record.clone()),
    }
}

struct Cells<'r> {
    header: &'r StringRecord,
    record: &'r StringRecord,
    /// A bit for each column that the command uses.
    used: Cell<u32>,
}

impl<'r> Cells<'r> {
    /// The text of a cell; None if it is empty or the column is missing.
    fn find(&self, column: &str) -> Option<&'r str> {
        self.used.set(self.used.get() | bit(column));
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

    fn amount(&self) -> Result<Pence, String> {
        let text = self.find("amount").ok_or_else(|| "amount is empty: fill it in".to_owned())?;
        let amount = text.parse::<TypedAmount>();
        amount.map(|TypedAmount(pence)| pence).map_err(|error| format!("amount: {error}"))
    }

    /// Fails for a filled cell that the command has not used.
    fn all_used(&self, command: &str) -> Result<(), String> {
        let is_used = |column: &str| self.used.get() & bit(column) != 0;
        let mut cells = self.header.iter().zip(self.record).zip(1..);
        let unused = cells.find(|((column, cell), _)| !cell.is_empty() && !is_used(column));
        match unused {
            None => Ok(()),
            Some((("", _), number)) => Err(format!(
                "cell {number} is filled, and its column has no name: name the column, or empty the cell"
            )),
            Some(((column, _), _)) => Err(format!(
                "{column} is filled, and {command} does not use it: empty the cell, or correct the command"
            )),
        }
    }
}

/// The bit of a known column; 0 for any other.
fn bit(column: &str) -> u32 {
    let index = COLUMNS.iter().position(|known| *known == column);
    index.map_or(0, |index| 1 << index)
}

fn row(header: &StringRecord, record: &StringRecord) -> Result<Posting, String> {
    if record.len() != header.len() {
        return Err(format!(
            "the row has {} cells and the header has {}: put a cell that holds a comma between quotation marks",
            record.len(),
            header.len()
        ));
    }
    let cells = Cells { header, record, used: Cell::new(0) };
    let key = match cells.read::<IdempotencyKey>("key")? {
        Some(key) => key,
        None => NO_KEY.parse().map_err(|error| format!("key: {error}"))?,
    };
    let evidence = cells.find("evidence").unwrap_or_default();
    let evidence = evidence.split('|').map(str::trim).filter(|citation| !citation.is_empty());
    let evidence = evidence.map(|text| text.parse::<Citation>());
    let name = cells.find("command").ok_or_else(|| "command is empty: fill it in".to_owned())?;
    let posting = Posting {
        key,
        command: command(name, &cells)?,
        reason: cells.need("reason")?,
        authority: cells.read("authority")?,
        evidence: evidence
            .collect::<Result<_, _>>()
            .map_err(|error| format!("evidence: {error}"))?,
        inferred: cells.read("inferred")?,
        expected_versions: Vec::new(),
    };
    cells.all_used(name)?;
    Ok(posting)
}

fn command(name: &str, cells: &Cells<'_>) -> Result<Command, String> {
    let amount = cells.amount()?;
    let one = |line| std::iter::once(LineAmount { line, amount }).collect();
    Ok(match name {
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
