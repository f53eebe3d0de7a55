//! The entries that changed a figure, in order.

use std::collections::BTreeSet;

use super::{Kind, Line, Oracle, Question};

/// One entry's change of a running figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) position: u64,
    pub(crate) amount: i128,
    pub(crate) before: Option<i128>,
    pub(crate) after: Option<i128>,
}

/// A forecast, and the forecast it replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ForecastRevision {
    pub(crate) position: u64,
    pub(crate) line: String,
    pub(crate) month: u8,
    pub(crate) before: Option<i128>,
    pub(crate) after: Option<i128>,
}

impl Oracle {
    /// The entry that struck a year's original baseline, and the number of events before it.
    pub(crate) fn struck(&self, year: &str, at: u64) -> Option<(u64, usize)> {
        self.struck_as(year, "original", at)
    }

    /// The entry that struck a baseline that stands, and the number of events before it.
    pub(super) fn struck_as(&self, year: &str, name: &str, at: u64) -> Option<(u64, usize)> {
        let mut baselines = self.baselines.iter();
        let of = |of: &String, called: &String| of == year && called == name;
        let struck =
            baselines.rfind(|(position, year, name, _)| *position <= at && of(year, name))?;
        let mut unstruck = self.unstruck.iter();
        let gone = unstruck.any(|(by, year, name)| *by > struck.0 && *by <= at && of(year, name));
        (!gone).then_some((struck.0, struck.3))
    }

    /// Each entry's change of a sum of amounts, for the events after a given one.
    pub(crate) fn steps(
        &self,
        lines: &[Line],
        question: &Question,
        kind: Kind,
        after: usize,
    ) -> Vec<Step> {
        let counting: Vec<(u64, usize, i128)> = self
            .changes
            .iter()
            .filter(|change| {
                change.kind == kind
                    && lines.contains(&change.line)
                    && change.position <= question.position
                    && change.month <= question.last_month()
            })
            .map(|change| (change.position, change.order, change.pence))
            .collect();
        let up_to = |test: &dyn Fn(u64, usize) -> bool| -> i128 {
            counting.iter().filter(|(at, order, _)| test(*at, *order)).map(|(.., p)| p).sum()
        };
        let entries: BTreeSet<u64> =
            counting.iter().filter(|(_, order, _)| *order > after).map(|(at, ..)| *at).collect();
        let steps = entries.into_iter().map(|position| {
            let before = up_to(&|at, order| at < position || order <= after);
            let sum = up_to(&|at, order| at <= position || order <= after);
            let (before, after) = (Some(before), Some(sum));
            Step { position, amount: sum - before.unwrap(), before, after }
        });
        steps.filter(|step| step.amount != 0).collect()
    }

    /// Each month with spend: its number, how many entries it has, the entry if it is the only one,
    /// and the sum.
    pub(crate) fn spend_by_month(
        &self,
        lines: &[Line],
        question: &Question,
    ) -> Vec<(u8, usize, Option<u64>, i128)> {
        let of_month = |month| {
            let spent = self.changes.iter().filter(|change| {
                change.kind == Kind::Actual
                    && change.pence != 0
                    && change.month == month
                    && change.position <= question.position
                    && lines.contains(&change.line)
            });
            let entries: BTreeSet<u64> = spent.clone().map(|change| change.position).collect();
            let only = entries.first().copied().filter(|_| entries.len() == 1);
            (month, entries.len(), only, spent.map(|change| change.pence).sum())
        };
        let months = (1..=question.last_month()).map(of_month);
        months.filter(|(_, entries, ..)| *entries > 0).collect()
    }

    /// The sum of the lines' reported forecasts, and how many lines have one.
    fn stands(&self, lines: &[Line], at: u64, through: u8) -> (Option<i128>, usize) {
        let of = |line| self.forecast(line, "reported", at, through).map(|stated| stated.pence);
        let levels: Vec<i128> = lines.iter().filter_map(of).collect();
        ((!levels.is_empty()).then(|| levels.iter().sum()), levels.len())
    }

