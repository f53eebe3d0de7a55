//! `budget-ledger post`

use std::io::{self, Read};
use std::path::PathBuf;

use clap::Args;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::ActorId;
use ledger_core::writer::{Preview, Refusal};

use super::args::DataArgs;
use super::exit::{CliError, Exit, RowError};
use super::output::{Cell, Format, Rows};
use super::progress::Bar;
use super::write;
use crate::book::Book;
use crate::postings::{self, FileKind};

/// Post a file of postings: JSON lines, or tidy CSV. Safe to run twice.
#[derive(Args)]
pub(super) struct Post {
    /// The file; `-` for stdin. CSV if its name ends so, else JSON lines.
    file: PathBuf,
    #[command(flatten)]
    data: DataArgs,
    /// Say what would be posted and refused, and post nothing.
    #[arg(long)]
    dry_run: bool,
    /// Who posts, by opaque id.
    #[arg(long, value_name = "ID", env = "BUDGET_LEDGER_ACTOR", default_value = "local")]
    actor: ActorId,
    /// How to write the answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Postings sent to the writer at a time.
const AT_ONCE: usize = 8189;

/// What came of the rows.
#[derive(Default)]
struct Tally {
    posted: u64,
    replayed: u64,
    warnings: u64,
    last: u64,
    refused: Vec<RowError>,
    /// How the program ends for the first of them.
    exit: Option<Exit>,
}

impl Post {
    pub(super) fn run(self) -> Result<(), CliError> {
        let rows = self.read()?;
        let (mut lines, mut postings, mut unread) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            match row.posting {
                Ok(posting) => {
                    lines.push(row.line);
                    postings.push(posting);
                }
                Err(message) => unread.push(RowError { line: row.line, message }),
            }
        }
        // Half a file is not what was meant: nothing is posted until all of it can be read.
        if !unread.is_empty() {
            let message =
                format!("{} cannot be read, so nothing was posted", rows_of(unread.len()));
            return Err(CliError::usage(message).with_rows(unread));
        }
        let tally = write::with_book(&self.data, |book| self.post(book, &lines, postings))?;
        let caption = match (self.dry_run, tally.refused.len()) {
            (true, _) => "A dry run: nothing was posted.",
            (false, 0) => "Posted.",
            (false, _) => "Posted, except for the rows that were refused.",
        };
        let columns = &["posted", "replayed", "refused", "warnings", "position", "dryRun"];
        let mut rows = Rows::new(caption, columns);
        rows.push(vec![
            Cell::Number(tally.posted),
            Cell::Number(tally.replayed),
            Cell::Number(tally.refused.len() as u64),
            Cell::Number(tally.warnings),
            Cell::Number(tally.last),
            Cell::Flag(self.dry_run),
        ]);
        rows.print(self.format)?;
        match tally.exit {
            None => Ok(()),
            Some(exit) => {
                let message = match tally.refused.len() {
                    1 => "1 row was refused".to_owned(),
                    count => format!("{count} rows were refused"),
                };
                Err(CliError::new(exit, "ROWS_REFUSED", message).with_rows(tally.refused))
            }
        }
    }

    fn read(&self) -> Result<Vec<postings::Row>, CliError> {
        let name = self.file.display();
        let bytes = if self.file.as_os_str() == "-" {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes)?;
            bytes
        } else {
            std::fs::read(&self.file)
                .map_err(|error| CliError::usage(format!("{name} cannot be read: {error}")))?
        };
        let is_csv = self.file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        let kind = if is_csv { FileKind::Csv } else { FileKind::JsonLines };
        postings::read(&bytes, kind).map_err(|error| CliError::usage(format!("{name}: {error}")))
    }

    fn post(&self, book: &Book, lines: &[u64], postings: Vec<Posting>) -> Result<Tally, CliError> {
        let last = book.models().times.head().get();
        let mut tally = Tally { last, ..Tally::default() };
        if self.dry_run {
            let previews = book.writer().preview_blocking(&self.actor, postings);
            lines.iter().zip(previews).for_each(|(line, preview)| tally.preview(*line, preview));
            return Ok(tally);
        }
        let bar = Bar::new(lines.len() as u64, "postings");
        let mut lines = lines.iter();
        let mut postings = postings.into_iter();
        loop {
            let some: Vec<Posting> = postings.by_ref().take(AT_ONCE).collect();
            if some.is_empty() {
                return Ok(tally);
            }
            let outcomes = book.writer().post_all_blocking(&self.actor, some);
            // Outcomes first: the one that ends a round must not take the next round's line.
            for (outcome, line) in outcomes.into_iter().zip(lines.by_ref()) {
                match outcome {
                    Ok(receipt) => {
                        tally.posted += u64::from(!receipt.replayed);
                        tally.replayed += u64::from(receipt.replayed);
                        tally.warnings += receipt.warnings.len() as u64;
                        tally.last = tally.last.max(receipt.position.get());
                    }
                    Err(refusal) => tally.refuse(*line, refusal)?,
                }
            }
            bar.set(tally.posted + tally.replayed + tally.refused.len() as u64);
        }
    }
}

impl Tally {
    fn preview(&mut self, line: u64, preview: Result<Preview, Refusal>) {
        match preview {
            Ok(preview) => {
                self.posted += u64::from(preview.posted.is_none());
                self.replayed += u64::from(preview.posted.is_some());
                self.warnings += preview.decision.warnings.len() as u64;
            }
            Err(refusal) => {
                self.list(line, &CliError::from(refusal));
            }
        }
    }

    /// A rule refuses one row; where nothing can be kept any more, nothing follows.
    fn refuse(&mut self, line: u64, refusal: Refusal) -> Result<(), CliError> {
        let error = CliError::from(refusal);
        if error.exit() == Exit::Failure {
            return Err(error);
        }
        self.list(line, &error);
        Ok(())
    }

    fn list(&mut self, line: u64, error: &CliError) {
        self.exit.get_or_insert(error.exit());
        self.refused.push(RowError { line, message: error.message().to_owned() });
    }
}

fn rows_of(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}
