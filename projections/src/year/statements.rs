//! What is stated about a year's lines beside figures: baselines, profiles, phasings, closes,
//! explanations, inferences, payers, and adjustments posted in later years. All of it is sparse, and kept
//! with the position that stated it.

use std::collections::BTreeMap;
use std::ops::Deref;

use hashbrown::HashMap;
use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::code::FundCode;
use ledger_core::domain::event::{Close, Forecast, Series, UnderspendCause};
use ledger_core::domain::ledger::YearPeriods;
use ledger_core::domain::line::LineKey;
use ledger_core::domain::money::Pence;
use ledger_core::domain::position::Position;
use ledger_core::domain::profile::Profile;
use ledger_core::domain::text::Reference;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::measure::Measure;

/// Statements in order of position.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Statements {
    baselines: Vec<Baseline>,
    closes: Vec<(Position, Option<u8>, Option<Close>)>,
    explained: Vec<Explained>,
    adjustments: Vec<Adjustment>,
    /// The accruals on lines of this year that concern another, each with the entry that made it.
    accruals: BTreeMap<Reference, (Position, FinancialYear)>,
    #[serde(with = "super::rows")]
    profiles: HashMap<u32, Vec<(Position, Profile)>>,
    #[serde(with = "super::rows")]
    phasings: HashMap<u32, Vec<Phasing>>,
    /// By line: the first inferred entry, and later ones that reach an earlier month.
    #[serde(with = "super::rows")]
    inferred: HashMap<u32, Vec<(Position, u8)>>,
    /// By line: the funds that have paid it, each once.
    #[serde(with = "super::rows")]
    payers: HashMap<u32, Payers>,
}

/// Funds, each with the entry by which it first paid; nearly always one.
type Payers = SmallVec<[(Position, FundCode); 1]>;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Baseline {
    name: Box<str>,
    at: Position,
    /// How many deltas the year had.
    deltas: usize,
    /// The revised figure of each line there was.
    revised: Vec<i64>,
}

/// Part of an underspend, explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The entry that says so.
    pub position: Position,
    /// The line's number in its year.
    pub line: u32,
    /// Why.
    pub cause: UnderspendCause,
    /// How much; negative where reversed.
    pub pence: Pence,
}

/// A prior-period adjustment: posted in a later year, and concerning this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// The entry.
    pub position: Position,
    /// The line of the later year that carries it.
    pub posted_on: LineKey,
    /// Budget, accrual or actual.
    pub measure: Measure,
    /// How much.
    pub pence: Pence,
}

/// A forecast by month, as its forecaster gave it; or one without months that came after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phasing {
    /// The entry.
    pub position: Position,
    /// Reported or internal.
    pub series: Series,
    /// The month in which it was stated.
    pub stated: u8,
    /// M1 to M12, where the forecaster gave them.
    pub months: Option<[Pence; 12]>,
}

