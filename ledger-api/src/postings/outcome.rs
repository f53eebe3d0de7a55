//! The outcome of a posting, the same from a data folder and, as a line of JSON, from a server.

use std::borrow::Cow;

use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::command::Command;
use ledger_core::domain::event::Event;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::warning::Warning;
use ledger_core::log::read::entry_at;
use ledger_core::log::store::Store;
use ledger_core::writer::{PostingStatus, Preview, Receipt, Refusal};
use projections::scope::Scope;
use serde::{Deserialize, Serialize};

use crate::postings::changes;
use crate::text::describe;

/// The outcome of a posting.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Outcome {
    /// Its entry, or in a dry run the entry that its key has posted already.
    pub position: Option<Position>,
    /// When the entry was recorded.
    pub recorded_at: Option<Timestamp>,
    /// What it brought about; none where it was refused, and in a dry run.
    pub outcome: Option<Brought>,
    /// The proposal that it made or changed, where that is not posted.
    pub proposal: Option<Position>,
    /// Whether an earlier request posted it under the same key.
    pub replayed: bool,
    /// What to look at.
    pub warnings: Vec<Notice>,
    /// Where a reversal took effect: line, month and, for a prior-period adjustment, the year.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub landed: Vec<Landing>,
    /// Whose signatures a dry run would wait for, such as `department XDH`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<String>,
    /// What a dry run would change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Refused>,
    /// Whether the upload ends here, for the reason in `error`: nothing after it was posted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
}

/// What a posting brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Brought {
    /// The command took effect.
    Posted,
    /// A proposal waits for sign-off.
    AwaitingSignOff,
    /// A proposal was drafted.
    Drafted,
    /// A proposal was rejected.
    Rejected,
    /// A proposal was withdrawn.
    Withdrawn,
}

/// A code for programs and a message for people.
#[derive(Debug, Serialize, Deserialize)]
pub struct Notice {
    /// The stable name.
    pub code: Cow<'static, str>,
    /// The message.
    pub message: String,
}

/// Where a reversal or a correction took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landing {
    /// The line.
    pub line: LineKey,
    /// The month of the line's year.
    pub month: Month,
    /// The closed year that a prior-period adjustment concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concerns: Option<FinancialYear>,
}

/// A figure that a posting would change.
#[derive(Debug, Serialize, Deserialize)]
pub struct Change {
    /// The line, or the fund and class.
    pub account: String,
    /// The figure.
    pub figure: Cow<'static, str>,
    /// Its amount in pence.
    pub before: Pence,
    /// Its amount in pence afterwards.
    pub after: Pence,
}

/// Why a posting was refused.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// The stable name.
    pub code: Cow<'static, str>,
    /// What is wrong, why, and what to do next.
    pub message: String,
    /// The limit in pence that the posting exceeds, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Pence>,
    /// The version of the line, where it has changed since it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_version: Option<Position>,
    /// The entries of the posted file that its changed version lacks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<Position>,
}

impl Refused {
    /// A refusal that names no figure.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        Refused { code, message, limit: None, current_version: None, gone: Vec::new() }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let refused = Refused::new(refusal.code(), refusal.to_string());
        match &refusal {
            Refusal::Rejected(rejection) => Refused {
                limit: rejection.limit(),
                current_version: rejection.current_version(),
                ..refused
            },
            Refusal::KeyReused { .. }
            | Refusal::WritesOff { .. }
            | Refusal::OutcomeUnknown { .. }
            | Refusal::Damaged(_)
            | Refusal::Unreadable { .. }
            | Refusal::NotReached
            | Refusal::Stopped => refused,
        }
    }
}

impl From<PostingStatus> for Brought {
    fn from(fate: PostingStatus) -> Self {
        match fate {
            PostingStatus::Posted => Brought::Posted,
            PostingStatus::AwaitingSignOff { .. } => Brought::AwaitingSignOff,
            PostingStatus::Drafted { .. } => Brought::Drafted,
            PostingStatus::Rejected { .. } => Brought::Rejected,
            PostingStatus::Withdrawn { .. } => Brought::Withdrawn,
        }
    }
}

