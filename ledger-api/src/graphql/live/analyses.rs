//! Subscriptions to analyses. Each sends the newest state; states in between are skipped.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Result, Subscription};
use futures_util::Stream;
use ledger_core::domain::calendar::Month;

use crate::graphql::analysis::accuracy::ForecastAccuracy;
use crate::graphql::analysis::at_risk::CommitmentsAtRisk;
use crate::graphql::analysis::balance::Balances;
use crate::graphql::analysis::bridge::{Bridge, BridgeArguments};
use crate::graphql::analysis::diff::{Diff, DiffArguments};
use crate::graphql::analysis::persistent::{Direction, PersistentVariances, YearsFilter};
use crate::graphql::analysis::reasons::{ReasonsBy, UnderspendsByReason};
use crate::graphql::analysis::revision::{ForecastRevisions, RevisionArguments};
use crate::graphql::budget::planned::{LineFilter, Rollup};
use crate::graphql::kit::page;
use crate::graphql::kit::scalars;
use crate::graphql::kit::view::AsAt;
use crate::graphql::live::subscription::{updates, updates_after_gap};
use crate::graphql::mutation::forecast::Series;
use crate::graphql::published::figure::PublishedFigures;
use crate::graphql::what_if::{WhatIfAnswer, WhatIfInput, WhatIfRequest};

/// The minimum time between two answers of a what-if subscription: each copies the book.
const WHAT_IF_GAP: Duration = Duration::from_secs(1);

/// Subscriptions to analyses.
#[derive(Debug, Default)]
pub(crate) struct AnalysisSubscription;

#[Subscription]
impl AnalysisSubscription {
    /// The bridge from original to outturn now, and after each possible change; null while the line
    /// is not open.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn bridge(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "Only this line.")] line: Option<scalars::Line>,
        #[graphql(desc = "Count only movements and spend up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The position of the last state received; only later states are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = Result<Option<Bridge>>> + use<>> {
        let (filter, line) = (filter.unwrap_or_default(), line.map(|line| line.0));
        let of = BridgeArguments { year: year.0, filter, line, through: through.map(Into::into) };
        updates(context, after, move |view| Bridge::find(view, of.clone()))
    }

    /// What has changed in a year since a moment: now, and after each possible change.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn diff(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(
            desc = "The earlier moment. A time covers what was recorded by then, without the postings of a what-if."
        )]
        since: AsAt,
        #[graphql(desc = "What to sum lines by; each line is a row if omitted.")] rollup: Option<
            Rollup,
        >,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "Count only movements and spend up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The position of the last state received; only later states are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = Result<Diff>> + use<>> {
        let (filter, through) = (filter.unwrap_or_default(), through.map(Into::into));
        let of = DiffArguments { year: year.0, filter, through, rollup };
        updates(context, after, move |view| Diff::between(view, since.clone(), of.clone()))
    }

    /// Underspends by reason now, and after each possible change.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn underspends_by_reason(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "What to sum underspends by.", default_with = "ReasonsBy::Programme")]
        by: ReasonsBy,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "Count only movements and spend up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The position of the last state received; only later states are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = UnderspendsByReason> + use<>> {
        let (filter, through) = (filter.unwrap_or_default(), through.map(Into::into));
        updates(context, after, move |view| UnderspendsByReason {
            view,
            year: year.0,
            by,
            filter: filter.clone(),
            through,
        })
    }

    /// Programmes that underspent, or overspent, several years running: now, and after each
    /// possible change.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn persistent_variances(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Underspent or overspent.", default_with = "Direction::Underspent")]
        direction: Direction,
        #[graphql(desc = "The minimum number of consecutive years.", default = 3)] running: i32,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "The position of the last state received; only later states are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = PersistentVariances> + use<>> {
        let of = YearsFilter { from: None, to: None, filter: filter.unwrap_or_default() };
        updates(context, after, move |view| PersistentVariances {
            view,
            of: of.clone(),
            direction,
            running,
        })
    }

    /// Uncancelled balances by year and class now, and after each possible change.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn balances(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "The position of the last state received; only later states are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = Balances> + use<>> {
        let of = YearsFilter { from: None, to: None, filter: filter.unwrap_or_default() };
        updates(context, after, move |view| Balances { view, of: of.clone() })
    }

    /// Published figures compared with the ledger now, and after each possible change.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn published_figures(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only figures about this financial year.")] year: Option<scalars::Year>,
        #[graphql(desc = "The position of the last state received; only later states are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = PublishedFigures> + use<>> {
        let year = year.map(Into::into);
        updates(context, after, move |view| PublishedFigures { view, year })
    }

    /// Open commitments of a year now, and after each possible change.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn commitments_at_risk(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(
            desc = "The month at whose end commitments are open; M12, so 31 March, if omitted."
        )]
        through: Option<scalars::YearMonth>,
        #[graphql(desc = "The position of the last state received; only later states are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = CommitmentsAtRisk> + use<>> {
        let (filter, year) = (filter.unwrap_or_default(), year.0);
        let through = through.map_or(Month::M12, Into::into);
        updates(context, after, move |view| CommitmentsAtRisk {
            view,
            year,
            filter: filter.clone(),
            through,
        })
    }

    /// Forecasts of closed years compared with their outturns: now, and after each possible change.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn forecast_accuracy(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "The month whose forecasts to compare, such as M6; every month from M1 to M12 if omitted."
        )]
        month: Option<scalars::YearMonth>,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(desc = "The position of the last state received; only later states are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = ForecastAccuracy> + use<>> {
        let of = YearsFilter { from: None, to: None, filter: filter.unwrap_or_default() };
        let month = month.map(Into::into);
        updates(context, after, move |view| ForecastAccuracy { view, of: of.clone(), month })
    }

    /// The forecast revisions of a year, or of every year, now and after each possible change.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn forecast_revisions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year; every year if omitted.")] year: Option<scalars::Year>,
        #[graphql(desc = "Include only these lines; all if omitted.")] filter: Option<LineFilter>,
        #[graphql(
            desc = "The reported or the internal forecast.",
            default_with = "Series::Reported"
        )]
        series: Series,
        #[graphql(desc = "Only forecasts stated in this month or later.")] from_month: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "Only forecasts stated up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "Only entries after this position, or recorded after this time.")]
        since: Option<AsAt>,
        #[graphql(desc = "Only entries up to this position, or recorded by this time.")]
        until: Option<AsAt>,
        #[graphql(desc = "The position of the last state received; only later states are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = Result<ForecastRevisions>> + use<>> {
        let (from_month, through) = (from_month.map(Into::into), through.map(Into::into));
        let of = RevisionArguments::new(year, filter, series, from_month, through);
        updates(context, after, move |view| {
            let of = of.clone().between(&view, since.clone(), until.clone())?;
            Ok(ForecastRevisions { view, of })
        })
    }

    /// A what-if on the book now, and after each possible change. The caller must be allowed to
    /// read the whole book.
    #[graphql(complexity = "page::one(page::times(input.count(), 10) + child_complexity)")]
    async fn what_if(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The postings to suppose.")] input: WhatIfInput,
        #[graphql(desc = "The last `from` received; only answers to later positions are sent.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = Result<WhatIfAnswer>> + use<>> {
        // Subscribers with the same input share one stream, so no caller is its actor.
        let request = Arc::new(WhatIfRequest::read(context, input, None)?);
        updates_after_gap(context, after, WHAT_IF_GAP, move |view| {
            let request = Arc::clone(&request);
            async move { request.answer(view).await }
        })
    }
}
