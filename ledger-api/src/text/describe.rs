//! Events in words, a line each, for lists and logs.

use ledger_core::domain::actor::Capacity;
use ledger_core::domain::claim::Figure;
use ledger_core::domain::command::Command;
use ledger_core::domain::event::{
    DelegationEvent, DelegationGiven, Discharge, Event, ForecastWithdrawn, Obligation,
    OffsetLinked, ProposalEvent, ProposalSigned, ProposalSubmitted, ReviewOutcome, Series,
};
use ledger_core::domain::money::Pence;
use ledger_core::domain::movement::{Account, Leg, Outside};
use ledger_core::domain::sign_off::Step;

/// An event in words.
pub fn event(event: &Event) -> String {
    match event {
        Event::BookOpened(opened) => {
            format!("book {} opened for {}", opened.book, opened.department)
        }
        Event::BodyRegistered(body) => format!("body {} registered: {}", body.code, body.name),
        Event::BodyClosed(closed) => format!("body {} closed on {}", closed.code, closed.on),
        Event::BodiesMerged(merged) => {
            let from: Vec<String> = merged.from.iter().map(ToString::to_string).collect();
            format!("bodies {} merged into {} on {}", from.join(", "), merged.into, merged.on)
        }
        Event::ProgrammeOpened(opened) => {
            format!("programme {} opened: {}", opened.code, opened.name)
        }
        Event::ProgrammeRenamed(renamed) => {
            format!("programme {} renamed: {}", renamed.code, renamed.name)
        }
        Event::ProgrammeClosed(closed) => format!("programme {} closed", closed.code),
        Event::ProgrammeCancelled(cancelled) => {
            let codes: Vec<String> = cancelled.programmes.iter().map(ToString::to_string).collect();
            format!("programme {} cancelled", codes.join(", "))
        }
        Event::ProgrammeReinstated(cancelled) => {
            let codes: Vec<String> = cancelled.programmes.iter().map(ToString::to_string).collect();
            format!("programme {} reinstated", codes.join(", "))
        }
        Event::FundEstablished(fund) => format!("fund {} established: {}", fund.code, fund.name),
        Event::FundingSettled(settled) => {
            format!("settled for {} to {}: {}", settled.from, settled.to, legs(&settled.legs))
        }
        Event::Earmarked(earmarked) => format!("earmarked: {}", legs(&earmarked.legs)),
        Event::FundCancelled(cancelled) => {
            format!("fund {} cancelled: {}", cancelled.fund, legs(&cancelled.legs))
        }
        Event::Allocated(movement) => {
            format!("allocated {}: {}", movement.month, legs(&movement.legs))
        }
        Event::Cut(movement) => format!("cut {}: {}", movement.month, legs(&movement.legs)),
        Event::Reallocated(movement) => {
            format!("reallocated {}: {}", movement.month, legs(&movement.legs))
        }
        Event::Withdrawn(movement) => {
            format!("withdrawn {}: {}", movement.month, legs(&movement.legs))
        }
        Event::LineSplit(movement) => format!("split {}: {}", movement.month, legs(&movement.legs)),
        Event::BudgetExchanged(movement) => {
            format!("exchanged {}: {}", movement.month, legs(&movement.legs))
        }
        Event::Committed(made) => obligation("committed", made),
        Event::CommitmentReleased(released) => obligation("commitment released", released),
        Event::AccrualReleased(released) => obligation("accrual released", released),
        Event::Accrued(accrual) => format!(
            "accrued {} {} as {} on {}{}",
            accrual.month,
            pounds(accrual.pence),
            accrual.reference,
            accrual.line,
            discharge(accrual.discharges.as_ref())
        ),
        Event::ActualRecorded(actual) => format!(
            "actual {} {} on {}{}",
            actual.month,
            pounds(actual.pence),
            actual.line,
            discharge(actual.discharges.as_ref())
        ),
        Event::ForecastRevised(forecast) => {
            let (series, amount) = (series(forecast.series), pounds(forecast.pence));
            format!("{series} {} {amount} for {}", forecast.month, forecast.line)
        }
        Event::ForecastWithdrawn(withdrawn) => {
            let ForecastWithdrawn { entry, line, month, series: of, .. } = withdrawn;
            format!("{} {month} for {line} withdrawn, which entry {entry} stated", series(*of))
        }
        Event::UnderspendExplained(explained) => {
            let cause = format!("{:?}", explained.cause).to_lowercase();
            format!(
                "underspend of {} explained: {cause} {}",
                explained.line,
                pounds(explained.pence)
            )
        }
        Event::ProfileSet(set) => format!("profile of {} set", set.line),
        Event::BaselineStruck(struck) => {
            format!("baseline {} of {} struck", struck.name, struck.year)
        }
        Event::BaselineWithdrawn(withdrawn) => {
            format!("baseline {} of {} withdrawn", withdrawn.name, withdrawn.year)
        }
        Event::PeriodClosed(closed) => {
            let month = closed.month.map(|month| format!(" {month}")).unwrap_or_default();
            format!(
                "{}{month} closed {}",
                closed.year,
                format!("{:?}", closed.close).to_lowercase()
            )
        }
        Event::PeriodReopened(reopened) => format!("{} {} reopened", reopened.year, reopened.month),
        Event::Reversed(reversed) => format!("entry {} reversed", reversed.entry),
        Event::PolicyAdopted(adopted) => {
            format!("policy adopted, holding since {}", adopted.effective)
        }
        Event::Proposal(event) => proposal(event),
        Event::Delegation(DelegationEvent::Given(given)) => {
            let DelegationGiven { from, to, capacity, begins, ends } = given;
            let Capacity { tier, body } = capacity;
            format!("{from} lets {to} sign as {tier} {body} from {begins} until {ends}")
        }
        Event::Delegation(DelegationEvent::Ended(ended)) => {
            format!("delegation {} ended", ended.delegation)
        }
        Event::OffsetLinked(linked) => {
            let OffsetLinked { year, deteriorated, by, pence } = linked;
            format!("{} of {by} offsets {deteriorated} in {year}", pounds(*pence))
        }
        Event::ScopeDefined(defined) => format!("scope {} defined: {}", defined.code, defined.name),
        Event::FigurePublished(published) => format!(
            "figure {} published on {}: {}, {}",
            published.code,
            published.published_on,
            published.title,
            figure(&published.figure)
        ),
    }
}

