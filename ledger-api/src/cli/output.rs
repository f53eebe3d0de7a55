//! Answers: rows with named columns, written as a table, JSON, JSON lines or CSV. The columns are
//! the same in all four.

use std::fmt::Debug;
use std::io::{self, BufWriter, Write};

use clap::ValueEnum;
use ledger_core::domain::money::Pence;
use rust_decimal::Decimal;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::amount::with_separators;

/// How to write an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    #[default]
    Table,
    /// One array.
    Json,
    /// One object a line.
    Jsonl,
    /// With a header line, exact pounds and pence.
    Csv,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Not known, or not there.
    Absent,
    Text(String),
    Money(Pence),
    Number(u64),
    /// One decimal.
    Percent(Decimal),
    /// As many decimals as it has.
    Decimal(Decimal),
    Flag(bool),
    List(Vec<String>),
}

impl Cell {
    #[expect(clippy::needless_pass_by_value, reason = "callers pass values and references alike")]
    pub(super) fn text(text: impl ToString) -> Self {
        Cell::Text(text.to_string())
    }

    /// The name of a variant, spelt as in entries: `gpPractice`.
    pub(super) fn variant(variant: impl Debug) -> Self {
        let name = format!("{variant:?}");
        let mut letters = name.chars();
        let first = letters.next().map(|letter| letter.to_ascii_lowercase());
        Cell::Text(first.into_iter().chain(letters).collect())
    }

    pub(super) fn maybe<T>(value: Option<T>, cell: impl FnOnce(T) -> Cell) -> Self {
        value.map_or(Cell::Absent, cell)
    }

    pub(super) fn maybe_text(text: Option<impl ToString>) -> Self {
        Cell::maybe(text, Cell::text)
    }

    pub(super) fn maybe_money(pence: Option<Pence>) -> Self {
        Cell::maybe(pence, Cell::Money)
    }

    /// As a person reads it.
    fn shown(&self) -> String {
        match self {
            Cell::Absent => "-".to_owned(),
            Cell::Text(text) => text.clone(),
            Cell::Money(pence) => with_separators(*pence),
            Cell::Number(number) => number.to_string(),
            Cell::Percent(percent) => format!("{percent}%"),
            Cell::Decimal(decimal) => decimal.to_string(),
            Cell::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            Cell::List(texts) if texts.is_empty() => "-".to_owned(),
            Cell::List(texts) => texts.join("; "),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Cell::Absent || *self == Cell::List(Vec::new())
    }

    /// As a spreadsheet reads it.
    fn exact(&self) -> String {
        match self {
            Cell::Absent => String::new(),
            Cell::Money(pence) => pence.to_string(),
            Cell::Percent(decimal) | Cell::Decimal(decimal) => decimal.to_string(),
            Cell::Flag(flag) => flag.to_string(),
            Cell::Text(text) => defused(text),
            Cell::List(texts) => defused(&texts.join("; ")),
            Cell::Number(number) => number.to_string(),
        }
    }

    const fn is_right_aligned(&self) -> bool {
        matches!(self, Cell::Money(_) | Cell::Number(_) | Cell::Percent(_) | Cell::Decimal(_))
    }
}

/// A table's cell holds so much; the whole is in the other formats, and above the table.
fn shortened(text: &str) -> String {
    const WIDTH: usize = 72;
    if text.chars().count() <= WIDTH {
        return text.to_owned();
    }
    text.chars().take(WIDTH - 1).chain(['…']).collect()
}

/// A text that a spreadsheet would run as a formula is told apart from one.
fn defused(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Absent => serializer.serialize_none(),
            Cell::Text(text) => serializer.serialize_str(text),
            Cell::Money(pence) => serializer.collect_str(pence),
            Cell::Number(number) => serializer.serialize_u64(*number),
            Cell::Percent(decimal) | Cell::Decimal(decimal) => {
                // The decimal's own digits: a float might not have them.
                let number = serde_json::value::RawValue::from_string(decimal.to_string());
                number.map_err(serde::ser::Error::custom)?.serialize(serializer)
            }
            Cell::Flag(flag) => serializer.serialize_bool(*flag),
            Cell::List(texts) => serializer.collect_seq(texts),
        }
    }
}

