//! Why published figures and scopes were refused.

use super::code::hint;
use crate::domain::claim::FigureMeasure;
use crate::domain::code::{FigureCode, ScopeCode};
use crate::domain::money::Pence;

/// Why a command about published figures was refused. The book has not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FigureRejection {
    /// No scope has this code.
    #[error("there is no scope {code}{}: define it first, or correct the code", hint(.like))]
    UnknownScope {
        /// The code given.
        code: ScopeCode,
        /// A similar code.
        like: Option<String>,
    },
    /// No published figure has this code.
    #[error("there is no published figure {code}{}: publish it first, or correct the code", hint(.like))]
    UnknownFigure {
        /// The code given.
        code: FigureCode,
        /// A similar code.
        like: Option<String>,
    },
    /// The measure does not suit what the figure is about.
    #[error("{measure} is measured of {needs}: name only that, or leave the measure out")]
    MeasureUnfit {
        /// The measure.
        measure: FigureMeasure,
        /// What it measures.
        needs: &'static str,
    },
    /// The range's bounds are reversed.
    #[error(
        "the lowest amount {low:#} is more than the highest, {high:#}: put the lower amount first"
    )]
    FigureReversed {
        /// The amount given as lowest.
        low: Pence,
        /// The amount given as highest.
        high: Pence,
    },
    /// Another published figure has replaced it.
    #[error(
        "{code} has already been superseded by {by}: supersede {by}, or publish this figure beside both"
    )]
    SupersededAlready {
        /// The published figure.
        code: FigureCode,
        /// The published figure that replaced it.
        by: FigureCode,
    },
}

impl FigureRejection {
    /// The rejection's stable code, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            FigureRejection::UnknownScope { .. } => "UNKNOWN_SCOPE",
            FigureRejection::UnknownFigure { .. } => "UNKNOWN_PUBLISHED_FIGURE",
            FigureRejection::MeasureUnfit { .. } => "MEASURE_UNFIT",
            FigureRejection::FigureReversed { .. } => "FIGURE_REVERSED",
            FigureRejection::SupersededAlready { .. } => "SUPERSEDED_ALREADY",
        }
    }
}
