//! `budget-ledger what-if`

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use ledger_core::domain::calendar::Month;
use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::command::CancelProgramme;
use ledger_core::domain::event::Destination;
use ledger_core::domain::money::Pence;
use ledger_core::domain::posting::Posting;

use super::args::{DestinationArg, MomentArgs, ReadArgs};
use super::exit::CliError;
use super::output::{Cell, Rows};
use super::postings_file::{PostingsFile, all_pass};
use super::scenario::ScenarioName;
use super::source::answer::{Change, Supposed};
use super::write;
use crate::describe;

/// What postings would change, had they been made after a moment: judged by the rules in force then,
/// and stored nowhere. What needs a signature is taken to have it.
#[derive(Args)]
#[command(group = ArgGroup::new("what").required(true).args(["file", "scenario", "cancel"]))]
pub(super) struct WhatIf {
    /// A file of postings, as `post` takes it; `-` for stdin.
    file: Option<PathBuf>,
    /// A scenario that was kept under this name.
    #[arg(long, value_name = "NAME")]
    scenario: Option<ScenarioName>,
    /// Cancel this programme: what that releases, net of spend and commitments.
    #[arg(long, value_name = "PROGRAMME")]
    cancel: Option<ProgrammeCode>,
    /// Where a cancelled programme's money would go.
    #[arg(long, value_name = "treasury|fund:CODE|programme:CODE", requires = "cancel")]
    to: Option<DestinationArg>,
    /// The effective month of a cancellation.
    #[arg(long, requires = "cancel", default_value = "M1")]
    month: Month,
    /// Keep the file in the data folder as a scenario of this name, in place of one there may be.
    #[arg(long, value_name = "NAME", requires = "file")]
    save: Option<ScenarioName>,
    #[command(flatten)]
    moment: MomentArgs,
    #[command(flatten)]
    read: ReadArgs,
}

const COLUMNS: &[&str] = &["account", "figure", "before", "after", "change", "from"];

impl WhatIf {
    pub(super) fn run(self) -> Result<(), CliError> {
        let PostingsFile { lines, postings } = self.supposes()?;
        if let Some(name) = &self.save {
            self.keep(name, &postings)?;
        }
        let supposed = self.read.open(&self.moment)?.what_if(self.moment.as_at(), postings)?;
        let Supposed { from, outcomes, changes } = supposed;
        let caption = format!("What would change after entry {from}, of which nothing is stored");
        let mut rows = Rows::new(caption, COLUMNS);
        let mut released = Pence::ZERO;
        for Change { account, figure, before, after } in changes {
            if figure == "revised" {
                released = released.plus(before).minus(after);
            }
            rows.push(vec![
                Cell::Text(account),
                Cell::Text(figure),
                Cell::Money(before),
                Cell::Money(after),
                Cell::Money(after.minus(before)),
                Cell::Number(from.get()),
            ]);
        }
        rows.print(self.read.format)?;
        if let Some(programme) = self.cancel {
            let released = describe::pounds(released);
            write::note(&format!("cancelling {programme} would release {released}"));
        }
        all_pass(&lines, outcomes)
    }

    fn supposes(&self) -> Result<PostingsFile, CliError> {
        if let Some(programme) = self.cancel {
            let to = self.to.as_ref().map_or(Destination::Treasury, |to| to.0);
            let command = CancelProgramme { programme, to, month: self.month }.into();
            let unread = |error: &dyn std::fmt::Display| CliError::usage(error.to_string());
            let posting = Posting {
                key: write::new_key()?,
                command,
                reason: "What if it were cancelled?".parse().map_err(|error| unread(&error))?,
                authority: None,
                evidence: Default::default(),
                inferred: None,
                expected_versions: Vec::new(),
            };
            return Ok(PostingsFile { lines: vec![1], postings: vec![posting] });
        }
        match (&self.scenario, &self.file) {
            (Some(name), _) => {
                let path = name.path(self.read.book.folder("--scenario")?);
                PostingsFile::read(&path, "supposed")
            }
            (None, Some(file)) => PostingsFile::read(file, "supposed"),
            (None, None) => Ok(PostingsFile::default()),
        }
    }

    /// Keeps what was read as a scenario: whole, or not at all.
    fn keep(&self, name: &ScenarioName, postings: &[Posting]) -> Result<(), CliError> {
        let path = name.path(self.read.book.folder("--save")?);
        let mut text = String::new();
        for posting in postings {
            let line = serde_json::to_string(posting).map_err(std::io::Error::from)?;
            text.push_str(&line);
            text.push('\n');
        }
        let written = path.with_extension("new");
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&written, text)?;
        std::fs::rename(&written, &path)?;
        write::note(&format!("kept as scenario {} in {}", name.as_str(), path.display()));
        Ok(())
    }
}