impl Statements {
    /// What had been stated by a position about the first lines.
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
        Statements {
            baselines: struck.cloned().collect(),
            closes: closes.copied().collect(),
            explained: self.explained(at).copied().collect(),
            adjustments: self.adjustments(at).copied().collect(),
            accruals: self
                .accruals
                .iter()
                .filter(|(_, (made, _))| *made <= at)
                .map(|(reference, accrual)| (reference.clone(), *accrual))
                .collect(),
            profiles: of(&self.profiles, |(position, _)| *position <= at),
            phasings: of(&self.phasings, |phasing| phasing.position <= at),
            inferred: of(&self.inferred, |(position, _)| *position <= at),
            payers: of(&self.payers, |(position, _)| *position <= at),
        }
    }

    /// Whether there are none that need no line.
    pub(super) const fn are_none(&self) -> bool {
        self.baselines.is_empty() && self.closes.is_empty() && self.adjustments.is_empty()
    }

    pub(super) fn strike(&mut self, at: Position, name: &str, deltas: usize, revised: Vec<i64>) {
        self.baselines.push(Baseline { name: name.into(), at, deltas, revised });
    }

    /// The entry that struck a baseline, and how many deltas the year had then.
    pub(crate) fn struck(&self, at: Position, name: &str) -> Option<(Position, usize)> {
        let struck = self.baselines.iter().find(|baseline| &*baseline.name == name)?;
        (struck.at <= at).then_some((struck.at, struck.deltas))
    }

    /// The entries after one and up to another that state something about the year, or about lines
    /// of it that are wanted, in no order: what deltas alone do not tell.
    pub(super) fn stating(
        &self,
        wanted: impl Fn(usize) -> bool,
        from: Position,
        to: Position,
    ) -> Vec<Position> {
        let baselines = self.baselines.iter().map(|baseline| baseline.at);
        let closes = self.closes.iter().map(|(at, _, _)| *at);
        let explained = self.explained.iter().filter(|e| wanted(e.line as usize));
        // In no order: whoever asks sorts them.
        let profiles = self.profiles.iter().filter(|(line, _)| wanted(**line as usize));
        baselines
            .chain(closes)
            .chain(explained.map(|explained| explained.position))
            .chain(profiles.flat_map(|(_, set)| set.iter().map(|(at, _)| *at)))
            .filter(|at| *at > from && *at <= to)
            .collect()
    }

    pub(super) fn baseline(&self, at: Position, name: &str) -> Option<&[i64]> {
        let struck = self.baselines.iter().find(|baseline| &*baseline.name == name)?;
        (struck.at <= at).then_some(&struck.revised)
    }

    /// The names of the baselines struck by then.
    pub(crate) fn baselines(&self, at: Position) -> impl Iterator<Item = &str> {
        self.baselines.iter().filter(move |baseline| baseline.at <= at).map(|b| &*b.name)
    }

    pub(super) fn set_close(&mut self, at: Position, month: Option<Month>, close: Option<Close>) {
        self.closes.push((at, month.map(Month::number), close));
    }

    /// How the months are closed, and which were reopened, as things are now.
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
        self.baselines.iter().map(|baseline| (&*baseline.name, baseline.at))
    }

    pub(crate) fn close(&self, at: Position, month: Month) -> Option<Close> {
        let mut standing = None;
        for (position, of, close) in &self.closes {
            if *position > at {
                break;
            }
            // What is closed for good stays so.
            if of.is_none_or(|of| of == month.number()) && standing != Some(Close::Hard) {
                standing = *close;
            }
        }
        standing
    }

    pub(crate) fn explain(&mut self, explained: Explained) {
        self.explained.push(explained);
    }

    pub(crate) fn explained(&self, at: Position) -> impl Iterator<Item = &Explained> {
        self.explained.iter().take_while(move |explained| explained.position <= at)
    }

    pub(crate) fn adjust(&mut self, adjustment: Adjustment) {
        self.adjustments.push(adjustment);
    }

    pub(crate) fn adjustments(&self, at: Position) -> impl Iterator<Item = &Adjustment> {
        self.adjustments.iter().take_while(move |adjustment| adjustment.position <= at)
    }

    pub(crate) fn note_accrual(
        &mut self,
        at: Position,
        reference: &Reference,
        concerns: FinancialYear,
    ) {
        self.accruals.entry(reference.clone()).or_insert((at, concerns));
    }

    /// The other year that an accrual on a line of this one concerns.
    pub(crate) fn concerned_by(&self, accrual: &Reference) -> Option<FinancialYear> {
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
        let phasing = Phasing { position: at, series, stated, months };
        match self.phasings.get_mut(&line) {
            Some(stated) => stated.push(phasing),
            // Most lines never have a phased forecast, and need nothing kept here.
            None if months.is_none() => {}
            None => drop(self.phasings.insert(line, vec![phasing])),
        }
    }

    pub(crate) fn phasings(&self, line: usize, at: Position) -> impl Iterator<Item = &Phasing> {
        let stated = self.phasings.get(&(line as u32)).map(Vec::as_slice).unwrap_or_default();
        stated.iter().take_while(move |phasing| phasing.position <= at)
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
