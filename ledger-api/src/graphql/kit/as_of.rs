//! The fields that say what an analysis was read from.

use async_graphql::SimpleObject;

use crate::graphql::kit::scalars;
use crate::graphql::kit::view::View;

/// What an answer was read from. Analyses flatten it into their own fields.
#[derive(SimpleObject)]
pub(crate) struct AsOf {
    /// The position of the last entry counted.
    position: scalars::LogPosition,
    /// When that entry was recorded.
    recorded_at: Option<scalars::Moment>,
    /// The day the answer stands at, in UK time.
    on: scalars::Day,
    /// Whether the caller may read only part of the book. The answer then covers that part only.
    partial: bool,
}

impl AsOf {
    /// What an answer from a view is read from.
    pub(crate) fn new(view: &View) -> Self {
        AsOf {
            position: view.position().into(),
            recorded_at: view.recorded_at(),
            on: view.day(),
            partial: view.is_partial(),
        }
    }
}
