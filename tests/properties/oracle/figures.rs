//! Figures of lines, sums of lines, and what is derived from them.

use std::collections::BTreeMap;

use super::{Kind, Line, Oracle, Question};

/// Figures at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) original: Option<i128>,
    pub(crate) revised: i128,
    pub(crate) plan_to_date: i128,
    pub(crate) committed: i128,
    pub(crate) accrued: i128,
    pub(crate) actual: i128,
    pub(crate) forecast: Option<i128>,
    pub(crate) internal_forecast: Option<i128>,
    pub(crate) available: i128,
    pub(crate) variance: i128,
    pub(crate) variance_basis: &'static str,
    pub(crate) sense: &'static str,
    /// In tenths of a percent.
    pub(crate) percent_used: Option<i128>,
    pub(crate) status: &'static str,
    pub(crate) inferred: bool,
}

/// The sum of some lines: their common attributes, and their figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) programme: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) class: Option<String>,
    pub(crate) fence: Option<String>,
    pub(crate) figures: Figures,
}

fn common<T: PartialEq + Clone>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|other| other == first).then_some(first)
}

fn some_sum(values: impl Iterator<Item = Option<i128>>) -> Option<i128> {
    let stated: Vec<i128> = values.flatten().collect();
    (!stated.is_empty()).then(|| stated.iter().sum())
}

impl Oracle {
    /// The lines in a question's scope.
    pub(crate) fn wanted(&self, question: &Question) -> Vec<Line> {
        let below = |path: Vec<String>, top: &Option<String>| {
            top.as_ref().is_none_or(|top| path.contains(top))
        };
        let lines = self.lines(question.position).into_iter();
        let wanted = lines.filter(|line| {
            line.year == question.year
                && question.class.as_ref().is_none_or(|class| *class == line.class)
                && below(Oracle::path(&self.programmes, &line.programme), &question.programme)
                && below(self.body_path(&line.body, question.position), &question.body)
        });
        wanted.collect()
    }

    /// The sum of some lines.
    pub(crate) fn total(&self, lines: &[Line], question: &Question) -> Sum {
        Sum {
            programme: common(lines.iter().map(|line| line.programme.clone())),
            body: common(lines.iter().map(|line| line.body.clone())),
            class: common(lines.iter().map(|line| line.class.clone())),
            fence: common(lines.iter().map(|line| line.fence.clone())).flatten(),
            figures: self.figures(lines, question),
        }
    }

    /// Sums lines by a key; a line may have several keys.
    pub(crate) fn grouped(
        &self,
        question: &Question,
        keys: impl Fn(&Line) -> Vec<String>,
    ) -> BTreeMap<String, Sum> {
        let mut groups: BTreeMap<String, Vec<Line>> = BTreeMap::new();
        for line in self.wanted(question) {
            for key in keys(&line) {
                groups.entry(key).or_default().push(line.clone());
            }
        }
        groups.into_iter().map(|(key, lines)| (key, self.total(&lines, question))).collect()
    }

    /// The figures of some lines together.
    pub(crate) fn figures(&self, lines: &[Line], question: &Question) -> Figures {
        let (at, through) = (question.position, question.last_month());
        let of = |line: &Line, kind| self.sum(line, kind, at, through);
        let all = |kind| lines.iter().map(|line| of(line, kind)).sum::<i128>();
        let level = |line: &Line, series| {
            self.forecast(line, series, at, through).map(|stated| stated.pence)
        };
        let revised = all(Kind::Revised);
        let actual = all(Kind::Actual);
        let (committed, accrued) = (all(Kind::Committed), all(Kind::Accrued));
        let forecast = some_sum(lines.iter().map(|line| level(line, "reported")));
        let plan = |line: &Line| self.plan_to_date(line, question, of(line, Kind::Revised));
        let plan_to_date = lines.iter().map(plan).sum();
        let closed = self.is_hard_closed(&question.year, at);
        // A sum is judged by its forecast only where each line with money has one.
        let idle = |line: &Line| of(line, Kind::Revised) == 0 && of(line, Kind::Actual) == 0;
        let whole = lines.iter().all(|line| level(line, "reported").is_some() || idle(line));
        let (variance, variance_basis) = match forecast {
            _ if closed => (revised - actual, "outturn"),
            Some(forecast) if whole => (revised - forecast, "forecast"),
            _ => (plan_to_date - actual, "toDate"),
        };
        let (share, of_all) = self.underspending;
        let status = if revised == 0 && actual == 0 {
            "noBudget"
        } else if actual > revised {
            "overspent"
        } else if !closed && forecast.is_some_and(|forecast| forecast > revised) {
            "forecastOver"
        } else if variance_basis != "toDate" && variance * of_all > revised * share {
            "underspending"
        } else if variance_basis == "toDate" {
            "noForecast"
        } else {
            "onTrack"
        };
        Figures {
            original: some_sum(lines.iter().map(|line| self.baseline(line, "original", at))),
            revised,
            plan_to_date,
            committed,
            accrued,
            actual,
            forecast,
            internal_forecast: some_sum(lines.iter().map(|line| level(line, "internal"))),
            available: revised - actual - accrued - committed,
            variance,
            variance_basis,
            sense: match variance {
                1.. => "favourable",
                0 => "onBudget",
                _ => "adverse",
            },
            percent_used: (revised > 0).then(|| (actual * 2000 + revised).div_euclid(2 * revised)),
            status,
            inferred: lines.iter().any(|line| self.is_inferred(line, at, through)),
        }
    }
}
