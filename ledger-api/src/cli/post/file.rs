//! `budget-ledger post`

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use clap::Args;
use ledger_core::domain::position::Position;
use serde_json::json;

use crate::cli::args::WhoArgs;
use crate::cli::ask::place::BookArgs;
use crate::cli::ask::{Door, Upload};
use crate::cli::exit::{CliError, Exit, Gone, RowError};
use crate::cli::format::Format;
use crate::cli::operate::progress::Bar;
use crate::cli::output::{Cell, Rows};
use crate::cli::post::postings_file::PostingsFile;
use crate::cli::post::write::note;
use crate::postings::outcome::{Notice, Outcome};
use crate::postings::upload::{FILE_CHANGED, ROWS_LEFT, ROWS_REFUSED, Switches};

/// Post a file of postings: all of its rows, or none if one is refused. A row that was posted before
/// is not posted again, wherever it stands now; give rows keys, and their keys decide instead.
#[derive(Args)]
pub(crate) struct Post {
    /// The file: CSV if its name ends in .csv, else a JSON posting on each line. `-` reads stdin.
    file: PathBuf,
    #[command(flatten)]
    book: BookArgs,
    /// Show what would be posted and refused, and post nothing.
    #[arg(long)]
    dry_run: bool,
    /// Post the rows that are valid, although others are refused.
    #[arg(long)]
    accept_valid: bool,
    /// Post what is new in a changed version of a posted file, although rows of that file are gone.
    #[arg(long)]
    changed: bool,
    #[command(flatten)]
    who: WhoArgs,
    #[command(flatten)]
    format: Format,
}

/// As many rows are named for a kind of warning, and entries read for a changed file.
const NAMED: usize = 20;

/// The document that says what an entry has posted.
const ENTRY: &str = include_str!("../documents/entry.graphql");

/// Counts of the rows by their outcome.
#[derive(Default)]
struct Tally {
    posted: u64,
    replayed: u64,
    last: u64,
    /// The rows that pass and that nothing has posted.
    new: Vec<u64>,
    refused: Vec<RowError>,
    warnings: BTreeMap<String, Warned>,
    /// The exit code of the first refused row.
    exit: Option<Exit>,
}

/// The rows with a kind of warning.
struct Warned {
    count: u64,
    first: Vec<u64>,
    message: String,
}

impl Post {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let (file, unread) = if self.accept_valid {
            PostingsFile::read_some(&self.file)?
        } else {
            (PostingsFile::read(&self.file, "posted")?, Vec::new())
        };
        let (door, count) = (self.book.open()?, file.rows.len() + unread.len());
        let mut tally = Tally::default();
        let ended = self.post(&*door, file, &mut tally);
        tally.exit = (!unread.is_empty()).then_some(Exit::Usage).or(tally.exit);
        tally.refused.extend(unread);
        tally.refused.sort_by_key(|refused| refused.row);
        let ended = match ended {
            Ok(before) => {
                tally.last = tally.last.max(before.get());
                None
            }
            Err(error) if error.code() == ROWS_REFUSED => Some(error),
            Err(error) if error.code() == FILE_CHANGED => {
                return Err(tally.changed(&*door, error));
            }
            Err(error) => return Err(error),
        };
        self.show(&tally)?;
        let Some(exit) = tally.exit else { return Ok(()) };
        let refused = tally.refused.len();
        let what = match (ended, self.dry_run) {
            (Some(_), _) => {
                "nothing was posted: correct them and post the file again, or post the others with --accept-valid"
            }
            (None, true) => "nothing would be posted without --accept-valid",
            (None, false) => "the others are posted: correct them and post the file again",
        };
        let message = format!("{refused} of {count} rows refused; {what}");
        Err(CliError::new(exit, ROWS_REFUSED, message).with_rows(tally.refused))
    }

    /// Posts the file. Gives the last entry there was before.
    fn post(
        &self,
        door: &dyn Door,
        file: PostingsFile,
        tally: &mut Tally,
    ) -> Result<Position, CliError> {
        let PostingsFile { rows, postings } = file;
        let (bar, mut rows) = (Bar::new(postings.len() as u64, "postings"), rows.iter());
        let mut done = 0;
        let Post { dry_run, accept_valid, changed, .. } = *self;
        let switches = Switches { dry_run, accept_valid, changed };
        let WhoArgs { actor, accept_clock } = &self.who;
        let (actor, accept_clock) = (actor.as_ref(), *accept_clock);
        let upload = Upload { actor, postings, switches, accept_clock };
        let posted = door.post(upload, &mut |outcome| {
            tally.take(rows.next().copied().unwrap_or_default(), outcome, dry_run)?;
            done += 1;
            bar.set(done);
            Ok(())
        });
        posted.map_err(|error| tally.ended(rows.as_slice().first(), error))
    }

    fn show(&self, tally: &Tally) -> Result<(), CliError> {
        let accepted = tally.posted + tally.replayed;
        let caption = match (self.dry_run, accepted, tally.refused.len()) {
            (true, ..) => "A dry run: nothing was posted.",
            (false, 0, 0) => "The file has no rows: nothing was posted.",
            (false, 0, _) => "Nothing was posted.",
            (false, _, 0) => "Posted.",
            (false, ..) if self.accept_valid => "Posted, except for the rows that were refused.",
            (false, ..) => "Nothing was posted.",
        };
        let columns = &["posted", "replayed", "refused", "warnings", "position", "dryRun"];
        let mut rows = Rows::new(caption, columns);
        rows.push(vec![
            Cell::Number(tally.posted),
            Cell::Number(tally.replayed),
            Cell::Number(tally.refused.len() as u64),
            Cell::Number(tally.warnings.values().map(|warned| warned.count).sum()),
            Cell::Number(tally.last),
            Cell::Flag(self.dry_run),
        ]);
        rows.print(self.format).map_err(|error| tally.not_shown(self.dry_run, error))?;
        for (code, Warned { count, first, message }) in &tally.warnings {
            let rows: Vec<String> = first.iter().map(u64::to_string).collect();
            let more = if *count > NAMED as u64 { ", ..." } else { "" };
            note(&format!(
                "warning: {code}, {count} in all, on row {}{more}; the first: {message}",
                rows.join(", ")
            ));
        }
        Ok(())
    }
}

