//! Published figures held against the ledger: as it stood when each was published, and as it
//! stands.

use std::collections::BTreeMap;
use std::rc::Rc;

use ledger_core::domain::calendar::{FinancialYear, Timestamp};
use ledger_core::domain::claim::{ClaimMeasure, Figure};
use ledger_core::domain::code::{ClaimCode, FundCode, ScopeCode};
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

/// Which published figures are asked for.
#[derive(Clone, Copy, Debug)]
pub struct ClaimsQuery {
    /// Only those about this year.
    pub year: Option<FinancialYear>,
    /// As known when.
    pub moment: Moment,
}

/// Another scope whose figure agrees with what was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The scope.
    pub scope: ScopeCode,
    /// Its figure.
    pub ledger: Pence,
}

/// A published figure beside the ledger's own, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The last entry that counts.
    pub position: Position,
    /// The ledger's figure; none where it has none such, which is not 0.00.
    pub ledger: Option<Pence>,
    /// What was published less the ledger's; of a range, its nearest amount. None where either
    /// states no amount.
    pub difference: Option<Pence>,
    /// Whether the ledger's figure is one that was published; none where either states no amount.
    pub agrees: Option<bool>,
    /// The other scopes, of those known at the moment that is asked as at, whose figure for the
    /// same year and measure is.
    pub explained_by: Vec<Explanation>,
    /// What neither its own scope nor another explains: how far the nearest amount that was
    /// published is from the ledger's.
    pub unexplained: Option<Pence>,
}

/// A published figure, held against the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldClaim {
    /// What was published, and by which entry it was recorded.
    pub claim: Claim,
    /// When that was.
    pub recorded: Option<Timestamp>,
    /// The figure that has taken its place.
    pub superseded_by: Option<ClaimCode>,
    /// Against the ledger at the end of the day it was published, or at the moment that is asked as
    /// at where that is earlier.
    pub at_publication: Held,
    /// Against the ledger at the moment that is asked as at.
    pub now: Held,
}

impl Within<'_> {
    /// The totals by name that may be known of.
    pub fn totals(&self, at: Position) -> impl Iterator<Item = &TotalScope> {
        let all = self.models.claims.totals(at);
        all.filter(|total| self.scope.knows_total(&total.definition))
    }

    /// The published figures that may be known of, in the order they were recorded. What is about a
    /// fund is told to those who read everything.
    pub fn published(&self, query: &ClaimsQuery) -> Vec<Claim> {
        let at = query.moment.position;
        let told = |claim: &&Claim| {
            let FigurePublished { scope, fund, year, .. } = &claim.published;
            let about = query.year.is_none_or(|wanted| *year == Some(wanted));
            let fund_told = fund.is_none() || self.scope.is_everything();
            let known = |code| {
                let total = self.models.claims.total(code, at);
                total.is_some_and(|total| self.scope.knows_total(&total.definition))
            };
            about && fund_told && scope.is_none_or(known)
        };
        self.models.claims.published(at).filter(told).cloned().collect()
    }

    /// Published figures, each held against the ledger.
    pub fn hold(&self, claims: &[Claim], moment: Moment) -> Vec<HeldClaim> {
        let mut figures =
            YearFigures { within: *self, lines: BTreeMap::new(), sums: BTreeMap::new() };
        let held = claims.iter().map(|claim| {
            let Claim { recorded_by, published } = claim;
            let day = self.end_of(published, moment);
            HeldClaim {
                claim: claim.clone(),
                recorded: self.recorded(*recorded_by),
                superseded_by: self.models.claims.superseded_by(published.code, moment.position),
                at_publication: figures.hold(published, day, moment.position),
                now: figures.hold(published, moment, moment.position),
            }
        });
        held.collect()
    }

    /// The end of the day on which something was published, or the moment if that is earlier.
    fn end_of(&self, published: &FigurePublished, moment: Moment) -> Moment {
        let time = Timestamp::end_of_day(published.published_on).min(moment.time);
        let position = self.models.times.position_at(time).min(moment.position);
        Moment { position, time }
    }

    fn in_total(&self, total: &ScopeDefined, line: &LineKey, at: Position) -> bool {
        let register = &self.models.register;
        let ScopeDefined { programmes, bodies, classes, .. } = total;
        let has_programme = |code| programmes.contains(&code);
        let has_body = |code| bodies.contains(&code);
        (programmes.is_empty() || register.programme_path(line.programme).any(has_programme))
            && (bodies.is_empty() || register.body_path(line.body, at).any(has_body))
            && (classes.is_empty() || classes.contains(&line.class))
    }

    /// A fund's own money and that of the funds below it; none where there never was any.
    fn fund_balance(&self, fund: FundCode, at: Position) -> Option<FundBalance> {
        let register = &self.models.register;
        let below = |code| register.fund_path(code).any(|above| above == fund);
        let sums = self.models.fund_sums(at, below).into_iter();
        sums.map(|(_, balance)| balance).reduce(|sum, balance| sum.plus(&balance))
    }
}

