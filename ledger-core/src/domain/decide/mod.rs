//! Decides whether a command may be posted, and as which events.
//!
//! Deciding is pure: it gets time, policy and the entries to reverse as arguments, and only reads
//! the ledger. Each command is a list of checks. Code after the line `// --- nothing below can
//! fail` only builds events.

mod budget;
mod cancelling;
mod case;
mod correcting;
mod forecasting;
mod funding;
mod investing;
mod movements;
mod offsets;
mod opening;
mod parts;
mod periods;
mod proposing;
mod publishing;
mod registering;
mod required;
mod reversing;
mod reviewing;
mod seeing;
mod signing;
mod spending;

use super::actor::Actor;
use super::calendar::Timestamp;
use super::command::Command;
use super::event::{Event, Events};
use super::ledger::Ledger;
use super::policy::Breach;
use super::position::Position;
use super::posting::ExpectedVersion;
use super::rejection::{PeriodRejection, Rejection, SignOffRejection};
use super::scope::Scope;
use super::warning::Warning;
use case::Case;
use parts::Parts;
pub use proposing::effects;
use required::{Making, required_sign_off};

/// The least number of bytes that a part of a command, such as a line's share, takes in an entry.
const PART_BYTES_MIN: usize = 30;

/// The most parts that an entry of 65,535 bytes could hold.
const PARTS_MAX: usize = 65_535 / PART_BYTES_MIN;

/// The circumstances of a decision.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The person who posts.
    pub actor: &'a Actor,
    /// The entry's recorded time.
    pub recorded: Timestamp,
    /// Whether an authority is cited.
    pub has_authority: bool,
    /// Whether evidence is cited.
    pub has_evidence: bool,
    /// The entries that the command would undo, as far as they exist.
    pub originals: &'a [Original],
}

impl Context<'_> {
    /// The making of a command that no proposal holds.
    fn making(&self) -> Making {
        Making { maker: self.actor.digest(), recorded: self.recorded, except: None }
    }
}

/// An entry that a command would undo.
#[derive(Clone, Debug)]
pub struct Original {
    /// Its position.
    pub position: Position,
    /// Its events.
    pub events: Events,
}

/// The result of deciding: events to post, and warnings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// At least one event.
    pub events: Events,
    /// Warnings that stay on the entry.
    pub warnings: Vec<Warning>,
    /// Whether the authority cited lifts a rule that would have refused.
    pub by_authority: bool,
}

/// Compares the versions of lines that a client read with the current ones.
///
/// # Errors
///
/// [`Rejection::VersionConflict`] for the first that differs, or [`Rejection::OutOfReach`].
pub fn check_versions(
    ledger: &Ledger<'_>,
    expected: &[ExpectedVersion],
    reads: &Scope,
) -> Result<(), Rejection> {
    for ExpectedVersion { line, version } in expected {
        let current = seeing::version(ledger, line, reads)?;
        if current != *version {
            let (line, expected) = (*line, *version);
            return Err(Rejection::VersionConflict { line, expected, current });
        }
    }
    Ok(())
}

/// Decides one command. A command that exceeds a limit becomes a proposal.
///
/// # Errors
///
/// The [`Rejection`], as far as the actor may read it. The ledger has not changed.
pub fn decide(
    ledger: &Ledger<'_>,
    command: &Command,
    context: &Context<'_>,
) -> Result<Decision, Rejection> {
    let reads = &context.actor.reads;
    let decision = decide_whole(ledger, command, context).map_err(|why| why.shown(reads))?;
    if reads.admits_changes(&decision.events) { Ok(decision) } else { Err(Rejection::OutOfReach) }
}

fn decide_whole(
    ledger: &Ledger<'_>,
    command: &Command,
    context: &Context<'_>,
) -> Result<Decision, Rejection> {
    check_size(command)?;
    if let Command::SignOff(command) = command {
        return signing::sign_off(ledger, command, context);
    }
    let decision = judge(ledger, command, context)?;
    if command.is_about_sign_off() {
        return Ok(decision);
    }
    let mut required = required_sign_off(ledger, &decision, context.making());
    proposing::may_propose(command, context)?;
    if required.passes() {
        return Ok(decision);
    }
    required.invests = investing::investments(ledger, &decision.events, context.making());
    Ok(proposing::submitted(None, 1, command, context, decision, required))
}

/// Refuses a command that is certain to be too large for one entry, before it is judged.
fn check_size(command: &Command) -> Result<(), Rejection> {
    let parts = command.parts();
    if parts > PARTS_MAX {
        return Err(Rejection::EntryTooLarge { bytes: parts.saturating_mul(PART_BYTES_MIN) });
    }
    Ok(())
}

/// Checks every rule except sign-off.
///
/// # Errors
///
/// The [`Rejection`]. The ledger has not changed.
pub fn judge(
    ledger: &Ledger<'_>,
    command: &Command,
    context: &Context<'_>,
) -> Result<Decision, Rejection> {
    judge_part(ledger, command, context, Availability::Alone)
}

