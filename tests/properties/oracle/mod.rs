//! A naive oracle: a book's figures, by brute force over its exported lines.
//!
//! It shares no code with the program. It computes every answer from the first entry on, in 128-bit
//! pence and plain ordered maps, by the glossary's definitions.

mod calendar;
mod figures;
pub(crate) mod flows;
mod reading;
mod sign_off;
mod standing;
mod steps;

use std::collections::BTreeMap;

pub(crate) use calendar::{month_of, number_of};
pub(crate) use figures::{Figures, Sum};
pub(crate) use sign_off::{ProposalState, Sums};
pub(crate) use steps::{ForecastRevision, Step};

/// A budget line, parsed from its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) programme: String,
    pub(crate) body: String,
    pub(crate) year: String,
    pub(crate) class: String,
    pub(crate) fence: Option<String>,
}

impl Line {
    pub(crate) fn parse(text: &str) -> Self {
        let mut parts = text.split('/').map(str::to_owned);
        let mut part = || parts.next().unwrap();
        let (programme, body, year, class) = (part(), part(), part(), part());
        Line { programme, body, year, class, fence: parts.next() }
    }
}

/// A figure that is a sum of amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Revised,
    Committed,
    Accrued,
    Actual,
    /// The part of the actual that concerns earlier years.
    Prior,
}

/// One event's amount for one figure of a line.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) position: u64,
    pub(crate) order: usize,
    pub(crate) line: Line,
    pub(crate) month: u8,
    pub(crate) kind: Kind,
    pub(crate) pence: i128,
}

/// A forecast.
#[derive(Clone, Debug)]
pub(crate) struct StatedForecast {
    pub(crate) position: u64,
    pub(crate) order: usize,
    pub(crate) line: Line,
    pub(crate) month: u8,
    pub(crate) series: String,
    pub(crate) pence: i128,
    pub(crate) phasing: Option<Vec<i128>>,
    /// The entry and event that withdrew it.
    pub(crate) withdrawn: Option<(u64, usize)>,
}

/// A withdrawal of a forecast.
#[derive(Clone, Debug)]
pub(crate) struct Withdrawal {
    pub(crate) position: u64,
    pub(crate) order: usize,
    pub(crate) line: Line,
    pub(crate) month: u8,
    pub(crate) series: String,
}

/// One event's effect on a fund or an outside account, in pence received.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) position: u64,
    pub(crate) account: String,
    pub(crate) why: &'static str,
    pub(crate) pence: i128,
}

/// A programme, a body or a fund.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    pub(crate) position: u64,
    pub(crate) parent: Option<String>,
    /// Each name with the first position at which it holds.
    pub(crate) names: Vec<(u64, String)>,
}

/// The contents of a book's lines, each with its position.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    order: usize,
    /// For each entry, from the first: its recorded time, and whether it is inferred.
    pub(crate) entries: Vec<(String, bool)>,
    /// By actor and key: the entry, and the digest of its command.
    pub(crate) keys: BTreeMap<(String, String), (u64, String)>,
    pub(crate) changes: Vec<Change>,
    pub(crate) stated: Vec<StatedForecast>,
    pub(crate) withdrawals: Vec<Withdrawal>,
    pub(crate) flows: Vec<Flow>,
    /// Entry, year, name, and the number of events before it was struck.
    baselines: Vec<(u64, String, String, usize)>,
    /// Entry, year and name of each baseline withdrawn.
    unstruck: Vec<(u64, String, String)>,
    profiles: Vec<(u64, Line, Vec<i128>)>,
    /// Entry, year, month or all, and the close in force from then on.
    closes: Vec<(u64, String, Option<u8>, Option<String>)>,
    pub(crate) explained: Vec<(u64, Line, i128)>,
    /// Prior-period adjustments: entry, year concerned, line that carries it, figure and amount.
    pub(crate) adjusted: Vec<(u64, String, Line, Kind, i128)>,
    /// The year that an accrual concerns, by its reference.
    concerned: BTreeMap<String, String>,
    /// The entries that named a line.
    pub(crate) named: BTreeMap<Line, Vec<u64>>,
    pub(crate) programmes: BTreeMap<String, Registration>,
    pub(crate) bodies: BTreeMap<String, Registration>,
    pub(crate) funds: BTreeMap<String, Registration>,
    /// Entry, body that ended, and its successor.
    pub(crate) merged: Vec<(u64, String, String)>,
    /// The open amount of each reference, after each entry that changed it.
    pub(crate) obligations: BTreeMap<String, Vec<(u64, i128)>>,
    /// The share above which a line is underspending, as numerator and denominator.
    underspending: (i128, i128),
    /// The kind of each body.
    kinds: BTreeMap<String, String>,
    /// Events about proposals, delegations, offsets and policies: entry, name and payload.
    signed: Vec<(u64, String, serde_json::Value)>,
    /// Positions of movements whose parts do not sum to zero.
    pub(crate) unbalanced: Vec<u64>,
}

/// A question about a year's budget.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) year: String,
    pub(crate) programme: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) class: Option<String>,
    pub(crate) position: u64,
    /// The moment that decides the month of the plan to date, as entries write it.
    pub(crate) time: String,
    pub(crate) through: Option<u8>,
}

impl Question {
    /// The last month that counts.
    pub(crate) fn last_month(&self) -> u8 {
        self.through.unwrap_or(13)
    }
}

impl Oracle {
    /// The last position.
    pub(crate) fn head(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The last entry recorded at or before a moment.
    pub(crate) fn position_at(&self, time: &str) -> u64 {
        self.entries.iter().filter(|(recorded, _)| &**recorded <= time).count() as u64
    }

    /// The path from a body to the top. A merged body continues with its successor, not its parent.
    pub(crate) fn body_path(&self, code: &str, at: u64) -> Vec<String> {
        let mut path = vec![code.to_owned()];
        while let Some(body) = path.last() {
            let merged =
                self.merged.iter().find(|(position, from, _)| *position <= at && from == body);
            let above = match merged {
                Some((_, _, into)) => Some(into.clone()),
                None => self.bodies[body].parent.clone(),
            };
            let Some(above) = above else { break };
            path.push(above);
        }
        path
    }

    /// The path from a code to the top.
    pub(crate) fn path(registered: &BTreeMap<String, Registration>, code: &str) -> Vec<String> {
        let mut path = vec![code.to_owned()];
        while let Some(parent) = registered[&path[path.len() - 1]].parent.clone() {
            path.push(parent);
        }
        path
    }

    /// The name of a code at a position.
    pub(crate) fn name(
        registered: &BTreeMap<String, Registration>,
        code: &str,
        at: u64,
    ) -> Option<String> {
        let mut names = registered.get(code)?.names.iter();
        names.rfind(|(from, _)| *from <= at).map(|(_, name)| name.clone())
    }

    /// Whether every month of a year is hard-closed.
    pub(crate) fn is_hard_closed(&self, year: &str, at: u64) -> bool {
        (1..=13).all(|month| self.close(year, month, at).as_deref() == Some("hard"))
    }

    /// The close of a month.
    pub(crate) fn close(&self, year: &str, month: u8, at: u64) -> Option<String> {
        let mut close: Option<String> = None;
        for (position, of, which, what) in &self.closes {
            let concerns = of == year && which.is_none_or(|which| which == month);
            if *position <= at && concerns && close.as_deref() != Some("hard") {
                close.clone_from(what);
            }
        }
        close
    }
}