/// An answer.
pub(super) struct Rows {
    /// What the answer is, for people.
    caption: String,
    columns: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
}

struct Row<'r>(&'r Rows, &'r [Cell]);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.1.len()))?;
        for (column, cell) in self.0.columns.iter().zip(self.1) {
            map.serialize_entry(column, cell)?;
        }
        map.end()
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(self.rows.len()))?;
        for row in &self.rows {
            sequence.serialize_element(&Row(self, row))?;
        }
        sequence.end()
    }
}

impl Rows {
    pub(super) fn new(caption: impl Into<String>, columns: &'static [&'static str]) -> Self {
        Rows { caption: caption.into(), columns, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.columns.len(), "a cell for each column");
        self.rows.push(row);
    }

    /// Writes the answer to stdout. A reader that goes away early is not an error.
    pub(super) fn print(&self, format: Format) -> io::Result<()> {
        to_stdout(|out| self.write(format, out))
    }

    /// Writes the answer.
    pub(super) fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Table => self.write_table(out),
            Format::Json => {
                serde_json::to_writer_pretty(&mut *out, self)?;
                writeln!(out)
            }
            Format::Jsonl => self.rows.iter().try_for_each(|row| {
                serde_json::to_writer(&mut *out, &Row(self, row))?;
                writeln!(out)
            }),
            Format::Csv => {
                let mut csv = csv::Writer::from_writer(out);
                csv.write_record(self.columns)?;
                for row in &self.rows {
                    csv.write_record(row.iter().map(Cell::exact))?;
                }
                csv.flush()
            }
        }
    }

    /// What is the same in every row stands once above the table; what no row knows is left out.
    fn write_table(&self, out: &mut dyn Write) -> io::Result<()> {
        let column = |index: usize| self.rows.iter().map(move |row| &row[index]);
        let constant = |index: usize| {
            let mut cells = column(index);
            let first = cells.next();
            self.rows.len() > 1 && cells.all(|cell| Some(cell) == first)
        };
        let absent = |index: usize| column(index).all(Cell::is_empty);
        let all = 0..self.columns.len();
        let shared: Vec<usize> = all.clone().filter(|i| constant(*i) && !absent(*i)).collect();
        let shown: Vec<usize> = all.filter(|i| !constant(*i) && !absent(*i)).collect();
        writeln!(out, "{}", self.caption)?;
        for index in shared {
            let value = column(index).next().map(Cell::shown).unwrap_or_default();
            writeln!(out, "  {}: {value}", self.columns[index])?;
        }
        if self.rows.is_empty() {
            return writeln!(out, "(nothing)");
        }
        let width = |index: usize| {
            let cells = column(index).map(|cell| shortened(&cell.shown()).chars().count());
            cells.max().unwrap_or(0).max(self.columns[index].len())
        };
        let widths: Vec<usize> = shown.iter().map(|index| width(*index)).collect();
        let right = |index: usize| column(index).any(Cell::is_right_aligned);
        let mut line = |cells: Vec<String>| {
            let mut text = String::new();
            for ((cell, width), index) in cells.iter().zip(&widths).zip(&shown) {
                let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
                let (before, after) =
                    if right(*index) { (padding.as_str(), "") } else { ("", padding.as_str()) };
                text.extend([before, cell, after, "  "]);
            }
            writeln!(out, "{}", text.trim_end())
        };
        line(shown.iter().map(|index| self.columns[*index].to_owned()).collect())?;
        line(widths.iter().map(|width| "-".repeat(*width)).collect())?;
        for row in &self.rows {
            line(shown.iter().map(|index| shortened(&row[*index].shown())).collect())?;
        }
        Ok(())
    }
}

/// Writes to stdout, buffered. A reader that goes away early is not an error.
pub(super) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    match tell(write) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// The same, where it matters that somebody reads.
pub(super) fn tell(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    write(&mut out).and_then(|()| out.flush())
}
