//! What every verb that posts does: post one command, or show what it would change.

use std::io::{self, Write};

use ledger_core::domain::command::Command;
use ledger_core::domain::money::Pence;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::{IdempotencyKey, TextError};
use ledger_core::domain::warning::Warning;
use ledger_core::writer::{Preview, Receipt};

use super::args::{DataArgs, PostingArgs};
use super::exit::{CliError, Exit};
use super::output::{Cell, Rows};
use super::progress;
use crate::book::{Book, DataFolder};
use crate::clock::system_clock;
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

/// Opens the book to write, does something, and closes it in any case.
pub(super) fn with_book<T>(
    data: &DataArgs,
    work: impl FnOnce(&Book) -> Result<T, CliError>,
) -> Result<T, CliError> {
    data.must_exist()?;
    let folder = DataFolder::writable(&data.data)?;
    let book = progress::while_reading(|progress| Book::open(folder, system_clock(), progress))?;
    if let Some(torn) = book.torn() {
        note(&format!(
            "a block that was never acknowledged, from entry {} on, was set aside in {}",
            torn.first, torn.kept_in
        ));
    }
    let done = work(&book);
    let closed = book.close();
    let done = done?;
    closed?;
    Ok(done)
}

/// Posts one command, or shows what it would change.
pub(super) fn post(command: Command, args: PostingArgs) -> Result<(), CliError> {
    let PostingArgs { data, reason, key, authority, evidence, inferred, expect, .. } = args;
    let (actor, format) = (args.actor, args.format);
    let posting = Posting {
        key: key.map_or_else(new_key, Ok)?,
        command,
        reason,
        authority,
        evidence: evidence.into(),
        inferred,
        expected_versions: expect.into_iter().map(|expected| expected.0).collect(),
    };
    if args.dry_run {
        let preview = with_book(&data, |book| {
            let mut previews = book.writer().preview_blocking(&actor, vec![posting]);
            Ok(previews.pop().ok_or_else(stopped)??)
        })?;
        warn(&preview.decision.warnings);
        return Ok(changes(&preview).print(format)?);
    }
    let receipt = with_book(&data, |book| {
        let mut outcomes = book.writer().post_all_blocking(&actor, vec![posting]);
        Ok(outcomes.pop().ok_or_else(stopped)??)
    })?;
    warn(&receipt.warnings);
    Ok(receipts("Posted.", &[receipt]).print(format)?)
}

fn stopped() -> CliError {
    CliError::new(Exit::Failure, "STOPPED", "the writer has stopped")
}

fn warn(warnings: &[Warning]) {
    for warning in warnings {
        note(&format!("warning: {warning}"));
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
pub(super) fn receipts(caption: &str, receipts: &[Receipt]) -> Rows {
    let columns = &["position", "recorded", "outcome", "replayed", "dryRun", "warnings"];
    let mut rows = Rows::new(caption, columns);
    for receipt in receipts {
        rows.push(vec![
            Cell::Number(receipt.position.get()),
            Cell::text(receipt.recorded),
            Cell::text("POSTED"),
            Cell::Flag(receipt.replayed),
            Cell::Flag(false),
            Cell::List(receipt.warnings.iter().map(|w| format!("{}: {w}", w.code())).collect()),
        ]);
    }
    rows
}

/// What a posting would change: balances before and after.
pub(super) fn changes(preview: &Preview) -> Rows {
    let caption = match preview.posted {
        Some(position) => format!("Not posted: this key has posted entry {position} already."),
        None => "Not posted: a dry run. It would change".to_owned(),
    };
    let mut rows = Rows::new(caption, &["account", "figure", "before", "after", "dryRun"]);
    let mut change = |account: String, figure: &str, before: Pence, after: Pence| {
        if before != after {
            let (before, after) = (Cell::Money(before), Cell::Money(after));
            rows.push(vec![
                Cell::Text(account),
                Cell::text(figure),
                before,
                after,
                Cell::Flag(true),
            ]);
        }
    };
    for (pot, before, after) in &preview.pots {
        change(pot.to_string(), "unallocated", *before, *after);
    }
    for (key, before, after) in &preview.lines {
        change(key.to_string(), "revised", before.revised, after.revised);
        change(key.to_string(), "committed", before.committed, after.committed);
        change(key.to_string(), "accrued", before.accrued, after.accrued);
        change(key.to_string(), "actual", before.actual, after.actual);
        change(key.to_string(), "available", before.available(), after.available());
    }
    rows
}
