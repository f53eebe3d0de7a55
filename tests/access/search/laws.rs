//! What a player's accepted posting may hold.

use std::collections::BTreeSet;

use ledger_core::domain::code::ProgrammeCode;
use ledger_core::domain::command::Targets;
use ledger_core::domain::event::{Event, ProposalEvent};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::movement::Account;

use super::Player;

/// Whether the entry makes a proposal.
pub(super) fn is_proposed(event: &Event) -> bool {
    matches!(event, Event::Proposal(event) if event.proposal().is_none())
}

/// Checks that the events stay within the player's reach.
pub(super) fn check(player: &Player, made: &BTreeSet<u64>, events: &[Event]) -> Result<(), String> {
    for event in events {
        for line in event.lines() {
            reads_line(player, &line)?;
        }
        if let Event::Proposal(event) = event {
            of_proposal(player, made, event)?;
        } else if player.bodies.is_some() {
            registers_nothing(event)?;
            draws_on_named_funds(player, event)?;
        }
    }
    Ok(())
}

/// A line of a programme that the player reads, of a body that the player covers.
fn reads_line(player: &Player, line: &LineKey) -> Result<(), String> {
    if line.programme.as_str().starts_with("SECRET") {
        return Err(format!("{line} is hidden"));
    }
    // What arrives there passes the player's line.
    let holding = [ProgrammeCode::EXCHANGE, ProgrammeCode::SUSPENSE].contains(&line.programme);
    let covers = |bodies: &[&str]| bodies.contains(&line.body.as_str());
    match player.bodies {
        Some(bodies) if !holding && !covers(bodies) => Err(format!("{line} is out of reach")),
        _ => Ok(()),
    }
}

fn registers_nothing(event: &Event) -> Result<(), String> {
    let changes_lines = !event.lines().is_empty();
    if changes_lines || matches!(event, Event::Reversed(_)) {
        return Ok(());
    }
    Err(format!("it concerns more than lines: {event:?}"))
}

fn draws_on_named_funds(player: &Player, event: &Event) -> Result<(), String> {
    for leg in event.legs().iter().filter(|leg| leg.pence.is_negative()) {
        if let Account::Fund(pot) = leg.account
            && !player.funds.contains(&pot.fund.as_str())
        {
            return Err(format!("it draws on {}", pot.fund));
        }
    }
    Ok(())
}

/// A proposal is changed by its maker, within reach of what it proposes. Signing is for approvers.
fn of_proposal(player: &Player, made: &BTreeSet<u64>, event: &ProposalEvent) -> Result<(), String> {
    let command = match event {
        ProposalEvent::Drafted(drafted) => Some(&drafted.command),
        ProposalEvent::Submitted(submitted) => Some(&submitted.command),
        ProposalEvent::Signed(_) | ProposalEvent::Rejected(_) => return Ok(()),
        ProposalEvent::Withdrawn(_)
        | ProposalEvent::ReviewRequested(_)
        | ProposalEvent::Reviewed(_) => None,
    };
    if let Some(proposal) = event.proposal()
        && !made.contains(&proposal.get())
    {
        return Err(format!("proposal {proposal} is another's: {event:?}"));
    }
    let Some(command) = command else { return Ok(()) };
    let targets = Targets::of(command);
    if player.bodies.is_some() && targets.whole_book.is_some() {
        return Err(format!("it proposes what concerns the whole book: {event:?}"));
    }
    targets.lines.iter().try_for_each(|line| reads_line(player, line))
}