/// How a command's movements are held to what is available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Availability {
    /// By themselves.
    Alone,
    /// Together with the other commands of a correction, after them all.
    Together,
}

fn judge_part(
    ledger: &Ledger<'_>,
    command: &Command,
    context: &Context<'_>,
    availability: Availability,
) -> Result<Decision, Rejection> {
    let mut case = Case::new(ledger, context);
    case.availability = availability;
    case.check_seen(command)?;
    match command {
        Command::RegisterBody(command) => case.register_body(command)?,
        Command::CloseBody(command) => case.close_body(command)?,
        Command::MergeBodies(command) => case.merge_bodies(command)?,
        Command::OpenProgramme(command) => case.open_programme(command)?,
        Command::RenameProgramme(command) => case.rename_programme(command)?,
        Command::CloseProgramme(command) => case.close_programme(command)?,
        Command::CancelProgramme(command) => case.cancel_programme(command)?,
        Command::EstablishFund(command) => case.establish_fund(command)?,
        Command::SettleFunding(command) => case.settle_funding(command)?,
        Command::CancelFund(command) => case.cancel_fund(command)?,
        Command::OpenYear(command) => case.open_year(command)?,
        Command::Allocate(command) => case.allocate(command)?,
        Command::Earmark(command) => case.earmark(command)?,
        Command::Cut(command) => case.cut(command)?,
        Command::Reallocate(command) => case.reallocate(command)?,
        Command::SplitLine(command) => case.split_line(command)?,
        Command::ExchangeBudget(command) => case.exchange_budget(command)?,
        Command::Commit(command) => case.commit(command)?,
        Command::ReleaseCommitment(command) => case.release_commitment(command)?,
        Command::Accrue(command) => case.accrue(command)?,
        Command::RecordActual(command) => case.record_actual(command)?,
        Command::ReviseForecast(command) => case.revise_forecast(command)?,
        Command::WithdrawForecast(command) => case.withdraw_forecast(command)?,
        Command::ExplainUnderspend(command) => case.explain_underspend(command)?,
        Command::SetProfile(command) => case.set_profile(command)?,
        Command::StrikeBaseline(command) => case.strike_baseline(command)?,
        Command::WithdrawBaseline(command) => case.withdraw_baseline(command)?,
        Command::ClosePeriod(command) => case.close_period(command)?,
        Command::ReopenPeriod(command) => case.reopen_period(command)?,
        Command::Reverse(command) => case.reverse(command)?,
        Command::AdoptPolicy(command) => case.adopt_policy(command),
        Command::LinkOffset(command) => case.link_offset(command)?,
        Command::DefineScope(command) => case.define_scope(command)?,
        Command::PublishFigure(command) => case.publish_figure(command)?,
        Command::Propose(command) => return case.propose(command),
        Command::SubmitProposal(command) => return case.submit_proposal(command),
        Command::ReviseProposal(command) => return case.revise_proposal(command),
        Command::RejectProposal(command) => case.reject_proposal(command)?,
        Command::WithdrawProposal(command) => case.withdraw_proposal(command)?,
        Command::RequestPeerReview(command) => case.request_peer_review(command)?,
        Command::ReviewProposal(command) => case.review_proposal(command)?,
        Command::Delegate(command) => case.delegate(command)?,
        Command::EndDelegation(command) => case.end_delegation(command)?,
        Command::SignOff(command) => return signing::sign_off(ledger, command, context),
        Command::Correct(command) => return correcting::correct(ledger, command, context),
        Command::Batch(commands) => {
            return decide_batch(ledger, commands, context, availability);
        }
    }
    Ok(case.into_decision())
}

/// Decides a batch. Each command is judged on a fork that holds the effects of those before it.
fn decide_batch(
    ledger: &Ledger<'_>,
    commands: &[Command],
    context: &Context<'_>,
    availability: Availability,
) -> Result<Decision, Rejection> {
    if commands.is_empty() || commands.iter().any(|c| matches!(c, Command::Batch(_))) {
        return Err(Rejection::BatchForm);
    }
    if commands.iter().any(Command::is_about_sign_off) {
        return Err(SignOffRejection::NotInBatch.into());
    }
    let mut parts = Parts::new(ledger, context);
    for (index, command) in commands.iter().enumerate() {
        let number = index.saturating_add(1);
        let decision = judge_part(&parts.after, command, context, availability)
            .map_err(|rejection| Rejection::InBatch { number, rejection: Box::new(rejection) })?;
        parts.add(decision);
    }
    let Parts { after, mut whole, .. } = parts;
    let mut case = Case::new(ledger, context);
    case.result_rules(&after, &whole.events, false)?;
    case.warnings.retain(|warning| !whole.warnings.contains(warning));
    whole.warnings.extend(case.warnings);
    Ok(whole)
}
