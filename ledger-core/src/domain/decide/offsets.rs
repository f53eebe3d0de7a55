//! Offsets: improvements linked to the deteriorations they compensate.

use super::case::{Case, positive};
use super::{Event, Rejection, SignOffRejection};
use crate::domain::code::BodyCode;
use crate::domain::command::LinkOffset;
use crate::domain::event::OffsetLinked;
use crate::domain::money::Pence;

impl Case<'_> {
    /// Links an improvement of another provider of the system, up to the part not yet linked.
    pub(super) fn link_offset(&mut self, command: &LinkOffset) -> Result<(), Rejection> {
        let LinkOffset { year, deteriorated, by, amount } = *command;
        positive(amount)?;
        for body in [deteriorated, by] {
            self.body(body)?;
        }
        let system = self.ledger.system_of(deteriorated);
        let is_neighbour = |system: &BodyCode| {
            self.ledger.system_of(by) == Some(*system) && by != deteriorated && by != *system
        };
        let Some(system) = system.filter(is_neighbour) else {
            let (body, other) = (deteriorated, by);
            return Err(SignOffRejection::NotOneSystem { body, other }.into());
        };
        if !self.ledger.deterioration(deteriorated, year).is_positive() {
            return Err(SignOffRejection::NotDeteriorated { body: deteriorated, year }.into());
        }
        let improvement = self.ledger.deterioration(by, year).negated().max(Pence::ZERO);
        // An improvement is free again once its deterioration has gone.
        let standing = self.ledger.standing(system, year);
        let offsets = standing.deteriorations.iter().flat_map(|found| &found.offsets);
        let of_improver = offsets.filter(|(improver, _)| *improver == by);
        let linked = Pence::sum(of_improver.map(|(_, pence)| *pence));
        if linked.plus(amount) > improvement {
            let body = by;
            return Err(
                SignOffRejection::BeyondImprovement { body, year, improvement, linked }.into()
            );
        }
        // --- nothing below can fail
        self.emit(Event::OffsetLinked(OffsetLinked { year, deteriorated, by, pence: amount }));
        Ok(())
    }
}
