//! What analysts ask of a server.

use ledger_core::domain::calendar::{FinancialYear, Month};
use ledger_core::domain::line::LineKey;
use ledger_core::domain::position::Position;
use projections::AsAt;
use projections::budget::{
    Accuracy, BudgetRow, DiffRow, Direction, Outturn, Pattern, Reasons, ReasonsBy, Revision, Stage,
    Step,
};
use projections::claims::{HeldClaim, TotalScope};
use projections::figures::Figures;
use projections::measure::{Measure, Measures};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::analysis::{
    AccuracyNode, AtRiskNode, BalanceNode, ChangeNode, DiffNode, OutflowNode, PatternNode,
    ReasonsNode, RevisionNode, StepNode, Told, TotalsNode, maybe, who,
};
use super::asking::of_year;
use super::claim::{ClaimNode, ScopeNode};
use super::node::{code, member as member_of, text};
use super::wire::{Pounds, as_at, member};
use super::{PAGE, Server, document};
use crate::cli::exit::CliError;
use crate::cli::source::analyses::{
    Analyses, AtRiskRow, BalanceRow, BridgeTold, BridgeTotals, ChangeRow, MovedTo, OutflowRow,
    Statements, Who, YearsQuestion,
};
use crate::cli::source::answer::Answer;
use crate::cli::source::question::Question;

impl Server {
    /// All rows of a list about a year's lines.
    fn rows<N: DeserializeOwned, T>(
        &self,
        document: &str,
        variables: Value,
        rows_of: impl Fn(N) -> Option<T>,
    ) -> Result<Answer<T>, CliError> {
        let page = |told: Told<N>| told.told.map(|listed| listed.rows);
        let rows = |node: N| rows_of(node).into_iter().collect();
        let answer = self.list(document, variables, page, rows)?;
        Ok(answer.unwrap_or(Answer { position: Position::START, rows: Vec::new() }))
    }
}

/// Variables with others beside them.
fn with(mut variables: Value, more: Value) -> Value {
    if let (Value::Object(variables), Value::Object(more)) = (&mut variables, more) {
        variables.extend(more);
    }
    variables
}

fn of_years(question: &YearsQuestion) -> Value {
    let &YearsQuestion { from, to, programme, body, class, as_at: at } = question;
    json!({
        "from": from.map(|year| year.to_string()),
        "to": to.map(|year| year.to_string()),
        "asAt": as_at(at),
        "filter": {
            "programme": programme.map(|code| code.to_string()),
            "body": body.map(|code| code.to_string()),
            "class": class.map(member),
        },
        "first": PAGE,
    })
}

impl Analyses for Server {
    fn bridge(&self, question: &Question, line: Option<&LineKey>) -> Result<BridgeTold, CliError> {
        #[derive(Deserialize)]
        struct Totals {
            told: Option<TotalsNode>,
        }
        let line = json!({ "line": line.map(ToString::to_string) });
        let told: Totals =
            self.ask_part(document::BRIDGE, &with(of_year(question), line.clone()))?;
        let Some(totals) = told.told else {
            let (position, _) = self.codes(question)?;
            return Ok(BridgeTold { position, totals: None, steps: Vec::new() });
        };
        let position = totals.position.0;
        let pinned = Question { as_at: AsAt::Position(position), ..*question };
        let mut steps = Vec::new();
        for (stage, name) in [
            (Stage::Revised, "REVISED"),
            (Stage::Forecast, "FORECAST"),
            (Stage::Outturn, "OUTTURN"),
        ] {
            let more = with(line.clone(), json!({ "stage": name, "first": PAGE }));
            let variables = with(of_year(&pinned), more);
            let told = self.rows(document::BRIDGE_STEPS, variables, |node: StepNode| {
                let position = node.position.0;
                let (before, after) = (maybe(node.before), maybe(node.after));
                let step = Step { position, amount: node.amount.0, before, after };
                Some((stage, step, who(position, node.recorded_at, node.entry)))
            })?;
            steps.extend(told.rows);
        }
        let totals = BridgeTotals {
            struck_by: text(totals.struck_by),
            original: maybe(totals.original),
            effective_later: totals.effective_later.0,
            revised: totals.revised.0,
            forecast: maybe(totals.forecast),
            outturn: totals.outturn.0,
            closed: totals.closed,
        };
        Ok(BridgeTold { position, totals: Some(totals), steps })
    }

    fn diff(&self, question: &Question, since: AsAt) -> Result<Answer<DiffRow>, CliError> {
        let variables = with(of_year(question), json!({ "since": as_at(since) }));
        let mut answer = self.rows(document::DIFF, variables, |node: DiffNode| {
            let status = node.after.as_ref().map(|figures| figures.status.0);
            let after = BudgetRow {
                year: question.year,
                programme: code(node.programme),
                name: node.name,
                body: code(node.body),
                class: member_of(node.class),
                ring_fence: text(node.ring_fence),
                through: text(node.through),
                figures: node.after.as_ref().map(Figures::from),
                status,
                position: Position::START,
            };
            let before = node.before.map(|figures| BudgetRow {
                figures: Some(Figures::from(&figures)),
                status: Some(figures.status.0),
                ..after.clone()
            });
            Some(DiffRow { before, after })
        })?;
        for row in &mut answer.rows {
            row.after.position = answer.position;
        }
        Ok(answer)
    }

