//! What every verb that posts does: post one command, or show what it would change.

use std::io::{self, Write};

use ledger_core::domain::command::{Command, Propose};
use ledger_core::domain::money::Pence;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::{IdempotencyKey, TextError};

use super::args::PostingArgs;
use super::exit::{CliError, Exit};
use super::output::{Cell, Rows};
use super::source::answer::{Change, Noted, Posted, Previewed};
use crate::describe;

/// Says how amounts were understood, on stderr.
pub(super) fn echo(amounts: &[Pence]) {
    let read: Vec<String> = amounts.iter().map(|pence| describe::pounds(*pence)).collect();
    if !read.is_empty() {
        note(&format!("read as {}", read.join(", ")));
    }
}

/// A word to whoever watches, on stderr.
pub(super) fn note(text: &str) {
    // Without a stderr nobody watches.
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Posts one command, or shows what it would change.
pub(super) fn post(command: Command, args: PostingArgs) -> Result<(), CliError> {
    let PostingArgs { book, reason, key, authority, evidence, inferred, expect, .. } = args;
    let (who, format) = (args.who, args.format);
    let key = key.map_or_else(new_key, Ok)?;
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
    let source = book.open()?;
    if args.dry_run {
        let (_, mut previews) = source.preview(who.actor.as_ref(), vec![posting])?;
        let preview = previews.pop().ok_or_else(stopped)??;
        warn(&preview.warnings);
        return Ok(changes(preview).print(format)?);
    }
    let mut posted = None;
    source.post(who.actor.as_ref(), vec![posting], &mut |outcome| {
        let outcome = outcome.map_err(|error| match error.code() {
            "OUTCOME_UNKNOWN" | "STOPPED" => error.with_note(&format!(" (--key {key})")),
            _ => error,
        });
        posted = Some(outcome?);
        Ok(())
    })?;
    let posted = posted.ok_or_else(stopped)?;
    warn(&posted.warnings);
    Ok(receipt(&posted).print(format)?)
}

fn stopped() -> CliError {
    CliError::new(Exit::Failure, "STOPPED", "the writer has stopped")
}

fn warn(warnings: &[Noted]) {
    for warning in warnings {
        note(&format!("warning: {}", warning.message));
    }
}

/// A key nobody has used.
pub(super) fn new_key() -> Result<IdempotencyKey, CliError> {
    let random = random()?;
    let key = format!("cli-{:032x}", u128::from_ne_bytes(random));
    key.parse().map_err(|error: TextError| CliError::usage(error.to_string()))
}

/// Random bytes from the system.
pub(super) fn random() -> Result<[u8; 16], CliError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| CliError::new(Exit::Failure, "NO_RANDOMNESS", error.to_string()))?;
    Ok(bytes)
}

/// What was posted.
fn receipt(posted: &Posted) -> Rows {
    let columns =
        &["position", "recorded", "outcome", "proposal", "replayed", "dryRun", "warnings"];
    let (caption, outcome) = match posted.waits {
        None => ("Posted.", "POSTED"),
        Some(_) => {
            ("Recorded, and waiting for sign-off: no figure has moved.", "AWAITING_SIGN_OFF")
        }
    };
    let mut rows = Rows::new(caption, columns);
    let warning = |Noted { code, message }: &Noted| format!("{code}: {message}");
    rows.push(vec![
        Cell::Number(posted.position.get()),
        Cell::text(posted.recorded),
        Cell::text(outcome),
        posted.waits.map_or(Cell::Absent, |proposal| Cell::Number(proposal.get())),
        Cell::Flag(posted.replayed),
        Cell::Flag(false),
        Cell::List(posted.warnings.iter().map(warning).collect()),
    ]);
    rows
}

/// What a posting would change: balances before and after.
fn changes(preview: Previewed) -> Rows {
    let caption = match preview.posted {
        Some(position) => format!("Not posted: this key has posted entry {position} already."),
        None => "Not posted: a dry run. It would change".to_owned(),
    };
    let mut rows = Rows::new(caption, &["account", "figure", "before", "after", "dryRun"]);
    for Change { account, figure, before, after } in preview.changes {
        rows.push(vec![
            Cell::Text(account),
            Cell::Text(figure),
            Cell::Money(before),
            Cell::Money(after),
            Cell::Flag(true),
        ]);
    }
    rows
}
