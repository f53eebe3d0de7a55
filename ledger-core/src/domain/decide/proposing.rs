//! Makes, revises, submits and withdraws proposals.

use super::case::Case;
use super::investing::investments;
use super::required::{Making, RequiredSignOff, required_sign_off};
use super::{Context, Decision, Event, Ledger, Rejection, SignOffRejection, judge};
use crate::domain::actor::Tier;
use crate::domain::command::{
    AdoptPolicy, Command, Propose, ReviseProposal, SubmitProposal, Targets, WithdrawProposal,
};
use crate::domain::event::{
    Accrual, Actual, Effect, Events, Figure, Obligation, PolicyAdopted, ProposalDrafted,
    ProposalEvent, ProposalSubmitted, ProposalWithdrawn,
};
use crate::domain::ledger::{Proposal, ProposalStatus};
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::movement::{Account, Leg};
use crate::domain::position::Position;
use crate::domain::sign_off::SignOffReason;

impl Case<'_> {
    /// Emits the policy. Adoption always needs sign-off.
    pub(super) fn adopt_policy(&mut self, command: &AdoptPolicy) {
        let AdoptPolicy { policy, effective } = command.clone();
        self.emit(Event::PolicyAdopted(PolicyAdopted { policy, effective }));
    }

    pub(super) fn propose(&self, command: &Propose) -> Result<Decision, Rejection> {
        let Propose { command, draft } = command;
        if *draft {
            return self.drafted(None, 1, command);
        }
        self.judged(None, 1, command, self.context)
    }

    pub(super) fn submit_proposal(&self, command: &SubmitProposal) -> Result<Decision, Rejection> {
        let SubmitProposal { proposal, version } = *command;
        let found = self.own(proposal)?;
        check_version(proposal, found, version)?;
        if found.status != ProposalStatus::Draft {
            return Err(wrong_stage(proposal, found.status));
        }
        let context = with_citations(self.context, found);
        self.judged(Some(proposal), version, &found.command, &context)
    }

    pub(super) fn revise_proposal(&self, command: &ReviseProposal) -> Result<Decision, Rejection> {
        let ReviseProposal { proposal, version, command } = command;
        let found = self.own(*proposal)?;
        check_version(*proposal, found, *version)?;
        let next = version.saturating_add(1);
        match found.status {
            ProposalStatus::Draft => self.drafted(Some(*proposal), next, command),
            ProposalStatus::Submitted => self.judged(Some(*proposal), next, command, self.context),
            status @ (ProposalStatus::Posted(_)
            | ProposalStatus::Rejected
            | ProposalStatus::Withdrawn) => Err(wrong_stage(*proposal, status)),
        }
    }

    pub(super) fn withdraw_proposal(
        &mut self,
        command: &WithdrawProposal,
    ) -> Result<(), Rejection> {
        let proposal = command.proposal;
        let found = self.own(proposal)?;
        if found.status.is_over() {
            return Err(wrong_stage(proposal, found.status));
        }
        // --- nothing below can fail
        let by = self.context.actor.id.clone();
        let withdrawn = ProposalWithdrawn { proposal, by };
        self.emit(Event::Proposal(ProposalEvent::Withdrawn(withdrawn)));
        Ok(())
    }

    fn drafted(
        &self,
        proposal: Option<Position>,
        version: u32,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        may_propose(command, self.context)?;
        self.check_targets(&Targets::of(command))?;
        let drafted = ProposalDrafted {
            proposal,
            version,
            by: self.context.actor.id.clone(),
            command: Box::new(command.clone()),
            cites_authority: self.context.has_authority,
            cites_evidence: self.context.has_evidence,
        };
        Ok(one_event(ProposalEvent::Drafted(drafted)))
    }

    fn judged(
        &self,
        proposal: Option<Position>,
        version: u32,
        command: &Command,
        context: &Context<'_>,
    ) -> Result<Decision, Rejection> {
        may_propose(command, context)?;
        let decision = judge(self.ledger, command, context)?;
        let making = Making { except: proposal, ..context.making() };
        let mut required = required_sign_off(self.ledger, &decision, making);
        if required.steps.is_empty() {
            let chain = &self.policy.sign_off.chains.proposed;
            required.add(self.ledger, chain, &SignOffReason::Proposed);
        }
        if required.steps.is_empty() {
            // Policy may set a chain without steps, but a proposal needs at least one.
            required.add(self.ledger, &[Tier::Department], &SignOffReason::Proposed);
        }
        required.invests = investments(self.ledger, &decision.events, making);
        Ok(submitted(proposal, version, command, context, decision, required))
    }

    /// The proposal, where the actor made it. It is revised, submitted and withdrawn by nobody
    /// else.
    fn own(&self, proposal: Position) -> Result<&Proposal, Rejection> {
        let found = find(self.ledger, proposal, self.context)?;
        if found.preparers.contains(&self.context.actor.id) {
            Ok(found)
        } else {
            Err(SignOffRejection::NotYours { proposal }.into())
        }
    }

    /// The proposal, where it waits for sign-off and its version is the one read.
    pub(super) fn waiting(&self, proposal: Position, version: u32) -> Result<&Proposal, Rejection> {
        waiting(self.ledger, proposal, version, self.context)
    }
}

