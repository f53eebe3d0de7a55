//! Postings as mutations.

use ledger_core::domain::calendar::Timestamp;
use ledger_core::domain::command::{Command, Propose, ReviseProposal};
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::ActorId;
use projections::AsAt;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Server;
use super::client::{Effect, UserError};
use super::document;
use super::supposing::Outcome;
use super::wire::{Pounds, Text, as_at, capitals};
use crate::cli::exit::{CliError, Exit};
use crate::cli::source::Source;
use crate::cli::source::answer::{Change, Noted, Posted, Previewed, Supposed};
use crate::graphql::PREVIEWS_MAX;

#[derive(Deserialize)]
struct Told {
    posting: Payload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    position: Option<Text<Position>>,
    #[serde(default)]
    waits: Option<Waits>,
    replayed: bool,
    entry: Option<Recorded>,
    warnings: Vec<WarningNode>,
    preview: Option<PreviewNode>,
    user_errors: Vec<UserError>,
}

impl Payload {
    /// What was accepted, or the first rule it breaks.
    fn accepted(self) -> Result<Self, CliError> {
        match self.user_errors.into_iter().next() {
            Some(error) => Err(error.told()),
            None => Ok(Payload { user_errors: Vec::new(), ..self }),
        }
    }
}

/// A proposal that waits.
#[derive(Deserialize)]
struct Waits {
    number: Text<Position>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    recorded_at: Text<Timestamp>,
}

#[derive(Deserialize)]
struct WarningNode {
    code: String,
    message: String,
}

impl From<WarningNode> for Noted {
    fn from(WarningNode { code, message }: WarningNode) -> Self {
        Noted { code, message }
    }
}

#[derive(Deserialize)]
struct PreviewNode {
    changes: Vec<ChangeNode>,
}

#[derive(Deserialize)]
pub(super) struct ChangeNode {
    account: String,
    figure: String,
    before: Pounds,
    after: Pounds,
}

impl From<ChangeNode> for Change {
    fn from(ChangeNode { account, figure, before, after }: ChangeNode) -> Self {
        Change { account, figure, before: before.0, after: after.0 }
    }
}

impl Server {
    /// A server takes one posting at a time: each is durable before the next is sent.
    pub(super) fn post_each(
        &self,
        actor: Option<&ActorId>,
        postings: Vec<Posting>,
        told: &mut dyn FnMut(Result<Posted, CliError>) -> Result<(), CliError>,
    ) -> Result<Position, CliError> {
        nobody_named(actor)?;
        let before = self.head()?;
        for posting in postings {
            told(self.submit(&posting, false).and_then(posted))?;
        }
        Ok(before)
    }

    /// One is tried as its verb posts it. Several are judged together, since they may rest on each
    /// other; of those it is not told what they would change.
    pub(super) fn preview_all(
        &self,
        actor: Option<&ActorId>,
        postings: &[Posting],
    ) -> Result<(Position, Vec<Result<Previewed, CliError>>), CliError> {
        #[derive(Deserialize)]
        struct Tried {
            rows: Vec<Payload>,
        }
        nobody_named(actor)?;
        at_most_together(postings.len())?;
        let head = self.head()?;
        if let [posting] = postings {
            return Ok((head, vec![self.submit(posting, true).map(previewed)]));
        }
        let variables = json!({ "input": { "postings": inputs(postings, true)? } });
        let tried: Tried = self.client.ask(document::PREVIEW, &variables, Effect::None)?;
        let told = |row: Payload| row.accepted().map(previewed);
        Ok((head, tried.rows.into_iter().map(told).collect()))
    }

    /// What postings would change, had they been made after a moment.
    pub(super) fn suppose(&self, moment: AsAt, postings: &[Posting]) -> Result<Supposed, CliError> {
        #[derive(Deserialize)]
        struct WhatIf {
            from: Text<Position>,
            outcomes: Vec<Outcome>,
            changes: Vec<ChangeNode>,
        }
        #[derive(Deserialize)]
        struct Told {
            supposed: WhatIf,
        }
        self.supposes_nothing()?;
        let postings = inputs(postings, false)?;
        let variables = json!({ "input": { "postings": postings }, "asAt": as_at(moment) });
        let told: Told = self.client.ask(document::WHAT_IF, &variables, Effect::None)?;
        let WhatIf { from, outcomes, changes } = told.supposed;
        Ok(Supposed {
            from: from.0,
            outcomes: outcomes.into_iter().map(Outcome::told).collect(),
            changes: changes.into_iter().map(Change::from).collect(),
        })
    }

    fn submit(&self, posting: &Posting, dry_run: bool) -> Result<Payload, CliError> {
        let (mutation, input) = input(posting, dry_run)?;
        let document = document::posting(&mutation, &input_type(&mutation));
        let effect = if dry_run { Effect::None } else { Effect::Posts };
        let told: Told = self.client.ask(&document, &json!({ "input": input }), effect)?;
        told.posting.accepted()
    }
}

/// The rows of a file may rest on each other: a server judges only so many together.
pub(super) fn at_most_together(postings: usize) -> Result<(), CliError> {
    if postings > PREVIEWS_MAX {
        return Err(CliError::usage(format!(
            "a server judges at most {PREVIEWS_MAX} postings at a time, and the rows of a file may rest on each other: try the file on a data folder, such as a copy of the server's"
        )));
    }
    Ok(())
}

