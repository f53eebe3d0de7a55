//! Forecasts, explanations of underspends, profiles and baselines.

use super::case::{Case, positive};
use super::{Event, PeriodRejection, Rejection, Warning};
use crate::domain::calendar::{FinancialYear, Month};
use crate::domain::command::{
    ExplainUnderspend, ReviseForecast, SetProfile, StrikeBaseline, WithdrawBaseline,
    WithdrawForecast,
};
use crate::domain::event::{
    BaselineStruck, BaselineWithdrawn, Explanation, Forecast, ForecastWithdrawn, ProfileSet, Series,
};
use crate::domain::line::{BudgetClass, LineKey};
use crate::domain::money::Pence;
use crate::domain::rejection::PlanRejection;

/// A forecast over this many times the revised budget is likely a slip.
const FAR_ABOVE: i64 = 10;

impl Case<'_> {
    /// States a forecast. A high forecast is never refused.
    pub(super) fn revise_forecast(&mut self, command: &ReviseForecast) -> Result<(), Rejection> {
        let ReviseForecast { line, month, series, amount, phasing } = command.clone();
        self.open_line(&line)?;
        self.open_budget_month(line.year, month)?;
        self.line_fits(Pence::ZERO, amount)?;
        let phasing = match phasing {
            None => None,
            Some(months) => {
                let sum = Pence::sum(months.iter().map(|month| month.0));
                let differs = || Rejection::PhasingDiffers { sum, forecast: amount };
                let months: [Pence; 12] = months
                    .into_iter()
                    .map(|month| month.0)
                    .collect::<Vec<_>>()
                    .try_into()
                    .map_err(|_| differs())?;
                if sum != amount {
                    return Err(differs());
                }
                Some(Box::new(months))
            }
        };
        // --- nothing below can fail
        if series == Series::Reported
            && month >= Month::M10
            && line.class == BudgetClass::Revenue
            && self.ledger.system_of(line.body).is_some()
        {
            self.warnings.push(Warning::LateForecast { line, month });
        }
        self.warn_of_future_month(line, month);
        let revised = self.ledger.line(&line).map_or(Pence::ZERO, |line| line.revised);
        if amount > revised.times(FAR_ABOVE) {
            self.warnings.push(Warning::ForecastFarAbove { line, forecast: amount, revised });
        }
        let latest = self.ledger.latest_forecast(&line, series).map(|stated| stated.month);
        if let Some(latest) = latest.filter(|latest| *latest > month) {
            self.warnings.push(Warning::ForecastNotLatest { line, month, latest });
        }
        let forecast = Forecast { line, month, series, pence: amount, phasing };
        self.emit(Event::ForecastRevised(forecast));
        Ok(())
    }

    /// Withdraws what an entry stated of a forecast. Its months must be open, since their forecasts
    /// change.
    pub(super) fn withdraw_forecast(
        &mut self,
        command: &WithdrawForecast,
    ) -> Result<(), Rejection> {
        let WithdrawForecast { entry, line } = *command;
        let mut withdrawn: Vec<ForecastWithdrawn> = Vec::new();
        for event in &self.original(entry)?.events {
            let Event::ForecastRevised(forecast) = event else { continue };
            let Forecast { line: of, month, series, .. } = *forecast;
            let named = line.is_none_or(|line| line == of);
            let again =
                |one: &ForecastWithdrawn| (one.line, one.month, one.series) == (of, month, series);
            let stated = self.ledger.stated_forecasts(&of);
            let of_month =
                || stated.iter().filter(|one| (one.month, one.series) == (month, series));
            if named && of_month().any(|one| one.entry == entry) && !withdrawn.iter().any(again) {
                let stands = of_month().rfind(|one| one.entry != entry).map(|one| one.pence);
                withdrawn.push(ForecastWithdrawn { entry, line: of, month, series, stands });
            }
        }
        if withdrawn.is_empty() {
            return Err(PlanRejection::NoForecast { entry }.into());
        }
        for one in &withdrawn {
            self.open_budget_month(one.line.year, one.month)?;
        }
        // --- nothing below can fail
        withdrawn.into_iter().for_each(|one| self.emit(Event::ForecastWithdrawn(one)));
        Ok(())
    }

    pub(super) fn explain_underspend(
        &mut self,
        command: &ExplainUnderspend,
    ) -> Result<(), Rejection> {
        let ExplainUnderspend { line, cause, amount } = *command;
        positive(amount)?;
        self.open_line(&line)?;
        let (underspend, explained) = (self.underspend(&line), self.ledger.explained(&line));
        if explained.plus(amount) > underspend {
            return Err(Rejection::BeyondUnderspend { line, underspend, explained });
        }
        // --- nothing below can fail
        self.emit(Event::UnderspendExplained(Explanation { line, cause, pence: amount }));
        Ok(())
    }

    /// The underspend: revised less actual, or less the forecast while the year is open.
    fn underspend(&self, key: &LineKey) -> Pence {
        let Some(line) = self.ledger.line(key) else { return Pence::ZERO };
        let forecast = self.ledger.reported_forecast(key);
        let spent = match forecast {
            Some(level) if !self.ledger.is_hard_closed(key.year) => level,
            // The outturn of a closed year includes its open accruals.
            _ if self.ledger.is_hard_closed(key.year) => line.actual.plus(line.accrued),
            _ => line.actual,
        };
        line.revised.minus(spent).max(Pence::ZERO)
    }

    pub(super) fn set_profile(&mut self, command: &SetProfile) -> Result<(), Rejection> {
        let SetProfile { line, profile } = *command;
        self.open_line(&line)?;
        self.year_is_open(line.year)?;
        // --- nothing below can fail
        self.emit(Event::ProfileSet(ProfileSet { line, profile }));
        Ok(())
    }

    pub(super) fn strike_baseline(&mut self, command: &StrikeBaseline) -> Result<(), Rejection> {
        let StrikeBaseline { year, name } = command.clone();
        self.year_is_open(year)?;
        if self.ledger.has_baseline(year, &name) {
            return Err(PlanRejection::BaselineTaken { year, name }.into());
        }
        if name.as_str() == "original" && !self.has_budget(year) {
            return Err(PlanRejection::NothingToStrike { year }.into());
        }
        // --- nothing below can fail
        self.emit(Event::BaselineStruck(BaselineStruck { year, name }));
        Ok(())
    }

    fn has_budget(&self, year: FinancialYear) -> bool {
        let lines = self.ledger.line_keys().into_iter().filter(|line| line.year == year);
        lines.filter_map(|line| self.ledger.line(&line)).any(|line| !line.revised.is_zero())
    }

    /// Withdraws a baseline. It always needs sign-off: every original budget of the year changes.
    pub(super) fn withdraw_baseline(
        &mut self,
        command: &WithdrawBaseline,
    ) -> Result<(), Rejection> {
        let WithdrawBaseline { year, name } = command.clone();
        self.year_is_open(year)?;
        if !self.ledger.has_baseline(year, &name) {
            return Err(PlanRejection::UnknownBaseline { year, name }.into());
        }
        // --- nothing below can fail
        self.emit(Event::BaselineWithdrawn(BaselineWithdrawn { year, name }));
        Ok(())
    }

    fn year_is_open(&self, year: FinancialYear) -> Result<(), Rejection> {
        if self.ledger.is_hard_closed(year) {
            return Err(PeriodRejection::HardClosed { year, month: Month::M13 }.into());
        }
        Ok(())
    }
}