/// The proposal, where the actor made it, may read it, or may review it.
fn find<'l>(
    ledger: &'l Ledger<'_>,
    proposal: Position,
    context: &Context<'_>,
) -> Result<&'l Proposal, Rejection> {
    let Context { actor, originals, .. } = *context;
    let seen = |found: &&Proposal| {
        found.preparers.contains(&actor.id)
            || found.reviews.iter().any(|(body, _)| actor.reads.admits_body(*body))
            || actor.reads.admits_command(&found.command, ledger, originals)
    };
    let found = ledger.proposal(proposal).filter(seen);
    found.ok_or_else(|| SignOffRejection::UnknownProposal { proposal }.into())
}

fn check_version(proposal: Position, found: &Proposal, read: u32) -> Result<(), Rejection> {
    let current = found.version;
    if current == read {
        return Ok(());
    }
    Err(SignOffRejection::Superseded { proposal, read, current }.into())
}

pub(super) fn waiting<'l>(
    ledger: &'l Ledger<'_>,
    proposal: Position,
    read: u32,
    context: &Context<'_>,
) -> Result<&'l Proposal, Rejection> {
    let found = find(ledger, proposal, context)?;
    if found.status.is_over() {
        return Err(wrong_stage(proposal, found.status));
    }
    check_version(proposal, found, read)?;
    if found.status == ProposalStatus::Submitted {
        Ok(found)
    } else {
        Err(wrong_stage(proposal, found.status))
    }
}

pub(super) fn wrong_stage(proposal: Position, status: ProposalStatus) -> Rejection {
    let (what, instead) = match status {
        ProposalStatus::Draft => ("is a draft", "submit it first"),
        ProposalStatus::Submitted => ("is submitted", "revise it, or withdraw it"),
        ProposalStatus::Posted(_) => ("is posted", "reverse the entry that posted it"),
        ProposalStatus::Rejected => ("is rejected", "make another proposal"),
        ProposalStatus::Withdrawn => ("is withdrawn", "make another proposal"),
    };
    SignOffRejection::WrongStage { proposal, what, instead }.into()
}

/// Refuses commands about sign-off, and policy unless an administrator proposes it.
pub(super) fn may_propose(command: &Command, context: &Context<'_>) -> Result<(), Rejection> {
    if let Command::Batch(commands) = command {
        return commands.iter().try_for_each(|command| may_propose(command, context));
    }
    if let Command::Correct(correct) = command {
        return may_propose(&correct.replacement, context);
    }
    if matches!(command, Command::AdoptPolicy(_)) && !context.actor.administers {
        return Err(SignOffRejection::NotAdministrator.into());
    }
    if command.is_about_sign_off() {
        return Err(SignOffRejection::NotProposable.into());
    }
    Ok(())
}

/// The context with the proposal's citations added.
pub(super) fn with_citations<'a>(context: &Context<'a>, proposal: &Proposal) -> Context<'a> {
    Context {
        has_authority: context.has_authority || proposal.cites_authority,
        has_evidence: context.has_evidence || proposal.cites_evidence,
        ..*context
    }
}

