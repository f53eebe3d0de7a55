//! Payloads of commitments, accruals and actual spend.

use serde::{Deserialize, Serialize};

use super::payload::payload;
use crate::domain::calendar::{FinancialYear, Month};
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::money::Pence;
use crate::domain::text::Reference;

/// The kind of an obligation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ObligationKind {
    /// Money promised.
    Commitment,
    /// Spend not yet paid.
    Accrual,
}

payload!(
    /// A commitment made, or a commitment or accrual released.
    Obligation {
        /// The line that carries it.
        pub line: LineKey,
        /// The effective month.
        pub month: Month,
        /// The commitment's or accrual's own reference.
        pub reference: Reference,
        /// The amount in pence; negative where reversed.
        pub pence: Pence,
    }
);

payload!(
    /// The part of an open commitment or accrual that a posting takes off: on the same line, or on
    /// its line of a later year for an accrual of a hard-closed year.
    Discharge {
        /// Whether it is a commitment or an accrual.
        pub kind: ObligationKind,
        /// Its reference.
        pub reference: Reference,
        /// The amount in pence; negative where reversed.
        pub pence: Pence,
        /// The hard-closed year of an accrual discharged from a later year. Its outturn holds the
        /// amount, so only the difference counts in the later year.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub year: Option<FinancialYear>,
    }
);

payload!(
    /// Spend that has happened but is not yet paid.
    Accrual {
        /// The line that carries it.
        pub line: LineKey,
        /// The effective month.
        pub month: Month,
        /// The accrual's own reference.
        pub reference: Reference,
        /// The amount in pence; negative where reversed.
        pub pence: Pence,
        /// The commitment it discharges.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub discharges: Option<Discharge>,
        /// The closed year it concerns, where it is a prior-period adjustment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub concerns: Option<FinancialYear>,
    }
);

payload!(
    /// Money spent, or received back.
    Actual {
        /// The line that carries it.
        pub line: LineKey,
        /// The effective month.
        pub month: Month,
        /// The amount in pence; a credit is negative.
        pub pence: Pence,
        /// The payer's published number of the payment. A split invoice repeats it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub transaction: Option<Reference>,
        /// The accounting class, where it differs from the line's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub accounting_class: Option<BudgetClass>,
        /// The commitment or accrual it discharges.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub discharges: Option<Discharge>,
        /// The closed year it concerns, where it is a prior-period adjustment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub concerns: Option<FinancialYear>,
    }
);

impl Actual {
    /// The amount that counts as spend of its year: less what an earlier, hard-closed year accrued.
    pub fn counted(&self) -> Pence {
        let accrued = self.discharges.as_ref().filter(|discharge| discharge.year.is_some());
        accrued.map_or(self.pence, |discharge| self.pence.minus(discharge.pence))
    }

    /// The discharge that lowers a balance of its own line.
    pub fn discharges_on_line(&self) -> Option<&Discharge> {
        self.discharges.as_ref().filter(|discharge| discharge.year.is_none())
    }
}
