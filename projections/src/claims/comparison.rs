//! Published figures compared with the ledger, as at their publication and as at the moment asked
//! for.

use std::collections::BTreeMap;
use std::rc::Rc;

use ledger_core::domain::calendar::{FinancialYear, Timestamp};
use ledger_core::domain::claim::{Figure, FigureMeasure};
use ledger_core::domain::code::{FigureCode, FundCode, ScopeCode};
use ledger_core::domain::event::{FigurePublished, ScopeDefined};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;

use super::{Claim, TotalScope};
use crate::Moment;
use crate::budget::BudgetQuery;
use crate::figures::Figures;
use crate::funds::FundBalance;
use crate::scope::Within;

/// A query for published figures.
#[derive(Clone, Copy, Debug)]
pub struct ClaimsQuery {
    /// Only figures about this year.
    pub year: Option<FinancialYear>,
    /// The moment the answer is as at.
    pub moment: Moment,
}

/// Another total that the publisher may have meant, whose figure agrees with the published one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The total.
    pub scope: ScopeCode,
    /// Its figure in the ledger.
    pub ledger: Pence,
}

/// A published figure compared with the ledger at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimComparison {
    /// The position the comparison is as at.
    pub position: Position,
    /// The ledger's figure; None where it has none, which differs from 0.00.
    pub ledger: Option<Pence>,
    /// Published less ledger; for a range, its nearest amount. None where either has no amount.
    pub difference: Option<Pence>,
    /// Whether the published figure includes the ledger's; None where either has no amount.
    pub agrees: Option<bool>,
    /// Other totals of the same subject, known at the moment asked for, whose figure of the same
    /// year and measure agrees.
    pub explained_by: Vec<Explanation>,
    /// The nearest published amount less the ledger's; 0.00 where another total explains it.
    pub unexplained: Option<Pence>,
}

/// A published figure with its comparisons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedClaim {
    /// The published figure.
    pub claim: Claim,
    /// When it was recorded.
    pub recorded: Option<Timestamp>,
    /// The figure that replaced it, if any.
    pub superseded_by: Option<FigureCode>,
    /// As at the end of the day of publication, or the moment asked for if earlier.
    pub at_publication: ClaimComparison,
    /// As at the moment asked for.
    pub now: ClaimComparison,
}

impl Within<'_> {
    /// The totals the reader may know, in the order they were defined.
    pub fn totals(&self, at: Position) -> impl Iterator<Item = &TotalScope> {
        let all = self.models.claims.totals(at);
        all.filter(|total| self.scope.knows_total(&total.definition))
    }

    /// The published figures the reader may know, in the order they were recorded. Those about a
    /// fund need the whole book.
    pub fn published(&self, query: &ClaimsQuery) -> Vec<Claim> {
        let at = query.moment.position;
        let readable = |claim: &&Claim| {
            let FigurePublished { scope, fund, year, .. } = &claim.published;
            let about = query.year.is_none_or(|wanted| *year == Some(wanted));
            let fund_readable = fund.is_none() || self.scope.is_everything();
            let known = |code| {
                let total = self.models.claims.total(code, at);
                total.is_some_and(|total| self.scope.knows_total(&total.definition))
            };
            about && fund_readable && scope.is_none_or(known)
        };
        self.models.claims.published(at).filter(readable).cloned().collect()
    }

    /// Compares published figures with the ledger.
    pub fn compare_claims(&self, claims: &[Claim], moment: Moment) -> Vec<ComparedClaim> {
        let mut figures =
            YearFigures { within: *self, lines: BTreeMap::new(), sums: BTreeMap::new() };
        let compared = claims.iter().map(|claim| {
            let Claim { recorded_by, published } = claim;
            let day = self.end_of(published, moment);
            ComparedClaim {
                claim: claim.clone(),
                recorded: self.recorded(*recorded_by),
                superseded_by: self.models.claims.superseded_by(published.code, moment.position),
                at_publication: figures.compare(published, day, moment.position),
                now: figures.compare(published, moment, moment.position),
            }
        });
        compared.collect()
    }

    /// The end of the day of publication, or the moment if earlier.
    fn end_of(&self, published: &FigurePublished, moment: Moment) -> Moment {
        let time = Timestamp::end_of_day(published.published_on).min(moment.time);
        let position = self.models.times.position_at(time).min(moment.position);
        Moment { position, time }
    }

    /// Whether a total counts the line's programme.
    fn has_programme(&self, total: &ScopeDefined, line: &LineKey) -> bool {
        let ScopeDefined { programmes, .. } = total;
        let path = || self.models.register.programme_path(line.programme);
        programmes.is_empty() || path().any(|code| programmes.contains(&code))
    }

    fn in_total(&self, total: &ScopeDefined, line: &LineKey, at: Position) -> bool {
        let register = &self.models.register;
        let ScopeDefined { bodies, classes, .. } = total;
        let has_body = |code| bodies.contains(&code);
        (classes.is_empty() || classes.contains(&line.class))
            && self.has_programme(total, line)
            && (bodies.is_empty() || register.body_path(line.body, at).any(has_body))
    }

    /// The money of a fund and its descendants; None where they never had any.
    fn fund_total(&self, fund: FundCode, at: Position) -> Option<FundBalance> {
        let register = &self.models.register;
        let below = |code| register.fund_path(code).any(|above| above == fund);
        let sums = self.fund_sums(at, below).into_iter();
        sums.map(|sum| sum.balance).reduce(|sum, balance| sum.plus(&balance))
    }
}