/// The figures of a year's lines as at a position.
type Lines = Rc<Vec<(LineKey, Figures)>>;

/// The lines of years as at positions, and their sums by total, worked out once for all the figures
/// that are held against them.
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

    /// The figures of a total; none where it has no line in the year.
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
        let sum = wanted.map(|(_, figures)| *figures).reduce(|sum, line| sum.plus(&line));
        self.sums.insert(of, sum);
        sum
    }

    fn hold(&mut self, published: &FigurePublished, moment: Moment, asked: Position) -> Held {
        let mut held = Held {
            position: moment.position,
            ledger: None,
            difference: None,
            agrees: None,
            explained_by: Vec::new(),
            unexplained: None,
        };
        let Some(measure) = published.measure else { return held };
        let mut others = Vec::new();
        if let Some(fund) = published.fund {
            let balance = self.within.fund_balance(fund, moment.position);
            held.ledger = balance.and_then(|balance| of_fund(&balance, measure));
        } else if let (Some(own), Some(year)) = (published.scope, published.year) {
            let within = self.within;
            for TotalScope { definition, .. } in within.totals(asked) {
                let found = self.of_total(definition, year, moment);
                let found = found.and_then(|sum| figure(&sum, measure));
                if definition.code == own {
                    held.ledger = found;
                } else {
                    let scope = definition.code;
                    others.extend(found.map(|ledger| Explanation { scope, ledger }));
                }
            }
        }
        let claimed = &published.figure;
        others.retain(|other| claimed.admits(other.ledger) == Some(true));
        held.explained_by = others;
        held.compare(claimed);
        held
    }
}

impl Held {
    fn compare(&mut self, claimed: &Figure) {
        let Some(ledger) = self.ledger else { return };
        let less = |amount: Option<Pence>| amount.map(|amount| amount.minus(ledger));
        self.difference = less(claimed.stated(ledger));
        self.agrees = claimed.admits(ledger);
        self.unexplained = if self.explained_by.is_empty() {
            less(claimed.nearest(ledger))
        } else {
            Some(Pence::ZERO)
        };
    }
}

fn figure(sum: &Figures, measure: ClaimMeasure) -> Option<Pence> {
    match measure {
        ClaimMeasure::Original => sum.original,
        ClaimMeasure::Revised => Some(sum.revised),
        ClaimMeasure::Forecast => sum.forecast,
        ClaimMeasure::Actual => Some(sum.actual),
        ClaimMeasure::Underspend if sum.closed => Some(sum.revised.minus(sum.actual)),
        // Half a forecast is not what a year is expected to come to.
        ClaimMeasure::Underspend if sum.wholly_forecast => {
            sum.forecast.map(|forecast| sum.revised.minus(forecast))
        }
        ClaimMeasure::Underspend | ClaimMeasure::Settled | ClaimMeasure::NewMoney => None,
    }
}

fn of_fund(balance: &FundBalance, measure: ClaimMeasure) -> Option<Pence> {
    match measure {
        ClaimMeasure::Settled => Some(balance.settled()),
        ClaimMeasure::NewMoney => Some(balance.new_money),
        ClaimMeasure::Original
        | ClaimMeasure::Revised
        | ClaimMeasure::Forecast
        | ClaimMeasure::Actual
        | ClaimMeasure::Underspend => None,
    }
}
