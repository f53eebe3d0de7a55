//! What a book holds, computed from events alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger_core::domain::calendar::{FinancialYear, Month, Timestamp};
use ledger_core::domain::event::{
    Close, Discharge, Event, Forecast, ObligationKind, ProposalEvent, Series,
};
use ledger_core::domain::line::{BudgetClass, LineKey};
use ledger_core::domain::movement::{Account, Leg};

/// The providers of the game's one system.
pub(crate) const PROVIDERS: [&str; 4] = ["TR1", "TR2", "CCG", "SUB"];

/// The balances of a line, in pence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Balances {
    pub(crate) revised: i128,
    pub(crate) committed: i128,
    pub(crate) accrued: i128,
    pub(crate) actual: i128,
    /// The part of the actual spend that concerns earlier years.
    pub(crate) prior: i128,
}

impl Balances {
    pub(crate) fn available(&self) -> i128 {
        let spend = self.actual - self.prior.min(0);
        self.revised - spend - self.accrued - self.committed
    }
}

/// An entry as the laws see it.
#[derive(Clone, Debug)]
pub(crate) struct Posted {
    pub(crate) maker: String,
    /// The recorded time, in microseconds.
    pub(crate) at: i64,
    /// The tiers that signed it, where a signature posted it.
    pub(crate) signed: bool,
    pub(crate) events: Vec<Event>,
}

impl Posted {
    /// The legs of its movements of budget.
    pub(crate) fn legs(&self) -> impl Iterator<Item = &Leg> {
        self.movements().flatten()
    }

    /// The legs of each movement, settlements aside.
    pub(crate) fn movements(&self) -> impl Iterator<Item = &[Leg]> {
        let moving = self.events.iter().filter(|event| !matches!(event, Event::FundingSettled(_)));
        moving.map(Event::legs).filter(|legs| !legs.is_empty())
    }
}

/// The book.
#[derive(Clone, Default)]
pub(crate) struct Model {
    pub(crate) lines: BTreeMap<LineKey, Balances>,
    /// The unallocated money of all funds.
    pub(crate) unallocated: i128,
    /// What has been settled and not given back.
    pub(crate) settled: i128,
    pub(crate) closed: BTreeSet<FinancialYear>,
    pub(crate) forecasts: BTreeMap<LineKey, (u8, i128)>,
    pub(crate) entries: Vec<Arc<Posted>>,
    /// What left each year and class by exchange, net of reversals.
    exchanged: BTreeMap<(FinancialYear, BudgetClass), i128>,
    /// The last exchange beyond the share of its year and class.
    pub(crate) over_share: Option<String>,
    /// Since when some provider's forecast has exceeded its budget without a break.
    pub(crate) deteriorated_since: Option<i64>,
}

impl Model {
    pub(crate) fn apply(&mut self, posted: Arc<Posted>) {
        for event in &posted.events {
            self.event(event);
        }
        let holds = PROVIDERS.iter().any(|body| self.deteriorated(body, posted.at));
        self.deteriorated_since =
            if holds { self.deteriorated_since.or(Some(posted.at)) } else { None };
        self.entries.push(posted);
    }

