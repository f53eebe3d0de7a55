//! Statements about a year and its lines, beside figures: baselines, closes, explanations,
//! adjustments, profiles, phasings, inferred entries and payers. Each is stored with its position;
//! all are sparse.

use std::collections::BTreeMap;
use std::ops::Deref;

use hashbrown::HashMap;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::FundCode;
use ledger_core::domain::event::{Close, Forecast, ForecastWithdrawn, Series, UnderspendCause};
use ledger_core::domain::ledger::YearPeriods;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::profile::Profile;
use ledger_core::domain::text::Reference;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::measure::Measure;

/// The statements of a year, in order of position.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Statements {
    baselines: Vec<Baseline>,
    closes: Vec<(Position, Option<u8>, Option<Close>)>,
    /// The entry that hard-closed the whole year, and by line the spend and open accruals then.
    outturn: Option<(Position, Vec<i64>)>,
    explained: Vec<UnderspendExplanation>,
    adjustments: Vec<Adjustment>,
    /// Spend on this year's lines that concerns an earlier year.
    prior: Vec<PriorSpend>,
    /// Accruals on this year's lines that concern another year, each with the entry that made it.
    accruals: BTreeMap<Reference, (Position, FinancialYear)>,
    #[serde(with = "super::rows")]
    profiles: HashMap<u32, Vec<(Position, Profile)>>,
    #[serde(with = "super::rows")]
    phasings: HashMap<u32, Vec<Phasing>>,
    /// By line: the first inferred entry, then later ones that affect an earlier month.
    #[serde(with = "super::rows")]
    inferred: HashMap<u32, Vec<(Position, u8)>>,
    /// By line: each fund that paid it.
    #[serde(with = "super::rows")]
    payers: HashMap<u32, Payers>,
}

/// Funds, each with its first payment; nearly always one.
type Payers = SmallVec<[(Position, FundCode); 1]>;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Baseline {
    name: Box<str>,
    at: Position,
    /// The number of deltas when it was struck.
    deltas: usize,
    /// By line: the revised figure.
    revised: Vec<i64>,
    /// The entry that withdrew it.
    withdrawn: Option<Position>,
}

impl Baseline {
    fn stands(&self, at: Position) -> bool {
        self.at <= at && self.withdrawn.is_none_or(|withdrawn| withdrawn > at)
    }

    fn until(&self, at: Position) -> Self {
        let withdrawn = self.withdrawn.filter(|withdrawn| *withdrawn <= at);
        Baseline { withdrawn, ..self.clone() }
    }
}

/// An explanation of part of an underspend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderspendExplanation {
    /// The entry that gave it.
    pub position: Position,
    /// The line's number in its year.
    pub line: u32,
    /// The reason.
    pub cause: UnderspendCause,
    /// The amount; negative for a reversal.
    pub pence: Pence,
}

/// A prior-period adjustment: posted in a later year, concerning this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// The entry.
    pub position: Position,
    /// The line of the later year it is posted on.
    pub posted_on: LineKey,
    /// Revised, accrued or actual.
    pub measure: Measure,
    /// The amount.
    pub pence: Pence,
}

/// Spend on a line that concerns an earlier, closed year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PriorSpend {
    pub(crate) position: Position,
    /// The line's number in its year.
    pub(crate) line: u32,
    pub(crate) month: Month,
    /// The amount; negative for a credit.
    pub(crate) pence: Pence,
}

/// A forecast by month as stated, or a later one without months that replaces it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phasing {
    /// The entry.
    pub position: Position,
    /// Reported or internal.
    pub series: Series,
    /// The month it was stated in.
    pub stated: u8,
    /// The amounts of M1 to M12, if given.
    pub months: Option<[Pence; 12]>,
    /// The entry that withdrew it.
    pub withdrawn: Option<Position>,
}

impl Statements {
    /// A copy as at a position.
    pub(super) fn until(&self, at: Position) -> Self {
        fn of<T: Clone, R: Deref<Target = [T]> + FromIterator<T>>(
            rows: &HashMap<u32, R>,
            stated: impl Fn(&T) -> bool,
        ) -> HashMap<u32, R> {
            let by_then = |rows: &[T]| rows.iter().take_while(|row| stated(row)).cloned().collect();
            let rows = rows.iter().map(|(line, rows)| (*line, by_then(rows)));
            rows.filter(|(_, rows): &(u32, R)| !rows.is_empty()).collect()
        }
        let struck = self.baselines.iter().take_while(|baseline| baseline.at <= at);
        let closes = self.closes.iter().take_while(|(position, ..)| *position <= at);
        let mut phasings = of(&self.phasings, |phasing| phasing.position <= at);
        for phasing in phasings.values_mut().flatten() {
            phasing.withdrawn = phasing.withdrawn.filter(|withdrawn| *withdrawn <= at);
        }
        Statements {
            baselines: struck.map(|baseline| baseline.until(at)).collect(),
            closes: closes.copied().collect(),
            outturn: self.outturn.clone().filter(|(closed, _)| *closed <= at),
            explained: self.explained(at).copied().collect(),
            adjustments: self.adjustments(at).copied().collect(),
            prior: self.prior(at).copied().collect(),
            accruals: self
                .accruals
                .iter()
                .filter(|(_, (made, _))| *made <= at)
                .map(|(reference, accrual)| (reference.clone(), *accrual))
                .collect(),
            profiles: of(&self.profiles, |(position, _)| *position <= at),
            phasings,
            inferred: of(&self.inferred, |(position, _)| *position <= at),
            payers: of(&self.payers, |(position, _)| *position <= at),
        }
    }

