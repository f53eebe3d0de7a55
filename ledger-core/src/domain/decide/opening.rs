//! Opening a year: the lines of the year before, at 0.00 or with recurring budget.

use super::Rejection;
use super::case::Case;
use crate::domain::code::{BodyCode, ProgrammeCode};
use crate::domain::command::{Allocate, LineAmount, OpenYear};
use crate::domain::line::LineKey;
use crate::domain::money::Pence;
use crate::domain::rejection::PlanRejection;

impl Case<'_> {
    /// Opens lines by one allocation, so every rule of allocations applies. Lines that are open
    /// already stay as they are; those of an ended programme or body are left out.
    pub(super) fn open_year(&mut self, command: &OpenYear) -> Result<(), Rejection> {
        let OpenYear { from, fund, recurring, programme, body, month } = *command;
        if let Some(programme) = programme {
            self.programme(programme)?;
        }
        if let Some(body) = body {
            self.body(body)?;
        }
        let mut lines = self.ledger.line_keys();
        lines.retain(|line| line.year == from && self.rolls(line, programme, body));
        let to = lines.into_iter().filter_map(|line| {
            let revised = self.ledger.line(&line)?.revised.max(Pence::ZERO);
            let amount = if recurring { revised } else { Pence::ZERO };
            let line = line.in_year(from.next());
            let is_new = self.ledger.line(&line).is_none();
            (is_new && self.may_receive(&line, month).is_ok())
                .then_some(LineAmount { line, amount })
        });
        let to: smallvec::SmallVec<[LineAmount; 1]> = to.collect();
        if to.is_empty() {
            self.known_fund(fund)?;
            return Err(PlanRejection::NothingToOpen { from }.into());
        }
        self.allocate(&Allocate { fund, class: None, month, to, concerns: None })
    }

    /// Whether a line is below the programme and body named. Restricted programmes are opened only
    /// by name, since other preparers may not know them. Suspense opens when money comes.
    fn rolls(
        &self,
        line: &LineKey,
        programme: Option<ProgrammeCode>,
        body: Option<BodyCode>,
    ) -> bool {
        let programmes = || {
            std::iter::successors(Some(line.programme), |code| self.ledger.programme(*code)?.parent)
        };
        let of_programme = match programme {
            Some(named) => programmes().any(|code| code == named),
            None => !programmes().any(|code| self.policy.restricted.contains(&code)),
        };
        let of_body =
            body.is_none_or(|named| self.ledger.counted_with(line.body).any(|code| code == named));
        of_programme && of_body && !line.is_suspense()
    }
}
