//! `budget-ledger show`

mod at_risk;
mod reasons;
mod revisions;
mod years;

use clap::{Args, Subcommand};
use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::event::{Event, ProposalEvent};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::domain::sign_off::Step;
use ledger_core::log::entry::Entry;
use ledger_core::log::merkle::Hash;
use ledger_core::log::store::{Damage, ReadError};

use super::args::{MomentArgs, ReadArgs};
use super::budget::WhichArgs;
use super::exchanges::{YearArgs, exchanges, switches};
use super::exit::{CliError, Exit};
use super::output::{Cell, Format, Rows, to_stdout};
use super::source::answer::Behind;
use super::source::question::Question;
use super::source::{Source, read_entry};
use crate::describe;

/// Show one entry, one line, the entries behind a figure, or an analysis of figures.
#[derive(Args)]
pub(super) struct Show {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// One entry in full. As JSON, its canonical bytes.
    Entry {
        /// Its position.
        position: Position,
        #[command(flatten)]
        read: ReadArgs,
    },
    /// One line month by month: plan, spend and forecast.
    Line {
        /// The line.
        line: LineKey,
        #[command(flatten)]
        moment: MomentArgs,
        #[command(flatten)]
        read: ReadArgs,
    },
    /// The entries behind the figures that `budget` gives for the same arguments.
    Behind {
        #[command(flatten)]
        which: WhichArgs,
        #[command(flatten)]
        read: ReadArgs,
    },
    /// Underspends and the reasons given for them.
    Underspends {
        #[command(flatten)]
        which: WhichArgs,
        #[command(flatten)]
        read: ReadArgs,
    },
    Reasons(reasons::Reasons),
    Outflows(reasons::Outflows),
    Persistent(years::Persistent),
    Accuracy(years::Accuracy),
    Balances(years::Balances),
    Revisions(revisions::Revisions),
    AtRisk(at_risk::AtRisk),
    /// How much was deferred to the next year by budget exchange, and how much of it arrived there.
    Exchanges {
        #[command(flatten)]
        which: YearArgs,
        #[command(flatten)]
        read: ReadArgs,
    },
    /// Movements in which capital paid for revenue: their authority, the cap, what was used of it.
    Switches {
        #[command(flatten)]
        which: YearArgs,
        #[command(flatten)]
        read: ReadArgs,
    },
    /// Prior-period adjustments: what was posted in later years and concerns this one.
    Restated {
        /// What was posted in the year, and that with them, instead.
        #[arg(long)]
        total: bool,
        #[command(flatten)]
        which: WhichArgs,
        #[command(flatten)]
        read: ReadArgs,
    },
}

impl Show {
    pub(super) fn run(self) -> Result<(), CliError> {
        match self.what {
            What::Entry { position, read } => entry(position, &read),
            What::Line { line, moment, read } => months(&line, &moment, &read),
            What::Behind { which, read } => behind(&which, &read),
            What::Underspends { which, read } => underspends(&which, &read),
            What::Reasons(reasons) => reasons.run(),
            What::Outflows(outflows) => outflows.run(),
            What::Persistent(persistent) => persistent.run(),
            What::Accuracy(accuracy) => accuracy.run(),
            What::Balances(balances) => balances.run(),
            What::Revisions(revisions) => revisions.run(),
            What::AtRisk(at_risk) => at_risk.run(),
            What::Exchanges { which, read } => exchanges(&which, &read),
            What::Switches { which, read } => switches(&which, &read),
            What::Restated { total: false, which, read } => adjustments(&which, &read),
            What::Restated { total: true, which, read } => restated(&which, &read),
        }
    }
}

fn entry(position: Position, read: &ReadArgs) -> Result<(), CliError> {
    let source = read.book.open()?;
    let line = source.entry(position)?;
    let line = line.ok_or_else(|| CliError::usage(format!("there is no entry {position}")))?;
    if matches!(read.format, Format::Json | Format::Jsonl) {
        return Ok(to_stdout(|out| out.write_all(&line).and_then(|()| out.write_all(b"\n")))?);
    }
    let damage = |what: String| ReadError::from(Damage { entry: position, place: None, what });
    let entry = Entry::from_line(&line).map_err(|error| damage(error.to_string()))?;
    let steps = steps(&entry);
    let since = if steps.is_empty() { None } else { rules_since(&*source, &entry)? };
    let mut rows = Rows::new(format!("Entry {position}"), &["field", "value"]);
    let mut field = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            rows.push(vec![Cell::text(name), Cell::Text(value)]);
        }
    };
    field("recorded", Some(entry.recorded.to_string()));
    field("actor", Some(entry.actor.to_string()));
    field("key", Some(entry.key.to_string()));
    field("reason", Some(entry.reason.to_string()));
    field("authority", entry.authority.as_ref().map(ToString::to_string));
    entry.evidence.iter().for_each(|evidence| field("evidence", Some(evidence.to_string())));
    field("inferred", entry.inferred.as_ref().map(ToString::to_string));
    field("policy", Some(format!("of entry {}", entry.policy)));
    entry.warnings.iter().for_each(|warning| field("warning", Some(warning.to_string())));
    entry.events.iter().for_each(|event| field("event", Some(describe::event(event))));
    steps.into_iter().for_each(|step| field("step", Some(describe::step(step))));
    field("rules since", since.map(|since| since.to_string()));
    field("leaf hash", Some(Hash::leaf(&line).to_string()));
    Ok(rows.print(read.format)?)
}

