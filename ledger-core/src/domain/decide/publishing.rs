//! Defines scopes and records published figures. They move no money and need no sign-off.

use super::case::{Case, most_like};
use super::movements::within_limit;
use super::registering::taken;
use super::{Event, Rejection};
use crate::domain::claim::{Figure, PenceRange};
use crate::domain::code::{FigureCode, ScopeCode};
use crate::domain::command::{DefineScope, PublishFigure};
use crate::domain::event::{FigurePublished, ScopeDefined};
use crate::domain::rejection::FigureRejection;

impl Case<'_> {
    /// Defines a scope. Published figures depend on it, so it never changes.
    pub(super) fn define_scope(&mut self, command: &DefineScope) -> Result<(), Rejection> {
        let DefineScope { code, name, programmes, bodies, classes } = command.clone();
        if self.ledger.has_scope(code) {
            return Err(taken("scope", code.as_str()));
        }
        for programme in &programmes {
            self.programme(*programme)?;
        }
        for body in &bodies {
            self.body(*body)?;
        }
        // --- nothing below can fail
        self.emit(Event::ScopeDefined(ScopeDefined { code, name, programmes, bodies, classes }));
        Ok(())
    }

    /// Records a published figure. Only its form is checked, never its truth.
    pub(super) fn publish_figure(&mut self, command: &PublishFigure) -> Result<(), Rejection> {
        if self.ledger.superseding_figure(command.code).is_some() {
            return Err(taken("published figure", command.code.as_str()));
        }
        if let Some(scope) = command.scope {
            self.known_scope(scope)?;
        }
        if let Some(fund) = command.fund {
            self.known_fund(fund)?;
        }
        measure_fits(command)?;
        let figure = Figure::from(command.figure.clone());
        within_range(&figure)?;
        if let Some(earlier) = command.supersedes {
            self.check_not_superseded(earlier)?;
        }
        // --- nothing below can fail
        let PublishFigure { code, title, scope, fund, year, measure, .. } = command.clone();
        let PublishFigure { source, published_on, bearer, supersedes, .. } = command.clone();
        self.emit(Event::FigurePublished(FigurePublished {
            code,
            title,
            scope,
            fund,
            year,
            measure,
            figure,
            source,
            published_on,
            bearer,
            supersedes,
        }));
        Ok(())
    }

    fn known_scope(&self, code: ScopeCode) -> Result<(), Rejection> {
        if self.ledger.has_scope(code) {
            return Ok(());
        }
        let known = self.ledger.scope_codes();
        let like = most_like(code.as_str(), known.iter().map(ScopeCode::as_str));
        Err(FigureRejection::UnknownScope { code, like }.into())
    }

    /// Checks that the published figure exists and is not superseded.
    fn check_not_superseded(&self, code: FigureCode) -> Result<(), Rejection> {
        let Some(superseded_by) = self.ledger.superseding_figure(code) else {
            let known = self.ledger.published_figure_codes();
            let like = most_like(code.as_str(), known.iter().map(FigureCode::as_str));
            return Err(FigureRejection::UnknownFigure { code, like }.into());
        };
        match superseded_by {
            Some(by) => Err(FigureRejection::SupersededAlready { code, by }.into()),
            None => Ok(()),
        }
    }
}

fn measure_fits(command: &PublishFigure) -> Result<(), Rejection> {
    let Some(measure) = command.measure else { return Ok(()) };
    let PublishFigure { scope, fund, year, .. } = command;
    let (fits, needs) = if measure.is_of_fund() {
        (fund.is_some() && scope.is_none() && year.is_none(), "a fund")
    } else {
        (scope.is_some() && year.is_some() && fund.is_none(), "a scope in a year")
    };
    if fits { Ok(()) } else { Err(FigureRejection::MeasureUnfit { measure, needs }.into()) }
}

fn within_range(figure: &Figure) -> Result<(), Rejection> {
    if let Figure::Range(PenceRange { low, high }) = figure
        && low > high
    {
        return Err(FigureRejection::FigureReversed { low: *low, high: *high }.into());
    }
    let Some((low, high)) = figure.bounds() else { return Ok(()) };
    within_limit(low)?;
    high.map_or(Ok(()), within_limit)
}
