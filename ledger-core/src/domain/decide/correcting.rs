//! Corrections: a reversal and its replacement as one entry.

use super::case::Case;
use super::parts::Parts;
use super::{Availability, Context, Decision, Ledger, Rejection, judge_part};
use crate::domain::command::{Command, Correct, Reverse};
use crate::domain::event::{Event, changed};
use crate::domain::ledger::Obligation;
use crate::domain::rejection::{PlanRejection, SignOffRejection};
use crate::domain::text::Reference;

/// Decides a correction. The replacement is judged after the reversal. What is available is judged
/// once, on the state that results: budget that was partly spent may be corrected to what is left.
pub(super) fn correct(
    ledger: &Ledger<'_>,
    command: &Correct,
    context: &Context<'_>,
) -> Result<Decision, Rejection> {
    let Correct { entry, replacement } = command;
    let parts = if let Command::Batch(commands) = &**replacement {
        commands.as_slice()
    } else {
        std::slice::from_ref(&**replacement)
    };
    if parts.iter().any(|part| matches!(part, Command::Correct(_))) {
        return Err(PlanRejection::NestedCorrection.into());
    }
    if parts.iter().any(Command::is_about_sign_off) {
        return Err(SignOffRejection::NotInBatch.into());
    }
    let reversal = Command::Reverse(Reverse { entry: *entry });
    let mut decided = Parts::new(ledger, context);
    for part in [&reversal, &**replacement] {
        let decision = judge_part(&decided.after, part, context, Availability::Together)?;
        decided.add(decision);
    }
    let Parts { after, mut whole, .. } = decided;
    let mut case = Case::new(ledger, context);
    case.result_rules(&after, &whole.events, false)?;
    case.fund_rules(&after, &whole.events)?;
    whole.warnings.append(&mut case.warnings);
    Ok(whole)
}

impl Case<'_> {
    /// Whether a reference is that of the commitment or accrual being corrected, which keeps it.
    pub(super) fn replaces(&self, reference: &Reference, taken: &Obligation) -> bool {
        let corrected = self.context.originals.iter().flat_map(|original| &original.events);
        let mut made = corrected.filter(|event| {
            matches!(event, Event::Committed(made) if made.reference == *reference)
                || matches!(event, Event::Accrued(made) if made.reference == *reference)
        });
        let is_undone = taken.open.is_zero() && taken.concerns.is_none();
        self.availability == Availability::Together && is_undone && made.next().is_some()
    }

    /// Checks, on the state after some events, that no fund gave more than it has.
    fn fund_rules(&mut self, after: &Ledger<'_>, events: &[Event]) -> Result<(), Rejection> {
        for pot in changed(events).1 {
            let left = after.unallocated(pot);
            let pence = self.ledger.unallocated(pot).minus(left);
            self.may_leave_fund(pot, pence, left)?;
        }
        Ok(())
    }
}
