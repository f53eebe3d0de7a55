//! Analyses that are told as they change: each the newest state, conflated.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Result, Subscription};
use futures_util::Stream;
use ledger_core::domain::calendar::Month;
use ledger_core::domain::position::Position;

use super::accuracy::ForecastAccuracy;
use super::at_risk::CommitmentsAtRisk;
use super::balance::Balances;
use super::bridge::{Bridge, Bridged};
use super::claim::PublishedFigures;
use super::diff::{Compared, Diff};
use super::mutation::forecast::Series;
use super::page;
use super::persistent::{Direction, PersistentVariances, Years};
use super::planned::{LineFilter, Rollup};
use super::reasons::{ReasonsBy, UnderspendsByReason};
use super::revision::{ForecastRevisions, Wanted};
use super::scalars;
use super::subscription::{told, told_by};
use super::view::AsAt;
use super::what_if::{Supposing, Supposition, WhatIfInput};

/// Between two tellings of a what-if lies at least so much time: each takes a copy of the book.
const WHAT_IF_GAP: Duration = Duration::from_secs(1);

/// Analyses that are told as they change.
#[derive(Debug, Default)]
pub(super) struct Told;

#[Subscription]
impl Told {
    /// The bridge from original to outturn as it stands now, and again whenever it may have changed;
    /// null while there is no such line.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn bridge(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "Only this line.")] line: Option<scalars::Line>,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The position of the last state seen: only later ones are told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = Result<Option<Bridge>>> + use<>> {
        let (filter, line) = (filter.unwrap_or_default(), line.map(|line| line.0));
        let of = Bridged { year: year.0, filter, line, through: through.map(Into::into) };
        told(context, after, move |view| Bridge::find(view, of.clone()))
    }

    /// What has changed in a year since a moment as it stands now, and again whenever more may have.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn diff(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(
            desc = "The earlier moment; a time counts what had been recorded by then, and nothing that is supposed."
        )]
        since: AsAt,
        #[graphql(desc = "What to sum lines into; each stands alone where left out.")]
        rollup: Option<Rollup>,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The position of the last state seen: only later ones are told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = Result<Diff>> + use<>> {
        let (filter, through) = (filter.unwrap_or_default(), through.map(Into::into));
        let of = Compared { year: year.0, filter, through, rollup };
        told(context, after, move |view| Diff::between(view, since.clone(), of.clone()))
    }

    /// Underspends by the reasons given for them as they stand now, and again whenever they may have
    /// changed.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn underspends_by_reason(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "What to sum underspends into.", default_with = "ReasonsBy::Programme")]
        by: ReasonsBy,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "Only what was effective up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "The position of the last state seen: only later ones are told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = UnderspendsByReason> + use<>> {
        let (filter, through) = (filter.unwrap_or_default(), through.map(Into::into));
        told(context, after, move |view| UnderspendsByReason {
            view,
            year: year.0,
            by,
            filter: filter.clone(),
            through,
        })
    }

    /// Programmes off the same way several years running as things stand now, and again whenever
    /// they may have changed.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn persistent_variances(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which way.", default_with = "Direction::Underspent")]
        direction: Direction,
        #[graphql(desc = "How many years running, at least.", default = 3)] running: i32,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "The position of the last state seen: only later ones are told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = PersistentVariances> + use<>> {
        let of = Years { from: None, to: None, filter: filter.unwrap_or_default() };
        told(context, after, move |view| PersistentVariances {
            view,
            of: of.clone(),
            direction,
            running,
        })
    }

    /// Uncancelled balances by year and class as they stand now, and again whenever they may have
    /// changed.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn balances(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "The position of the last state seen: only later ones are told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = Balances> + use<>> {
        let of = Years { from: None, to: None, filter: filter.unwrap_or_default() };
        told(context, after, move |view| Balances { view, of: of.clone() })
    }

    /// Published figures, each held against the ledger as it stands now, and again whenever that may
    /// have changed.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn published_figures(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only those about this financial year.")] year: Option<scalars::Year>,
        #[graphql(desc = "The position of the last state seen: only later ones are told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = PublishedFigures> + use<>> {
        let year = year.map(Into::into);
        told(context, after, move |view| PublishedFigures { view, year })
    }

    /// Open commitments of a year as they stand now, and again whenever they may have changed.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn commitments_at_risk(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "At the end of which month; of M12, 31 March, where left out.")]
        through: Option<scalars::YearMonth>,
        #[graphql(desc = "The position of the last state seen: only later ones are told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = CommitmentsAtRisk> + use<>> {
        let (filter, year) = (filter.unwrap_or_default(), year.0);
        let through = through.map_or(Month::M12, Into::into);
        told(context, after, move |view| CommitmentsAtRisk {
            view,
            year,
            filter: filter.clone(),
            through,
        })
    }

    /// Forecasts of closed years against their outturns as they stand now, and again whenever they
    /// may have changed.
    #[graphql(complexity = "page::one(child_complexity)")]
    async fn forecast_accuracy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "At which month, such as M6; each from M1 to M12 where left out.")]
        month: Option<scalars::YearMonth>,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "The position of the last state seen: only later ones are told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = ForecastAccuracy> + use<>> {
        let of = Years { from: None, to: None, filter: filter.unwrap_or_default() };
        let month = month.map(Into::into);
        told(context, after, move |view| ForecastAccuracy { view, of: of.clone(), month })
    }

    /// The statements of a year's forecasts as they stand now, and again whenever there may be more.
    #[graphql(complexity = "page::one(child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn forecast_revisions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The financial year.")] year: scalars::Year,
        #[graphql(desc = "Which lines count; all where left out.")] filter: Option<LineFilter>,
        #[graphql(desc = "Reported or internal.", default_with = "Series::Reported")]
        series: Series,
        #[graphql(desc = "Only what was stated in this month or later.")] from_month: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "Only what was stated up to this month.")] through: Option<
            scalars::YearMonth,
        >,
        #[graphql(desc = "Only entries after this position, or recorded after this time.")]
        since: Option<AsAt>,
        #[graphql(desc = "The position of the last state seen: only later ones are told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = Result<ForecastRevisions>> + use<>> {
        let (from_month, through) = (from_month.map(Into::into), through.map(Into::into));
        let (year, filter) = (year.0, filter.unwrap_or_default());
        let of = Wanted { year, filter, series, from_month, through, since: Position::START };
        told(context, after, move |view| {
            let of = of.clone().after(&view, since.clone())?;
            Ok(ForecastRevisions { view, of })
        })
    }

    /// What the book would say as it stands now, had something else been posted, and again whenever
    /// that may have changed. Told to those who may read all of it.
    #[graphql(complexity = "page::one(page::times(input.postings.len(), 10) + child_complexity)")]
    async fn what_if(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is supposed.")] input: WhatIfInput,
        #[graphql(desc = "The last `from` seen: only what follows later entries is told.")]
        after: Option<scalars::LogPosition>,
    ) -> Result<impl Stream<Item = Result<Supposition>> + use<>> {
        // All who ask the same are told the same, so it is nobody's in particular.
        let supposing = Arc::new(Supposing::read(context, input, None)?);
        told_by(context, after, WHAT_IF_GAP, move |view| {
            let supposing = Arc::clone(&supposing);
            async move { supposing.after(view).await }
        })
    }
}