/// Postings as those questions take them that judge several together.
pub(super) fn inputs(postings: &[Posting], dry_run: bool) -> Result<Vec<Value>, CliError> {
    let input = |posting: &Posting| {
        let (mutation, input) = input(posting, dry_run)?;
        Ok(json!({ mutation: input }))
    };
    postings.iter().map(input).collect()
}

/// A posting as the mutation of its command, with all of its input.
fn input(posting: &Posting, dry_run: bool) -> Result<(String, Map<String, Value>), CliError> {
    let (mutation, mut input) = mutation(&posting.command)?;
    let envelope = json!({
        "idempotencyKey": posting.key.to_string(),
        "reason": posting.reason.to_string(),
        "authority": posting.authority.as_ref().map(ToString::to_string),
        "evidence": posting.evidence.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "inferred": posting.inferred.as_ref().map(ToString::to_string),
        "expectedVersions": posting.expected_versions.iter().map(|expected| json!({
            "line": expected.line.to_string(),
            "version": expected.version.to_string(),
        })).collect::<Vec<_>>(),
        "dryRun": dry_run,
    });
    if let Value::Object(envelope) = envelope {
        input.extend(envelope);
    }
    Ok((mutation, input))
}

/// Credentials that would not be heeded are refused rather than ignored.
fn nobody_named(actor: Option<&ActorId>) -> Result<(), CliError> {
    match actor {
        None => Ok(()),
        Some(actor) => Err(CliError::usage(format!(
            "a server tells by itself who posts, and would not post as {actor}: leave out --actor and BUDGET_LEDGER_ACTOR"
        ))),
    }
}

fn posted(payload: Payload) -> Result<Posted, CliError> {
    let (Some(position), Some(entry)) = (payload.position, payload.entry) else {
        let message = "the server accepted the posting and told no entry: see its log";
        return Err(CliError::new(Exit::Failure, "NOT_UNDERSTOOD", message));
    };
    Ok(Posted {
        position: position.0,
        recorded: entry.recorded_at.0,
        warnings: payload.warnings.into_iter().map(Noted::from).collect(),
        waits: payload.waits.map(|waits| waits.number.0),
        replayed: payload.replayed,
    })
}

fn previewed(payload: Payload) -> Previewed {
    let changes = payload.preview.into_iter().flat_map(|preview| preview.changes);
    Previewed {
        changes: changes.map(Change::from).collect(),
        warnings: payload.warnings.into_iter().map(Noted::from).collect(),
        posted: payload.position.map(|Text(position)| position),
    }
}

/// `allocate` takes an `AllocateInput`.
fn input_type(mutation: &str) -> String {
    let mut letters = mutation.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain("Input".chars()).collect()
}

/// A command as the mutation of its name, with its fields as the schema has them.
fn mutation(command: &Command) -> Result<(String, Map<String, Value>), CliError> {
    let unwritable = || CliError::new(Exit::Failure, "NOT_UNDERSTOOD", "a command without fields");
    let commands =
        |command| members(command).map(|members| ("commands".to_owned(), Value::Array(members)));
    if let Command::Batch(_) = command {
        return Ok(("postBatch".to_owned(), Map::from_iter([commands(command)?])));
    }
    let written = serde_json::to_value(command).map_err(|_| unwritable())?;
    let Value::Object(named) = written else { return Err(unwritable()) };
    let Some((name, Value::Object(fields))) = named.into_iter().next() else {
        return Err(unwritable());
    };
    let mut fields: Map<String, Value> =
        fields.into_iter().map(|(name, value)| field(name, value)).collect();
    if let Some(Value::Object(capacity)) = fields.remove("capacity") {
        fields.extend(capacity.into_iter().map(|(name, value)| field(name, value)));
    }
    if let Command::Propose(Propose { command, .. })
    | Command::ReviseProposal(ReviseProposal { command, .. }) = command
    {
        fields.remove("command");
        fields.extend([commands(command)?]);
    }
    Ok((name, fields))
}

/// A command among others.
fn member(command: &Command) -> Result<Value, CliError> {
    let (name, fields) = mutation(command)?;
    Ok(json!({ name: fields }))
}

/// The commands of a batch, or one.
fn members(command: &Command) -> Result<Vec<Value>, CliError> {
    if let Command::Batch(commands) = command {
        return commands.iter().map(member).collect();
    }
    Ok(vec![member(command)?])
}

/// A command's field as the schema has it: members of enums in capitals, positions as text, and
/// what leaves the book told apart from funds.
fn field(name: String, value: Value) -> (String, Value) {
    match (name.as_str(), value) {
        (
            "class" | "accountingClass" | "kind" | "series" | "cause" | "close" | "outcome"
            | "tier" | "measure" | "bearer",
            Value::String(member),
        ) => (name, Value::String(capitals(&member))),
        ("classes", Value::Array(classes)) => {
            let inner = |class: Value| field("class".to_owned(), class).1;
            (name, classes.into_iter().map(inner).collect())
        }
        ("entry" | "proposal" | "delegation", Value::Number(position)) => {
            (name, Value::String(position.to_string()))
        }
        ("proposals", Value::Array(proposals)) => {
            let inner = |proposal: Value| {
                let Value::Object(fields) = proposal else { return proposal };
                fields.into_iter().map(|(name, value)| field(name, value)).collect()
            };
            (name, proposals.into_iter().map(inner).collect())
        }
        ("policy", policy) => (name, Value::String(policy.to_string())),
        ("to", Value::String(place)) if place == "treasury" => {
            (name, json!({ "outOfBook": "TREASURY" }))
        }
        ("profile", weights) => ("weights".to_owned(), weights),
        (_, value) => (name, value),
    }
}