/// The submission of a judged command. Its warnings stay on the entry.
pub(super) fn submitted(
    proposal: Option<Position>,
    version: u32,
    command: &Command,
    context: &Context<'_>,
    decision: Decision,
    required: RequiredSignOff,
) -> Decision {
    let submitted = ProposalSubmitted {
        proposal,
        version,
        by: context.actor.id.clone(),
        command: Box::new(command.clone()),
        cites_authority: context.has_authority,
        cites_evidence: context.has_evidence,
        steps: required.steps,
        effects: effects(&decision.events),
        invests: required.invests,
    };
    let warnings = decision.warnings;
    Decision { warnings, ..one_event(ProposalEvent::Submitted(submitted)) }
}

pub(super) fn one_event(event: ProposalEvent) -> Decision {
    Decision { events: Events::from_iter([Event::Proposal(event)]), ..Decision::default() }
}

/// The effects of events: each figure of each account once.
pub fn effects(events: &[Event]) -> Vec<Effect> {
    let mut changes: Vec<Effect> = Vec::new();
    let mut add = |figure: Figure, account: Account, pence: Pence| {
        changes.push(Effect { figure, leg: Leg { account, pence } });
    };
    for event in events {
        for Leg { account, pence } in event.legs() {
            if !matches!(account, Account::Outside(_)) {
                add(Figure::Budget, *account, *pence);
            }
        }
        let mut on_line = |figure, line: &LineKey, pence| add(figure, Account::Line(*line), pence);
        let discharges = match event {
            Event::Committed(Obligation { line, pence, .. }) => {
                on_line(Figure::Committed, line, *pence);
                None
            }
            Event::CommitmentReleased(Obligation { line, pence, .. }) => {
                on_line(Figure::Committed, line, pence.negated());
                None
            }
            Event::AccrualReleased(Obligation { line, pence, .. }) => {
                on_line(Figure::Accrued, line, pence.negated());
                None
            }
            Event::Accrued(Accrual { line, pence, discharges, .. }) => {
                on_line(Figure::Accrued, line, *pence);
                discharges.as_ref().map(|discharge| (line, discharge))
            }
            Event::ActualRecorded(Actual { line, pence, discharges, .. }) => {
                on_line(Figure::Actual, line, *pence);
                discharges.as_ref().map(|discharge| (line, discharge))
            }
            Event::BookOpened(_)
            | Event::BodyRegistered(_)
            | Event::BodyClosed(_)
            | Event::BodiesMerged(_)
            | Event::ProgrammeOpened(_)
            | Event::ProgrammeRenamed(_)
            | Event::ProgrammeClosed(_)
            | Event::ProgrammeCancelled(_)
            | Event::ProgrammeReinstated(_)
            | Event::FundEstablished(_)
            | Event::FundingSettled(_)
            | Event::Earmarked(_)
            | Event::FundCancelled(_)
            | Event::Cut(_)
            | Event::Reallocated(_)
            | Event::Withdrawn(_)
            | Event::LineSplit(_)
            | Event::BudgetExchanged(_)
            | Event::ForecastRevised(_)
            | Event::ForecastWithdrawn(_)
            | Event::UnderspendExplained(_)
            | Event::ProfileSet(_)
            | Event::BaselineStruck(_)
            | Event::BaselineWithdrawn(_)
            | Event::PeriodClosed(_)
            | Event::PeriodReopened(_)
            | Event::Reversed(_)
            | Event::Proposal(_)
            | Event::Delegation(_)
            | Event::OffsetLinked(_)
            | Event::ScopeDefined(_)
            | Event::FigurePublished(_)
            | Event::Allocated(_)
            | Event::PolicyAdopted(_) => None,
        };
        if let Some((line, discharge)) = discharges {
            on_line(Figure::of(discharge.kind), line, discharge.pence.negated());
        }
    }
    let mut effects = Effect::summed(changes);
    effects.retain(|effect| !effect.leg.pence.is_zero());
    effects
}
