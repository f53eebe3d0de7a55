//! What was published about the money, and the scopes that it is about.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::payload::payload;
use crate::domain::calendar::FinancialYear;
use crate::domain::claim::{Bearer, ClaimMeasure, Figure};
use crate::domain::code::{BodyCode, ClaimCode, FundCode, ProgrammeCode, ScopeCode};
use crate::domain::line::BudgetClass;
use crate::domain::text::{Citation, Name};

payload!(
    /// A named definition of a total.
    ScopeDefined {
        /// Its code.
        pub code: ScopeCode,
        /// What it is called.
        pub name: Name,
        /// These programmes and those below them; all where there are none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub programmes: Vec<ProgrammeCode>,
        /// These bodies and those below them; all where there are none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub bodies: Vec<BodyCode>,
        /// These classes; all where there are none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub classes: Vec<BudgetClass>,
    }
);

payload!(
    /// A published figure.
    FigurePublished {
        /// The code of the claim.
        pub code: ClaimCode,
        /// What it says the figure is.
        pub title: Name,
        /// The total it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub scope: Option<ScopeCode>,
        /// The fund it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub fund: Option<FundCode>,
        /// The year it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub year: Option<FinancialYear>,
        /// The figure of the ledger it can be held against; absent where there is none such.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub measure: Option<ClaimMeasure>,
        /// The figure, and how surely it was stated.
        pub figure: Figure,
        /// Where it was published.
        pub source: Citation,
        /// When it was published.
        pub published_on: NaiveDate,
        /// Who is said to bear it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub bearer: Option<Bearer>,
        /// The claim whose place it takes; that one stays as it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub supersedes: Option<ClaimCode>,
    }
);
