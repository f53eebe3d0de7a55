//! `budget-ledger post`

use std::path::PathBuf;

use clap::Args;
use ledger_core::domain::posting::Posting;

use super::args::WhoArgs;
use super::exit::{CliError, Exit, RowError};
use super::output::{Cell, Format, Rows};
use super::place::BookArgs;
use super::postings_file::PostingsFile;
use super::progress::Bar;
use super::source::answer::{Posted, Previewed};

/// Post a file of postings: JSON lines, or tidy CSV. Safe to run twice.
#[derive(Args)]
pub(super) struct Post {
    /// The file; `-` for stdin. CSV if its name ends so, else JSON lines.
    file: PathBuf,
    #[command(flatten)]
    book: BookArgs,
    /// Say what would be posted and refused, and post nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    who: WhoArgs,
    /// How to write the answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

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
        let PostingsFile { lines, postings } = PostingsFile::read(&self.file, "posted")?;
        let tally = self.post(&lines, postings)?;
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

    fn post(&self, lines: &[u64], postings: Vec<Posting>) -> Result<Tally, CliError> {
        let source = self.book.open()?;
        let (actor, mut tally, mut lines) =
            (self.who.actor.as_ref(), Tally::default(), lines.iter());
        if self.dry_run {
            let (head, previews) = source.preview(actor, postings)?;
            lines.zip(previews).for_each(|(line, preview)| tally.preview(*line, preview));
            return Ok(Tally { last: head.get(), ..tally });
        }
        let bar = Bar::new(postings.len() as u64, "postings");
        let before = source.post(actor, postings, &mut |outcome| {
            let line = lines.next().copied().unwrap_or_default();
            tally.take(line, outcome)?;
            bar.set(tally.posted + tally.replayed + tally.refused.len() as u64);
            Ok(())
        })?;
        let last = tally.last.max(before.get());
        Ok(Tally { last, ..tally })
    }
}

impl Tally {
    fn preview(&mut self, line: u64, preview: Result<Previewed, CliError>) {
        match preview {
            Ok(preview) => {
                self.posted += u64::from(preview.posted.is_none());
                self.replayed += u64::from(preview.posted.is_some());
                self.warnings += preview.warnings.len() as u64;
            }
            Err(error) => self.list(line, error),
        }
    }

    /// A rule refuses one row; where nothing can be kept any more, nothing follows.
    fn take(&mut self, line: u64, outcome: Result<Posted, CliError>) -> Result<(), CliError> {
        match outcome {
            Ok(posted) => {
                self.posted += u64::from(!posted.replayed);
                self.replayed += u64::from(posted.replayed);
                self.warnings += posted.warnings.len() as u64;
                self.last = self.last.max(posted.position.get());
            }
            Err(error) if matches!(error.exit(), Exit::Failure | Exit::NotAuthorised) => {
                return Err(error);
            }
            Err(error) => self.list(line, error),
        }
        Ok(())
    }

    fn list(&mut self, line: u64, error: CliError) {
        self.exit.get_or_insert(error.exit());
        self.refused.push(RowError::new(line, error));
    }
}
