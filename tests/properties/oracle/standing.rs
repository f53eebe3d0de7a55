//! A line's state at a moment: sums, latest forecast, plan and baseline.

use super::{Kind, Line, Oracle, Question, StatedForecast, month_of};

impl Oracle {
    /// The lines named by a position.
    pub(crate) fn lines(&self, at: u64) -> Vec<Line> {
        let named = self.named.iter().filter(|(_, entries)| entries[0] <= at);
        named.map(|(line, _)| line.clone()).collect()
    }

    /// A sum of the amounts posted by a position, effective up to a month.
    pub(crate) fn sum(&self, line: &Line, kind: Kind, at: u64, through: u8) -> i128 {
        let changes = self.changes.iter().filter(|change| {
            change.line == *line
                && change.kind == kind
                && change.position <= at
                && change.month <= through
        });
        changes.map(|change| change.pence).sum()
    }

    /// What a line had spent and still owed when its year was hard-closed.
    pub(crate) fn outturn(&self, line: &Line, at: u64) -> Option<i128> {
        let closed = (1..=at).find(|at| self.is_hard_closed(&line.year, *at))?;
        Some(
            [Kind::Actual, Kind::Accrued].map(|kind| self.sum(line, kind, closed, 13)).iter().sum(),
        )
    }

    /// The latest forecast: of the latest month, the last one stated.
    pub(crate) fn forecast(
        &self,
        line: &Line,
        series: &str,
        at: u64,
        through: u8,
    ) -> Option<&StatedForecast> {
        let stated = self.stated.iter().filter(|stated| {
            stated.line == *line
                && stated.series == series
                && stated.position <= at
                && stated.month <= through
                && stated.withdrawn.is_none_or(|(withdrawn, _)| withdrawn > at)
        });
        stated.max_by_key(|stated| (stated.month, stated.order))
    }

    /// A line's revised figure when a baseline of its year was struck.
    pub(crate) fn baseline(&self, line: &Line, name: &str, at: u64) -> Option<i128> {
        self.struck_as(&line.year, name, at).map(|(_, order)| {
            let before = self.changes.iter().filter(|change| {
                change.order < order && change.line == *line && change.kind == Kind::Revised
            });
            before.map(|change| change.pence).sum()
        })
    }

    /// The monthly plan: shares rounded down, then a penny each to the largest remainders, the
    /// earliest first.
    pub(crate) fn monthly_plan(&self, line: &Line, at: u64, revised: i128) -> Vec<i128> {
        let mut set = self.profiles.iter().filter(|(from, of, _)| *from <= at && of == line);
        let weights =
            set.next_back().map_or_else(|| vec![1; 12], |(_, _, weights)| weights.clone());
        let sum: i128 = weights.iter().sum();
        let size = revised.abs();
        let mut plan: Vec<i128> = weights.iter().map(|weight| size * weight / sum).collect();
        let mut turn: Vec<usize> = (0..12).collect();
        turn.sort_by_key(|month| (-(size * weights[*month] % sum), *month));
        let left = size - plan.iter().sum::<i128>();
        for month in turn.into_iter().take(left as usize) {
            plan[month] += 1;
        }
        plan.into_iter().map(|month| month * revised.signum()).collect()
    }

    pub(super) fn plan_to_date(&self, line: &Line, question: &Question, revised: i128) -> i128 {
        let month = question.through.or_else(|| month_of(&line.year, &question.time));
        let plan = self.monthly_plan(line, question.position, revised);
        plan.iter().take(usize::from(month.unwrap_or(0))).sum()
    }

    /// The reported forecast by month: its stated phasing, or the actual spend to its month and a
    /// straight line after.
    pub(crate) fn monthly_forecast(&self, line: &Line, at: u64) -> Option<Vec<i128>> {
        let stated = self.forecast(line, "reported", at, 13)?;
        if let Some(phasing) = &stated.phasing {
            return Some([phasing.clone(), vec![0]].concat());
        }
        let past = stated.month.min(12);
        let mut months: Vec<i128> = (1..=12)
            .map(|month| if month <= past { self.spent_in(line, month, at) } else { 0 })
            .collect();
        let left = stated.pence - months.iter().sum::<i128>();
        // In March no month is ahead: the rest falls in March.
        let ahead: Vec<usize> =
            if past == 12 { vec![11] } else { (usize::from(past)..12).collect() };
        let (each, odd) = (left.abs() / ahead.len() as i128, left.abs() % ahead.len() as i128);
        for (place, month) in ahead.into_iter().enumerate() {
            let penny = i128::from((place as i128) < odd);
            months[month] += (each + penny) * left.signum();
        }
        months.push(0);
        Some(months)
    }

    /// Spend effective in one month.
    pub(crate) fn spent_in(&self, line: &Line, month: u8, at: u64) -> i128 {
        let through = |month| self.sum(line, Kind::Actual, at, month);
        through(month) - through(month - 1)
    }

    /// Whether an inferred entry is behind a line's figures.
    pub(super) fn is_inferred(&self, line: &Line, at: u64, through: u8) -> bool {
        let counts = |position: u64, of: &Line, month: u8| {
            let inferred = self.entries[position as usize - 1].1;
            inferred && position <= at && of == line && month <= through
        };
        self.changes.iter().any(|c| counts(c.position, &c.line, c.month))
            || self.stated.iter().any(|s| counts(s.position, &s.line, s.month))
            || self.withdrawals.iter().any(|w| counts(w.position, &w.line, w.month))
            || self.profiles.iter().any(|(position, of, _)| counts(*position, of, 1))
    }

    /// A fund's amount in one class for a reason.
    pub(crate) fn flow(&self, account: &str, why: &str, at: u64) -> i128 {
        let flows = self
            .flows
            .iter()
            .filter(|flow| flow.account == account && flow.why == why && flow.position <= at);
        flows.map(|flow| flow.pence).sum()
    }

    /// The balance of a fund in a class, or of an outside account.
    pub(crate) fn balance(&self, account: &str, at: u64) -> i128 {
        ["settled", "earmarked", "allocated", "cancelled"]
            .map(|why| self.flow(account, why, at))
            .iter()
            .sum()
    }
}