/// The steps of sign-off that an entry gives a proposal.
fn steps<'e>(entry: &'e Entry<'_>) -> Vec<&'e Step> {
    let submitted = entry.events.iter().filter_map(|event| {
        if let Event::Proposal(ProposalEvent::Submitted(submitted)) = event {
            Some(&submitted.steps)
        } else {
            None
        }
    });
    submitted.flatten().collect()
}

/// Since when the rules hold that an entry was judged by; none where its policy is not to be read.
fn rules_since(source: &dyn Source, entry: &Entry<'_>) -> Result<Option<Timestamp>, CliError> {
    let line = match source.entry(entry.policy) {
        Err(error) if error.exit() == Exit::NotAuthorised => None,
        told => told?,
    };
    let Some(line) = line else { return Ok(None) };
    let policy = read_entry(&line)?;
    let mut dates = policy.events.iter().filter_map(|event| {
        if let Event::PolicyAdopted(adopted) = event { Some(adopted.effective) } else { None }
    });
    let held = dates.rfind(|since| *since <= entry.recorded);
    Ok(Some(held.unwrap_or(policy.recorded)))
}

fn months(line: &LineKey, moment: &MomentArgs, read: &ReadArgs) -> Result<(), CliError> {
    let told = read.open(moment)?.months(line, moment.as_at())?.ok_or_else(|| {
        CliError::usage(format!(
            "the line {line} was not open then: correct it, or ask as at a later moment"
        ))
    })?;
    let caption = format!("{line} by month, as at position {}", told.position);
    let columns = &["line", "month", "plan", "actual", "forecast", "position"];
    let mut rows = Rows::new(caption, columns);
    for month in told.rows {
        rows.push(vec![
            Cell::text(line),
            Cell::text(month.month),
            Cell::Money(month.plan),
            Cell::Money(month.actual),
            Cell::maybe_money(month.forecast),
            Cell::Number(told.position.get()),
        ]);
    }
    Ok(rows.print(read.format)?)
}

fn behind(which: &WhichArgs, read: &ReadArgs) -> Result<(), CliError> {
    let question = which.question();
    let told = which.open(read)?.behind(&question)?;
    let caption =
        format!("Entries behind the figures of {} as at position {}", question.year, told.position);
    let mut rows =
        Rows::new(caption, &["position", "recorded", "line", "month", "measure", "amount"]);
    for Behind { contribution, recorded } in told.rows {
        rows.push(vec![
            Cell::Number(contribution.position.get()),
            Cell::maybe_text(recorded),
            Cell::text(contribution.line),
            Cell::text(contribution.month),
            Cell::variant(contribution.measure),
            Cell::Money(contribution.pence),
        ]);
    }
    Ok(rows.print(read.format)?)
}

fn underspends(which: &WhichArgs, read: &ReadArgs) -> Result<(), CliError> {
    let question = which.question();
    let told = which.open(read)?.underspends(&question)?;
    let caption = format!(
        "Underspends of {} and their reasons, as at position {}",
        question.year, told.position
    );
    let columns = &["line", "underspend", "cause", "amount", "entry", "position"];
    let mut rows = Rows::new(caption, columns);
    for underspend in told.rows {
        let reasons = underspend
            .reasons
            .iter()
            .map(|reason| (Cell::variant(reason.cause), reason.pence, Some(reason.position)));
        let rest = std::iter::once((Cell::text("unexplained"), underspend.unexplained, None));
        for (cause, pence, entry) in reasons.chain(rest) {
            rows.push(vec![
                Cell::text(underspend.line),
                Cell::Money(underspend.underspend),
                cause,
                Cell::Money(pence),
                Cell::maybe(entry, |entry| Cell::Number(entry.get())),
                Cell::Number(told.position.get()),
            ]);
        }
    }
    Ok(rows.print(read.format)?)
}

/// A question about what concerns a year, and none of its months.
fn of_whole_year(which: &WhichArgs) -> Result<Question, CliError> {
    let question = which.question();
    if question.through.is_some() {
        let message = "an adjustment concerns a year and none of its months: leave --through out";
        return Err(CliError::usage(message));
    }
    Ok(question)
}

fn adjustments(which: &WhichArgs, read: &ReadArgs) -> Result<(), CliError> {
    let question = of_whole_year(which)?;
    let told = which.open(read)?.adjustments(&question)?;
    let caption = format!(
        "Prior-period adjustments that concern {}, as at position {}",
        question.year, told.position
    );
    let columns = &["year", "entry", "postedOn", "measure", "amount", "position"];
    let mut rows = Rows::new(caption, columns);
    for adjustment in told.rows {
        rows.push(vec![
            Cell::text(question.year),
            Cell::Number(adjustment.position.get()),
            Cell::text(adjustment.posted_on),
            Cell::variant(adjustment.measure),
            Cell::Money(adjustment.pence),
            Cell::Number(told.position.get()),
        ]);
    }
    Ok(rows.print(read.format)?)
}

fn restated(which: &WhichArgs, read: &ReadArgs) -> Result<(), CliError> {
    let question = of_whole_year(which)?;
    let told = which.open(read)?.restated(&question)?;
    let caption =
        format!("{} as posted and as restated, as at position {}", question.year, told.position);
    let columns = &["year", "measure", "posted", "adjusted", "restated", "position"];
    let mut rows = Rows::new(caption, columns);
    for figure in told.rows {
        rows.push(vec![
            Cell::text(question.year),
            Cell::variant(figure.measure),
            Cell::Money(figure.posted),
            Cell::Money(figure.adjusted),
            Cell::Money(figure.restated()),
            Cell::Number(told.position.get()),
        ]);
    }
    Ok(rows.print(read.format)?)
}
