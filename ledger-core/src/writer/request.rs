//! What is asked of the writer, and what it answers.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::domain::actor::Actor;
use crate::domain::calendar::Timestamp;
use crate::domain::command::Command;
use crate::domain::decide::{Context, Decision, Original};
use crate::domain::event::{Event, ProposalEvent};
use crate::domain::ledger::Line;
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::movement::Pot;
use crate::domain::position::Position;
use crate::domain::posting::{ExpectedVersion, Posting};
use crate::domain::rejection::Rejection;
use crate::domain::text::{ActorId, CommandDigest};
use crate::domain::warning::Warning;
use crate::keys::KeyDigest;
use crate::log::entry::Envelope;

/// What came of a posting.
pub type Outcome = Result<Receipt, Refusal>;

/// An entry that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its position.
    pub position: Position,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// What deserved a look about it.
    pub warnings: Vec<Warning>,
    /// What became of it.
    pub fate: Fate,
    /// Whether an earlier request had posted it under the same key.
    pub replayed: bool,
}

/// What became of what was posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// What it asked for has happened.
    Posted,
    /// It is, or is about, a proposal that waits for sign-off.
    AwaitingSignOff {
        /// The proposal.
        proposal: Position,
    },
}

impl Fate {
    /// The fate of the entry at a position, told from its events.
    pub fn of(position: Position, events: &[Event]) -> Self {
        let waits = events.iter().find_map(|event| {
            let Event::Proposal(event) = event else { return None };
            let waits = match event {
                ProposalEvent::Submitted(_) => true,
                ProposalEvent::Signed(signed) => !signed.posts,
                ProposalEvent::Drafted(_)
                | ProposalEvent::Rejected(_)
                | ProposalEvent::Withdrawn(_)
                | ProposalEvent::ReviewRequested(_)
                | ProposalEvent::Reviewed(_) => false,
            };
            waits.then(|| event.proposal().unwrap_or(position))
        });
        waits.map_or(Fate::Posted, |proposal| Fate::AwaitingSignOff { proposal })
    }
}

/// Why a posting was not posted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The command breaks a rule.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The key stands for something else.
    #[error(
        "the idempotency key was used for another command, by entry {position}: use a new key for a new command"
    )]
    KeyReused {
        /// The entry it posted.
        position: Position,
    },
    /// The log takes no entries.
    #[error("{reason}")]
    WritesOff {
        /// Since when and why, and what to do.
        reason: String,
    },
    /// It is not known whether the entry was kept.
    #[error(
        "{reason}: it is not known whether this was kept. Start again and post it again with the same key: it is posted once"
    )]
    OutcomeUnknown {
        /// What happened.
        reason: String,
    },
    /// The writer has stopped.
    #[error(
        "the ledger is stopping and takes no more postings: post again with the same key later"
    )]
    Stopped,
}

impl Refusal {
    /// The refusal's stable name, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Rejected(rejection) => rejection.code(),
            Refusal::KeyReused { .. } => "IDEMPOTENCY_KEY_REUSED",
            Refusal::WritesOff { .. } => "WRITES_OFF",
            Refusal::OutcomeUnknown { .. } => "OUTCOME_UNKNOWN",
            Refusal::Stopped => "STOPPED",
        }
    }
}

/// What a posting would do.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The events and warnings it would post; or those it has, where its key has posted already
    /// and nothing would change.
    pub decision: Decision,
    /// The lines it would change: each before and after.
    pub lines: Vec<(LineKey, Line, Line)>,
    /// The unallocated money of funds it would change: each before and after.
    pub pots: Vec<(Pot, Pence, Pence)>,
    /// The entry that this key has posted already, or would by an earlier one of these postings.
    pub posted: Option<Position>,
}

/// A posting with everything worked out that can be before it is the writer's turn. Its texts
/// are bytes by now: what crosses to the writer's thread is little, and in few places.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) key: KeyDigest,
    pub(super) digest: CommandDigest,
    pub(super) envelope: Envelope,
    pub(super) command: Command,
    pub(super) expected_versions: Vec<ExpectedVersion>,
    pub(super) has_authority: bool,
    pub(super) has_evidence: bool,
    pub(super) inferred: bool,
}

impl Prepared {
    pub(super) fn new(actor: &ActorId, posting: Posting) -> Self {
        let digest = posting.digest();
        Prepared {
            key: KeyDigest::new(actor.as_str(), posting.key.as_str()),
            digest,
            envelope: Envelope::new(actor, digest, &posting),
            has_authority: posting.authority.is_some(),
            has_evidence: !posting.evidence.is_empty(),
            inferred: posting.inferred.is_some(),
            command: posting.command,
            expected_versions: posting.expected_versions,
        }
    }

    pub(super) fn context<'a>(
        &self,
        actor: &'a Actor,
        recorded: Timestamp,
        originals: &'a [Original],
    ) -> Context<'a> {
        let Prepared { has_authority, has_evidence, .. } = *self;
        Context { actor, recorded, has_authority, has_evidence, originals }
    }
}

/// What is asked of the writer.
pub(super) enum Request {
    Post(Arc<Actor>, Vec<Prepared>, oneshot::Sender<Vec<Outcome>>),
    Preview(Arc<Actor>, Vec<Prepared>, oneshot::Sender<Vec<Result<Preview, Refusal>>>),
    Stop,
}

impl Request {
    /// The posting of a request that has one.
    pub(super) fn single(&self) -> Option<&Prepared> {
        match self {
            Request::Post(_, postings, _) if postings.len() == 1 => postings.first(),
            Request::Post(..) | Request::Preview(..) | Request::Stop => None,
        }
    }
}

/// One posting of a block under way.
pub(super) struct Item {
    pub(super) verdict: Verdict,
    /// With the last posting of a request: where its outcomes go.
    pub(super) reply: Option<oneshot::Sender<Vec<Outcome>>>,
}

/// What was decided about it.
pub(super) enum Verdict {
    /// It is in the block.
    Posted { warnings: Vec<Warning>, fate: Fate },
    /// It is refused, by what was true with everything before it posted.
    Rejected(Rejection),
    /// Its key has been used, by this entry.
    Known { at: Position, digest: CommandDigest },
}
