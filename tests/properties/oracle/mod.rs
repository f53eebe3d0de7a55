//! A naive oracle: what a book's figures are, by brute force over its exported lines.
//!
//! It shares nothing with the program but the text of those lines. Every answer is worked out from
//! the first entry on, in 128-bit pence and plain ordered maps, by the words of the glossary.

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
pub(crate) use sign_off::{Proposed, Sums};
pub(crate) use steps::{Revised, Step};

/// A budget line, as its text says.
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
}

/// What one event adds to a figure of a line.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) position: u64,
    pub(crate) order: usize,
    pub(crate) line: Line,
    pub(crate) month: u8,
    pub(crate) kind: Kind,
    pub(crate) pence: i128,
}

/// A forecast that was stated.
#[derive(Clone, Debug)]
pub(crate) struct Stated {
    pub(crate) position: u64,
    pub(crate) order: usize,
    pub(crate) line: Line,
    pub(crate) month: u8,
    pub(crate) series: String,
    pub(crate) pence: i128,
    pub(crate) phasing: Option<Vec<i128>>,
}

/// What one event does to a fund, or beyond the book, in pence that came.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) position: u64,
    pub(crate) account: String,
    pub(crate) why: &'static str,
    pub(crate) pence: i128,
}

/// A programme, a body or a fund.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    pub(crate) position: u64,
    pub(crate) parent: Option<String>,
    /// Each name with the position from which on it holds.
    pub(crate) names: Vec<(u64, String)>,
}

/// Everything the lines of a book say, with the position of each.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    order: usize,
    /// Of each entry, from the first: its recorded time and whether it is inferred.
    pub(crate) entries: Vec<(String, bool)>,
    /// Actor and key of each entry, and the digest of its command.
    pub(crate) keys: BTreeMap<(String, String), (u64, String)>,
    pub(crate) changes: Vec<Change>,
    pub(crate) stated: Vec<Stated>,
    pub(crate) flows: Vec<Flow>,
    /// Year, name, and where in the order of events it was struck.
    baselines: Vec<(u64, String, String, usize)>,
    profiles: Vec<(u64, Line, Vec<i128>)>,
    /// Year, month or all, and how it is closed from then on.
    closes: Vec<(u64, String, Option<u8>, Option<String>)>,
    pub(crate) explained: Vec<(u64, Line, i128)>,
    /// Prior-period adjustments: entry, year concerned, line that carries it, figure and amount.
    pub(crate) adjusted: Vec<(u64, String, Line, Kind, i128)>,
    /// The year that an accrual concerns, by its reference.
    concerned: BTreeMap<String, String>,
    /// The entries that named a line.
    pub(crate) named: BTreeMap<Line, Vec<u64>>,
    pub(crate) programmes: BTreeMap<String, Registered>,
    pub(crate) bodies: BTreeMap<String, Registered>,
    pub(crate) funds: BTreeMap<String, Registered>,
    /// Entry, body that ended, and the one it was merged into.
    pub(crate) merged: Vec<(u64, String, String)>,
    /// What is open of each reference, after each entry that changed it.
    pub(crate) obligations: BTreeMap<String, Vec<(u64, i128)>>,
    /// The share above which a line is underspending: so many of so many.
    underspending: (i128, i128),
    /// What kind each body is.
    kinds: BTreeMap<String, String>,
    /// Entry, and what happened to proposals, delegations, offsets and policies in it.
    signed: Vec<(u64, String, serde_json::Value)>,
    /// Sums that should have been zero: the position of each movement that was not balanced.
    pub(crate) unbalanced: Vec<u64>,
}

/// What is asked of the budget of a year.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) year: String,
    pub(crate) programme: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) class: Option<String>,
    pub(crate) position: u64,
    /// The moment that tells the month of the plan to date, as an entry writes it.
    pub(crate) time: String,
    pub(crate) through: Option<u8>,
}

impl Asked {
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

    /// A body and those it counts with, from itself to the top: once it was merged, the one it was
    /// merged into instead of the one above it.
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

    /// A code and those above it, from itself to the top.
    pub(crate) fn path(registered: &BTreeMap<String, Registered>, code: &str) -> Vec<String> {
        let mut path = vec![code.to_owned()];
        while let Some(parent) = registered[&path[path.len() - 1]].parent.clone() {
            path.push(parent);
        }
        path
    }

    /// What a code was called.
    pub(crate) fn name(
        registered: &BTreeMap<String, Registered>,
        code: &str,
        at: u64,
    ) -> Option<String> {
        let mut names = registered.get(code)?.names.iter();
        names.rfind(|(from, _)| *from <= at).map(|(_, name)| name.clone())
    }

    /// Whether every month of a year was closed for good.
    pub(crate) fn is_hard_closed(&self, year: &str, at: u64) -> bool {
        (1..=13).all(|month| self.close(year, month, at).as_deref() == Some("hard"))
    }

    /// How a month was closed.
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
