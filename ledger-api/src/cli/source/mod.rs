//! Where a verb's answers come from: a data folder, or a running server. A verb asks a [`Source`]
//! and makes rows of what it is told; it does not know which of the two it was.

pub(super) mod analyses;
pub(super) mod answer;
pub(super) mod flows;
pub(super) mod folder;
mod outcome;
pub(super) mod question;
mod seen;
pub(super) mod server;
mod signed_in;
pub(super) mod supposing;

use ledger_core::domain::calendar::FinancialYear;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use ledger_core::domain::posting::Posting;
use ledger_core::domain::text::ActorId;
use ledger_core::log::entry::Entry;
use projections::AsAt;
use projections::budget::{BudgetRow, Restated};
use projections::monthly::MonthFigures;
use projections::sign_off_times::By;
use projections::year::Adjustment;

use super::exit::{CliError, Exit};
use analyses::Analyses;
use answer::{
    Answer, Behind, BodyRow, Change, DelegationRow, FundRow, PolicyRow, Posted, Previewed,
    ProgrammeRow, ProposalRow, SignOffTimeRow, Supposed, SystemRow, Underspend,
};
use flows::FlowSource;
use question::{EntryQuestion, Question};

/// A book that can be asked and posted to.
pub(super) trait Source: Analyses + FlowSource {
    /// Planned versus actual of a year.
    fn budget(&self, question: &Question) -> Result<Answer<BudgetRow>, CliError>;

    /// The entries behind its figures, in order of position.
    fn behind(&self, question: &Question) -> Result<Answer<Behind>, CliError>;

    /// The lines that are underspent.
    fn underspends(&self, question: &Question) -> Result<Answer<Underspend>, CliError>;

    /// What would change if everything that waits for sign-off were posted.
    fn if_all_were_posted(&self, as_at: AsAt) -> Result<Answer<Change>, CliError>;

    /// The prior-period adjustments that concern a year.
    fn adjustments(&self, question: &Question) -> Result<Answer<Adjustment>, CliError>;

    /// A year's figures as posted, and with those adjustments.
    fn restated(&self, question: &Question) -> Result<Answer<Restated>, CliError>;

    /// A line's months; none where it was not open then.
    fn months(&self, line: &LineKey, as_at: AsAt)
    -> Result<Option<Answer<MonthFigures>>, CliError>;

    /// The balances of every fund and class, each with those below it.
    fn funds(&self, as_at: AsAt) -> Result<Answer<FundRow>, CliError>;

    /// The programmes, by code.
    fn programmes(&self, as_at: AsAt) -> Result<Answer<ProgrammeRow>, CliError>;

    /// The bodies, by code.
    fn bodies(&self, as_at: AsAt) -> Result<Answer<BodyRow>, CliError>;

    /// The proposals, in the order in which they were made.
    fn proposals(&self, as_at: AsAt) -> Result<Answer<ProposalRow>, CliError>;

    /// How long sign-off took, in order of month, step, tier and approver.
    fn sign_off_times(&self, by: By, as_at: AsAt) -> Result<Answer<SignOffTimeRow>, CliError>;

    /// The integrated care systems, and how each stands in a year.
    fn systems(&self, year: FinancialYear, as_at: AsAt) -> Result<Answer<SystemRow>, CliError>;

    /// The delegations given by then, in order.
    fn delegations(&self, as_at: AsAt) -> Result<Answer<DelegationRow>, CliError>;

    /// The policy in force; no row before the book was opened.
    fn policy(&self, as_at: AsAt) -> Result<Answer<PolicyRow>, CliError>;

    /// Says that entries are about to be taken away. A server writes that down by itself.
    fn exporting(&self) -> Result<(), CliError> {
        Ok(())
    }

    /// The last entry.
    fn head(&self) -> Result<Position, CliError>;

    /// An entry as it is stored; none where there is no such entry.
    fn entry(&self, position: Position) -> Result<Option<Vec<u8>>, CliError>;

    /// Visits entries as they are stored, until `visit` gives false. Gives the last position that
    /// the question reaches.
    fn entries(
        &self,
        question: &EntryQuestion,
        visit: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Position, CliError>;

    /// Posts one after the other, and tells what came of each; what `told` fails with ends it.
    /// Gives the last entry there was before.
    fn post(
        &self,
        actor: Option<&ActorId>,
        postings: Vec<Posting>,
        told: &mut dyn FnMut(Result<Posted, CliError>) -> Result<(), CliError>,
    ) -> Result<Position, CliError>;

    /// What postings would change, had they been made after a moment.
    fn what_if(&self, as_at: AsAt, postings: Vec<Posting>) -> Result<Supposed, CliError>;

    /// Judges postings, each after those before it, and posts nothing. Gives the last entry there
    /// is.
    fn preview(
        &self,
        actor: Option<&ActorId>,
        postings: Vec<Posting>,
    ) -> Result<(Position, Vec<Result<Previewed, CliError>>), CliError>;
}

/// Reads an entry as it is stored.
pub(super) fn read_entry(line: &[u8]) -> Result<Entry<'_>, CliError> {
    Entry::from_line(line)
        .map_err(|error| CliError::new(Exit::VerificationFailed, "DAMAGED", error.to_string()))
}
