//! Requests to the writer, and its answers.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::domain::actor::{Actor, ActorDigest};
use crate::domain::calendar::Timestamp;
use crate::domain::command::Command;
use crate::domain::decide::{Context, Decision, Original, check_versions};
use crate::domain::event::{Event, ProposalEvent};
use crate::domain::ledger::{Ledger, Line};
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::movement::Pot;
use crate::domain::position::Position;
use crate::domain::posting::{ExpectedVersion, Posting};
use crate::domain::rejection::Rejection;
use crate::domain::text::{ActorId, CommandDigest, TextError};
use crate::domain::warning::Warning;
use crate::keys::KeyDigest;
use crate::log::entry::Envelope;
use crate::log::store::{Damage, ReadError};
use crate::writer::previewing::Trial;

/// The result of a posting.
pub type Outcome = Result<Receipt, Refusal>;

/// A durable entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its position.
    pub position: Position,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// Its warnings.
    pub warnings: Vec<Warning>,
    /// Whether it is posted or waits for sign-off.
    pub fate: PostingStatus,
    /// Whether an earlier request posted it under the same key.
    pub replayed: bool,
}

/// What a posting has brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostingStatus {
    /// The command has taken effect.
    Posted,
    /// A proposal waits for sign-off.
    AwaitingSignOff {
        /// Its number.
        proposal: Position,
    },
    /// A proposal was drafted. It waits for nobody until it is submitted.
    Drafted {
        /// Its number.
        proposal: Position,
    },
    /// A proposal was rejected.
    Rejected {
        /// Its number.
        proposal: Position,
    },
    /// A proposal was withdrawn by its maker.
    Withdrawn {
        /// Its number.
        proposal: Position,
    },
}

impl PostingStatus {
    /// The fate of the entry at a position, by its events.
    pub fn of(position: Position, events: &[Event]) -> Self {
        for event in events {
            let Event::Proposal(event) = event else { continue };
            let proposal = event.proposal().unwrap_or(position);
            match event {
                ProposalEvent::Submitted(_) => return PostingStatus::AwaitingSignOff { proposal },
                ProposalEvent::Signed(signed) if !signed.posts => {
                    return PostingStatus::AwaitingSignOff { proposal };
                }
                ProposalEvent::Drafted(_) => return PostingStatus::Drafted { proposal },
                ProposalEvent::Rejected(_) => return PostingStatus::Rejected { proposal },
                ProposalEvent::Withdrawn(_) => return PostingStatus::Withdrawn { proposal },
                ProposalEvent::Signed(_)
                | ProposalEvent::ReviewRequested(_)
                | ProposalEvent::Reviewed(_) => {}
            }
        }
        PostingStatus::Posted
    }

    /// The proposal that was made or changed and has not been posted.
    pub const fn proposal(self) -> Option<Position> {
        match self {
            PostingStatus::Posted => None,
            PostingStatus::AwaitingSignOff { proposal }
            | PostingStatus::Drafted { proposal }
            | PostingStatus::Rejected { proposal }
            | PostingStatus::Withdrawn { proposal } => Some(proposal),
        }
    }
}

/// Why a posting was not posted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The command breaks a rule.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The key was used for another command.
    #[error(
        "the idempotency key was used for another command, by entry {position}: use a new key for a new command"
    )]
    KeyReused {
        /// The entry that used it.
        position: Position,
    },
    /// The log accepts no entries.
    #[error("{reason}")]
    WritesOff {
        /// Since when, why, and what to do.
        reason: String,
    },
    /// It is unknown whether the entry is durable.
    #[error(
        "{reason}: it is not known whether this was posted. Restart the ledger and post again with the same key: it is posted only once"
    )]
    OutcomeUnknown {
        /// What happened.
        reason: String,
    },
    /// An entry that it needs is not what was written.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// The log cannot be read.
    #[error("{reason}: nothing was posted. Post again later with the same key")]
    Unreadable {
        /// What happened.
        reason: String,
    },
    /// A posting before it, of those that are posted in order, was refused.
    #[error("a posting before it was refused, so this one was not posted: post it again later")]
    NotReached,
    /// The writer has stopped.
    #[error(
        "the ledger is stopping and takes no more postings: post again later with the same key"
    )]
    Stopped,
}

