//! What a book tells, whichever way it was asked.

use chrono::NaiveDate;
use ledger_core::domain::actor::{Capacity, Tier};
use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::code::{BodyCode, FundCode, ProgrammeCode};
use ledger_core::domain::event::{BodyKind, UnderspendCause};
use ledger_core::domain::ledger::ProposalStatus;
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::sign_off::Regime;
use ledger_core::domain::text::ActorId;
use projections::funds::FundBalance;
use projections::proposals::Proposal;
use projections::register::ProgrammeStatus;
use projections::sign_off_times::SignOffTime;
use projections::systems::Standing;
use projections::year::Contribution;
use projections::{Adopted, ReadModels};
use rust_decimal::Decimal;

use crate::cli::exit::CliError;
use crate::describe;

/// Rows, all of them as at one position.
pub(in crate::cli) struct Answer<T> {
    pub(in crate::cli) position: Position,
    pub(in crate::cli) rows: Vec<T>,
}

/// An entry's part in a figure, and when it was recorded.
pub(in crate::cli) struct Behind {
    pub(in crate::cli) contribution: Contribution,
    pub(in crate::cli) recorded: Option<Timestamp>,
}

/// A line's underspend, and what has been said about it.
pub(in crate::cli) struct Underspend {
    pub(in crate::cli) line: LineKey,
    pub(in crate::cli) underspend: Pence,
    pub(in crate::cli) reasons: Vec<UnderspendReason>,
    pub(in crate::cli) unexplained: Pence,
}

/// A reason given for part of an underspend, and the entry that says so.
pub(in crate::cli) struct UnderspendReason {
    pub(in crate::cli) cause: UnderspendCause,
    pub(in crate::cli) pence: Pence,
    pub(in crate::cli) position: Position,
}

/// A fund's money in one class, with that of the funds below it.
pub(in crate::cli) struct FundRow {
    pub(in crate::cli) code: FundCode,
    pub(in crate::cli) name: String,
    pub(in crate::cli) parent: Option<FundCode>,
    /// None where the fund has no money in any class.
    pub(in crate::cli) balance: Option<(BudgetClass, FundBalance)>,
}

/// A programme.
pub(in crate::cli) struct ProgrammeRow {
    pub(in crate::cli) code: ProgrammeCode,
    pub(in crate::cli) name: Option<String>,
    pub(in crate::cli) parent: Option<ProgrammeCode>,
    pub(in crate::cli) status: Option<ProgrammeStatus>,
}

/// An organisation.
pub(in crate::cli) struct BodyRow {
    pub(in crate::cli) code: BodyCode,
    pub(in crate::cli) name: String,
    pub(in crate::cli) kind: BodyKind,
    pub(in crate::cli) parent: Option<BodyCode>,
    pub(in crate::cli) opened_on: Option<NaiveDate>,
    pub(in crate::cli) closed_on: Option<NaiveDate>,
    pub(in crate::cli) successor: Option<BodyCode>,
}

/// What deserves a look about a posting.
pub(in crate::cli) struct Noted {
    pub(in crate::cli) code: String,
    pub(in crate::cli) message: String,
}

/// What postings would change, had they been made after an entry.
pub(in crate::cli) struct Supposed {
    /// The last entry that has happened.
    pub(in crate::cli) from: Position,
    /// The entry each would be, or why it would be refused.
    pub(in crate::cli) outcomes: Vec<Result<Position, CliError>>,
    pub(in crate::cli) changes: Vec<Change>,
}

/// An entry that is durable.
pub(in crate::cli) struct Posted {
    pub(in crate::cli) position: Position,
    pub(in crate::cli) recorded: Timestamp,
    pub(in crate::cli) warnings: Vec<Noted>,
    /// The proposal that it is, or is about, where that waits for sign-off.
    pub(in crate::cli) waits: Option<Position>,
    /// Whether an earlier request had posted it under the same key.
    pub(in crate::cli) replayed: bool,
}

/// A figure that a posting would change.
pub(in crate::cli) struct Change {
    pub(in crate::cli) account: String,
    pub(in crate::cli) figure: String,
    pub(in crate::cli) before: Pence,
    pub(in crate::cli) after: Pence,
}

/// What a posting would do.
pub(in crate::cli) struct Previewed {
    pub(in crate::cli) changes: Vec<Change>,
    pub(in crate::cli) warnings: Vec<Noted>,
    /// The entry that this key has posted already, if it has.
    pub(in crate::cli) posted: Option<Position>,
}

/// A proposal.
pub(in crate::cli) struct ProposalRow {
    pub(in crate::cli) number: Position,
    pub(in crate::cli) version: u32,
    pub(in crate::cli) status: String,
    pub(in crate::cli) proposes: String,
    pub(in crate::cli) preparers: Vec<String>,
    /// The step it waits for, if it waits.
    pub(in crate::cli) waits: Option<Waits>,
}