    fn event(&mut self, event: &Event) {
        for leg in event.legs() {
            let pence = i128::from(leg.pence.get());
            match leg.account {
                Account::Line(line) => self.line(line).revised += pence,
                Account::Fund(_) => self.unallocated += pence,
                Account::Outside(_) => self.settled -= pence,
            }
        }
        if let Event::BudgetExchanged(made) = event {
            self.exchange(&made.legs);
        } else if let Event::Committed(made) = event {
            self.line(made.line).committed += i128::from(made.pence.get());
        } else if let Event::CommitmentReleased(made) = event {
            self.line(made.line).committed -= i128::from(made.pence.get());
        } else if let Event::AccrualReleased(made) = event {
            self.line(made.line).accrued -= i128::from(made.pence.get());
        } else if let Event::Accrued(made) = event {
            self.line(made.line).accrued += i128::from(made.pence.get());
            self.discharge(made.line, made.discharges.as_ref());
        } else if let Event::ActualRecorded(made) = event {
            let discharge = made.discharges.as_ref();
            let earlier = discharge.filter(|discharge| discharge.year.is_some());
            let accrued = earlier.map_or(0, |discharge| i128::from(discharge.pence.get()));
            let pence = i128::from(made.pence.get()) - accrued;
            let line = self.line(made.line);
            line.actual += pence;
            if made.concerns.is_some() {
                line.prior += pence;
            }
            self.discharge(made.line, discharge.filter(|discharge| discharge.year.is_none()));
        } else if let Event::PeriodClosed(made) = event {
            if made.close == Close::Hard && made.month.is_none() {
                self.closed.insert(made.year);
            }
        } else if let Event::ForecastRevised(Forecast { line, month, series, pence, .. }) = event {
            let stands = self.forecasts.get(line).map_or(0, |(stated, _)| *stated);
            if *series == Series::Reported && month.number() >= stands {
                let level = (month.number(), i128::from(pence.get()));
                self.forecasts.insert(*line, level);
            }
        }
    }

    /// Adds an exchange, whose legs the lines have already. All exchanges of a year and class
    /// together may take a share of its budget before them.
    fn exchange(&mut self, legs: &[Leg]) {
        let mut lines: Vec<(LineKey, i128)> = legs
            .iter()
            .filter_map(|leg| Some((leg.as_line()?, i128::from(leg.pence.get()))))
            .collect();
        lines.sort_by_key(|(line, _)| line.year);
        let Some((LineKey { year, class, .. }, pence)) = lines.first().copied() else { return };
        let used = self.exchanged.entry((year, class)).or_default();
        *used -= pence;
        let used = *used;
        let arrived = self.exchanged.get(&(year.before(), class)).copied().unwrap_or_default();
        let of_class =
            self.lines.iter().filter(|(line, _)| (line.year, line.class) == (year, class));
        let budget = of_class.map(|(_, line)| line.revised).sum::<i128>() + used - arrived;
        let share = if class == BudgetClass::Capital { 150 } else { 75 };
        // A penny more may be rounding.
        if pence < 0 && used * 10_000 > budget * share + 10_000 {
            self.over_share = Some(format!("{used} of {budget} exchanged out of {year} {class}"));
        }
    }

    fn line(&mut self, line: LineKey) -> &mut Balances {
        self.lines.entry(line).or_default()
    }

    fn discharge(&mut self, line: LineKey, discharge: Option<&Discharge>) {
        let Some(Discharge { kind, pence, .. }) = discharge else { return };
        let line = self.line(line);
        match kind {
            ObligationKind::Commitment => line.committed -= i128::from(pence.get()),
            ObligationKind::Accrual => line.accrued -= i128::from(pence.get()),
        }
    }

    /// Whether a body's reported revenue forecast exceeds its budget, in a year that is not closed and
    /// ended less than 90 days ago.
    fn deteriorated(&self, body: &str, at: i64) -> bool {
        let since = Timestamp::from_micros(at - 89 * 86_400_000_000).day();
        let mut sums: BTreeMap<FinancialYear, i128> = BTreeMap::new();
        let of_body = self.forecasts.iter().filter(|(line, _)| {
            line.body.as_str() == body
                && line.class == BudgetClass::Revenue
                && !self.closed.contains(&line.year)
                && line.year.last_day(Month::M12) >= since
        });
        for (line, (_, level)) in of_body {
            let revised = self.lines.get(line).map_or(0, |line| line.revised);
            *sums.entry(line.year).or_default() += level - revised;
        }
        sums.values().any(|sum| *sum > 0)
    }
}

/// Whether an entry's events include the signature that posts them.
pub(crate) fn is_signed(events: &[Event]) -> bool {
    let posts = |event: &Event| matches!(event, Event::Proposal(ProposalEvent::Signed(signed)) if signed.posts);
    events.iter().any(posts)
}
