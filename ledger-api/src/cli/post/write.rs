//! Posting one command, or showing what it would change.

use std::io::{self, Write};

use ledger_core::domain::command::{Command, Correct, Propose};
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::{IdempotencyKey, TextError};

use crate::cli::args::PostingArgs;
use crate::cli::ask::Upload;
use crate::cli::exit::{CliError, Exit};
use crate::cli::output::{Cell, Rows};
use crate::postings::outcome::{Brought, Change, Landing, Notice, Outcome};
use crate::postings::upload::Switches;
use crate::text::describe;

/// Notes on stderr how amounts were read.
pub(crate) fn echo(amounts: &[Pence]) {
    let read: Vec<String> = amounts.iter().map(|pence| describe::pounds(*pence)).collect();
    if !read.is_empty() {
        note(&format!("read as {}", read.join(", ")));
    }
}

/// Writes a note to stderr.
pub(crate) fn note(text: &str) {
    // A closed stderr is not an error.
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Posts one command, or shows what it would change.
pub(crate) fn post(command: Command, args: PostingArgs) -> Result<(), CliError> {
    let PostingArgs { book, reason, key, authority, evidence, inferred, expect, .. } = args;
    let (who, format) = (args.who, args.format);
    let key = key.map_or_else(new_key, Ok)?;
    let command = match args.corrects {
        Some(entry) => Correct { entry, replacement: Box::new(command) }.into(),
        None => command,
    };
    let command = if args.propose || args.draft {
        Propose { command: Box::new(command), draft: args.draft }.into()
    } else {
        command
    };
    let posting = Posting {
        key: key.clone(),
        command,
        reason,
        authority,
        evidence: evidence.into(),
        inferred,
        expected_versions: expect.into_iter().map(|expected| expected.0).collect(),
    };
    let door = book.open()?;
    // One posting is all there is, so its refusal says everything.
    let switches = Switches { dry_run: args.dry_run, accept_valid: true, ..Switches::default() };
    let upload = Upload {
        actor: who.actor.as_ref(),
        postings: vec![posting],
        switches,
        accept_clock: who.accept_clock,
    };
    let mut received = None;
    door.post(upload, &mut |outcome| {
        received = Some(outcome);
        Ok(())
    })
    .map_err(|error| with_key(error, &key))?;
    let outcome = received.ok_or_else(|| stopped(&key))?;
    if let Some(refused) = outcome.error {
        return Err(with_key(refused.into(), &key));
    }
    for warning in &outcome.warnings {
        note(&format!("warning: {}", warning.message));
    }
    if args.dry_run {
        if !outcome.waits_for.is_empty() {
            let waits = outcome.waits_for.join(", then ");
            note(&format!("it would wait for sign-off by {waits}: no figure changes until then"));
        }
        return Ok(changes(&outcome).print(format)?);
    }
    receipt(&outcome).print(format).map_err(|error| not_shown(&outcome, &key, &error))
}

/// Names the key where the posting is to be sent again.
fn with_key(error: CliError, key: &IdempotencyKey) -> CliError {
    match error.code() {
        "OUTCOME_UNKNOWN" | "STOPPED" => error.with_note(&format!(" (--key {key})")),
        _ => error,
    }
}

/// The error for a receipt that could not be written, although the posting is durable.
fn not_shown(outcome: &Outcome, key: &IdempotencyKey, error: &io::Error) -> CliError {
    let entry = outcome.position.unwrap_or_default();
    let message = format!(
        "posted as entry {entry} (--key {key}), but the receipt could not be written: {error}; see the entry with `budget-ledger show entry {entry}`"
    );
    CliError::new(Exit::PostedNotShown, "POSTED_NOT_SHOWN", message)
}

fn stopped(key: &IdempotencyKey) -> CliError {
    let message = format!("no answer came, so it may be posted: run it again with --key {key}");
    CliError::new(Exit::Failure, "STOPPED", message)
}

/// A new random key.
pub(crate) fn new_key() -> Result<IdempotencyKey, CliError> {
    let random = random()?;
    let key = format!("cli-{:032x}", u128::from_ne_bytes(random));
    key.parse().map_err(|error: TextError| CliError::usage(error.to_string()))
}

/// Random bytes from the system.
pub(crate) fn random() -> Result<[u8; 16], CliError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| CliError::new(Exit::Failure, "NO_RANDOMNESS", error.to_string()))?;
    Ok(bytes)
}

/// The receipt of a posting.
fn receipt(outcome: &Outcome) -> Rows {
    let columns =
        ["position", "recorded", "outcome", "proposal", "replayed", "dryRun", "warnings", "landed"];
    let brought = outcome.outcome.unwrap_or(Brought::Posted);
    let caption = match brought {
        Brought::Posted => "Posted.",
        Brought::AwaitingSignOff => "Waiting for sign-off: no figure has changed yet.",
        Brought::Drafted => "Saved as a draft: send it for sign-off with `budget-ledger submit`.",
        Brought::Rejected => "Rejected: the proposal is over, and no figure has changed.",
        Brought::Withdrawn => "Withdrawn: the proposal is over, and no figure has changed.",
    };
    let position = |position: Position| Cell::Number(position.get());
    let warning = |Notice { code, message }: &Notice| format!("{code}: {message}");
    let mut rows = Rows::new(caption, columns);
    rows.push(vec![
        Cell::maybe(outcome.position, position),
        Cell::maybe_text(outcome.recorded_at),
        Cell::maybe_text(
            serde_json::to_value(brought).ok().as_ref().and_then(|name| name.as_str()),
        ),
        Cell::maybe(outcome.proposal, position),
        Cell::Flag(outcome.replayed),
        Cell::Flag(false),
        Cell::List(outcome.warnings.iter().map(warning).collect()),
        Cell::List(outcome.landed.iter().map(landing).collect()),
    ]);
    rows
}

/// The month and line in which a reversal or a correction took effect.
fn landing(landing: &Landing) -> String {
    let Landing { line, month, concerns } = landing;
    let concerns = concerns.as_ref().map(|year| format!(", a prior-period adjustment to {year}"));
    format!("{month} of {line}{}", concerns.unwrap_or_default())
}

/// The figures that a posting would change.
fn changes(outcome: &Outcome) -> Rows {
    let caption = match outcome.position {
        Some(position) => format!("Not posted again: this key posted entry {position}."),
        None => "A dry run, so nothing was posted. It would change:".to_owned(),
    };
    let mut rows = Rows::new(caption, ["account", "figure", "before", "after", "dryRun"]);
    for Change { account, figure, before, after } in &outcome.changes {
        rows.push(vec![
            Cell::text(account),
            Cell::text(figure),
            Cell::Money(*before),
            Cell::Money(*after),
            Cell::Flag(true),
        ]);
    }
    rows
}