/// A step of sign-off that a proposal waits for.
pub(in crate::cli) struct Waits {
    pub(in crate::cli) tier: Tier,
    pub(in crate::cli) body: BodyCode,
    pub(in crate::cli) since: Timestamp,
    pub(in crate::cli) rule: String,
    pub(in crate::cli) limit: Option<Pence>,
    /// Since when the rule holds with this limit.
    pub(in crate::cli) rule_since: Option<Timestamp>,
}

/// How long the signatures of a month, a step and a tier took, in hours; those of one approver
/// where they are told apart.
pub(in crate::cli) struct SignOffTimeRow {
    pub(in crate::cli) year: FinancialYear,
    pub(in crate::cli) month: Month,
    pub(in crate::cli) step: u32,
    pub(in crate::cli) tier: Tier,
    pub(in crate::cli) approver: Option<String>,
    pub(in crate::cli) signatures: u64,
    pub(in crate::cli) total: Decimal,
    pub(in crate::cli) average: Decimal,
    pub(in crate::cli) longest: Decimal,
}

/// An integrated care system; of one with several deteriorations, a row for each.
pub(in crate::cli) struct SystemRow {
    pub(in crate::cli) icb: BodyCode,
    pub(in crate::cli) regime: String,
    /// The body, by how much its forecast is above its budget, and what nothing compensates.
    pub(in crate::cli) deteriorated: Option<(BodyCode, Pence, Pence)>,
}

/// A delegation.
pub(in crate::cli) struct DelegationRow {
    pub(in crate::cli) number: Position,
    pub(in crate::cli) from: ActorId,
    pub(in crate::cli) to: ActorId,
    pub(in crate::cli) capacity: Capacity,
    pub(in crate::cli) begins: Timestamp,
    pub(in crate::cli) ends: Timestamp,
    /// The entry that ended it before its time.
    pub(in crate::cli) ended: Option<Position>,
    /// Whether its giver is known to have lost the role; none as at a named moment.
    pub(in crate::cli) lapsed: Option<bool>,
}

/// A policy.
pub(in crate::cli) struct PolicyRow {
    pub(in crate::cli) recorded_by: Position,
    pub(in crate::cli) effective: Option<Timestamp>,
    pub(in crate::cli) canonical: String,
}

impl ProposalRow {
    pub(in crate::cli) fn of(found: &Proposal<'_>, models: &ReadModels) -> Self {
        let waits = found.waits_for().and_then(|taken| {
            let (since, step) = (taken.since?, taken.step);
            let (rule, limit) = (step.because.rule().to_owned(), step.because.limit());
            let rule_since = models.rules_since(found.made_by);
            Some(Waits { tier: step.tier, body: step.body, since, rule, limit, rule_since })
        });
        let status = match found.status {
            ProposalStatus::Draft => "draft",
            ProposalStatus::Submitted => "submitted",
            ProposalStatus::Posted(_) => "posted",
            ProposalStatus::Rejected => "rejected",
            ProposalStatus::Withdrawn => "withdrawn",
        };
        ProposalRow {
            number: found.id,
            version: found.version,
            status: status.to_owned(),
            proposes: describe::command(found.command),
            preparers: found.preparers.iter().map(ToString::to_string).collect(),
            waits,
        }
    }
}

impl From<&SignOffTime> for SignOffTimeRow {
    fn from(time: &SignOffTime) -> Self {
        SignOffTimeRow {
            year: time.year,
            month: time.month,
            step: time.step,
            tier: time.tier,
            approver: time.approver.as_ref().map(ToString::to_string),
            signatures: time.signatures,
            total: time.total_hours(),
            average: time.average_hours(),
            longest: time.longest_hours(),
        }
    }
}

impl SystemRow {
    /// A row for each deterioration, or one where there is none.
    pub(in crate::cli) fn of(
        icb: BodyCode,
        regime: &str,
        deteriorated: impl Iterator<Item = (BodyCode, Pence, Pence)>,
    ) -> Vec<Self> {
        let row = |deteriorated| SystemRow { icb, regime: regime.to_owned(), deteriorated };
        let rows: Vec<SystemRow> = deteriorated.map(|found| row(Some(found))).collect();
        if rows.is_empty() { vec![row(None)] } else { rows }
    }

    pub(in crate::cli) fn of_standing(icb: BodyCode, standing: &Standing) -> Vec<Self> {
        let regime = match standing.regime {
            Regime::None => "none",
            Regime::ProviderDeteriorated => "providerDeteriorated",
            Regime::SystemDeficit => "systemDeficit",
        };
        let found = standing.deteriorations.iter();
        SystemRow::of(icb, regime, found.map(|one| (one.body, one.pence, one.uncompensated())))
    }
}

impl From<&Adopted> for PolicyRow {
    fn from(adopted: &Adopted) -> Self {
        PolicyRow {
            recorded_by: adopted.recorded_by,
            effective: adopted.effective,
            canonical: serde_json::to_string(&adopted.policy).unwrap_or_default(),
        }
    }
}
