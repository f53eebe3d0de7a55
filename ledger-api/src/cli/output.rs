//! Answers: rows with named columns, written as a table, JSON, JSON lines or CSV. The columns are
//! the same in all four.

use std::fmt::Debug;
use std::io::{self, BufWriter, Write};

use ledger_core::domain::money::Pence;
use rust_decimal::Decimal;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use unicode_width::UnicodeWidthStr;

use super::format::Format;
use crate::text::amount::with_separators;

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
    if width(text) <= WIDTH {
        return text.to_owned();
    }
    text.chars().take(WIDTH - 1).chain(['…']).collect()
}

/// Puts an apostrophe before a text that a spreadsheet would run as a formula.
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
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    /// Whether a table shows long texts whole.
    whole: bool,
    /// Whether a table shows each row as a block of lines.
    blocks: bool,
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
    pub(super) fn new(caption: impl Into<String>, columns: impl Into<Vec<&'static str>>) -> Self {
        let (caption, columns) = (caption.into(), columns.into());
        Rows { caption, columns, rows: Vec::new(), whole: false, blocks: false }
    }

    /// The same rows, their long texts whole in a table.
    pub(super) fn whole(self) -> Self {
        Rows { whole: true, ..self }
    }

    /// The same rows, each a block of lines in a table.
    pub(super) fn in_blocks(self) -> Self {
        Rows { blocks: true, ..self }
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
            Format::Table | Format::Compact if self.blocks => self.write_blocks(out),
            Format::Table => self.write_table(out, false),
            Format::Compact => self.write_table(out, true),
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
                csv.write_record(&self.columns)?;
                for row in &self.rows {
                    csv.write_record(row.iter().map(Cell::exact))?;
                }
                csv.flush()
            }
        }
    }

    /// Every column, whatever the rows hold: the shape of a table does not depend on the data.
    fn write_table(&self, out: &mut dyn Write, compact: bool) -> io::Result<()> {
        let constant = |index: usize| {
            let mut cells = self.rows.iter().map(|row| &row[index]);
            let first = cells.next();
            self.rows.len() > 1 && cells.all(|cell| Some(cell) == first)
        };
        let all = 0..self.columns.len();
        let (above, shown): (Vec<usize>, Vec<usize>) =
            all.partition(|index| compact && constant(*index));
        writeln!(out, "{}", self.caption)?;
        for index in above {
            let value = self.rows.first().map(|row| row[index].shown()).unwrap_or_default();
            writeln!(out, "  {}: {}", self.columns[index], printable(&value))?;
        }
        if self.rows.is_empty() {
            return writeln!(out, "(nothing)");
        }
        let cell = |cell: &Cell| {
            let text = printable(&cell.shown());
            if self.whole { text } else { shortened(&text) }
        };
        let header = shown.iter().map(|index| self.columns[*index].to_owned()).collect();
        let rows = self.rows.iter();
        let rows = rows.map(|row| shown.iter().map(|index| cell(&row[*index])).collect());
        let mut lines: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
        let widest = |column: usize| lines.iter().map(|line| width(&line[column])).max();
        let widths: Vec<usize> =
            (0..shown.len()).map(|column| widest(column).unwrap_or(0)).collect();
        lines.insert(1, widths.iter().map(|width| "-".repeat(*width)).collect());
        let right = |index: &usize| self.rows.iter().any(|row| row[*index].is_right_aligned());
        let right: Vec<bool> = shown.iter().map(right).collect();
        for line in lines {
            let mut text = String::new();
            for ((cell, widest), right) in line.iter().zip(&widths).zip(&right) {
                let padding = " ".repeat(widest.saturating_sub(width(cell)));
                let (before, after) =
                    if *right { (padding.as_str(), "") } else { ("", padding.as_str()) };
                text.extend([before, cell, after, "  "]);
            }
            writeln!(out, "{}", text.trim_end())?;
        }
        Ok(())
    }

    /// Each row as a block of lines, a column a line: for rows that a person reads whole.
    fn write_blocks(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.caption)?;
        if self.rows.is_empty() {
            return writeln!(out, "(nothing)");
        }
        let widest = self.columns.iter().map(|column| column.len()).max().unwrap_or(0);
        for row in &self.rows {
            writeln!(out)?;
            for (column, cell) in self.columns.iter().zip(row) {
                let mut texts = vec![cell.shown()];
                if let Cell::List(list) = cell
                    && !list.is_empty()
                {
                    texts.clone_from(list);
                }
                for (line, text) in texts.iter().enumerate() {
                    let name = if line == 0 { column } else { "" };
                    writeln!(out, "{name:widest$}  {}", printable(text))?;
                }
            }
        }
        Ok(())
    }
}

/// The width of a text in a terminal, where some letters take two places and others none.
fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Makes a text safe beside others: replaces control and format characters, and isolates text that
/// runs from right to left.
fn printable(text: &str) -> String {
    let moves = |char: char| {
        char.is_control()
            || matches!(
                char,
                '\u{200b}'..='\u{200f}'
                    | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{206f}'
                    | '\u{feff}'
            )
    };
    let text: String =
        text.chars().map(|char| if moves(char) { '\u{fffd}' } else { char }).collect();
    let runs_left = |char: char| {
        matches!(
            char,
            '\u{590}'..='\u{8ff}'
                | '\u{fb1d}'..='\u{fdff}'
                | '\u{fe70}'..='\u{fefc}'
                | '\u{10800}'..='\u{10fff}'
                | '\u{1e800}'..='\u{1efff}'
        )
    };
    if text.contains(runs_left) { format!("\u{2068}{text}\u{2069}") } else { text }
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
