//! `budget-ledger what-if`

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use ledger_core::domain::calendar::Month;
use ledger_core::domain::code::{FundCode, ProgrammeCode};
use ledger_core::domain::command::{CancelFund, CancelProgramme, Command, ReturnTo};
use ledger_core::domain::event::Destination;
use ledger_core::domain::money::Pence;
use ledger_core::domain::posting::Posting;

use serde_json::{Value, json};

use crate::cli::args::{DestinationArg, MomentArgs, ReadArgs};
use crate::cli::ask::scenario::ScenarioName;
use crate::cli::ask::table::{Table, computed, money, number, pence, text, visit};
use crate::cli::ask::variables::with;
use crate::cli::ask::what_if::outcomes;
use crate::cli::exit::CliError;
use crate::cli::output::Cell;
use crate::cli::post::postings_file::{PostingsFile, all_pass};
use crate::cli::post::write;
use crate::text::describe;

/// What postings would change, had they been made after a moment: judged by the rules in force then,
/// and stored nowhere. What needs a signature is taken to have it.
#[derive(Args)]
#[command(group = ArgGroup::new("what").required(true).args(["file", "scenario", "cancel", "cancel_fund"]))]
#[command(group = ArgGroup::new("cancels").args(["cancel", "cancel_fund"]))]
pub(in crate::cli) struct WhatIf {
    /// A file of postings, as `post` takes it; `-` for stdin.
    file: Option<PathBuf>,
    /// A scenario that was kept under this name.
    #[arg(long, value_name = "NAME")]
    scenario: Option<ScenarioName>,
    /// Cancel this programme: what that releases, net of spend and commitments.
    #[arg(long, value_name = "PROGRAMME")]
    cancel: Option<ProgrammeCode>,
    /// Cancel this fund and those below it: what they have not allocated.
    #[arg(long, value_name = "FUND")]
    cancel_fund: Option<FundCode>,
    /// Where the cancelled programme's or fund's money would go.
    #[arg(long, value_name = "treasury|fund:CODE|programme:CODE", requires = "cancels")]
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

const TABLE: Table = Table {
    document: include_str!("../documents/what-if.graphql"),
    rows: "whatIf.rows",
    each: None,
    columns: &[
        text("account", "account"),
        text("figure", "figure"),
        money("before", "before"),
        money("after", "after"),
        computed("change", "", |change| Cell::maybe_money(increase(change))),
        number("from", "^from"),
    ],
};

/// By how much a figure would grow.
fn increase(change: &Value) -> Option<Pence> {
    Some(pence(&change["after"])?.minus(pence(&change["before"])?))
}

impl WhatIf {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let file = self.supposes()?;
        if let Some(name) = &self.save {
            self.keep(name, &file)?;
        }
        let door = self.read.open(&self.moment)?;
        let input = json!({ "lines": file.lines_of_json()? });
        let variables = with(json!({ "input": input }), self.moment.variables());
        let (mut cells, mut released) = (Vec::new(), Pence::ZERO);
        let releasing = if self.cancel_fund.is_some() { "unallocated" } else { "revised" };
        let list = visit(&*door, TABLE.document, TABLE.rows, variables, &mut |row| {
            if row.node["figure"] == releasing {
                let fall = increase(row.node).unwrap_or_default().negated();
                released = released.plus(fall.max(Pence::ZERO));
            }
            TABLE.push_cells(&row, &mut cells)?;
            Ok(true)
        })?;
        let from = list["from"].as_str().unwrap_or_default();
        let caption = format!("What would change after entry {from}; nothing is stored");
        let cancelled = self.cancel.map(|code| code.to_string());
        let cancelled = cancelled.or(self.cancel_fund.map(|code| code.to_string()));
        let mut outcomes = outcomes(&list);
        if cancelled.is_some()
            && let Some(Err(_)) = outcomes.first()
        {
            outcomes.remove(0)?;
        }
        TABLE.answer(cells, list).rows(caption).print(self.read.format)?;
        if let Some(cancelled) = cancelled {
            let released = describe::pounds(released);
            write::note(&format!("cancelling {cancelled} would release {released}"));
        }
        all_pass(&file.rows, outcomes)
    }

    fn supposes(&self) -> Result<PostingsFile, CliError> {
        if let Some(command) = self.cancellation()? {
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
            return Ok(PostingsFile { rows: vec![1], postings: vec![posting] });
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

    /// The cancellation to suppose.
    fn cancellation(&self) -> Result<Option<Command>, CliError> {
        let to = self.to.as_ref().map_or(Destination::Treasury, |to| to.0);
        if let Some(programme) = self.cancel {
            return Ok(Some(CancelProgramme { programme, to, month: self.month }.into()));
        }
        let Some(fund) = self.cancel_fund else { return Ok(None) };
        let to = match to {
            Destination::Treasury => ReturnTo::Treasury,
            Destination::Fund(fund) => ReturnTo::Fund(fund),
            Destination::Programme(_) => {
                let message = "a fund's money goes to a fund above it or to the Treasury: write \
                               --to fund:CODE or --to treasury";
                return Err(CliError::usage(message));
            }
        };
        Ok(Some(CancelFund { fund, class: None, to }.into()))
    }

    /// Keeps the postings as a scenario: whole, or not at all.
    fn keep(&self, name: &ScenarioName, file: &PostingsFile) -> Result<(), CliError> {
        let path = name.path(self.read.book.folder("--save")?);
        let mut text = file.lines_of_json()?.join("\n");
        text.push('\n');
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
