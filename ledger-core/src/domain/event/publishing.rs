//! Events about published figures and the scopes they are about.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::payload::payload;
use crate::domain::calendar::FinancialYear;
use crate::domain::claim::{Bearer, Figure, FigureMeasure};
use crate::domain::code::{BodyCode, FigureCode, FundCode, ProgrammeCode, ScopeCode};
use crate::domain::line::BudgetClass;
use crate::domain::text::{Citation, Name};

payload!(
    /// A named definition of a total.
    ScopeDefined {
        /// Its code.
        pub code: ScopeCode,
        /// Its name.
        pub name: Name,
        /// These programmes and those below them; all where empty.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub programmes: Vec<ProgrammeCode>,
        /// These bodies and those below them; all where empty.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub bodies: Vec<BodyCode>,
        /// These classes; all where empty.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub classes: Vec<BudgetClass>,
    }
);

payload!(
    /// A published figure.
    FigurePublished {
        /// Its code.
        pub code: FigureCode,
        /// The publication's title for the figure.
        pub title: Name,
        /// The scope it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub scope: Option<ScopeCode>,
        /// The fund it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub fund: Option<FundCode>,
        /// The year it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub year: Option<FinancialYear>,
        /// The ledger figure it is compared with; absent where the ledger has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub measure: Option<FigureMeasure>,
        /// The published amount, with its certainty.
        pub figure: Figure,
        /// The publication.
        pub source: Citation,
        /// The publication date.
        pub published_on: NaiveDate,
        /// The bodies said to bear the cost.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub bearer: Option<Bearer>,
        /// The published figure that this one replaces; that one stays as it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub supersedes: Option<FigureCode>,
    }
);