    /// Each entry's change of the reported forecast.
    pub(crate) fn forecast_steps(&self, lines: &[Line], question: &Question) -> Vec<Step> {
        let through = question.last_month();
        let withdrawn = self.withdrawals.iter().filter(|withdrawn| {
            withdrawn.position <= question.position && lines.contains(&withdrawn.line)
        });
        let stated: BTreeSet<u64> = self
            .stated
            .iter()
            .filter(|stated| stated.position <= question.position && lines.contains(&stated.line))
            .map(|stated| stated.position)
            .chain(withdrawn.map(|withdrawn| withdrawn.position))
            .collect();
        let steps = stated.into_iter().filter_map(|position| {
            let (before, of) = self.stands(lines, position - 1, through);
            let (after, now_of) = self.stands(lines, position, through);
            let amount = after.unwrap_or(0) - before.unwrap_or(0);
            (amount != 0 || of != now_of).then_some(Step { position, amount, before, after })
        });
        steps.collect()
    }

    /// Each forecast stated after a position, with the one it replaced.
    pub(crate) fn revisions(
        &self,
        question: &Question,
        series: &str,
        since: u64,
    ) -> Vec<ForecastRevision> {
        let lines = self.wanted(question);
        let counts = |position: u64, line: &Line, month: u8, of: &str| {
            of == series
                && position > since
                && position <= question.position
                && month <= question.last_month()
                && lines.contains(line)
        };
        let stated = self.stated.iter().map(|s| (s.position, s.order, &s.line, s.month, &s.series));
        let withdrawn = self.withdrawals.iter();
        let withdrawn = withdrawn.map(|w| (w.position, w.order, &w.line, w.month, &w.series));
        let mut all: Vec<_> = stated.chain(withdrawn).collect();
        all.retain(|(position, _, line, month, of)| counts(*position, line, *month, of));
        all.sort_by_key(|(_, order, ..)| *order);
        let revised = all.into_iter().map(|(position, order, line, month, _)| ForecastRevision {
            position,
            line: super::super::figures::text_of_line(line),
            month,
            before: self.stood(line, series, month, order),
            after: self.stood(line, series, month, order + 1),
        });
        revised.collect()
    }

    /// The forecast of a month before an event.
    fn stood(&self, line: &Line, series: &str, month: u8, order: usize) -> Option<i128> {
        let stated = self.stated.iter().filter(|stated| {
            stated.series == series
                && stated.line == *line
                && stated.order < order
                && stated.month <= month
                && stated.withdrawn.is_none_or(|(_, withdrawn)| withdrawn >= order)
        });
        stated.max_by_key(|stated| (stated.month, stated.order)).map(|stated| stated.pence)
    }

    /// The entries after a position that changed or mention the lines or the year.
    pub(crate) fn touching(&self, question: &Question, since: u64) -> BTreeSet<u64> {
        let (lines, through) = (self.wanted(question), question.last_month());
        let has = |line: &Line| lines.contains(line);
        let changes = self
            .changes
            .iter()
            .filter(|change| change.pence != 0 && change.month <= through && has(&change.line));
        let stated = self.stated.iter().filter(|s| s.month <= through && has(&s.line));
        let withdrawn = self.withdrawals.iter().filter(|w| w.month <= through && has(&w.line));
        let opened = lines.iter().map(|line| self.named[line][0]);
        let of_year = |year: &String| *year == question.year;
        changes
            .map(|change| change.position)
            .chain(stated.map(|stated| stated.position))
            .chain(withdrawn.map(|withdrawn| withdrawn.position))
            .chain(opened)
            .chain(self.baselines.iter().filter(|b| of_year(&b.1)).map(|b| b.0))
            .chain(self.unstruck.iter().filter(|u| of_year(&u.1)).map(|u| u.0))
            .chain(self.closes.iter().filter(|c| of_year(&c.1)).map(|c| c.0))
            .chain(self.explained.iter().filter(|e| has(&e.1)).map(|e| e.0))
            .chain(self.profiles.iter().filter(|p| has(&p.1)).map(|p| p.0))
            .filter(|at| *at > since && *at <= question.position)
            .collect()
    }
}
