//! What analysts ask of a data folder.

use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::movement::{Account, Outside};
use ledger_core::domain::position::Position;
use projections::budget::{
    Accuracy, BudgetQuery, DiffRow, Direction, Pattern, Reasons, ReasonsBy, Revision,
    RevisionsQuery, Stage, YearsQuery,
};
use projections::claims::{ClaimsQuery, HeldClaim, TotalScope};
use projections::scope::{Scope, Within};
use projections::{AsAt, Moment, QueryError};

use super::Folder;
use super::supposing::Look;
use crate::at_risk::open_commitments;
use crate::cli::exit::CliError;
use crate::cli::source::analyses::{
    Analyses, AtRiskRow, BalanceRow, BridgeTold, BridgeTotals, ChangeRow, MovedTo, OutflowRow,
    Said, Statements, Who, YearsQuestion,
};
use crate::cli::source::answer::Answer;
use crate::cli::source::question::Question;
use crate::cli::source::seen::note_partial;
use crate::destination::destinations;

/// The book, or what it would be, and what of it may be read.
struct Reading {
    look: Look,
    scope: Scope,
}

impl Reading {
    fn within(&self) -> Within<'_> {
        self.look.models().within(&self.scope)
    }

    fn moment(&self, as_at: AsAt) -> Result<Moment, CliError> {
        Ok(self.look.models().moment(as_at)?)
    }

    fn query(&self, question: &Question) -> Result<BudgetQuery, CliError> {
        let &Question { year, programme, body, class, through, as_at, rollup } = question;
        let moment = self.moment(as_at)?;
        Ok(BudgetQuery { year, programme, body, class, moment, through, rollup })
    }

    fn who(&self, position: Position) -> Result<Who, CliError> {
        let recorded = self.look.models().times.recorded(position);
        let entry = self.look.entry(position)?;
        let entry = entry.filter(|entry| self.scope.admits_events(&entry.events));
        let said = entry
            .map(|entry| Said { actor: entry.actor.to_string(), reason: entry.reason.to_string() });
        Ok(Who { position, recorded, said })
    }
}

impl Folder {
    fn reading(&self) -> Result<Reading, CliError> {
        let look = self.look()?;
        let scope = self.scope(look.models());
        note_partial(!scope.is_everything());
        Ok(Reading { look, scope })
    }

    fn of_years<T>(
        &self,
        question: &YearsQuestion,
        answer: impl FnOnce(&Within<'_>, &YearsQuery) -> Result<Vec<T>, QueryError>,
    ) -> Result<Answer<T>, CliError> {
        let reading = self.reading()?;
        let &YearsQuestion { from, to, programme, body, class, as_at } = question;
        let moment = reading.moment(as_at)?;
        let query = YearsQuery { from, to, programme, body, class, moment };
        Ok(Answer { position: moment.position, rows: answer(&reading.within(), &query)? })
    }
}

impl Analyses for Folder {
    fn bridge(&self, question: &Question, line: Option<&LineKey>) -> Result<BridgeTold, CliError> {
        let reading = self.reading()?;
        let query = reading.query(question)?;
        let within = reading.within();
        let totals = within.bridge(&query, line)?.map(|bridge| BridgeTotals {
            struck_by: bridge.struck_by,
            original: bridge.figures.original,
            effective_later: bridge.effective_later,
            revised: bridge.figures.revised,
            forecast: bridge.figures.forecast,
            outturn: bridge.figures.actual,
            closed: bridge.figures.closed,
        });
        let mut steps = Vec::new();
        for stage in [Stage::Revised, Stage::Forecast, Stage::Outturn] {
            for step in within.bridge_steps(&query, line, stage, Position::START, usize::MAX)? {
                steps.push((stage, step, reading.who(step.position)?));
            }
        }
        Ok(BridgeTold { position: query.moment.position, totals, steps })
    }

    fn diff(&self, question: &Question, since: AsAt) -> Result<Answer<DiffRow>, CliError> {
        let reading = self.reading()?;
        let (query, since) = (reading.query(question)?, reading.look.moment_before(since)?);
        let rows = reading.within().diff(&query, since)?;
        Ok(Answer { position: query.moment.position, rows })
    }

    fn diff_entries(
        &self,
        question: &Question,
        since: AsAt,
    ) -> Result<Answer<ChangeRow>, CliError> {
        let reading = self.reading()?;
        let (query, since) = (reading.query(question)?, reading.look.moment_before(since)?);
        let found = reading.within().diff_entries(&query, since, Position::START, usize::MAX)?;
        let rows = found.into_iter().map(|entry| {
            Ok(ChangeRow { who: reading.who(entry.position)?, measures: entry.measures })
        });
        let rows: Result<Vec<_>, CliError> = rows.collect();
        Ok(Answer { position: query.moment.position, rows: rows? })
    }