impl Tally {
    /// Counts an outcome. A rule refuses one row; a fault or a missing right ends the file.
    fn take(&mut self, row: u64, outcome: Outcome, dry_run: bool) -> Result<(), CliError> {
        if let Some(refused) = outcome.error {
            let error = CliError::from(refused);
            let ends = [Exit::Failure, Exit::NotAuthorised, Exit::VerificationFailed];
            if !dry_run && ends.contains(&error.exit()) {
                return Err(error);
            }
            self.exit.get_or_insert(error.exit());
            self.refused.push(RowError::new(row, error));
            return Ok(());
        }
        if outcome.position.is_none() {
            self.new.push(row);
        }
        self.posted += u64::from(!outcome.replayed && (dry_run || outcome.position.is_some()));
        self.replayed += u64::from(outcome.replayed);
        for Notice { code, message } in outcome.warnings {
            let new = || Warned { count: 0, first: Vec::new(), message };
            let warned = self.warnings.entry(code.into_owned()).or_insert_with(new);
            warned.count += 1;
            if warned.first.len() < NAMED && warned.first.last() != Some(&row) {
                warned.first.push(row);
            }
        }
        let position = outcome.position.filter(|_| !dry_run);
        self.last = self.last.max(position.map_or(0, Position::get));
        Ok(())
    }

    /// The error that ended a file before its last row, with what was posted before it.
    fn ended(&mut self, row: Option<&u64>, error: CliError) -> CliError {
        let rows = self.posted + self.replayed;
        match error.code() {
            ROWS_REFUSED | FILE_CHANGED => error,
            ROWS_LEFT => error.with_rows(std::mem::take(&mut self.refused)),
            _ if self.last == 0 => error,
            _ => {
                let row = row.map(|row| format!(" (row {row})")).unwrap_or_default();
                error.with_note(&format!(
                    "{row}; {rows} rows before it are posted: post the file again, and nothing is posted twice"
                ))
            }
        }
    }

    /// The error of a changed file, with its new rows and what the entries posted that it lacks.
    fn changed(self, door: &dyn Door, mut error: CliError) -> CliError {
        for Gone { entry, events } in error.gone_mut().iter_mut().take(NAMED) {
            let Ok(answer) = door.ask(ENTRY, &json!({ "position": entry.to_string() })) else {
                continue;
            };
            let summaries = answer["entry"]["events"].as_array().into_iter().flatten();
            let summaries = summaries.filter_map(|event| event["summary"].as_str());
            *events = summaries.collect::<Vec<_>>().join("; ");
        }
        let new = || CliError::new(Exit::Conflict, "NEW", "new: it is not in the posted file");
        let rows = self.new.into_iter().map(|row| RowError::new(row, new())).collect();
        error.with_rows(rows).with_note(" (--changed)")
    }

    /// The error for a receipt that could not be written, although the rows are durable.
    fn not_shown(&self, dry_run: bool, error: io::Error) -> CliError {
        if dry_run || self.last == 0 {
            return error.into();
        }
        let Tally { posted, replayed, refused, last, .. } = self;
        let refused = refused.len();
        let message = format!(
            "{posted} rows posted, {replayed} posted before, {refused} refused, the last as entry {last}, but the receipt could not be written: {error}; post the file again to see it: nothing is posted twice"
        );
        CliError::new(Exit::PostedNotShown, "POSTED_NOT_SHOWN", message)
    }
}