    /// Whether there are no baselines, closes and adjustments: the statements possible without a
    /// line.
    pub(super) const fn are_none(&self) -> bool {
        self.baselines.is_empty() && self.closes.is_empty() && self.adjustments.is_empty()
    }

    pub(super) fn strike(&mut self, at: Position, name: &str, deltas: usize, revised: Vec<i64>) {
        self.baselines.push(Baseline { name: name.into(), at, deltas, revised, withdrawn: None });
    }

    pub(super) fn unstrike(&mut self, at: Position, name: &str) {
        let standing = |baseline: &&mut Baseline| &*baseline.name == name && baseline.stands(at);
        if let Some(baseline) = self.baselines.iter_mut().find(standing) {
            baseline.withdrawn = Some(at);
        }
    }

    /// The baseline of a name that stands as at a position.
    fn standing(&self, at: Position, name: &str) -> Option<&Baseline> {
        self.baselines.iter().find(|baseline| &*baseline.name == name && baseline.stands(at))
    }

    /// The entry that struck a baseline, and the number of deltas then.
    pub(crate) fn struck(&self, at: Position, name: &str) -> Option<(Position, usize)> {
        self.standing(at, name).map(|struck| (struck.at, struck.deltas))
    }

    /// The entries in a range of positions that state something about the year or the wanted lines,
    /// unsorted. Deltas do not show them.
    pub(super) fn stating_entries(
        &self,
        wanted: impl Fn(usize) -> bool,
        from: Position,
        to: Position,
    ) -> Vec<Position> {
        let baselines = self.baselines.iter();
        let baselines = baselines.flat_map(|baseline| [Some(baseline.at), baseline.withdrawn]);
        let baselines = baselines.flatten();
        let closes = self.closes.iter().map(|(at, _, _)| *at);
        let explained = self.explained.iter().filter(|e| wanted(e.line as usize));
        // Unsorted: the caller sorts.
        let profiles = self.profiles.iter().filter(|(line, _)| wanted(**line as usize));
        baselines
            .chain(closes)
            .chain(explained.map(|explained| explained.position))
            .chain(profiles.flat_map(|(_, set)| set.iter().map(|(at, _)| *at)))
            .filter(|at| *at > from && *at <= to)
            .collect()
    }

    pub(super) fn baseline(&self, at: Position, name: &str) -> Option<&[i64]> {
        self.standing(at, name).map(|struck| &*struck.revised)
    }

    /// The names of the baselines, in the order they were struck.
    pub(crate) fn baselines(&self, at: Position) -> impl Iterator<Item = &str> {
        self.baselines.iter().filter(move |baseline| baseline.stands(at)).map(|b| &*b.name)
    }

    pub(super) fn set_close(&mut self, at: Position, month: Option<Month>, close: Option<Close>) {
        self.closes.push((at, month.map(Month::number), close));
    }

    /// The current state of each month.
    pub(super) fn periods(&self) -> YearPeriods {
        let mut periods = YearPeriods::default();
        for (_, of, close) in &self.closes {
            for month in Month::all().filter(|month| of.is_none_or(|of| of == month.number())) {
                periods.set(month, *close);
            }
        }
        periods
    }

    pub(super) fn strikes(&self) -> impl Iterator<Item = (&str, Position)> {
        let standing = self.baselines.iter().filter(|baseline| baseline.withdrawn.is_none());
        standing.map(|baseline| (&*baseline.name, baseline.at))
    }

    pub(super) fn was_reopened(&self, at: Position, month: Month) -> bool {
        let closes = self.closes.iter().take_while(|(position, ..)| *position <= at);
        let of_month = |of: &Option<u8>| of.is_none_or(|of| of == month.number());
        closes.into_iter().any(|(_, of, close)| of_month(of) && close.is_none())
    }

    pub(crate) fn close(&self, at: Position, month: Month) -> Option<Close> {
        let mut standing = None;
        for (position, of, close) in &self.closes {
            if *position > at {
                break;
            }
            // A hard close is final.
            if of.is_none_or(|of| of == month.number()) && standing != Some(Close::Hard) {
                standing = *close;
            }
        }
        standing
    }

    pub(super) fn set_outturn(&mut self, at: Position, outturn: Vec<i64>) {
        self.outturn = Some((at, outturn));
    }

    /// By line: the outturn; None before the hard close of the whole year.
    pub(super) fn outturn(&self, at: Position) -> Option<&[i64]> {
        let (closed, outturn) = self.outturn.as_ref()?;
        (*closed <= at).then_some(outturn)
    }