    fn diff_entries(
        &self,
        question: &Question,
        since: AsAt,
    ) -> Result<Answer<ChangeRow>, CliError> {
        let variables = with(of_year(question), json!({ "since": as_at(since) }));
        self.rows(document::DIFF_ENTRIES, variables, |node: ChangeNode| {
            let mut measures = Measures::default();
            for (measure, Pounds(pence)) in [
                (Measure::Revised, node.revised),
                (Measure::Committed, node.committed),
                (Measure::Accrued, node.accrued),
                (Measure::Actual, node.actual),
                (Measure::Forecast, node.forecast),
                (Measure::Internal, node.internal_forecast),
            ] {
                measures.add(measure, pence.get());
            }
            let who = who(node.position.0, node.recorded_at, node.entry);
            Some(ChangeRow { who, measures })
        })
    }

    fn reasons(&self, question: &Question, by: ReasonsBy) -> Result<Answer<Reasons>, CliError> {
        let variables = with(of_year(question), json!({ "by": member(by) }));
        self.rows(document::REASONS, variables, |node: ReasonsNode| {
            Some(Reasons {
                programme: code(node.programme),
                body: text(node.body),
                class: member_of(node.class),
                name: node.name,
                underspend: node.underspend.0,
                slippage: node.slippage.0,
                saving: node.saving.0,
                clawback: node.clawback.0,
                diversion: node.diversion.0,
                unknown: node.unknown.0,
                unexplained: node.unexplained.0,
            })
        })
    }

    fn outflows(&self, question: &Question) -> Result<Answer<OutflowRow>, CliError> {
        let variables = of_year(question);
        self.rows(document::OUTFLOWS, variables, |node: OutflowNode| {
            let who = who(node.position.0, node.recorded_at, node.entry);
            let to = node.destinations.into_iter().map(MovedTo::from).collect();
            Some(OutflowRow { who, amount: node.amount.0, to })
        })
    }

    fn persistent(
        &self,
        question: &YearsQuestion,
        direction: Direction,
        running: usize,
    ) -> Result<Answer<Pattern>, CliError> {
        let more = json!({ "direction": member(direction), "running": running });
        let variables = with(of_years(question), more);
        self.rows(document::PERSISTENT, variables, |node: PatternNode| {
            let years = node.years.into_iter().map(|year| Outturn {
                year: year.year.0,
                revised: year.revised.0,
                outturn: year.outturn.0,
            });
            let years = years.collect();
            Some(Pattern { programme: code(node.programme)?, name: node.name, years })
        })
    }

    fn balances(&self, question: &YearsQuestion) -> Result<Answer<BalanceRow>, CliError> {
        self.rows(document::BALANCES, of_years(question), |node: BalanceNode| {
            Some(BalanceRow {
                year: node.year.0,
                class: node.class.0,
                revised: node.revised.0,
                actual: node.actual.0,
                accrued: node.accrued.0,
                committed: node.committed.0,
                uncancelled: node.uncancelled.0,
            })
        })
    }

    fn accuracy(
        &self,
        question: &YearsQuestion,
        month: Option<Month>,
    ) -> Result<Answer<Accuracy>, CliError> {
        let more = json!({ "month": month.map(|month| month.to_string()) });
        let variables = with(of_years(question), more);
        self.rows(document::ACCURACY, variables, |node: AccuracyNode| {
            Some(Accuracy {
                year: node.year.0,
                programme: code(node.programme)?,
                name: node.name,
                month: node.month.0,
                forecast: node.forecast.0,
                outturn: node.outturn.0,
                unforecast: node.unforecast.0,
            })
        })
    }

    fn revisions(
        &self,
        question: &Question,
        statements: &Statements,
    ) -> Result<Answer<(Revision, Who)>, CliError> {
        let more = json!({
            "series": member(statements.series),
            "fromMonth": statements.from_month.map(|month| month.to_string()),
            "since": statements.since.map(as_at),
        });
        let variables = with(of_year(question), more);
        self.rows(document::REVISIONS, variables, |node: RevisionNode| {
            let position = node.position.0;
            let revision = Revision {
                position,
                line: node.line.0,
                month: node.month.0,
                before: maybe(node.before),
                after: node.after.0,
            };
            Some((revision, who(position, node.recorded_at, node.entry)))
        })
    }

    fn claims(&self, year: Option<FinancialYear>, at: AsAt) -> Result<Answer<HeldClaim>, CliError> {
        let year = year.map(|year| year.to_string());
        let variables = json!({ "year": year, "asAt": as_at(at), "first": PAGE });
        self.rows(document::CLAIMS, variables, ClaimNode::read)
    }

    fn scopes(&self, at: AsAt) -> Result<Answer<TotalScope>, CliError> {
        let variables = json!({ "asAt": as_at(at), "first": PAGE });
        self.rows(document::SCOPES, variables, |node: ScopeNode| Some(node.into()))
    }

    fn at_risk(&self, question: &Question) -> Result<Answer<AtRiskRow>, CliError> {
        let variables = of_year(question);
        self.rows(document::AT_RISK, variables, |node: AtRiskNode| {
            Some(AtRiskRow {
                line: node.line.0,
                reference: node.reference.0,
                made: node.made.0,
                open: node.open.0,
                who: who(node.made_by.0, node.recorded_at, node.entry),
            })
        })
    }
}