impl Refusal {
    /// The refusal's stable code, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Rejected(rejection) => rejection.code(),
            Refusal::KeyReused { .. } => "IDEMPOTENCY_KEY_REUSED",
            Refusal::WritesOff { .. } => "WRITES_OFF",
            Refusal::OutcomeUnknown { .. } => "OUTCOME_UNKNOWN",
            Refusal::Damaged(_) => "DAMAGED",
            Refusal::Unreadable { .. } => "UNREADABLE",
            Refusal::NotReached => "NOT_REACHED",
            Refusal::Stopped => "STOPPED",
        }
    }
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Damaged(damage) => Refusal::Damaged(damage),
            ReadError::Io { .. } => Refusal::Unreadable { reason: error.to_string() },
        }
    }
}

/// What a posting would do.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The events and warnings it would post. For a used key, those that its entry has, and nothing
    /// would change.
    pub decision: Decision,
    /// The lines it would change, each before and after.
    pub lines: Vec<(LineKey, Line, Line)>,
    /// The unallocated balances of funds it would change, each before and after.
    pub pots: Vec<(Pot, Pence, Pence)>,
    /// The receipt of the entry that already used this key, or would, among these postings.
    pub posted: Option<Receipt>,
}

/// A posting with everything computed that needs no writer. Texts are bytes already, so that little
/// crosses to the writer's thread.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) key: KeyDigest,
    pub(super) digest: CommandDigest,
    pub(super) envelope: Envelope,
    pub(super) by: ActorDigest,
    pub(super) command: Command,
    pub(super) expected_versions: Vec<ExpectedVersion>,
    pub(super) has_authority: bool,
    pub(super) has_evidence: bool,
    pub(super) inferred: bool,
    /// The first text in the wrong form.
    pub(super) malformed: Option<TextError>,
}

impl Prepared {
    pub(super) fn new(actor: &ActorId, mut posting: Posting) -> Self {
        let malformed = posting.tidy().err();
        let digest = posting.digest();
        Prepared {
            key: KeyDigest::new(actor.as_str(), posting.key.as_str()),
            digest,
            envelope: Envelope::new(actor, digest, &posting),
            has_authority: posting.authority.is_some(),
            has_evidence: !posting.evidence.is_empty(),
            inferred: posting.inferred.is_some(),
            malformed,
            by: ActorDigest::new(actor.as_str()),
            command: posting.command,
            expected_versions: posting.expected_versions,
        }
    }

    /// Refuses texts in the wrong form, and versions that are not the current ones.
    pub(super) fn check(&self, ledger: &Ledger<'_>, actor: &Actor) -> Result<(), Rejection> {
        if let Some(malformed) = &self.malformed {
            return Err(malformed.clone().into());
        }
        let checked = check_versions(ledger, &self.expected_versions, &actor.reads);
        checked.map_err(|why| why.shown(&actor.reads))
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

/// What becomes of the postings after a refused one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnRefusal {
    /// They are decided all the same.
    GoOn,
    /// They are not posted.
    Stop,
}

/// The previews of some postings, and the trial to continue with.
pub type Previews = (Vec<Result<Preview, Refusal>>, Trial);

/// A request to the writer.
pub(super) enum Request {
    Post(Arc<Actor>, Vec<Prepared>, OnRefusal, oneshot::Sender<Vec<Outcome>>),
    Preview(Arc<Actor>, Vec<Prepared>, Box<Trial>, oneshot::Sender<Previews>),
    Stop,
}

impl Request {
    /// The posting of a request that holds exactly one.
    pub(super) fn single(&self) -> Option<&Prepared> {
        match self {
            Request::Post(_, postings, ..) if postings.len() == 1 => postings.first(),
            Request::Post(..) | Request::Preview(..) | Request::Stop => None,
        }
    }
}

/// One decided posting of a block in progress.
pub(super) struct Item {
    pub(super) verdict: Verdict,
    /// Set on a request's last posting: the caller to answer.
    pub(super) reply: Option<oneshot::Sender<Vec<Outcome>>>,
}

/// The decision about a posting.
pub(super) enum Verdict {
    /// It is in the block.
    Posted { warnings: Vec<Warning>, fate: PostingStatus },
    /// An earlier posting of its request was refused, and ended the request.
    NotReached,
    /// It is refused, judged with all earlier postings applied.
    Rejected(Rejection),
    /// An entry that it needs cannot be read.
    Unread(ReadError),
    /// Its key was already used, by this entry.
    Known { at: Position, digest: CommandDigest },
}
