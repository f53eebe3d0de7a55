//! Why published figures and scopes were refused.

use super::code::hint;
use crate::domain::claim::ClaimMeasure;
use crate::domain::code::{ClaimCode, ScopeCode};
use crate::domain::money::Pence;

/// Why a command about published figures was refused. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimRejection {
    /// No scope has this code.
    #[error("there is no scope {code}{}: define it first, or correct the code", hint(.like))]
    UnknownScope {
        /// What was named.
        code: ScopeCode,
        /// A code much like it.
        like: Option<String>,
    },
    /// No published figure has this code.
    #[error("there is no published figure {code}{}: publish it first, or correct the code", hint(.like))]
    UnknownClaim {
        /// What was named.
        code: ClaimCode,
        /// A code much like it.
        like: Option<String>,
    },
    /// The measure is not of what the claim is about.
    #[error(
        "{measure} is a figure of {needs}: name just that, or leave the measure out where the ledger has no such figure"
    )]
    MeasureUnfit {
        /// The measure.
        measure: ClaimMeasure,
        /// What it is of.
        needs: &'static str,
    },
    /// A range runs upwards.
    #[error("£{low} is more than £{high}: name the lower amount as low")]
    FigureReversed {
        /// What was named as the lowest.
        low: Pence,
        /// What was named as the highest.
        high: Pence,
    },
    /// Another claim has taken its place.
    #[error("{code} is superseded by {by} already: supersede that one, or let both stand")]
    SupersededAlready {
        /// The claim.
        code: ClaimCode,
        /// The one that took its place.
        by: ClaimCode,
    },
}

impl ClaimRejection {
    /// The rejection's stable name, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            ClaimRejection::UnknownScope { .. } => "UNKNOWN_SCOPE",
            ClaimRejection::UnknownClaim { .. } => "UNKNOWN_PUBLISHED_FIGURE",
            ClaimRejection::MeasureUnfit { .. } => "MEASURE_UNFIT",
            ClaimRejection::FigureReversed { .. } => "FIGURE_REVERSED",
            ClaimRejection::SupersededAlready { .. } => "SUPERSEDED_ALREADY",
        }
    }
}