    fn reasons(&self, question: &Question, by: ReasonsBy) -> Result<Answer<Reasons>, CliError> {
        self.ask(question, |within, query| within.underspends_by_reason(query, by))
    }

    fn outflows(&self, question: &Question) -> Result<Answer<OutflowRow>, CliError> {
        let reading = self.reading()?;
        let query = reading.query(question)?;
        let within = reading.within();
        let wants = within.wants(&query)?;
        let mut rows = Vec::new();
        for outflow in within.outflows(&query, Position::START, usize::MAX)? {
            let entry = reading.look.entry(outflow.position)?;
            let entry = entry.filter(|entry| reading.scope.admits_events(&entry.events));
            let events = entry.as_ref().map(|entry| entry.events.as_slice()).unwrap_or_default();
            let to = destinations(events, &wants).into_iter().map(|found| MovedTo {
                how: found.how().to_owned(),
                account: account(&found.account),
                pence: found.pence,
            });
            let (who, to) = (reading.who(outflow.position)?, to.collect());
            rows.push(OutflowRow { who, amount: outflow.amount, to });
        }
        Ok(Answer { position: query.moment.position, rows })
    }

    fn persistent(
        &self,
        question: &YearsQuestion,
        direction: Direction,
        running: usize,
    ) -> Result<Answer<Pattern>, CliError> {
        self.of_years(question, |within, query| within.patterns(query, direction, running))
    }

    fn balances(&self, question: &YearsQuestion) -> Result<Answer<BalanceRow>, CliError> {
        self.of_years(question, |within, query| {
            let rows = within.balances(query)?.into_iter().map(|balance| BalanceRow {
                year: balance.year,
                class: balance.class,
                revised: balance.figures.revised,
                actual: balance.figures.actual,
                accrued: balance.figures.accrued,
                committed: balance.figures.committed,
                uncancelled: balance.figures.available(),
            });
            Ok(rows.collect())
        })
    }

    fn accuracy(
        &self,
        question: &YearsQuestion,
        month: Option<Month>,
    ) -> Result<Answer<Accuracy>, CliError> {
        self.of_years(question, |within, query| within.accuracy(query, month))
    }

    fn revisions(
        &self,
        question: &Question,
        statements: &Statements,
    ) -> Result<Answer<(Revision, Who)>, CliError> {
        let reading = self.reading()?;
        let lines = reading.query(question)?;
        let since = statements.since.map(|since| reading.look.moment_before(since)).transpose()?;
        let since = since.map_or(Position::START, |since| since.position);
        let &Statements { from_month, series, .. } = statements;
        let query = RevisionsQuery { lines, from_month, since, series };
        let found = reading.within().forecast_revisions(&query, Position::START, 0, usize::MAX)?;
        let rows = found.into_iter().map(|one| Ok((one, reading.who(one.position)?)));
        let rows: Result<Vec<_>, CliError> = rows.collect();
        Ok(Answer { position: lines.moment.position, rows: rows? })
    }

    fn claims(
        &self,
        year: Option<FinancialYear>,
        as_at: AsAt,
    ) -> Result<Answer<HeldClaim>, CliError> {
        let reading = self.reading()?;
        let (within, moment) = (reading.within(), reading.moment(as_at)?);
        let claims = within.published(&ClaimsQuery { year, moment });
        Ok(Answer { position: moment.position, rows: within.hold(&claims, moment) })
    }

    fn scopes(&self, as_at: AsAt) -> Result<Answer<TotalScope>, CliError> {
        let reading = self.reading()?;
        let position = reading.moment(as_at)?.position;
        Ok(Answer { position, rows: reading.within().totals(position).cloned().collect() })
    }

    fn at_risk(&self, question: &Question) -> Result<Answer<AtRiskRow>, CliError> {
        let reading = self.reading()?;
        let query = reading.query(question)?;
        let (at, through) = (query.moment.position, query.through.unwrap_or(Month::M12));
        let within = reading.within();
        let mut rows = Vec::new();
        let events_of = |entry| Ok(reading.look.entry(entry)?.map(|entry| entry.events));
        for at_risk in within.at_risk(&query)? {
            let entries = within.committing(&at_risk.line, at, through);
            let open = open_commitments(events_of, &at_risk.line, &entries, through)?;
            for commitment in open {
                rows.push(AtRiskRow {
                    line: at_risk.line,
                    who: reading.who(commitment.made_by)?,
                    reference: commitment.reference,
                    made: commitment.made,
                    open: commitment.open,
                });
            }
        }
        Ok(Answer { position: at, rows })
    }
}

/// An account as text.
fn account(account: &Account) -> String {
    match account {
        Account::Line(line) => line.to_string(),
        Account::Fund(pot) => pot.to_string(),
        Account::Outside(Outside::Treasury) => "treasury".to_owned(),
        Account::Outside(Outside::ExistingBudgets) => "existingBudgets".to_owned(),
    }
}