/// The figures of a year's lines.
type Lines = Rc<Vec<(LineKey, Figures)>>;

/// Caches lines and sums by year and position, since many published figures share them.
struct YearFigures<'m> {
    within: Within<'m>,
    lines: BTreeMap<(FinancialYear, Position), Lines>,
    /// None where the total has no line in the year.
    sums: BTreeMap<(FinancialYear, Position, ScopeCode), Option<Figures>>,
}

impl YearFigures<'_> {
    fn lines(&mut self, year: FinancialYear, moment: Moment) -> Lines {
        let within = self.within;
        let lines = self.lines.entry((year, moment.position)).or_insert_with(|| {
            Rc::new(within.line_figures(&BudgetQuery {
                year,
                programme: None,
                body: None,
                class: None,
                moment,
                through: None,
                rollup: None,
            }))
        });
        Rc::clone(lines)
    }

    /// A total's figures; None where it has no line in the year.
    fn of_total(
        &mut self,
        total: &ScopeDefined,
        year: FinancialYear,
        moment: Moment,
    ) -> Option<Figures> {
        let of = (year, moment.position, total.code);
        if let Some(known) = self.sums.get(&of) {
            return *known;
        }
        let lines = self.lines(year, moment);
        let wanted =
            lines.iter().filter(|(line, _)| self.within.in_total(total, line, moment.position));
        let sum = Figures::sum(wanted.map(|(_, figures)| figures));
        self.sums.insert(of, sum);
        sum
    }

    /// Whether a publisher who speaks of one total may have meant another: one of the same subject,
    /// which counts every programme of the first and shares a line with it. A part of the subject is
    /// another subject.
    fn may_be_meant(
        &mut self,
        spoken: &ScopeDefined,
        other: &ScopeDefined,
        year: FinancialYear,
        moment: Moment,
    ) -> bool {
        let (lines, within) = (self.lines(year, moment), self.within);
        let counts = |total, line| within.in_total(total, line, moment.position);
        let mut subject = lines.iter().map(|(line, _)| line).filter(|line| counts(spoken, line));
        subject.clone().all(|line| within.has_programme(other, line))
            && subject.any(|line| counts(other, line))
    }

    fn compare(
        &mut self,
        published: &FigurePublished,
        moment: Moment,
        asked: Position,
    ) -> ClaimComparison {
        let mut comparison = ClaimComparison {
            position: moment.position,
            ledger: None,
            difference: None,
            agrees: None,
            explained_by: Vec::new(),
            unexplained: None,
        };
        let Some(measure) = published.measure else { return comparison };
        let claimed = &published.figure;
        if let Some(fund) = published.fund {
            let balance = self.within.fund_total(fund, moment.position);
            comparison.ledger = balance.and_then(|balance| of_fund(&balance, measure));
        } else if let (Some(own), Some(year)) = (published.scope, published.year) {
            let within = self.within;
            let spoken = within.models.claims.total(own, asked).map(|total| &total.definition);
            for TotalScope { definition, .. } in within.totals(asked) {
                let found = self.of_total(definition, year, moment);
                let Some(ledger) = found.and_then(|sum| figure(&sum, measure)) else { continue };
                let scope = definition.code;
                if scope == own {
                    comparison.ledger = Some(ledger);
                } else if claimed.admits(ledger) == Some(true)
                    && spoken.is_some_and(|of| self.may_be_meant(of, definition, year, moment))
                {
                    comparison.explained_by.push(Explanation { scope, ledger });
                }
            }
        }
        comparison.set_difference(claimed);
        comparison
    }
}

impl ClaimComparison {
    fn set_difference(&mut self, claimed: &Figure) {
        let Some(ledger) = self.ledger else { return };
        let less_ledger = |amount: Option<Pence>| amount.map(|amount| amount.minus(ledger));
        self.difference = less_ledger(claimed.stated(ledger));
        self.agrees = claimed.admits(ledger);
        self.unexplained = if self.explained_by.is_empty() {
            less_ledger(claimed.nearest(ledger))
        } else {
            Some(Pence::ZERO)
        };
    }
}

fn figure(sum: &Figures, measure: FigureMeasure) -> Option<Pence> {
    match measure {
        FigureMeasure::Original => sum.original,
        FigureMeasure::Revised => Some(sum.revised),
        // A forecast of some lines is none of their sum.
        FigureMeasure::Forecast => sum.forecast.whole(),
        FigureMeasure::Actual => Some(sum.spent()),
        FigureMeasure::Underspend => {
            let expected = sum.outturn.or(sum.forecast.whole());
            expected.map(|expected| sum.revised.minus(expected))
        }
        FigureMeasure::Settled | FigureMeasure::NewMoney => None,
    }
}

fn of_fund(balance: &FundBalance, measure: FigureMeasure) -> Option<Pence> {
    match measure {
        FigureMeasure::Settled => Some(balance.settled()),
        FigureMeasure::NewMoney => Some(balance.new_money),
        FigureMeasure::Original
        | FigureMeasure::Revised
        | FigureMeasure::Forecast
        | FigureMeasure::Actual
        | FigureMeasure::Underspend => None,
    }
}
