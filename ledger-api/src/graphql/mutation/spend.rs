//! Spend: commit, release, accrue, record.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::figures::BudgetClass;
use crate::graphql::posting::{Malformed, PostingPayload, submit};
use crate::graphql::scalars::{Line, MoneyGbp, Ref, Year, YearMonth};

/// Commit money: it is promised to somebody.
#[derive(InputObject)]
pub(super) struct Commit {
    /// The line.
    line: Line,
    /// The effective month.
    month: YearMonth,
    /// How much.
    amount: MoneyGbp,
    /// A reference that no other commitment or accrual has.
    reference: Ref,
}

impl CommandInput for Commit {
    fn command(self) -> Result<Command, Malformed> {
        let Commit { line, month, amount, reference } = self;
        let (line, month, amount, reference) = (line.0, month.0, amount.0, reference.0);
        Ok(command::Commit { line, month, amount, reference }.into())
    }
}

mutation_input!(
    /// Money to commit, and what the posting says about itself.
    CommitInput(Commit)
);

/// Release an open commitment or accrual without spend.
#[derive(InputObject)]
pub(super) struct ReleaseCommitment {
    /// Its reference.
    reference: Ref,
    /// The effective month.
    month: YearMonth,
    /// How much of it; all that is open where left out.
    amount: Option<MoneyGbp>,
}

impl CommandInput for ReleaseCommitment {
    fn command(self) -> Result<Command, Malformed> {
        let ReleaseCommitment { reference, month, amount } = self;
        let amount = amount.map(Into::into);
        Ok(command::ReleaseCommitment { reference: reference.0, month: month.0, amount }.into())
    }
}

mutation_input!(
    /// What to release, and what the posting says about itself.
    ReleaseCommitmentInput(ReleaseCommitment)
);

/// Accrue spend that is not yet paid.
#[derive(InputObject)]
pub(super) struct Accrue {
    /// The line.
    line: Line,
    /// The effective month.
    month: YearMonth,
    /// How much.
    amount: MoneyGbp,
    /// A reference that no other commitment or accrual has.
    reference: Ref,
    /// The commitment it discharges.
    discharges: Option<Ref>,
    /// The closed year it concerns, where it is a prior-period adjustment.
    concerns: Option<Year>,
}

impl CommandInput for Accrue {
    fn command(self) -> Result<Command, Malformed> {
        let Accrue { line, month, amount, reference, discharges, concerns } = self;
        Ok(command::Accrue {
            line: line.0,
            month: month.0,
            amount: amount.0,
            reference: reference.0,
            discharges: discharges.map(Into::into),
            concerns: concerns.map(Into::into),
        }
        .into())
    }
}

mutation_input!(
    /// Spend to accrue, and what the posting says about itself.
    AccrueInput(Accrue)
);

/// Record actual spend. It is a fact: never refused for want of budget, but warned about.
#[derive(InputObject)]
pub(super) struct RecordActual {
    /// The line.
    line: Line,
    /// The effective month.
    month: YearMonth,
    /// How much; a credit is negative.
    amount: MoneyGbp,
    /// The payment's own number.
    transaction: Option<Ref>,
    /// The class it was accounted in, where that is not the line's.
    accounting_class: Option<BudgetClass>,
    /// The commitment or accrual it discharges.
    discharges: Option<Ref>,
    /// The closed year it concerns, where it is a prior-period adjustment; without it, all of it
    /// concerns that of the accrual that it discharges.
    concerns: Option<Year>,
}

impl CommandInput for RecordActual {
    fn command(self) -> Result<Command, Malformed> {
        let RecordActual { line, month, amount, transaction, accounting_class, .. } = self;
        Ok(command::RecordActual {
            line: line.0,
            month: month.0,
            amount: amount.0,
            transaction: transaction.map(Into::into),
            accounting_class: accounting_class.map(Into::into),
            discharges: self.discharges.map(Into::into),
            concerns: self.concerns.map(Into::into),
        }
        .into())
    }
}

mutation_input!(
    /// Spend to record, and what the posting says about itself.
    RecordActualInput(RecordActual)
);

#[derive(Debug, Default)]
pub(super) struct SpendMutation;

#[Object]
impl SpendMutation {
    /// Commit money: it is promised to somebody.
    async fn commit(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to commit, and why.")] input: CommitInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Release an open commitment or accrual, or part of it, without spend.
    async fn release_commitment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to release, and why.")] input: ReleaseCommitmentInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Accrue spend that is not yet paid.
    async fn accrue(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to accrue, and why.")] input: AccrueInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }

    /// Record actual spend; a credit is negative.
    async fn record_actual(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What was spent, and why it is posted.")] input: RecordActualInput,
    ) -> Result<PostingPayload> {
        let (fields, posting) = input.parts();
        submit(context, fields.command(), posting).await
    }
}
