//! `budget-ledger post`

use std::io;
use std::path::PathBuf;

use clap::Args;
use ledger_core::domain::posting::Posting;

use crate::cli::args::WhoArgs;
use crate::cli::ask::Upload;
use crate::cli::ask::place::BookArgs;
use crate::cli::exit::{CliError, Exit, RowError};
use crate::cli::format::Format;
use crate::cli::operate::progress::Bar;
use crate::cli::output::{Cell, Rows};
use crate::cli::post::postings_file::PostingsFile;
use crate::postings::outcome::Outcome;
use ledger_core::domain::position::Position;

/// Post a file of postings. Posting the same file twice posts nothing twice.
#[derive(Args)]
pub(crate) struct Post {
    /// The file: CSV if its name ends in .csv, else a JSON posting on each line. `-` reads stdin.
    file: PathBuf,
    #[command(flatten)]
    book: BookArgs,
    /// Show what would be posted and refused, and post nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    who: WhoArgs,
    #[command(flatten)]
    format: Format,
}

/// Counts of the rows by their outcome.
#[derive(Default)]
struct Tally {
    posted: u64,
    replayed: u64,
    warnings: u64,
    last: u64,
    refused: Vec<RowError>,
    /// The exit code of the first refused row.
    exit: Option<Exit>,
}

impl Post {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let PostingsFile { lines, postings } = PostingsFile::read(&self.file, "posted")?;
        let tally = self.post(&lines, postings)?;
        let accepted = tally.posted + tally.replayed;
        let caption = match (self.dry_run, accepted, tally.refused.len()) {
            (true, ..) => "A dry run: nothing was posted.",
            (false, 0, 0) => "The file has no rows: nothing was posted.",
            (false, 0, _) => "Nothing was posted: every row was refused.",
            (false, _, 0) => "Posted.",
            (false, ..) => "Posted, except for the rows that were refused.",
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
        rows.print(self.format).map_err(|error| tally.not_shown(self.dry_run, error))?;
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
        let door = self.book.open()?;
        let (bar, mut lines) = (Bar::new(postings.len() as u64, "postings"), lines.iter());
        let mut tally = Tally::default();
        let WhoArgs { actor, accept_clock } = &self.who;
        let (dry_run, accept_clock) = (self.dry_run, *accept_clock);
        let upload = Upload { actor: actor.as_ref(), postings, dry_run, accept_clock };
        let posted = door.post(upload, &mut |outcome| {
            tally.take(lines.as_slice().first().copied().unwrap_or_default(), outcome, dry_run)?;
            lines.next();
            bar.set(tally.posted + tally.replayed + tally.refused.len() as u64);
            Ok(())
        });
        let before =
            posted.map_err(|error| tally.ended(lines.as_slice().first(), dry_run, error))?;
        let last = tally.last.max(before.get());
        Ok(Tally { last, ..tally })
    }
}

impl Tally {
    /// Counts an outcome. A rule refuses one row; a fault or a missing right ends the upload.
    fn take(&mut self, line: u64, outcome: Outcome, dry_run: bool) -> Result<(), CliError> {
        if let Some(refused) = outcome.error {
            let error = CliError::from(refused);
            let ends = [Exit::Failure, Exit::NotAuthorised, Exit::VerificationFailed];
            if !dry_run && ends.contains(&error.exit()) {
                return Err(error);
            }
            self.list(line, error);
            return Ok(());
        }
        self.posted += u64::from(!outcome.replayed);
        self.replayed += u64::from(outcome.replayed);
        self.warnings += outcome.warnings.len() as u64;
        let position = outcome.position.filter(|_| !dry_run);
        self.last = self.last.max(position.map_or(0, Position::get));
        Ok(())
    }

    /// The error that ended a file before its last row, with what was posted before it.
    fn ended(&self, line: Option<&u64>, dry_run: bool, error: CliError) -> CliError {
        let rows = self.posted + self.replayed;
        if dry_run || rows == 0 {
            return error;
        }
        let line = line.map(|line| format!(" (line {line})")).unwrap_or_default();
        error.with_note(&format!(
            "{line}; {rows} rows before it are posted: post the file again, and nothing is posted twice"
        ))
    }

    /// The error for a receipt that could not be written, although the rows are durable.
    fn not_shown(&self, dry_run: bool, error: io::Error) -> CliError {
        if dry_run {
            return error.into();
        }
        let Tally { posted, replayed, refused, last, .. } = self;
        let refused = refused.len();
        let message = format!(
            "{posted} rows posted, {replayed} posted before, {refused} refused, the last as entry {last}, but the receipt could not be written: {error}; post the file again to see it: nothing is posted twice"
        );
        CliError::new(Exit::PostedNotShown, "POSTED_NOT_SHOWN", message)
    }

    fn list(&mut self, line: u64, error: CliError) {
        self.exit.get_or_insert(error.exit());
        self.refused.push(RowError::new(line, error));
    }
}
