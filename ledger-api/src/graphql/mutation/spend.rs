//! Spend: commit, release, accrue, record.

use async_graphql::{Context, InputObject, Object, Result};
use ledger_core::domain::command::{self, Command};

use super::input::{CommandInput, MutationInput, mutation_input};
use crate::graphql::budget::figures::BudgetClass;
use crate::graphql::kit::scalars::{Line, MoneyGbp, Ref, Year, YearMonth};
use crate::graphql::mutation::posting::{FieldError, PostingPayload, submit};

/// Commit money: promise it to a supplier or partner.
#[derive(InputObject)]
pub(crate) struct Commit {
    /// The line.
    line: Line,
    /// The effective month.
    month: YearMonth,
    /// The amount.
    amount: MoneyGbp,
    /// The reference, unique among commitments and accruals.
    reference: Ref,
}

impl CommandInput for Commit {
    fn command(self) -> Result<Command, FieldError> {
        let Commit { line, month, amount, reference } = self;
        let (line, month, amount, reference) = (line.0, month.0, amount.0, reference.0);
        Ok(command::Commit { line, month, amount, reference }.into())
    }
}

mutation_input!(
    /// The money to commit, and the posting fields.
    CommitInput(Commit)
);

/// Release an open commitment or accrual without spend.
#[derive(InputObject)]
pub(crate) struct ReleaseCommitment {
    /// The reference of the commitment or accrual.
    reference: Ref,
    /// The effective month.
    month: YearMonth,
    /// The amount to release; all that is open if omitted.
    amount: Option<MoneyGbp>,
}

impl CommandInput for ReleaseCommitment {
    fn command(self) -> Result<Command, FieldError> {
        let ReleaseCommitment { reference, month, amount } = self;
        let amount = amount.map(Into::into);
        Ok(command::ReleaseCommitment { reference: reference.0, month: month.0, amount }.into())
    }
}

mutation_input!(
    /// The commitment or accrual to release, and the posting fields.
    ReleaseCommitmentInput(ReleaseCommitment)
);

/// Accrue spend that is not yet paid.
#[derive(InputObject)]
pub(crate) struct Accrue {
    /// The line.
    line: Line,
    /// The effective month.
    month: YearMonth,
    /// The amount.
    amount: MoneyGbp,
    /// The reference, unique among commitments and accruals.
    reference: Ref,
    /// The commitment it discharges.
    discharges: Option<Ref>,
    /// The closed year, where this is a prior-period adjustment.
    concerns: Option<Year>,
}

impl CommandInput for Accrue {
    fn command(self) -> Result<Command, FieldError> {
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
    /// The spend to accrue, and the posting fields.
    AccrueInput(Accrue)
);

/// Record actual spend. It is never refused for lack of budget; it warns.
#[derive(InputObject)]
pub(crate) struct RecordActual {
    /// The line.
    line: Line,
    /// The effective month.
    month: YearMonth,
    /// The amount; negative for a credit.
    amount: MoneyGbp,
    /// The number of the payment.
    transaction: Option<Ref>,
    /// The class in the accounts, where it differs from the line's.
    accounting_class: Option<BudgetClass>,
    /// The commitment or accrual it discharges.
    discharges: Option<Ref>,
    /// The closed year, where this is a prior-period adjustment; if omitted, the year of the
    /// accrual it discharges.
    concerns: Option<Year>,
}

impl CommandInput for RecordActual {
    fn command(self) -> Result<Command, FieldError> {
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
    /// The spend to record, and the posting fields.
    RecordActualInput(RecordActual)
);

#[derive(Debug, Default)]
pub(crate) struct SpendMutation;

#[Object]
impl SpendMutation {
    /// Commit money: promise it to a supplier or partner.
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
