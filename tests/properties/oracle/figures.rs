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
    /// Of a hard-closed year, unless a month before M12 is named.
    pub(crate) outturn: Option<i128>,
    pub(crate) forecast: Option<i128>,
    /// The forecasts stated, and the budget of their lines.
    pub(crate) forecast_part: Option<(i128, i128)>,
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

impl Figures {
    /// What is unspent, of the year or of the plan to a month named before M12.
    pub(crate) fn underspend(&self, question: &Question) -> i128 {
        let spent = self.outturn.or(self.forecast).unwrap_or(self.actual);
        let left = match question.through {
            Some(..12) => self.plan_to_date - self.actual,
            _ => self.revised - spent,
        };
        left.max(0)
    }
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
        let known = |series| some_sum(lines.iter().map(|line| level(line, series)));
        // A sum has a forecast only where each line with budget has one.
        let whole = |series| {
            let unstated = |line: &Line| level(line, series).is_none();
            !lines.iter().any(|line| of(line, Kind::Revised) != 0 && unstated(line))
        };
        let forecast = known("reported").filter(|_| whole("reported"));
        let forecast_part = known("reported").map(|known| {
            let stated = lines.iter().filter(|line| level(line, "reported").is_some());
            (known, stated.map(|line| of(line, Kind::Revised)).sum())
        });
        let plan = |line: &Line| self.plan_to_date(line, question, of(line, Kind::Revised));
        let plan_to_date = lines.iter().map(plan).sum();
        let closed = self.is_hard_closed(&question.year, at);
        let to_month = question.through.is_some_and(|month| month < 12);
        let outturn = some_sum(lines.iter().map(|line| self.outturn(line, at)));
        let outturn = outturn.filter(|_| !to_month);
        let (variance, variance_basis) = match (outturn, forecast, forecast_part) {
            _ if to_month => (plan_to_date - actual, "toDate"),
            (Some(outturn), ..) => (revised - outturn, "outturn"),
            (None, Some(forecast), _) => (revised - forecast, "forecast"),
            (None, None, Some((known, of))) => (of - known, "forecastPart"),
            (None, None, None) => (plan_to_date - actual, "toDate"),
        };
        let (share, of_all) = self.underspending;
        let covered = match variance_basis {
            "toDate" => None,
            "forecastPart" => forecast_part.map(|(_, of)| of),
            _ => Some(revised),
        };
        let spent = outturn.unwrap_or(actual).max(actual);
        let status = if revised == 0 && actual == 0 && spent == 0 {
            "noBudget"
        } else if spent > revised {
            "overspent"
        } else if !closed && forecast_part.is_some_and(|(known, of)| known > of) {
            "forecastOver"
        } else if covered.is_some_and(|covered| variance * of_all > covered * share) {
            "underspending"
        } else if !closed && forecast_part.is_none() {
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
            outturn,
            forecast,
            forecast_part,
            internal_forecast: known("internal").filter(|_| whole("internal")),
            // A credit of an earlier year is no budget of this one.
            available: revised - actual - accrued - committed
                + lines.iter().map(|line| of(line, Kind::Prior).min(0)).sum::<i128>(),
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