impl Outcome {
    /// The outcome of a posting that was refused.
    pub fn refused(refused: impl Into<Refused>) -> Self {
        Outcome { error: Some(refused.into()), ..Outcome::default() }
    }

    /// The outcome of a posting, as far as its caller may read it.
    pub(crate) fn posted(posted: Result<Receipt, Refusal>, scope: &Scope) -> Self {
        match posted {
            Err(refusal) => Outcome::refused(refusal),
            Ok(Receipt { position, recorded, warnings, fate, replayed }) => Outcome {
                position: Some(position),
                recorded_at: Some(recorded),
                outcome: Some(fate.into()),
                proposal: fate.proposal(),
                replayed,
                warnings: notices(&warnings, scope),
                ..Outcome::default()
            },
        }
    }

    /// The outcome of a dry run, as far as its caller may read it.
    pub fn tried(tried: Result<Preview, Refusal>, scope: &Scope) -> Self {
        match tried {
            Err(refusal) => Outcome::refused(refusal),
            Ok(preview) => Outcome {
                position: preview.posted.as_ref().map(|receipt| receipt.position),
                replayed: preview.posted.is_some(),
                warnings: notices(&preview.decision.warnings, scope),
                landed: landings(&preview.decision.events)
                    .into_iter()
                    .filter(|landing| scope.admits(&landing.line))
                    .collect(),
                waits_for: waits_for(&preview),
                changes: changes::changes(&preview, scope).into_iter().map(Into::into).collect(),
                ..Outcome::default()
            },
        }
    }

    /// The outcome of a posting of a command, as far as its caller may read it. Of a reversal or a
    /// correction it says where that took effect.
    pub fn of(
        posted: Result<Receipt, Refusal>,
        command: &Command,
        scope: &Scope,
        store: &dyn Store,
    ) -> Self {
        let mut outcome = Outcome::posted(posted, scope);
        if let (false, Some(position)) = (command.undoes().is_empty(), outcome.position) {
            // The posting is durable: its outcome does without an entry that cannot be read.
            match entry_at(store, position) {
                Ok(entry) => {
                    let events = entry.iter().flat_map(|entry| &entry.events);
                    outcome.landed = landings(events);
                }
                Err(error) => tracing::error!(%error, "the log cannot be read"),
            }
        }
        outcome
    }

    /// The last outcome of an upload that ends before its body does: nothing after it was posted.
    pub fn end(refused: impl Into<Refused>) -> Self {
        Outcome { ended: true, ..Outcome::refused(refused) }
    }
}

/// Whose signatures a posting would wait for, in order.
fn waits_for(preview: &Preview) -> Vec<String> {
    let steps = preview.decision.events.iter().flat_map(Event::steps);
    steps.filter(|_| preview.posted.is_none()).map(describe::signer).collect()
}

/// The lines and months in which an entry that reverses another takes effect; none of others.
pub(crate) fn landings<'e>(events: impl IntoIterator<Item = &'e Event>) -> Vec<Landing> {
    let events: Vec<&Event> = events.into_iter().collect();
    if !events.iter().any(|event| matches!(event, Event::Reversed(_))) {
        return Vec::new();
    }
    let mut landed: Vec<Landing> = Vec::new();
    for event in events {
        let Some(month) = event.month() else { continue };
        for line in event.lines() {
            let landing = Landing { line, month, concerns: event.concerns() };
            if !landed.contains(&landing) {
                landed.push(landing);
            }
        }
    }
    landed
}

fn notices(warnings: &[Warning], scope: &Scope) -> Vec<Notice> {
    let notice = |warning: &Warning| {
        Some(Notice { code: warning.code().into(), message: warning.shown(scope)? })
    };
    warnings.iter().filter_map(notice).collect()
}

impl From<changes::Change> for Change {
    fn from(change: changes::Change) -> Self {
        let changes::Change { account, figure, before, after } = change;
        Change { account, figure: figure.into(), before, after }
    }
}
