//! Commands about published figures and the scopes they are about.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::payloads;
use crate::domain::calendar::FinancialYear;
use crate::domain::claim::{Bearer, Figure, FigureMeasure, PenceRange};
use crate::domain::code::{BodyCode, FigureCode, FundCode, ProgrammeCode, ScopeCode};
use crate::domain::line::BudgetClass;
use crate::domain::money::{Pence, pounds};
use crate::domain::text::{Citation, Name, Words};

payloads! {
    /// Define a scope: a named total of programmes, bodies and classes.
    DefineScope {
        /// Its code. A scope never changes.
        code: ScopeCode,
        /// Its name.
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
        /// Its code.
        code: FigureCode,
        /// The publication's title for the figure.
        title: Name,
        /// The scope it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<ScopeCode>,
        /// The fund it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fund: Option<FundCode>,
        /// The year it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        year: Option<FinancialYear>,
        /// The ledger figure it is compared with; left out where the ledger has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        measure: Option<FigureMeasure>,
        /// The published amount, with its certainty.
        figure: StatedFigure,
        /// The publication.
        source: Citation,
        /// The publication date.
        published_on: NaiveDate,
        /// The bodies said to bear the cost.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bearer: Option<Bearer>,
        /// The published figure that this one replaces.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        supersedes: Option<FigureCode>,
    }

    /// The bounds of a range.
    PoundsRange {
        /// The lowest amount, in pounds.
        #[serde(with = "pounds")]
        low: Pence,
        /// The highest amount, in pounds.
        #[serde(with = "pounds")]
        high: Pence,
    }
}

/// A published amount as commands state it, in pounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StatedFigure {
    /// Exactly this amount.
    Exact(#[serde(with = "pounds")] Pence),
    /// About this amount.
    About(#[serde(with = "pounds")] Pence),
    /// This amount or more.
    AtLeast(#[serde(with = "pounds")] Pence),
    /// Between two amounts.
    Range(PoundsRange),
    /// No amount, only words.
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
