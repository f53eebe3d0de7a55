//! Commands about published figures: claims, and the scopes that they are about.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::payloads;
use crate::domain::calendar::FinancialYear;
use crate::domain::claim::{Bearer, ClaimMeasure, Figure, PenceRange};
use crate::domain::code::{BodyCode, ClaimCode, FundCode, ProgrammeCode, ScopeCode};
use crate::domain::line::BudgetClass;
use crate::domain::money::{Pence, pounds};
use crate::domain::text::{Citation, Name, Words};

payloads! {
    /// Define a total by name: which programmes, bodies and classes are in it.
    DefineScope {
        /// Its code, which stays as it is defined.
        code: ScopeCode,
        /// What it is called.
        name: Name,
        /// These programmes and those below them; all where left out.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        programmes: Vec<ProgrammeCode>,
        /// These bodies and those below them; all where left out.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        bodies: Vec<BodyCode>,
        /// These classes; all where left out.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        classes: Vec<BudgetClass>,
    }

    /// Record a figure that somebody published.
    PublishFigure {
        /// The code of the claim.
        code: ClaimCode,
        /// What it says the figure is.
        title: Name,
        /// The total it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<ScopeCode>,
        /// The fund it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fund: Option<FundCode>,
        /// The year it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        year: Option<FinancialYear>,
        /// The figure of the ledger it can be held against; left out where there is none such.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        measure: Option<ClaimMeasure>,
        /// The figure, and how surely it was stated.
        figure: StatedFigure,
        /// Where it was published.
        source: Citation,
        /// When it was published.
        published_on: NaiveDate,
        /// Who is said to bear it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bearer: Option<Bearer>,
        /// The claim whose place it takes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        supersedes: Option<ClaimCode>,
    }

    /// The amounts that a range lies between.
    PoundsRange {
        /// The lowest.
        #[serde(with = "pounds")]
        low: Pence,
        /// The highest.
        #[serde(with = "pounds")]
        high: Pence,
    }
}

/// A figure as commands state it, in pounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StatedFigure {
    /// Exactly so much.
    Exact(#[serde(with = "pounds")] Pence),
    /// About so much.
    About(#[serde(with = "pounds")] Pence),
    /// So much or more.
    AtLeast(#[serde(with = "pounds")] Pence),
    /// Between two amounts.
    Range(PoundsRange),
    /// No amount: what was said in its place.
    Unquantified(Words),
}

impl From<StatedFigure> for Figure {
    fn from(stated: StatedFigure) -> Self {
        match stated {
            StatedFigure::Exact(pence) => Figure::Exact(pence),
            StatedFigure::About(pence) => Figure::About(pence),
            StatedFigure::AtLeast(pence) => Figure::AtLeast(pence),
            StatedFigure::Range(PoundsRange { low, high }) => {
                Figure::Range(PenceRange { low, high })
            }
            StatedFigure::Unquantified(words) => Figure::Unquantified(words),
        }
    }
}