/// A published figure and its precision.
pub fn figure(figure: &Figure) -> String {
    match figure {
        Figure::Exact(pence) => pounds(*pence),
        Figure::About(pence) => format!("about {}", pounds(*pence)),
        Figure::AtLeast(pence) => format!("at least {}", pounds(*pence)),
        Figure::Range(range) => format!("{} to {}", pounds(range.low), pounds(range.high)),
        Figure::Unquantified(words) => format!("unquantified: \"{words}\""),
    }
}

fn proposal(event: &ProposalEvent) -> String {
    match event {
        ProposalEvent::Drafted(drafted) => {
            format!("version {} drafted: {}", drafted.version, command(&drafted.command))
        }
        ProposalEvent::Submitted(submitted) => {
            let ProposalSubmitted { version, command: proposed, steps, .. } = submitted;
            let waits: Vec<String> = steps.iter().map(signer).collect();
            format!("version {version} waits for {}: {}", waits.join(", then "), command(proposed))
        }
        ProposalEvent::Signed(signed) => {
            let ProposalSigned { proposal, version, by, capacity, posts, .. } = signed;
            let Capacity { tier, body } = capacity;
            let posts = if *posts { ", and posted" } else { "" };
            format!(
                "version {version} of proposal {proposal} signed by {by} as {tier} {body}{posts}"
            )
        }
        ProposalEvent::Rejected(rejected) => {
            let Capacity { tier, body } = rejected.capacity;
            format!("proposal {} rejected as {tier} {body}", rejected.proposal)
        }
        ProposalEvent::Withdrawn(withdrawn) => format!("proposal {} withdrawn", withdrawn.proposal),
        ProposalEvent::ReviewRequested(requested) => {
            format!("{} asked to review proposal {}", requested.body, requested.proposal)
        }
        ProposalEvent::Reviewed(reviewed) => {
            let outcome = match reviewed.outcome {
                ReviewOutcome::Supported => "supported",
                ReviewOutcome::SupportedWithChanges => "supported with changes",
                ReviewOutcome::NotSupported => "not supported",
            };
            format!("proposal {} {outcome} by {}", reviewed.proposal, reviewed.body)
        }
    }
}

/// Who signs a step, such as `department XDH`.
pub(crate) fn signer(step: &Step) -> String {
    format!("{} {}", step.tier, step.body)
}

/// A step of sign-off: its tier and body, its rule, and the limit exceeded.
pub fn step(step: &Step) -> String {
    let Step { tier, body, because } = step;
    let limit = because.limit().map(|limit| format!(" over {}", pounds(limit)));
    format!("{tier} {body} by {}{}", because.rule(), limit.unwrap_or_default())
}

/// The name of a command as in posting files; of a batch, the names of its commands.
pub fn command(command: &Command) -> String {
    if let Command::Batch(commands) = command {
        return commands.iter().map(self::command).collect::<Vec<_>>().join(", ");
    }
    let written = serde_json::to_value(command).ok();
    let name = written.as_ref().and_then(|value| value.as_object()?.keys().next().cloned());
    name.unwrap_or_default()
}

/// An amount for people: `-£1,200.50`.
pub fn pounds(pence: Pence) -> String {
    format!("{pence:#}")
}

fn legs(legs: &[Leg]) -> String {
    let leg = |leg: &Leg| {
        let account = match leg.account {
            Account::Line(line) => line.to_string(),
            Account::Fund(pot) => format!("fund {pot}"),
            Account::Outside(Outside::Treasury) => "Treasury".to_owned(),
            Account::Outside(Outside::ExistingBudgets) => "existing budgets".to_owned(),
        };
        format!("{account} {}", pounds(leg.pence))
    };
    legs.iter().map(leg).collect::<Vec<_>>().join(", ")
}

const fn series(series: Series) -> &'static str {
    match series {
        Series::Reported => "forecast",
        Series::Internal => "internal forecast",
    }
}

fn obligation(what: &str, obligation: &Obligation) -> String {
    let Obligation { line, month, reference, pence } = obligation;
    format!("{what} {month} {} as {reference} on {line}", pounds(*pence))
}

fn discharge(discharge: Option<&Discharge>) -> String {
    discharge
        .map(|discharge| {
            format!(", discharging {} of {}", pounds(discharge.pence), discharge.reference)
        })
        .unwrap_or_default()
}