    pub(crate) fn explain(&mut self, explained: UnderspendExplanation) {
        self.explained.push(explained);
    }

    pub(crate) fn explained(&self, at: Position) -> impl Iterator<Item = &UnderspendExplanation> {
        self.explained.iter().take_while(move |explained| explained.position <= at)
    }

    pub(crate) fn adjust(&mut self, adjustment: Adjustment) {
        self.adjustments.push(adjustment);
    }

    pub(crate) fn adjustments(&self, at: Position) -> impl Iterator<Item = &Adjustment> {
        self.adjustments.iter().take_while(move |adjustment| adjustment.position <= at)
    }

    pub(crate) fn spend_prior(&mut self, spend: PriorSpend) {
        self.prior.push(spend);
    }

    pub(crate) fn prior(&self, at: Position) -> impl Iterator<Item = &PriorSpend> {
        self.prior.iter().take_while(move |spend| spend.position <= at)
    }

    /// What a line has spent that concerns earlier years.
    pub(crate) fn prior_of(&self, line: usize, at: Position) -> Pence {
        let of_line = self.prior(at).filter(|spend| spend.line as usize == line);
        Pence::sum(of_line.map(|spend| spend.pence))
    }

    pub(crate) fn note_accrual(
        &mut self,
        at: Position,
        reference: &Reference,
        concerns: FinancialYear,
    ) {
        self.accruals.entry(reference.clone()).or_insert((at, concerns));
    }

    /// The other year that an accrual on this year's line concerns.
    pub(crate) fn concerned_year(&self, accrual: &Reference) -> Option<FinancialYear> {
        self.accruals.get(accrual).map(|(_, concerned)| *concerned)
    }

    pub(crate) fn set_profile(&mut self, at: Position, line: u32, profile: Profile) {
        self.profiles.entry(line).or_default().push((at, profile));
    }

    pub(crate) fn profile(&self, line: usize, at: Position) -> Profile {
        let set = self.profiles.get(&(line as u32)).map(Vec::as_slice).unwrap_or_default();
        let last = set.partition_point(|(position, _)| *position <= at);
        last.checked_sub(1).map_or(Profile::EQUAL, |index| set[index].1)
    }

    pub(super) fn phase(&mut self, at: Position, line: u32, forecast: &Forecast) {
        let (series, stated) = (forecast.series, forecast.month.number());
        let months = forecast.phasing.as_deref().copied();
        let phasing = Phasing { position: at, series, stated, months, withdrawn: None };
        match self.phasings.get_mut(&line) {
            Some(stated) => stated.push(phasing),
            // Lines without any phased forecast need nothing stored.
            None if months.is_none() => {}
            None => drop(self.phasings.insert(line, vec![phasing])),
        }
    }

    pub(super) fn withdraw_phasing(
        &mut self,
        at: Position,
        line: u32,
        withdrawn: &ForecastWithdrawn,
    ) {
        let ForecastWithdrawn { entry, series, month, .. } = withdrawn;
        let is_it = |phasing: &&mut Phasing| {
            (phasing.position, phasing.series, phasing.stated) == (*entry, *series, month.number())
        };
        for phasing in self.phasings.get_mut(&line).into_iter().flatten().filter(is_it) {
            phasing.withdrawn.get_or_insert(at);
        }
    }

    /// The statements of a line by month that nobody has withdrawn.
    pub(crate) fn phasings(&self, line: usize, at: Position) -> impl Iterator<Item = &Phasing> {
        let stated = self.phasings.get(&(line as u32)).map(Vec::as_slice).unwrap_or_default();
        let stands = move |phasing: &&Phasing| phasing.withdrawn.is_none_or(|entry| entry > at);
        stated.iter().take_while(move |phasing| phasing.position <= at).filter(stands)
    }

    pub(crate) fn pay(&mut self, at: Position, line: u32, fund: FundCode) {
        let payers = self.payers.entry(line).or_default();
        if !payers.iter().any(|(_, payer)| *payer == fund) {
            payers.push((at, fund));
        }
    }

    /// The funds that have paid a line.
    pub(crate) fn payers(&self, line: usize, at: Position) -> impl Iterator<Item = FundCode> {
        let payers = self.payers.get(&(line as u32)).map(SmallVec::as_slice).unwrap_or_default();
        payers.iter().take_while(move |(position, _)| *position <= at).map(|(_, payer)| *payer)
    }

    pub(crate) fn infer(&mut self, at: Position, line: u32, month: Month) {
        let inferred = self.inferred.entry(line).or_default();
        if inferred.last().is_none_or(|(_, earliest)| month.number() < *earliest) {
            inferred.push((at, month.number()));
        }
    }

    pub(crate) fn is_inferred(&self, line: usize, at: Position, through: Month) -> bool {
        let inferred = self.inferred.get(&(line as u32)).map(Vec::as_slice).unwrap_or_default();
        inferred.iter().any(|(position, month)| *position <= at && *month <= through.number())
    }
}
